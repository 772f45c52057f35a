//! Which statements matter to the transaction that a script runs in.

mod journal;
mod mysql;
mod postgres;
mod sqlite;
mod sqlserver;

use std::ops::Range;

pub(super) use self::sqlite::vacuum_applies;
use super::cursor::Token;
use super::finding::INVISIBLE;
use super::tokens::tokens;
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
    /// It has an effect only before the database has a table.
    Early(&'static str),
    /// It cannot run here at all: its name, and why.
    Unsupported(&'static str, &'static str),
    /// It leaves or drops the run's database: its name, and the database that it names.
    OtherDatabase(&'static str, String),
    /// It changes the journal.
    Journal,
    /// It drops or renames the schema that the journal is in.
    JournalSchema,
    /// The server does not run what follows, up to the statement that switches that off again.
    Suspends(&'static str),
    /// It runs what follows again.
    Resumes(&'static str),
    /// The server takes what follows for text in this encoding.
    Charset(Charset),
    /// Later scripts see its effect, or are rid of it, only after a commit.
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
    if let Some(found) = journal::find(context, words, statement) {
        return vec![found];
    }
    match context.dialect {
        Dialect::SqlServer if sqlserver::uses(words, statement, context.alias.as_deref()) => Vec::new(),
        Dialect::SqlServer => sqlserver::find(words, statement, context.database.as_deref()),
        _ => classify(context, words, statement).map(|rule| (0..statement.len(), rule)).into_iter().collect(),
    }
}

/// The statement may name the run's own database, drop another, or name the journal, before whose name a database can be.
pub(super) fn names_database(context: &Context, words: &Words, statement: &str) -> bool {
    let names = [context.database.as_deref(), context.alias.as_deref(), Some(context.journal.as_str())];
    let drops = words.starts(&["DROP", "DATABASE"]) || words.starts(&["DROP", "SCHEMA"]);
    // such names can be written in more ways than one
    let is_odd = |name: &str| !name.chars().all(|c| c.is_ascii_alphanumeric() || "_-. $".contains(c));
    drops || names.into_iter().flatten().any(|name| is_odd(name) || journal::mentions(statement, name))
}

/// Where in a statement the server is told not to run what follows.
pub(crate) fn suspending(dialect: Dialect, words: &Words, statement: &str) -> Vec<Range<usize>> {
    if dialect == Dialect::SqlServer { sqlserver::suspending(words, statement) } else { Vec::new() }
}

/// The first character in a statement that nobody sees and that is no blank to the server.
pub(super) fn invisible(dialect: Dialect, statement: &str) -> Option<(Range<usize>, char)> {
    // the first bytes of them all
    let find = |text: &str| {
        memchr::memchr3_iter(0xC2, 0xE2, 0xEF, text.as_bytes()).find_map(|at| {
            let (character, _) = INVISIBLE.iter().find(|(character, _)| text[at..].starts_with(*character))?;
            Some((at, *character))
        })
    };
    // to T-SQL, these are blanks
    if dialect == Dialect::SqlServer || find(statement).is_none() {
        return None;
    }
    let words =
        tokens(dialect, statement).filter(|(token, _)| !matches!(token, Token::Blank | Token::Text | Token::Name));
    words.into_iter().find_map(|(_, at)| {
        let (start, character) = find(&statement[at.clone()])?;
        let start = at.start + start;
        Some((start..start + character.len_utf8(), character))
    })
}

/// Where a `GO` stands at the end of a line behind something else.
pub(super) fn trailing_separators(dialect: Dialect, statement: &str) -> Vec<Range<usize>> {
    if dialect == Dialect::SqlServer { sqlserver::trailing_separators(statement) } else { Vec::new() }
}

/// The shell's commands on the lines behind the first, and their names.
pub(super) fn further_commands(dialect: Dialect, text: &str) -> Vec<(Range<usize>, String)> {
    if dialect == Dialect::SqlServer { super::sqlserver::further_commands(text) } else { Vec::new() }
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
