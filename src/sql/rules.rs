//! Which statements matter to the transaction that a script runs in.

mod postgres;
mod sqlite;

use super::{Dialect, Words};

/// What a statement means for the transaction that it runs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rule {
    /// It starts or ends a transaction.
    OwnTransaction(&'static str),
    /// It needs a transaction, or starts one where there is none.
    Savepoint(&'static str),
    /// It fails, or silently does nothing, in a transaction.
    NotInTransaction(&'static str),
    /// It cannot run here at all: its name, and why.
    Unsupported(&'static str, &'static str),
    /// Later statements can use its effect only behind a commit.
    CommitAfter,
}

pub(super) fn classify(dialect: Dialect, words: &Words, statement: &str) -> Option<Rule> {
    match dialect {
        Dialect::Postgres => postgres::classify(words, statement),
        Dialect::Sqlite => sqlite::classify(words),
    }
}
