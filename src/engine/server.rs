//! The server that answers, and how a run talks to it.

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Cells;
use crate::error::ServerError;
use crate::event::Watcher;
use crate::journal::{JournalSql, JournalTable};
use crate::objects::Existing;
use crate::plan::{Batching, Capabilities, Checkpoints};
use crate::schema::{Qualifier, Row};
use crate::sql::{Context, Mode};

/// How to connect and how to behave on the connection.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) journal: JournalTable,
    /// The tenant's schema, if there is one.
    pub(crate) schema: Option<String>,
    pub(crate) lock_timeout: Option<Duration>,
    pub(crate) statement_timeout: Option<Duration>,
    pub(crate) connect_timeout: Duration,
    pub(crate) access: Access,
    /// The character set and the collation of a new database, on engines that let the user choose them.
    pub(crate) charset: Option<String>,
    pub(crate) collation: Option<String>,
    /// Where templates of files are; `None` is the user's cache folder.
    pub(crate) cache: Option<PathBuf>,
    pub(crate) watcher: Watcher,
    /// Stops the run.
    pub(crate) cancel: CancellationToken,
}

impl Settings {
    /// Returns the settings for a tenant's schema, if there is one: the journal is in it.
    pub(super) fn within(&self, schema: Option<&str>) -> Self {
        let Some(schema) = schema.map(ToOwned::to_owned) else { return self.clone() };
        let journal = JournalTable { schema: Some(schema.clone()), ..self.journal.clone() };
        Self { journal, schema: Some(schema), ..self.clone() }
    }
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
    /// How objects are applied; `None` if the engine has no catalog.
    pub(crate) objects: Option<ObjectsSql>,
    /// Returns the query for the databases whose names match a pattern of LIKE, in the column `name`; `None` if the engine has
    /// no list of databases.
    pub(crate) databases: Option<fn(&str) -> String>,
    /// The same for schemas; `None` if a tenant cannot have a schema of its own.
    pub(crate) schemas: Option<fn(&str) -> String>,
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

/// How the files of objects are applied.
#[derive(Debug, Clone)]
pub(crate) struct ObjectsSql {
    /// The query for the objects that the database has, of the kinds that files create: kind, schema, name, the table that
    /// it is on, the types of a routine's arguments, and whether the schema is that of unqualified names.
    pub(crate) existing: Cow<'static, str>,
    /// Whether a statement that fails leaves the transaction as it was, after a savepoint, so that a file that fails can
    /// be tried again.
    pub(crate) retries: bool,
    /// How objects are dropped before their files are applied; `None` if the directive `drop-first` is refused.
    pub(crate) drop_first: Option<DropFirst>,
    /// How what exists is kept while files drop it.
    pub(crate) keep: Option<Keep>,
    /// How objects are proven that the engine does not check when they are created.
    pub(crate) exercise: Option<Exercise>,
}

/// How what exists of an object is kept while its file drops it and creates it again, on engines that cannot roll that back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keep {
    /// The queries about an object. One that fails has no answer.
    pub(crate) queries: fn(&Existing) -> Vec<String>,
    /// Returns what is kept, from the answers.
    pub(crate) kept: fn(&Existing, Answers) -> Kept,
}

/// The answers to queries that may fail.
pub(crate) type Answers = Vec<Option<Vec<Cells>>>;

/// What is kept of an object.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept {
    /// The statements that create it as it was; `None` if its definition cannot be read.
    pub(crate) restore: Option<Vec<String>>,
    /// The statements that give a new object of this name what the old one had beside its definition.
    pub(crate) after: Vec<String>,
    /// What the user should know before the file is applied.
    pub(crate) warning: Option<String>,
}

/// How objects are dropped with what depends on them, and how what is created in their place gets what they had.
#[derive(Clone, Copy)]
pub(crate) struct DropFirst {
    /// Returns the query for these objects and all that depends on them, in an order in which they can be dropped.
    pub(crate) dependents: fn(&[Existing]) -> String,
    pub(crate) dependent: fn(Cells) -> Option<Dependent>,
    /// Returns the query for what these objects have beside their definitions.
    pub(crate) keep: fn(&[Existing]) -> String,
    pub(crate) kept: fn(Cells) -> Option<KeptRow>,
    /// The statements before and after the queries and what they return, if there must be some.
    pub(crate) enter: Option<&'static str>,
    pub(crate) leave: Option<&'static str>,
    /// Returns the statement for a row of an object that has been created again.
    pub(crate) guarded: fn(&KeptRow) -> String,
    /// Returns the statement for a row of a part, such as an index, when all files are applied.
    pub(crate) late: fn(&KeptRow) -> String,
}

impl DropFirst {
    /// Returns statements with those before and after them.
    pub(crate) fn framed(&self, statements: Vec<String>) -> Vec<String> {
        let [enter, leave] = [self.enter, self.leave].map(|sql| sql.map(ToOwned::to_owned));
        enter.into_iter().chain(statements).chain(leave).collect()
    }
}

impl std::fmt::Debug for DropFirst {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DropFirst")
    }
}

/// An object that must be dropped.
#[derive(Debug, Clone)]
pub(crate) struct Dependent {
    /// The object; `None` if no file can create one of its kind.
    pub(crate) existing: Option<Existing>,
    /// Its name for people.
    pub(crate) shown: String,
    /// The statement that drops it; `None` if it goes with the one before.
    pub(crate) statement: Option<String>,
}

/// Something that an object has beside its definition.
#[derive(Debug, Clone)]
pub(crate) struct KeptRow {
    /// The object, or a part of one: an index of a materialized view.
    pub(crate) object: Existing,
    /// Whether the statement creates the part.
    pub(crate) creates: bool,
    /// The schema and the name of the view that the part belongs to.
    pub(crate) view: Option<(String, String)>,
    /// What the object must still have.
    pub(crate) needs: Option<String>,
    pub(crate) statement: String,
    /// Why the statement would fail.
    pub(crate) problem: Option<String>,
}

/// How objects are exercised, on engines that do not check them when they are created.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exercise {
    /// The queries for what there is to exercise, one after the other: what one finds is exercised before the next.
    pub(crate) queries: &'static [&'static str],
    /// Returns the object and the statement that a row of an answer becomes. The statement fails, or answers why, if the
    /// object cannot run.
    pub(crate) statement: fn(Cells) -> Option<(String, String)>,
    /// Returns the reason that the answer to such a statement names; `None` where the statement fails instead.
    pub(crate) reason: Option<fn(Vec<Cells>) -> Option<ServerError>>,
    /// Whether an error says nothing about the object.
    pub(crate) is_excused: fn(&ServerError) -> bool,
}

/// How the schema is read.
#[derive(Debug, Clone)]
pub(crate) struct SchemaSql {
    /// The query. No journal is in its answer.
    pub(crate) sql: Cow<'static, str>,
    /// The query in a transaction, after the savepoint `dbmigrate_schema`: its settings end with it. `None` if a query that
    /// fails would end the transaction.
    pub(crate) in_transaction: Option<Cow<'static, str>>,
    /// A query for what the text of definitions depends on beside the scripts: names and values.
    pub(crate) surroundings: Option<&'static str>,
    /// Returns the rows of the description that a row of the answer becomes.
    pub(crate) rows: fn(Cells) -> Vec<Row>,
    /// The tenant's schema, if there is one: its name is left out.
    pub(crate) of: Option<Qualifier>,
}

impl SchemaSql {
    /// Returns a query that is the same everywhere and answers with the rows of a description.
    pub(crate) const fn plain(sql: &'static str, rows: fn(Cells) -> Vec<Row>) -> Self {
        Self { sql: Cow::Borrowed(sql), in_transaction: None, surroundings: None, rows, of: None }
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
