//! The server that answers, and how a run talks to it.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Cells;
use crate::event::Watcher;
use crate::journal::{JournalSql, JournalTable};
use crate::plan::{Batching, Capabilities, Checkpoints};
use crate::schema::Row;
use crate::sql::{Context, Mode};

/// How to connect and how to behave on the connection.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) journal: JournalTable,
    pub(crate) lock_timeout: Option<Duration>,
    pub(crate) statement_timeout: Option<Duration>,
    pub(crate) connect_timeout: Duration,
    pub(crate) access: Access,
    /// The character set and the collation of a new database, on engines that let the user choose them.
    pub(crate) charset: Option<String>,
    pub(crate) collation: Option<String>,
    pub(crate) watcher: Watcher,
    /// Stops the run.
    pub(crate) cancel: CancellationToken,
}

/// What the connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Reading only: nothing is created or changed.
    Read,
    /// Changing a database that exists.
    Write,
    /// Changing a database that is created first if it does not exist.
    Create,
}

/// The server that answers, and what it can do.
#[derive(Clone)]
pub(crate) struct Server {
    /// What the checks of scripts need to know about it.
    pub(crate) context: Context,
    /// Name and version: `PostgreSQL 15.4`.
    pub(crate) product: String,
    /// The database user of this connection, on engines that have users.
    pub(crate) user: Option<String>,
    /// What one message may contain.
    pub(crate) batching: Batching,
    pub(crate) checkpoints: Checkpoints,
    /// Above this many bytes, statements do not share a message.
    pub(crate) message_limit: usize,
    /// The server stores a routine together with everything that follows it in its message.
    pub(crate) stores_to_the_end: bool,
    pub(crate) session: SessionSql,
    pub(crate) rehearsal: RehearsalSql,
    pub(crate) journal: JournalSql,
    /// How the schema is read; `None` if the engine has no catalog.
    pub(crate) schema: Option<SchemaSql>,
    /// A query for what would differ in a new database whatever the scripts do, on engines with such differences: the
    /// character set, the collation, and the collation of a new database.
    pub(crate) unlike_new: Option<String>,
}

/// How a run's session and its transaction are controlled.
#[derive(Debug, Clone, Default)]
pub(crate) struct SessionSql {
    /// Begins the run's transaction, in a session with the run's settings.
    pub(crate) begin: Vec<String>,
    /// Begins one of several transactions of a run, in a session that already has the run's settings.
    pub(crate) begin_group: Vec<String>,
    /// Resets what a script in a transaction has set.
    pub(crate) within: Vec<String>,
    /// Resets what a script outside a transaction has set.
    pub(crate) apart: Vec<String>,
    /// Runs the checks that wait for the commit now, and defers those of later statements again.
    pub(crate) settle: Vec<String>,
    /// The database has constraints whose checks wait for the commit.
    pub(crate) defers: bool,
    /// Removes the transaction's mark before the commit.
    pub(crate) proven: Option<String>,
    pub(crate) commit: &'static str,
    /// An SQL condition that holds while the run has its lock.
    pub(crate) is_locked: Option<String>,
}

/// The queries of a rehearsal, on engines that can answer them.
#[derive(Debug, Clone, Default)]
pub(crate) struct RehearsalSql {
    /// The locks that the transaction has acquired so far: relation and mode.
    pub(crate) locks: Option<String>,
    /// Some of the tables whose changes cannot be rolled back.
    pub(crate) untransactional: Option<&'static str>,
}

/// How the schema is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SchemaSql {
    /// The query. No journal is in its answer.
    pub(crate) sql: &'static str,
    /// The query in a transaction, after the savepoint `dbmigrate_schema`: its settings end with it. `None` if a query that
    /// fails would end the transaction.
    pub(crate) in_transaction: Option<&'static str>,
    /// A query for what the text of definitions depends on beside the scripts: names and values.
    pub(crate) surroundings: Option<&'static str>,
    /// Returns the rows of the description that a row of the answer becomes.
    pub(crate) rows: fn(Cells) -> Vec<Row>,
}

impl SchemaSql {
    /// Returns a query that is the same everywhere and answers with the rows of a description.
    pub(crate) const fn plain(sql: &'static str, rows: fn(Cells) -> Vec<Row>) -> Self {
        Self { sql, in_transaction: None, surroundings: None, rows }
    }
}

impl Server {
    /// Returns what a schedule depends on.
    pub(crate) fn capabilities(&self) -> Capabilities {
        let Self { batching, checkpoints, message_limit, stores_to_the_end, .. } = *self;
        let (dialect, longest) = (self.context.dialect, self.context.longest);
        let reset_bytes = self.session.apart.iter().map(|sql| sql.len() + 2).sum();
        let (settles, defers) = (!self.session.settle.is_empty(), self.session.defers);
        Capabilities {
            dialect,
            batching,
            checkpoints,
            message_limit,
            longest,
            stores_to_the_end,
            settles,
            defers,
            reset_bytes,
        }
    }
}

impl Server {
    /// Returns what decides how a schema is described: the product with the version that matters, and the format of
    /// descriptions.
    pub(crate) fn describes(&self) -> String {
        let (name, version) = self.product.rsplit_once(' ').unwrap_or((&self.product, ""));
        let parts = version.split('.').collect::<Vec<_>>();
        // the last part counts fixes
        let matters = parts.len().saturating_sub(1).clamp(1, 2).min(parts.len());
        format!("{name} {} (format {})", parts[..matters].join("."), crate::schema::FORMAT)
    }
}

impl SessionSql {
    /// Returns the statements that reset what a script may have set in the session.
    pub(crate) fn reset(&self, mode: Mode) -> &[String] {
        match mode {
            Mode::InTransaction => &self.within,
            Mode::NoTransaction => &self.apart,
        }
    }
}
