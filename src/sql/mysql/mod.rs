//! MySQL and MariaDB.

mod blocks;
mod body;
mod client;
mod dump;
mod effect;
mod lexer;
mod modes;
mod rules;
mod session;
mod set;
mod statement;

use std::ops::Range;
use std::sync::Arc;

use self::statement::Reader;
use super::dialect::{self, Changes, Dialect, Lexer, Savepoints};
use super::dump::DumpMarks;
use super::dump_wrapper::DumpWrapper;
use super::rules::Rule;
use super::session_state::IsLost;
use super::{Context, Statement, Words};

#[derive(Debug)]
pub(super) struct Mysql;

impl Dialect for Mysql {
    fn name(&self) -> &'static str {
        "mysql"
    }

    fn default_schema(&self) -> Option<&'static str> {
        None
    }

    fn commits_at_ddl(&self) -> bool {
        true
    }

    fn reader(&self, _own: Option<Arc<str>>) -> Box<dyn dialect::Reader> {
        Box::new(Reader::new())
    }

    fn lexer(&self) -> Lexer {
        lexer::lexer()
    }

    fn dump_marks(&self) -> Option<&'static DumpMarks> {
        Some(&DumpMarks { first: &["-- MySQL dump ", "-- MariaDB dump "], last: "-- Dump completed" })
    }

    fn dump_wrapper(&self, _own: Option<Arc<str>>) -> Option<Box<dyn DumpWrapper>> {
        Some(Box::new(dump::AroundRows::default()))
    }

    fn replaces(&self, kind: &str) -> Option<String> {
        let form = format!("CREATE OR REPLACE {}", kind.to_uppercase());
        Some(if kind == "view" { form } else { format!("{form} (which only MariaDB has)") })
    }

    fn rules(&self, context: &Context, words: &Words, statement: &str) -> Vec<(Range<usize>, Rule)> {
        rules::classify(words, statement, context).map(|rule| (0..statement.len(), rule)).into_iter().collect()
    }

    fn changes(&self) -> Changes {
        Changes::Assigned
    }

    fn savepoints(&self) -> Savepoints {
        Savepoints::Unique
    }

    /// It stands alone if its results cannot be counted: a procedure may return any number of them.
    fn stands_alone(&self, statement: &Statement) -> bool {
        statement.is_compound() || effect::answers_freely(&statement.words)
    }

    fn may_commit(&self, statement: &Statement) -> bool {
        effect::runs_block(statement) || effect::may_commit(&statement.words)
    }

    fn locks_tables(&self, statement: &Statement) -> bool {
        effect::locks_tables(&statement.words)
    }

    fn unlocks_tables(&self, statement: &Statement) -> bool {
        effect::unlocks_tables(&statement.words)
    }

    fn commits_at_once(&self, statement: &Statement, text: &str) -> bool {
        rules::classify(&statement.words, text, &Context::new(&Self)) == Some(Rule::Commits)
    }

    fn commits_before(&self, statement: &Statement) -> bool {
        effect::commits_before(statement)
    }

    fn asks_back(&self, statement: &Statement, text: &str) -> bool {
        effect::asks_back(statement, text)
    }

    fn leaves_nothing(&self, statement: &Statement, text: &str) -> bool {
        effect::leaves_nothing(statement, text)
    }

    fn hides(&self, statement: &Statement, text: &str) -> bool {
        effect::runs_block(statement) || effect::changes_session(&statement.words, text)
    }

    fn undo(&self, statement: &Statement, text: &str) -> Vec<String> {
        session::undo(statement, text)
    }

    fn repeats(&self, statement: &Statement, text: &str, lost: IsLost<'_>) -> bool {
        statement.words.starts(&["SET"]) && set::repeats(text, |name| lost(&name.to_lowercase()))
    }

    fn given(&self, statement: &Statement, text: &str) -> Vec<String> {
        session::given(statement, text)
    }

    fn makes(&self, statement: &Statement, text: &str) -> Vec<String> {
        session::makes(statement, text)
    }

    fn ends(&self, statement: &Statement, text: &str) -> Vec<String> {
        session::ends(statement, text)
    }

    fn uses(&self, statement: &Statement, text: &str, name: &str) -> bool {
        session::uses(statement, text, name)
    }
}

#[cfg(test)]
mod tests;
