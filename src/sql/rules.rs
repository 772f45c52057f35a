//! Which statements matter to the transaction that a script runs in.

mod mysql;
mod postgres;
mod sqlite;
mod sqlserver;

use std::ops::Range;

use super::{Context, Dialect, Words};

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
    /// It leaves or drops the run's database: its name, and the database that it names.
    OtherDatabase(&'static str, String),
    /// It creates the journal's own table.
    Journal,
    /// The server takes what follows for text in this encoding.
    Charset(Charset),
    /// Later statements can use its effect only behind a commit.
    CommitAfter,
    /// It commits the transaction, or may do so.
    Commits,
}

/// The encoding that a server expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    /// The one that scripts are sent in.
    Utf8,
    Other,
}

/// What is in a statement, and in which of its bytes. A batch can hold many.
pub(super) fn find(context: &Context, words: &Words, statement: &str) -> Vec<(Range<usize>, Rule)> {
    if let Some(at) = journal(words, statement, &context.journal) {
        return vec![(at, Rule::Journal)];
    }
    match context.dialect {
        Dialect::SqlServer if sqlserver::uses(words, statement, context.alias.as_deref()) => Vec::new(),
        Dialect::SqlServer => sqlserver::find(words, statement, context.database.as_deref()),
        _ => classify(context, words, statement).map(|rule| (0..statement.len(), rule)).into_iter().collect(),
    }
}

/// The name of the journal in a statement that creates its table, as a dump has it: `CREATE TABLE public.name (`.
fn journal(words: &Words, statement: &str, journal: &str) -> Option<Range<usize>> {
    if !words.starts(&["CREATE", "TABLE"]) {
        return None;
    }
    let is_quote = |c: char| matches!(c, '"' | '`' | '[' | ']');
    let start = statement.find("CREATE TABLE")?;
    let head = statement[start..].split('(').next()?.trim_end();
    let name = head.rsplit(|c: char| c.is_whitespace() || c == '.').next()?;
    let at = start + head.len() - name.len();
    name.trim_matches(is_quote).eq_ignore_ascii_case(journal).then_some(at..at + name.len())
}

/// What a statement is.
pub(super) fn classify(context: &Context, words: &Words, statement: &str) -> Option<Rule> {
    match context.dialect {
        Dialect::Mysql => mysql::classify(words, statement, context),
        Dialect::Postgres => postgres::classify(words, statement),
        Dialect::Sqlite => sqlite::classify(words),
        Dialect::SqlServer => None,
    }
}
