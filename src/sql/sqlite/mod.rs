//! `SQLite`.

mod dump;
mod lexer;
mod rules;
mod statement;

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use regex::Regex;

use self::statement::Reader;
use super::dialect::{self, Dialect, Lexer};
use super::dump_wrapper::DumpWrapper;
use super::rules::Rule;
use super::session_state::{IsLost, pattern};
use super::statement::Defers;
use super::{Context, Statement, Words};

#[derive(Debug)]
pub(super) struct Sqlite;

impl Dialect for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn default_schema(&self) -> Option<&'static str> {
        Some("main")
    }

    fn favours_long_transactions(&self) -> bool {
        true
    }

    fn reader(&self, _own: Option<Arc<str>>) -> Box<dyn dialect::Reader> {
        Box::new(Reader)
    }

    fn lexer(&self) -> Lexer {
        Box::new(lexer::token)
    }

    fn begins_dump(&self, before: &str, line: &str) -> bool {
        before == "PRAGMA foreign_keys=OFF;" && line == "BEGIN TRANSACTION;"
    }

    fn dump_wrapper(&self, _own: Option<Arc<str>>) -> Option<Box<dyn DumpWrapper>> {
        Some(Box::new(dump::AroundAll::default()))
    }

    fn replaces(&self, _kind: &str) -> Option<String> {
        None
    }

    fn rules(&self, _context: &Context, words: &Words, statement: &str) -> Vec<(Range<usize>, Rule)> {
        rules::classify(words).map(|rule| (0..statement.len(), rule)).into_iter().collect()
    }

    fn may_commit(&self, statement: &Statement) -> bool {
        ["VACUUM", "REINDEX"].iter().any(|word| statement.words.starts(&[word]))
    }

    fn defers(&self, statement: &Statement, _text: &str) -> Defers {
        let defines = ["CREATE", "DROP"]
            .iter()
            .any(|verb| ["VIEW", "TRIGGER"].iter().any(|object| statement.words.starts(&[verb, object])));
        if defines { Defers::Nothing } else { Defers::Rows }
    }

    fn leaves_nothing(&self, statement: &Statement, text: &str) -> bool {
        let sets = ["ATTACH", "DETACH", "PRAGMA"].iter().any(|word| statement.words.starts(&[word]));
        !sets && temporary(text).is_none()
    }

    fn hides(&self, statement: &Statement, _text: &str) -> bool {
        statement.words.starts(&["ATTACH"])
    }

    fn undo(&self, _statement: &Statement, text: &str) -> Vec<String> {
        temporary(text).into_iter().collect()
    }

    fn repeats(&self, statement: &Statement, _text: &str, _lost: IsLost<'_>) -> bool {
        statement.words.starts(&["PRAGMA"]) && statement.words.contains("=")
    }
}

/// Returns the statement that drops what `CREATE TEMP TABLE t` or `CREATE VIEW temp.v` creates.
fn temporary(text: &str) -> Option<String> {
    static CREATED: LazyLock<Regex> = LazyLock::new(|| {
        spaced(
            r#"(?is)^CREATE~(TEMP~|TEMPORARY~)?(?:VIRTUAL~)?(TABLE|VIEW|TRIGGER)~(?:IF~NOT~EXISTS~)?(temp\s*\.\s*)?((?:"[^"]*")+|(?:`[^`]*`)+|\[[^\]]+\]|[^\s.("`\[]+)"#,
        )
    });
    let found = CREATED.captures(text)?;
    let is_temporary = found.get(1).or_else(|| found.get(3)).is_some();
    is_temporary.then(|| format!("DROP {} IF EXISTS temp.{}", found[2].to_uppercase(), &found[4]))
}

/// Compiles a pattern in which `~` matches white space and comments.
fn spaced(text: &str) -> Regex {
    pattern(&text.replace('~', r"(?:\s|/\*.*?\*/|--[^\n]*\n)+"))
}

#[cfg(test)]
mod tests;
