//! The differences between the engines in the journal's SQL.

use std::borrow::Cow;
use std::time::Duration;

use crate::script::Number;

/// Who measures how long a script ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    /// dbmigrate: it ran this long.
    Ours(Duration),
    /// The server, from the start of the transaction, in which this is the first script.
    Begin,
    /// The server, from the end of the script with this number.
    Since(Number),
    /// The server, from the time when this row was written.
    Row,
}

/// How an engine writes the journal's SQL.
#[derive(Clone)]
pub(crate) struct JournalDialect {
    /// `CREATE TABLE` with `{table}` for the quoted name.
    pub(crate) create: &'static str,
    /// The statement that creates the table of repairs if there is none, with `{literal}` for its name as a string.
    pub(crate) repairs: &'static str,
    /// The statement that creates the table of snapshots if there is none, like `repairs`.
    pub(crate) snapshots: &'static str,
    /// The statement that creates the table of objects if there is none, like `repairs`.
    pub(crate) objects: &'static str,
    /// A query that answers a row if there is a table: `{literal}` is its quoted name with its schema as a string, `{name}`
    /// its bare name as a string.
    pub(crate) exists: &'static str,
    /// The current time, by the server's clock.
    pub(crate) now: &'static str,
    /// `applied_at` as ISO 8601 text in UTC.
    pub(crate) time: &'static str,
    /// Writes a time in UTC, as `applied_at` holds it: from `2026-01-31T23:59:59.123Z`.
    pub(crate) moment: fn(&str) -> String,
    /// Writes a string as a literal.
    pub(crate) literal: fn(&str) -> String,
    /// The statement that begins a transaction.
    pub(crate) begin: &'static str,
    /// The milliseconds since `{since}`, by the server's clock.
    pub(crate) elapsed: &'static str,
    /// When the transaction began, by the server's clock.
    pub(crate) begun: &'static str,
    /// The statement after each row that makes `begun` the time from which the next script is measured, if rows do not
    /// tell.
    pub(crate) restart: Option<&'static str>,
    /// A statement that fails unless a `{condition}` holds, with the `{count}` of the journal's rows for its error;
    /// empty if messages cannot contain such a statement.
    pub(crate) guard: &'static str,
    /// The clause that makes a statement that writes a row return the script's duration, if the engine has one.
    pub(crate) returning: Option<&'static str>,
    /// Quotes a name.
    pub(crate) quote: fn(&str) -> String,
    pub(crate) foreign: Foreign,
    pub(crate) catalog: Catalog,
}

/// The queries for what else is in a database.
#[derive(Clone)]
pub(crate) struct Catalog {
    /// The names of its tables, with the schema if there are several.
    pub(crate) tables: Cow<'static, str>,
    /// The schema (NULL if there is only one), table and column of the tables whose names in lower case are among
    /// `{names}` or that have one of the `{columns}`.
    pub(crate) columns: Cow<'static, str>,
    /// The value of a `{column}` as text, times as `2026-01-02 03:04:05`.
    pub(crate) cell: &'static str,
    /// The bytes of a `{column}` as hexadecimal digits.
    pub(crate) hex: &'static str,
}

/// The journal of another tool, `DbUp`, on an engine.
#[derive(Clone)]
pub(crate) struct Foreign {
    /// The tool's default table.
    pub(crate) table: &'static str,
    /// The columns with the script's name and the time.
    pub(crate) columns: &'static str,
}

impl JournalDialect {
    /// Whether only the run's own connection can measure how long a script ran.
    pub(crate) fn has_own_clock(&self) -> bool {
        !self.elapsed.contains("{since}")
    }

    /// Returns the SQL for how long a script ran.
    pub(super) fn elapsed(&self, table: &str, clock: Clock) -> String {
        let since = match clock {
            Clock::Ours(duration) => return duration.as_millis().to_string(),
            Clock::Row => "applied_at".into(),
            Clock::Since(number) if self.restart.is_none() => {
                format!("(SELECT applied_at FROM {table} WHERE number = {})", number.get())
            }
            Clock::Since(_) | Clock::Begin => self.begun.into(),
        };
        self.elapsed.replace("{since}", &since)
    }
}
