//! How the journal's SQL differs from engine to engine.

use std::time::Duration;

use crate::script::Number;

/// Who knows how long a script ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    /// We do: so long.
    Ours(Duration),
    /// The server: since it began the transaction, in which this is the first script.
    Begin,
    /// The server: since the script of this number ended.
    Since(Number),
    /// The server: since this row was written.
    Row,
}

/// How an engine writes the journal's SQL.
#[derive(Clone)]
pub(crate) struct Flavour {
    /// `CREATE TABLE` with `{table}` for the quoted name.
    pub(crate) create: &'static str,
    /// What creates the table of repairs if there is none, with `{literal}` for its name as a string.
    pub(crate) repairs: &'static str,
    /// The current time, by the server's clock.
    pub(crate) now: &'static str,
    /// `applied_at` as ISO 8601 text in UTC.
    pub(crate) time: &'static str,
    /// A string as a literal.
    pub(crate) literal: fn(&str) -> String,
    /// How a transaction begins.
    pub(crate) begin: &'static str,
    /// The milliseconds since a `{since}`, by the server's clock.
    pub(crate) elapsed: &'static str,
    /// When the transaction began, by the server's clock.
    pub(crate) begun: &'static str,
    /// What is sent behind each row so that `begun` is the time from which the next script counts, where rows do not tell.
    pub(crate) restart: Option<&'static str>,
    /// A statement that fails unless a `{condition}` holds, with the `{count}` of the journal's rows to make the error of, where
    /// messages can have such a statement.
    pub(crate) guard: &'static str,
    /// What makes a statement that writes a row answer with the script's duration, where there is such a thing.
    pub(crate) returning: Option<&'static str>,
    /// A name in quotes.
    pub(crate) quote: fn(&str) -> String,
    pub(crate) foreign: Foreign,
    pub(crate) catalog: Catalog,
}

/// How an engine tells what else is in a database.
#[derive(Clone)]
pub(crate) struct Catalog {
    /// The names of its tables, with the schema where there are several.
    pub(crate) tables: &'static str,
    /// Schema (NULL where there is one only), table and column of the tables whose names are among `{names}`, in lower case,
    /// or which have a column of `{columns}`.
    pub(crate) columns: &'static str,
    /// The type that any value can be cast to.
    pub(crate) text: &'static str,
}

/// The journal of another tool, `DbUp`, as it has it on an engine.
#[derive(Clone)]
pub(crate) struct Foreign {
    /// Its table, unless the tool is told otherwise.
    pub(crate) table: &'static str,
    /// The columns with a script's name and with the time.
    pub(crate) columns: &'static str,
}

impl Flavour {
    /// Only the run's own connection knows how long a script ran.
    pub(crate) fn has_own_clock(&self) -> bool {
        !self.elapsed.contains("{since}")
    }

    /// How long a script ran, in the words of the engine.
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
