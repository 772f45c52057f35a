//! Finds what a batch does to the run's transaction and database.
//!
//! Statements need no `;` between them, but the words that matter are reserved: outside quotes and comments, they are
//! always keywords.

use std::ops::Range;

use super::batch::STARTERS;
use super::lexer::token;
use super::{SqlServer, defines_module, only_uses};
use crate::sql::Words;
use crate::sql::cursor::{Cursor, Token};
use crate::sql::rules::Rule;
use crate::sql::tokens::tokens;

/// Returns the rules that apply to the statements of a batch, in order. The definition of a routine or a view is a
/// batch of its own: its body runs later.
pub(super) fn find(words: &Words, batch: &str, database: Option<&str>) -> Vec<(Range<usize>, Rule)> {
    let mut found = Vec::new();
    if defines_module(words) {
        return found;
    }
    let mut cursor = Cursor::new(batch);
    let (mut before, mut conditional) = (Before::default(), false);
    loop {
        let start = cursor.at;
        match token(&mut cursor) {
            Ok(Token::End) | Err(_) => return found,
            Ok(Token::Blank) => {}
            Ok(Token::Word) => {
                let word = batch[start..cursor.at].to_ascii_uppercase();
                if word == "SET" {
                    // after a condition, it is not known whether the SET runs
                    let kept = |(rule, _): &(Rule, usize)| !(conditional && matches!(rule, Rule::Suspends(_)));
                    found.extend(setting(&cursor).into_iter().filter(kept).map(|(rule, end)| (start..end, rule)));
                }
                conditional |= matches!(word.as_str(), "IF" | "WHILE");
                if TRIGGERS.contains(&word.as_str())
                    && let Some((rule, end)) = rule(&word, &before, &cursor, database)
                {
                    found.push((start..end, rule));
                }
                before = Before::Word(word);
            }
            Ok(Token::Symbol(symbol)) => before = Before::Symbol(symbol),
            Ok(_) => before = Before::Other,
        }
    }
}

/// Whether the batch contains only a `USE` of this database.
pub(super) fn uses(words: &Words, batch: &str, name: Option<&str>) -> bool {
    only_uses(words) && name.is_some() && find(words, batch, name).is_empty()
}

/// Words with which a rule can begin.
const TRIGGERS: [&str; 14] = [
    "ALTER",
    "BACKUP",
    "BEGIN",
    "COMMIT",
    "CREATE",
    "DBCC",
    "DROP",
    "KILL",
    "RECONFIGURE",
    "RESTORE",
    "RESUMABLE",
    "ROLLBACK",
    "SAVE",
    "USE",
];

/// The token before.
#[derive(Debug, Default)]
enum Before {
    #[default]
    Nothing,
    Word(String),
    Symbol(u8),
    Other,
}

impl Before {
    /// Whether the place is in a list of permissions, or in the hints of a query.
    fn lists(&self) -> bool {
        match self {
            Self::Word(word) => matches!(word.as_str(), "GRANT" | "DENY" | "REVOKE" | "FOR"),
            Self::Symbol(symbol) => matches!(symbol, b',' | b'('),
            Self::Nothing | Self::Other => false,
        }
    }

    fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(before) if before == word)
    }
}

/// Returns the places of each `GO` at the end of a line after other text.
pub(super) fn trailing_separators(statement: &str) -> Vec<Range<usize>> {
    let ends_line = |rest: &str| {
        let rest = rest.trim_start_matches([' ', '\t']);
        let rest = rest.strip_prefix(';').unwrap_or(rest).trim_start_matches([' ', '\t']);
        rest.is_empty() || rest.starts_with(['\r', '\n'])
    };
    let follows = |before: &str| {
        let line = before.rsplit(['\r', '\n']).next().unwrap_or_default();
        line.ends_with([' ', '\t', ';'])
            && !line.trim().is_empty()
            && !line.to_ascii_uppercase().trim_end().ends_with(" AS")
    };
    let words = tokens(&SqlServer, statement).filter(|(token, _)| *token == Token::Word).map(|(_, at)| at);
    let is_go = |at: &Range<usize>| statement[at.clone()].eq_ignore_ascii_case("go");
    words.filter(|at| is_go(at) && ends_line(&statement[at.end..]) && follows(&statement[..at.start])).collect()
}

/// Returns the rule that begins with the word before the cursor, and the end of the text to point at.
fn rule(word: &str, before: &Before, cursor: &Cursor<'_>, database: Option<&str>) -> Option<(Rule, usize)> {
    let next = ahead(cursor);
    let upper = next.iter().map(|(word, _)| word.to_uppercase()).collect::<Vec<_>>();
    let word_at = |index: usize| upper.get(index).map_or("", String::as_str);
    let name_at = |index: usize| next.get(index).map_or("", |(word, _)| *word);
    let through =
        |count: usize| count.checked_sub(1).map_or(cursor.at, |last| next.get(last).map_or(cursor.at, |n| n.1));
    let transaction = |index: usize| matches!(word_at(index), "TRAN" | "TRANSACTION");
    let found = match word {
        "BEGIN" if transaction(0) => (Rule::OwnTransaction("BEGIN TRANSACTION"), through(1)),
        "BEGIN" if word_at(0) == "DISTRIBUTED" => (Rule::OwnTransaction("BEGIN DISTRIBUTED TRANSACTION"), through(2)),
        "COMMIT" => (Rule::OwnTransaction("COMMIT"), cursor.at),
        "ROLLBACK" if before.is("WITH") => return None,
        "ROLLBACK" if transaction(0) && names(word_at(1)) => (Rule::Savepoint("ROLLBACK TRANSACTION"), through(2)),
        "ROLLBACK" => (Rule::OwnTransaction("ROLLBACK"), cursor.at),
        "SAVE" if transaction(0) => (Rule::Savepoint("SAVE TRANSACTION"), through(2)),
        "ALTER" | "DROP"
            if word_at(0) == "DATABASE"
                && !is_part(word_at(2))
                && let Some(name) = other(name_at(1), database) =>
        {
            (Rule::OtherDatabase(if word == "DROP" { "DROP DATABASE" } else { "ALTER DATABASE" }, name), through(2))
        }
        "USE" if !before.lists() => (Rule::OtherDatabase("USE", other(name_at(0), database)?), through(1)),
        "RESUMABLE" if word_at(0) == "=" && word_at(1) == "ON" => {
            (Rule::NotInTransaction("RESUMABLE = ON"), through(2))
        }
        _ if before.lists() => return None,
        _ => {
            let (name, words) = alone([word, word_at(0), word_at(2)])?;
            (Rule::NotInTransaction(name), through(words))
        }
    };
    Some(found)
}

/// Returns the name of a statement that the server refuses in a transaction, and how many more words belong to it:
/// <https://learn.microsoft.com/sql/t-sql/language-elements/transactions-transact-sql> and the pages of each.
fn alone([word, next, fourth]: [&str; 3]) -> Option<(&'static str, usize)> {
    Some(match (word, next) {
        ("BACKUP", _) => ("BACKUP", 0),
        ("RESTORE", _) => ("RESTORE", 0),
        ("RECONFIGURE", _) => ("RECONFIGURE", 0),
        ("KILL", _) => ("KILL", 0),
        (_, "DATABASE") if is_part(fourth) => return None,
        ("CREATE", "DATABASE") => ("CREATE DATABASE", 1),
        ("ALTER", "DATABASE") => ("ALTER DATABASE", 1),
        ("DROP", "DATABASE") => ("DROP DATABASE", 1),
        ("CREATE", "FULLTEXT") => ("CREATE FULLTEXT", 1),
        ("ALTER", "FULLTEXT") => ("ALTER FULLTEXT", 1),
        ("DROP", "FULLTEXT") => ("DROP FULLTEXT", 1),
        ("DBCC", "SHRINKDATABASE") => ("DBCC SHRINKDATABASE", 1),
        ("DBCC", "SHRINKFILE") => ("DBCC SHRINKFILE", 1),
        _ => return None,
    })
}

/// Whether a statement is about only a part of a database, by its fourth word: `DATABASE SCOPED CREDENTIAL`.
fn is_part(word: &str) -> bool {
    matches!(word, "CREDENTIAL" | "CONFIGURATION" | "SPECIFICATION" | "KEY")
}

/// Returns a name if it is not that of the run's own database. The comparison ignores case, as on most servers.
fn other(name: &str, database: Option<&str>) -> Option<String> {
    let own = database?;
    let inner = |open: char, close: char| name.strip_prefix(open)?.strip_suffix(close);
    let plain = match (inner('[', ']'), inner('"', '"')) {
        (Some(name), _) => name.replace("]]", "]"),
        (_, Some(name)) => name.replace("\"\"", "\""),
        _ => name.to_owned(),
    };
    let is_own = plain.to_lowercase() == own.to_lowercase() || name.eq_ignore_ascii_case("CURRENT");
    (!is_own && !plain.is_empty()).then_some(plain)
}

/// Returns the rules for the options of a `SET`, and the end of the statement: `SET NOCOUNT, IMPLICIT_TRANSACTIONS ON`.
fn setting(cursor: &Cursor<'_>) -> Vec<(Rule, usize)> {
    let mut cursor = Cursor::at(cursor.text, cursor.at);
    let mut options = Vec::new();
    loop {
        let start = cursor.at;
        match token(&mut cursor) {
            Ok(Token::Blank | Token::Symbol(b',')) => {}
            Ok(Token::Word) => {
                let word = cursor.text[start..cursor.at].to_ascii_uppercase();
                let on = match word.as_str() {
                    "ON" => true,
                    "OFF" => false,
                    // the next statement
                    word if STARTERS.contains(&word) => return Vec::new(),
                    _ => {
                        options.push(word);
                        continue;
                    }
                };
                let rules = options.iter().filter_map(|option| switch(option, on));
                return rules.map(|rule| (rule, cursor.at)).collect();
            }
            _ => return Vec::new(),
        }
    }
}

/// Returns where a batch tells the server not to run what follows, conditionally or not.
pub(super) fn suspending(words: &Words, batch: &str) -> Vec<Range<usize>> {
    let mut cursor = Cursor::new(batch);
    let mut found = Vec::new();
    if defines_module(words) {
        return found;
    }
    loop {
        let start = cursor.at;
        match token(&mut cursor) {
            Ok(Token::End) | Err(_) => return found,
            Ok(Token::Word) if batch[start..cursor.at].eq_ignore_ascii_case("SET") => {
                let suspends = |(rule, end): (Rule, usize)| matches!(rule, Rule::Suspends(_)).then_some(start..end);
                found.extend(setting(&cursor).into_iter().filter_map(suspends));
            }
            Ok(_) => {}
        }
    }
}

/// Returns the rule for an option that is switched on or off.
fn switch(option: &str, on: bool) -> Option<Rule> {
    let suspends = SUSPENDING.iter().find(|(name, _)| *name == option).map(|(_, statement)| *statement);
    Some(match (option, suspends) {
        (_, Some(statement)) if on => Rule::Suspends(statement),
        (_, Some(statement)) => Rule::Resumes(statement),
        ("IMPLICIT_TRANSACTIONS", _) if on => Rule::Savepoint("SET IMPLICIT_TRANSACTIONS ON"),
        ("ANSI_DEFAULTS", _) if on => Rule::Savepoint("SET ANSI_DEFAULTS ON"),
        _ => return None,
    })
}

/// Options with which the server reads statements but does not run them:
/// <https://learn.microsoft.com/sql/t-sql/statements/set-statements-transact-sql>.
const SUSPENDING: [(&str, &str); 6] = [
    ("NOEXEC", "SET NOEXEC ON"),
    ("PARSEONLY", "SET PARSEONLY ON"),
    ("FMTONLY", "SET FMTONLY ON"),
    ("SHOWPLAN_ALL", "SET SHOWPLAN_ALL ON"),
    ("SHOWPLAN_TEXT", "SET SHOWPLAN_TEXT ON"),
    ("SHOWPLAN_XML", "SET SHOWPLAN_XML ON"),
];

/// Whether the word can be the name of a savepoint. A word that starts or continues a statement cannot.
fn names(word: &str) -> bool {
    let starts = word.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '@' | '#' | '[' | '"'));
    starts
        && !STARTERS.contains(&word)
        && !["BREAK", "CONTINUE", "ELSE", "END", "ROLLBACK", "SAVE", "WITH"].contains(&word)
}

/// Returns the next few tokens, each with its end.
fn ahead<'a>(cursor: &Cursor<'a>) -> Vec<(&'a str, usize)> {
    let mut cursor = Cursor::at(cursor.text, cursor.at);
    let mut next = Vec::new();
    while next.len() < 3 {
        let start = cursor.at;
        match token(&mut cursor) {
            Ok(Token::End) | Err(_) => break,
            Ok(Token::Blank) => {}
            Ok(_) => next.push((&cursor.text[start..cursor.at], cursor.at)),
        }
    }
    next
}
