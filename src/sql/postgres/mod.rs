//! `PostgreSQL`.

mod arguments;
mod dump;
mod lexer;
mod naming;
mod rules;
mod statement;

use std::ops::Range;
use std::sync::Arc;

use self::lexer::Strings;
pub(crate) use self::naming::database_names;
use self::statement::Reader;
use super::cursor::Token;
use super::dialect::{self, Dialect, Lexer};
use super::dump::DumpMarks;
use super::dump_wrapper::DumpWrapper;
use super::rules::Rule;
use super::session_state::IsLost;
use super::statement::Defers;
use super::{Context, Statement, Words};

#[derive(Debug)]
pub(super) struct Postgres;

impl Dialect for Postgres {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn default_schema(&self) -> Option<&'static str> {
        Some("public")
    }

    fn reader(&self, own: Option<Arc<str>>) -> Box<dyn dialect::Reader> {
        Box::new(Reader::new(own))
    }

    fn lexer(&self) -> Lexer {
        Box::new(|cursor| lexer::token(cursor, Strings::Standard))
    }

    fn quoted_body(&self, token: Token, text: &str) -> Option<Range<usize>> {
        lexer::dollar_quoted(token, text)
    }

    fn dump_marks(&self) -> Option<&'static DumpMarks> {
        Some(&DumpMarks { first: &["-- PostgreSQL database dump"], last: "-- PostgreSQL database dump complete" })
    }

    fn dump_wrapper(&self, own: Option<Arc<str>>) -> Option<Box<dyn DumpWrapper>> {
        Some(Box::new(dump::Wrapper::new(own)))
    }

    fn keeps_case(&self) -> bool {
        true
    }

    fn overloads(&self) -> bool {
        true
    }

    fn drops_on_table(&self) -> bool {
        true
    }

    fn drops_first(&self) -> bool {
        true
    }

    fn have_types(&self, arguments: &str, types: &str) -> bool {
        arguments::fit(arguments, types)
    }

    fn replaces(&self, kind: &str) -> Option<String> {
        const KINDS: [&str; 6] = ["view", "function", "procedure", "aggregate", "trigger", "rule"];
        KINDS.contains(&kind).then(|| format!("CREATE OR REPLACE {}", kind.to_uppercase()))
    }

    fn rules(&self, _context: &Context, words: &Words, statement: &str) -> Vec<(Range<usize>, Rule)> {
        rules::classify(words, statement).map(|rule| (0..statement.len(), rule)).into_iter().collect()
    }

    /// The server parses a whole message before it runs any of it. A statement that changes how strings are read
    /// (`standard_conforming_strings`) therefore cannot share a message with the next statement, and `COPY` data must
    /// follow a message of its own.
    fn stands_alone(&self, statement: &Statement) -> bool {
        statement.data.is_some() || lexer::changes_strings(&statement.words)
    }

    fn changes_reading(&self, statement: &Statement) -> bool {
        lexer::changes_strings(&statement.words)
    }

    fn may_commit(&self, statement: &Statement) -> bool {
        starts_with(statement, &["CALL", "DO", "VACUUM", "REINDEX", "CLUSTER"])
    }

    fn defers(&self, statement: &Statement, text: &str) -> Defers {
        match () {
            () if starts_with(statement, &["COPY", "DELETE", "INSERT", "UPDATE"]) => Defers::Rows,
            () if text.to_ascii_uppercase().contains("DEFERRABLE") => Defers::Constraints,
            () if starts_with(statement, &["ALTER", "COMMENT", "CREATE", "DROP", "GRANT", "REVOKE"]) => Defers::Nothing,
            () => Defers::Rows,
        }
    }

    fn repeats(&self, statement: &Statement, _text: &str, _lost: IsLost<'_>) -> bool {
        // pg_dump sets search_path with set_config
        starts_with(statement, &["SET", "RESET"]) || statement.words.starts(&["SELECT", "SET_CONFIG"])
    }
}

fn starts_with(statement: &Statement, words: &[&str]) -> bool {
    words.iter().any(|word| statement.words.starts(&[word]))
}

#[cfg(test)]
mod tests;
