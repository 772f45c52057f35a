//! Finds the statements that matter to the transaction that a script runs in.

mod journal;

use std::ops::Range;

use super::cursor::Token;
use super::finding::INVISIBLE;
use super::tokens::tokens;
use super::{Context, Dialect, Words};

/// What a statement means for the transaction that it runs in, or for the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rule {
    /// It starts or ends a transaction.
    OwnTransaction(&'static str),
    /// It needs a transaction, or starts one where there is none.
    Savepoint(&'static str),
    /// It fails, or silently does nothing, in a transaction.
    NotInTransaction(&'static str),
    /// It takes effect only before the database has a table, or also later with a `VACUUM` outside a transaction.
    Early { name: &'static str, later: bool },
    /// It cannot run here at all: its name, and the reason.
    Unsupported(&'static str, &'static str),
    /// It leaves or drops the run's database: its name, and the database that it names.
    OtherDatabase(&'static str, String),
    /// It changes the journal.
    Journal,
    /// It drops or renames the schema that the journal is in.
    JournalSchema,
    /// After it, the server does not run what follows, until another statement switches that off.
    Suspends(&'static str),
    /// After it, the server runs statements again.
    Resumes(&'static str),
    /// After it, the server reads the text in this encoding.
    Charset(Charset),
    /// Only a commit makes its effect visible to later scripts, or removes it.
    CommitAfter,
    /// It commits the transaction, or may commit it.
    Commits,
}

/// The encoding that a server expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charset {
    /// The one that scripts are sent in.
    Utf8,
    Other,
}

/// Returns the rules that apply to a statement, each with its bytes. Several can apply to a batch.
pub(super) fn find(context: &Context, words: &Words, statement: &str) -> Vec<(Range<usize>, Rule)> {
    if let Some(found) = journal::find(context, words, statement) {
        return vec![found];
    }
    context.dialect.rules(context, words, statement)
}

/// Whether the statement may name the run's own database, drop another, or name the journal, possibly with a database.
pub(super) fn names_database(context: &Context, words: &Words, statement: &str) -> bool {
    let names = [context.database.as_deref(), context.alias.as_deref()];
    words.starts(&["DROP", "DATABASE"])
        || names_journal(context, words, statement)
        || names.into_iter().flatten().any(|name| may_mention(statement, name))
}

/// Whether the statement may name the journal, or drop or rename its schema.
pub(super) fn names_journal(context: &Context, words: &Words, statement: &str) -> bool {
    let is_of_schema = words.starts(&["DROP", "SCHEMA"]) || words.starts(&["ALTER", "SCHEMA"]);
    is_of_schema || may_mention(statement, &context.journal)
}

/// Whether a statement may mention a name. Some names can be written in several ways.
fn may_mention(statement: &str, name: &str) -> bool {
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "_-. $".contains(c));
    !is_plain || journal::mentions(statement, name)
}

/// Returns the first invisible character in a statement that the server does not treat as a blank.
pub(super) fn invisible(dialect: &dyn Dialect, statement: &str) -> Option<(Range<usize>, char)> {
    // the possible first bytes of these characters
    let find = |text: &str| {
        memchr::memchr3_iter(0xC2, 0xE2, 0xEF, text.as_bytes()).find_map(|at| {
            let (character, _) = INVISIBLE.iter().find(|(character, _)| text[at..].starts_with(*character))?;
            Some((at, *character))
        })
    };
    if dialect.has_odd_blanks() || find(statement).is_none() {
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
