//! SQL Server.

mod batch;
mod lexer;
mod rules;
mod separator;

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use regex::Regex;

use super::dialect::{self, Changes, Dialect, Lexer, Savepoints};
use super::rules::Rule;
use super::session_state::{IsLost, pattern};
use super::statement::Batch;
use super::{Context, Statement, Words};

#[derive(Debug)]
pub(super) struct SqlServer;

/// The advice about `IF XACT_STATE() <> 0 ROLLBACK` in a `CATCH`.
const IN_A_HANDLER: &str = "remove the statement with its IF (XACT_STATE, @@TRANCOUNT), and end a CATCH with THROW: dbmigrate runs \
                            the script in its own transaction and rolls it back when a statement fails";

impl Dialect for SqlServer {
    fn name(&self) -> &'static str {
        "sqlserver"
    }

    fn default_schema(&self) -> Option<&'static str> {
        Some("dbo")
    }

    fn units(&self) -> (&'static str, &'static str) {
        ("batch", "batches")
    }

    fn terminator(&self) -> &'static str {
        "\nGO"
    }

    fn reader(&self, _own: Option<Arc<str>>) -> Box<dyn dialect::Reader> {
        Box::new(batch::Reader)
    }

    fn lexer(&self) -> Lexer {
        Box::new(lexer::token)
    }

    fn has_odd_blanks(&self) -> bool {
        true
    }

    fn leaves_dollars(&self) -> bool {
        true
    }

    fn further_commands(&self, text: &str) -> Vec<(Range<usize>, String)> {
        lexer::further_commands(text)
    }

    fn trailing_separators(&self, statement: &str) -> Vec<Range<usize>> {
        rules::trailing_separators(statement)
    }

    /// A script of SSMS says before each object what it is.
    fn begins_dump(&self, _before: &str, line: &str) -> bool {
        line.starts_with("/****** Object:  ")
    }

    fn drops_first(&self) -> bool {
        true
    }

    fn replaces(&self, kind: &str) -> Option<String> {
        const KINDS: [&str; 4] = ["view", "function", "procedure", "trigger"];
        KINDS.contains(&kind).then(|| format!("CREATE OR ALTER {}", kind.to_uppercase()))
    }

    fn rules(&self, context: &Context, words: &Words, batch: &str) -> Vec<(Range<usize>, Rule)> {
        if rules::uses(words, batch, context.alias.as_deref()) {
            return Vec::new();
        }
        rules::find(words, batch, context.database.as_deref())
    }

    fn suspending(&self, words: &Words, batch: &str) -> Vec<Range<usize>> {
        rules::suspending(words, batch)
    }

    fn changes(&self) -> Changes {
        Changes::Alias
    }

    fn savepoints(&self) -> Savepoints {
        Savepoints::Permanent
    }

    fn rollback_advice(&self) -> Option<&'static str> {
        Some(IN_A_HANDLER)
    }

    fn stands_alone(&self, _batch: &Statement) -> bool {
        true
    }

    fn may_commit(&self, batch: &Statement) -> bool {
        batch.contents() == Batch::Several
    }

    fn undo(&self, _batch: &Statement, text: &str) -> Vec<String> {
        let drop = |name: &str| format!("IF OBJECT_ID('tempdb..{name}') IS NOT NULL DROP TABLE [{name}]");
        // a table of all sessions has two of them
        temporary_tables(text).filter(|name| !name.starts_with("##")).map(drop).collect()
    }

    fn repeats(&self, batch: &Statement, _text: &str, _lost: IsLost<'_>) -> bool {
        batch.contents() == Batch::Settings
    }

    fn makes(&self, _batch: &Statement, text: &str) -> Vec<String> {
        temporary_tables(text).map(str::to_lowercase).collect()
    }
}

/// Returns the names of the temporary tables that a batch creates: `#name`, `##name`.
fn temporary_tables(text: &str) -> impl Iterator<Item = &str> {
    static TABLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)(?:TABLE|INTO)[ \t\r\n]+\[?(#[0-9A-Za-z_$@#]+)"));
    TABLE.captures_iter(text).filter_map(|found| Some(found.get(1)?.as_str()))
}

/// Whether the batch defines a routine or a view: the whole batch is then the definition.
pub(crate) fn defines_module(words: &Words) -> bool {
    let kind = match (words.get(0), words.get(1), words.get(2)) {
        (Some("CREATE"), Some("OR"), Some("ALTER")) => words.get(3),
        (Some("CREATE" | "ALTER"), kind, _) => kind,
        _ => None,
    };
    matches!(kind, Some("PROC" | "PROCEDURE" | "FUNCTION" | "TRIGGER" | "VIEW"))
}

/// Whether the batch contains only a `USE`.
pub(crate) fn only_uses(words: &Words) -> bool {
    words.starts(&["USE"]) && matches!(words.get(2), None | Some(";")) && words.get(3).is_none()
}

#[cfg(test)]
mod tests;
