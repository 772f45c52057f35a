//! Where the progress of a script can be noted that is not one transaction.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::rules::{self, Rule};
use super::{Dialect, Piece};

/// Statements of a script that the journal takes note of together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unit {
    /// Which of the script's statements.
    pub(crate) statements: Range<usize>,
    pub(crate) bond: Bond,
}

/// What binds the statements of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bond {
    /// A transaction: all of them run or none.
    Transaction,
    /// `LOCK TABLES`: up to its end the journal is out of reach.
    Locks,
    /// Nothing but that one asks what the one before it did. Each commits for itself.
    Question,
}

/// The units of a script outside a transaction, in order.
///
/// Where the engine commits some statements at once, what stands between those is one transaction, unless the script asks
/// for none at all.
pub(crate) fn units(dialect: Dialect, text: &str, pieces: &[Piece], transactions: bool) -> Vec<Unit> {
    let mut units = Vec::<Unit>::new();
    let mut locked = false;
    for (i, piece) in pieces.iter().enumerate() {
        let statement = &text[piece.statement.clone()];
        let bond = match () {
            () if locked || piece.locks_tables(dialect) => Bond::Locks,
            () if transactions && !commits(dialect, piece, statement) => Bond::Transaction,
            () => Bond::Question,
        };
        match units.last_mut() {
            Some(last) if locked => last.statements.end = i + 1,
            Some(last) if bond == Bond::Transaction && last.bond == bond => last.statements.end = i + 1,
            Some(last) if last.bond != Bond::Locks && bond != Bond::Locks && asks_back(dialect, piece, statement) => {
                // what commits at once would commit the transaction, too
                last.bond = Bond::Question;
                last.statements.end = i + 1;
            }
            _ => units.push(Unit { statements: i..i + 1, bond }),
        }
        locked = (locked || piece.locks_tables(dialect)) && !piece.unlocks_tables(dialect);
    }
    units
}

/// Outside a transaction of ours, only engines that commit some statements at once need one of their own.
fn commits(dialect: Dialect, piece: &Piece, statement: &str) -> bool {
    !dialect.commits_at_ddl() || rules::classify(&dialect.into(), &piece.words, statement) == Some(Rule::Commits)
}

/// What only the statement just before can answer; a note in the journal would answer it instead.
static QUESTION: LazyLock<Regex> = LazyLock::new(|| {
    let question = r"(?i-u)\b(row_count|found_rows|warning_count|error_count|diagnostics|show\s+(count\(\*\)\s+)?(warnings|errors))\b";
    Regex::new(question).expect("the pattern is a constant that the tests compile")
});

/// What a routine asks when it runs is its own affair.
pub(super) fn asks_back(dialect: Dialect, piece: &Piece, statement: &str) -> bool {
    dialect.commits_at_ddl() && !piece.words.starts(&["CREATE"]) && QUESTION.is_match(statement)
}

#[cfg(test)]
mod tests;
