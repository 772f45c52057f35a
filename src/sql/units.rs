//! What a statement outside a transaction does to its neighbours.

use std::sync::LazyLock;

use regex::Regex;

use super::rules::{self, Rule};
use super::{Dialect, Piece};

/// Whether a statement commits for itself outside a transaction. Only engines that commit some statements at once need a
/// transaction for the others.
pub(crate) fn commits_at_once(dialect: Dialect, piece: &Piece, statement: &str) -> bool {
    !dialect.commits_at_ddl() || rules::classify(&dialect.into(), &piece.words, statement) == Some(Rule::Commits)
}

/// What only the statement just before can answer; a checkpoint would answer it instead.
static QUESTION: LazyLock<Regex> = LazyLock::new(|| {
    let question = r"(?i-u)\b(row_count|found_rows|warning_count|error_count|diagnostics|show\s+(count\(\*\)\s+)?(warnings|errors))\b";
    Regex::new(question).expect("the pattern is a constant that the tests compile")
});

/// Whether a statement asks what the one before it did. What a routine asks when it runs is its own affair.
pub(crate) fn asks_back(dialect: Dialect, piece: &Piece, statement: &str) -> bool {
    dialect.commits_at_ddl() && !piece.words.starts(&["CREATE"]) && QUESTION.is_match(statement)
}
