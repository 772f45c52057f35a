//! Connections to databases. Each engine is a module; the code outside does not know which engine it uses.
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod driver;
mod held_lock;
mod message;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
mod reading;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(feature = "sqlserver")]
mod sqlserver;
mod supervisor;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod tls;
#[cfg(any(feature = "postgres", feature = "sqlserver"))]
mod tracing_tap;

use std::ops::Range;
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

pub use self::held_lock::HeldLock;
pub(crate) use self::message::Part;
pub(crate) use self::message::{Message, Rows, Torn};
pub(crate) use self::reading::{read_bodies, read_journal};
use crate::error::{Error, ServerError};
use crate::event::Watcher;
use crate::journal::{JournalSql, JournalTable};
use crate::plan::{Batching, Capabilities, Checkpoints, Proof, Warning};
use crate::sql::{Context, Mode};
use crate::target::{Place, Target};

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

impl SessionSql {
    /// Returns the statements that reset what a script may have set in the session.
    pub(crate) fn reset(&self, mode: Mode) -> &[String] {
        match mode {
            Mode::InTransaction => &self.within,
            Mode::NoTransaction => &self.apart,
        }
    }
}

/// Returns the one place in a text where a word is a whole word; `None` when there is none or more than one.
fn only_place(text: &str, word: &str) -> Option<Range<usize>> {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    let whole = |(at, _): &(usize, &str)| {
        let (before, behind) = (&text[..*at], &text[at + word.len()..]);
        let joined = |left: &str, right: &str| left.ends_with(inside) && right.starts_with(inside);
        !joined(before, word) && !joined(word, behind)
    };
    let mut places = text.match_indices(word).filter(whole);
    let (at, _) = places.next().filter(|_| !word.is_empty())?;
    places.next().is_none().then_some(at..at + word.len())
}

/// A statement that the database refused.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The number of the statement in the message, from 0.
    pub(crate) part: usize,
    /// The bytes of the message that the database points at.
    pub(crate) at: Option<Range<usize>>,
    /// The number of the row among those that follow the statement, from 1.
    pub(crate) row: Option<usize>,
    pub(crate) error: ServerError,
    /// Who held the lock that the statement waited for.
    pub(crate) blockers: Option<String>,
}

impl Failure {
    /// Returns a failure of which only the statement and the error are known.
    const fn new(part: usize, error: ServerError) -> Self {
        Self { part, at: None, row: None, error, blockers: None }
    }
}

/// Why a transaction must not be committed.
#[derive(Debug)]
pub(crate) enum ProofError {
    /// It is no longer the transaction that was begun.
    Broken(String),
    /// The database refuses what is in it.
    Refused(ServerError),
    /// The server reads what it receives but does not run it, because a setting of the script is in force.
    NotRunning,
}

impl From<ServerError> for ProofError {
    fn from(error: ServerError) -> Self {
        Self::Refused(error)
    }
}

/// Reads the number of journal rows from a cell.
fn count(cell: Option<String>) -> Result<u64, ProofError> {
    let count = cell.and_then(|cell| cell.parse().ok());
    count.ok_or_else(|| ProofError::Broken("the number of journal rows is unknown".into()))
}

/// Why the lock was not acquired: another run holds it, or there was an error.
#[derive(Debug)]
pub(crate) enum NoLock {
    Held(String),
    Failed(ServerError),
}

impl From<ServerError> for NoLock {
    fn from(error: ServerError) -> Self {
        Self::Failed(error)
    }
}

/// One row of an answer.
pub(crate) type Cells = Vec<Option<String>>;

/// The callback that receives rows.
pub(crate) type Heard<'a> = &'a mut (dyn FnMut(Cells) + Send);

/// What became of a transaction or a message whose answer never came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Committed,
    RolledBack,
    /// The server has ended it: the journal shows how.
    Ended,
}

/// The answer to a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// How many rows its statements have changed, if the engine reports that.
    pub(crate) changed: Option<u64>,
}

impl Answer {
    /// Adds to the number of changed rows.
    fn add(&mut self, changed: Option<u64>) {
        self.changed = changed.map(|rows| rows + self.changed.unwrap_or(0)).or(self.changed);
    }
}

/// A connection to one database. Its calls are supervised: an interrupt or a time limit cancels them.
#[async_trait]
pub(crate) trait Connection: Send {
    fn server(&self) -> &Server;

    /// Tries to acquire the lock of this database's runs; the lock ends with the connection.
    async fn try_lock(&mut self) -> Result<(), NoLock>;

    /// Returns who holds the lock of this database's runs, as far as that can be seen without acquiring it.
    async fn run_holder(&mut self) -> Result<Option<String>, ServerError>;

    /// Returns whether the journal table exists.
    async fn has_journal(&mut self) -> Result<bool, ServerError>;

    /// Returns whether the database contains anything besides the journal.
    async fn is_occupied(&mut self) -> Result<bool, ServerError>;

    /// Sends a message and reads every answer; `rows` follow its last statement. `heard` receives the rows that
    /// dbmigrate's own statements return, as they arrive.
    async fn send(
        &mut self,
        message: &Message,
        rows: Option<&mut dyn Rows>,
        heard: Heard<'_>,
    ) -> Result<Answer, Failure>;

    /// Sends dbmigrate's own statements and returns every cell of the answers as text.
    async fn query(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError>;

    /// Sends one of dbmigrate's own statements between those of a script, whose settings do not affect it.
    async fn query_aside(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        self.query(sql).await
    }

    async fn begin(&mut self) -> Result<(), ServerError>;

    /// Checks that the transaction and the session are as they should be: after a script or a statement, where the
    /// check costs little, and before the commit. Before the commit, it returns the number of journal rows in the
    /// transaction.
    async fn prove(&mut self, proof: Proof) -> Result<Option<u64>, ProofError>;

    async fn commit(&mut self) -> Result<(), ServerError>;

    async fn rollback(&mut self) -> Result<(), ServerError>;

    /// Continues in a new session, on engines that cannot reset everything that a script may have left in a session.
    /// The run keeps its lock meanwhile.
    async fn renew(&mut self) -> Result<(), ServerError> {
        Ok(())
    }

    /// Shields all later calls from interrupts, because they clean up.
    fn ignore_interrupts(&mut self);

    /// Returns what became of the transaction or the message whose answer never came; `None` when that cannot be found
    /// out in time.
    async fn fate(&mut self) -> Option<Fate>;

    async fn close(self: Box<Self>);
}

/// A new database that is built beside an old one and takes its place.
#[async_trait]
pub(crate) trait Replacement: Send {
    /// The new database.
    fn target(&self) -> &Target;

    /// Puts the new database in the place of the old one and drops the old one. What remains of it is a warning.
    async fn swap(self: Box<Self>) -> Result<Option<Warning>, ServerError>;

    /// Returns what the checks need to know about it, if the server tells that before anything is dropped.
    fn context(&self) -> Option<&Context> {
        None
    }

    /// Returns whether the new database is built in the old one's place: [`Replacement::connection`] drops the old one.
    fn is_in_place(&self) -> bool {
        false
    }

    /// Returns the statement that drops a database that was built in place and is not wanted.
    fn drop_sql(&self) -> Option<String> {
        None
    }

    /// Returns the connection that builds the new database, if it must be a particular one.
    async fn connection(&mut self) -> Result<Option<Box<dyn Connection>>, Error> {
        Ok(None)
    }

    /// Drops the new database.
    async fn discard(self: Box<Self>);
}

/// Chooses the cryptography of TLS for this process if its program has not: with two in the build, rustls chooses none.
#[cfg(any(feature = "sqlserver", feature = "tls"))]
fn choose_cryptography() {
    use rustls::crypto::{CryptoProvider, ring};
    if CryptoProvider::get_default().is_none() {
        // another thread may be faster
        let _ = ring::default_provider().install_default();
    }
}

/// There is no TLS in this build.
#[cfg(not(any(feature = "sqlserver", feature = "tls")))]
const fn choose_cryptography() {}

/// Connects to a target.
pub(crate) async fn connect(target: &Target, settings: &Settings) -> Result<Box<dyn Connection>, Error> {
    choose_cryptography();
    match target.place() {
        #[cfg(feature = "sqlite")]
        Place::Sqlite { path, read_only, .. } => Box::pin(sqlite::connect(path, *read_only, settings)).await,
        #[cfg(feature = "postgres")]
        Place::Postgres(url) => Box::pin(postgres::connect(target, url, settings)).await,
        #[cfg(feature = "mysql")]
        Place::Mysql(url) => Box::pin(mysql::connect(target, url.url(), settings)).await,
        #[cfg(feature = "sqlserver")]
        Place::SqlServer(server) => Box::pin(sqlserver::connect(target, server, settings)).await,
        #[allow(unreachable_patterns, reason = "reached when an engine is left out of the build")]
        _ => unreachable!("a target of an engine that is not built cannot be parsed"),
    }
}

/// Returns the length of what a text starts with: a word, a name in one of the quotes, or a single character.
fn token(text: &str, quotes: &[char]) -> usize {
    let word = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let through = |quote: &char| text.strip_prefix(*quote).and_then(|rest| rest.find(*quote)).map(|end| end + 2);
    let name = quotes.iter().find_map(through);
    name.unwrap_or_else(|| word.max(text.chars().next().map_or(0, char::len_utf8)))
}

/// Quotes an identifier as the SQL standard does.
fn quote(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// Returns a literal of the SQL standard: only the quote is doubled.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Prepares an empty database beside the target's.
pub(crate) async fn replacement(target: &Target, settings: &Settings) -> Result<Box<dyn Replacement>, Error> {
    choose_cryptography();
    match target.place() {
        #[cfg(feature = "sqlite")]
        Place::Sqlite { path, .. } => Box::pin(sqlite::replacement(path, settings)).await,
        #[cfg(feature = "postgres")]
        Place::Postgres(_) => Box::pin(postgres::replacement(target, settings)).await,
        #[cfg(feature = "mysql")]
        Place::Mysql(url) => Box::pin(mysql::replacement(target, url.url(), settings)).await,
        #[cfg(feature = "sqlserver")]
        Place::SqlServer(server) => Box::pin(sqlserver::replacement(target, server, settings)).await,
        #[allow(unreachable_patterns, reason = "reached when an engine is left out of the build")]
        _ => unreachable!("a target of an engine that is not built cannot be parsed"),
    }
}

/// Returns the programs that dump a database, any of which is enough; none if the engine has no such program.
pub(crate) fn dump_tools(target: &Target) -> Vec<std::process::Command> {
    match target.place() {
        #[cfg(feature = "sqlite")]
        Place::Sqlite { path, .. } => sqlite::dump_tools(path),
        #[cfg(feature = "postgres")]
        Place::Postgres(url) => postgres::dump_tools(url.url()),
        #[cfg(feature = "mysql")]
        Place::Mysql(url) => mysql::dump_tools(url.url(), &target.database()),
        #[allow(unreachable_patterns, reason = "reached when an engine is left out of the build")]
        _ => Vec::new(),
    }
}
