//! How a statement outside a transaction affects the statements around it.

use std::sync::LazyLock;

use regex::Regex;

use super::rules::{self, Rule};
use super::undo::undo;
use super::{Dialect, Piece};

/// Whether a statement commits by itself outside a transaction. Only engines whose DDL commits at once need a
/// transaction for the other statements.
pub(crate) fn commits_at_once(dialect: Dialect, piece: &Piece, statement: &str) -> bool {
    !dialect.commits_at_ddl() || rules::classify(&dialect.into(), &piece.words, statement) == Some(Rule::Commits)
}

/// Definitions, by their first words, before which the server commits an open transaction and which leave nothing in
/// the session: "Statements That Cause an Implicit Commit" of the MySQL 8.4 reference manual.
const DEFINITIONS: [&[&str]; 9] = [
    &["ALTER", "TABLE"],
    &["CREATE", "INDEX"],
    &["CREATE", "OR", "REPLACE", "TABLE"],
    &["CREATE", "TABLE"],
    &["CREATE", "UNIQUE", "INDEX"],
    &["CREATE", "VIEW"],
    &["DROP", "INDEX"],
    &["DROP", "TABLE"],
    &["RENAME", "TABLE"],
];

/// Whether the server commits an open transaction before it runs a statement, unless it cannot parse the statement.
pub(crate) fn commits_before(dialect: Dialect, piece: &Piece) -> bool {
    dialect.commits_at_ddl()
        && !piece.is_conditional()
        && DEFINITIONS.iter().any(|definition| piece.words.starts(definition))
}

/// Whether a statement certainly leaves its session unchanged. The text does not show what a trigger
/// or a function does.
pub(crate) fn leaves_nothing(dialect: Dialect, piece: &Piece, statement: &str) -> bool {
    static RUNS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i-u)\bselect\b|/\*").expect("the pattern is a constant that the tests compile")
    });
    let sets = |word: &&str| piece.words.starts(&[word]);
    match dialect {
        Dialect::Mysql => commits_before(dialect, piece) && !RUNS.is_match(statement),
        Dialect::Sqlite => {
            !["ATTACH", "DETACH", "PRAGMA"].iter().any(sets) && undo(dialect, piece, statement).is_empty()
        }
        Dialect::Postgres | Dialect::SqlServer => false,
    }
}

/// Matches questions about the statement just before, to which a checkpoint in between would give the wrong answer.
static QUESTION: LazyLock<Regex> = LazyLock::new(|| {
    let question = r"(?i-u)\b(row_count|found_rows|warning_count|error_count|diagnostics|show\s+(count\(\*\)\s+)?(warnings|errors))\b";
    Regex::new(question).expect("the pattern is a constant that the tests compile")
});

/// Whether a statement asks what the one before it did. The definition of a routine asks nothing.
pub(crate) fn asks_back(dialect: Dialect, piece: &Piece, statement: &str) -> bool {
    dialect.commits_at_ddl() && !piece.words.starts(&["CREATE"]) && QUESTION.is_match(statement)
}
