//! One connection to one database. Each engine is a module; nothing outside knows which one it talks to.
#![cfg_attr(
    not(all(feature = "mysql", feature = "postgres", feature = "sqlite", feature = "sqlserver")),
    allow(dead_code, unused_imports, reason = "each engine uses a part of what they share")
)]

#[cfg(any(feature = "mysql", feature = "postgres"))]
mod driver;
mod message;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(any(feature = "postgres", feature = "sqlserver"))]
mod overheard;
#[cfg(feature = "postgres")]
mod postgres;
mod reading;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(feature = "sqlserver")]
mod sqlserver;
mod supervisor;
mod taken;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod tls;

use std::ops::Range;
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

pub(crate) use self::message::Part;
pub(crate) use self::message::{Message, Rows, Torn};
pub(crate) use self::reading::{read_bodies, read_journal};
pub use self::taken::TakenLock;
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
    /// The character set and the collation of a database that is created, where they can be chosen.
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

/// Who answers, and what it can do.
#[derive(Clone)]
pub(crate) struct Server {
    /// What scripts have to know of it.
    pub(crate) context: Context,
    /// Name and version: `PostgreSQL 15.4`.
    pub(crate) product: String,
    /// The user that the database knows us by, where it knows users.
    pub(crate) user: Option<String>,
    /// What one message may hold.
    pub(crate) batching: Batching,
    pub(crate) checkpoints: Checkpoints,
    /// Above this many bytes, statements do not share a message.
    pub(crate) message_limit: usize,
    /// What the server stores of a routine reaches to the end of its message, whatever follows there.
    pub(crate) stores_to_the_end: bool,
    pub(crate) session: SessionSql,
    pub(crate) rehearsal: RehearsalSql,
    pub(crate) journal: JournalSql,
    /// Asks in what a new database would differ from this one in spite of all scripts, where there is such a thing: character
    /// set, collation, and the collation of a new one.
    pub(crate) unlike_new: Option<String>,
}

/// How a run's session and its transaction are controlled.
#[derive(Debug, Clone, Default)]
pub(crate) struct SessionSql {
    /// Begins the run's transaction, with a session as it should be.
    pub(crate) begin: Vec<String>,
    /// Begins a transaction of scripts among others, in a session as it should be.
    pub(crate) begin_group: Vec<String>,
    /// Takes back what a script of a transaction has set.
    pub(crate) within: Vec<String>,
    /// The same of a script outside a transaction.
    pub(crate) apart: Vec<String>,
    /// Checks at once what would wait for the commit, and lets what follows wait again.
    pub(crate) settle: Vec<String>,
    /// There are constraints whose checks wait for the commit.
    pub(crate) defers: bool,
    /// Ends what marks the transaction, before the commit.
    pub(crate) proven: Option<String>,
    pub(crate) commit: &'static str,
    /// The condition under which the run has its lock.
    pub(crate) is_locked: Option<String>,
}

/// What a rehearsal asks, where there is an answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct RehearsalSql {
    /// The locks that the transaction has taken so far: relation and mode.
    pub(crate) locks: Option<String>,
    /// Some of the tables to which a write cannot be rolled back.
    pub(crate) untransactional: Option<&'static str>,
}

impl Server {
    /// What a schedule depends on.
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
    /// Takes back whatever a script may have set in the session.
    pub(crate) fn reset(&self, mode: Mode) -> &[String] {
        match mode {
            Mode::InTransaction => &self.within,
            Mode::NoTransaction => &self.apart,
        }
    }
}

/// The one place in a text where a word stands for itself; `None` when there is none or more than one.
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
    /// Which of the message's statements.
    pub(crate) part: usize,
    /// The bytes of the message that the database points at.
    pub(crate) at: Option<Range<usize>>,
    /// Which of the rows behind the statement, from 1.
    pub(crate) row: Option<usize>,
    pub(crate) error: ServerError,
    /// Who held the lock that the statement waited for.
    pub(crate) blockers: Option<String>,
}

impl Failure {
    /// A statement failed, and nothing more is known.
    const fn new(part: usize, error: ServerError) -> Self {
        Self { part, at: None, row: None, error, blockers: None }
    }
}

/// Why a transaction must not be committed.
#[derive(Debug)]
pub(crate) enum Doubt {
    /// It is not the transaction any more that was begun.
    Broken(String),
    /// The database refuses what is in it.
    Refused(ServerError),
    /// The server reads what it is sent, and does not run it: a setting of the script is in force.
    NotRunning,
}

impl From<ServerError> for Doubt {
    fn from(error: ServerError) -> Self {
        Self::Refused(error)
    }
}

/// How many rows the journal has, of a cell that tells it.
fn count(cell: Option<String>) -> Result<u64, Doubt> {
    let count = cell.and_then(|cell| cell.parse().ok());
    count.ok_or_else(|| Doubt::Broken("it is not told how many rows the journal has".into()))
}

/// Another run holds the lock.
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

/// Who is told of rows.
pub(crate) type Heard<'a> = &'a mut (dyn FnMut(Cells) + Send);

/// What became of a transaction or a message whose answer never came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Committed,
    RolledBack,
    /// The server has ended it: the journal tells how.
    Ended,
}

/// What a message was answered with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// How many rows its statements have changed, where the engine tells.
    pub(crate) changed: Option<u64>,
}

impl Answer {
    /// So many rows more.
    fn add(&mut self, changed: Option<u64>) {
        self.changed = changed.map(|rows| rows + self.changed.unwrap_or(0)).or(self.changed);
    }
}

/// A connection to one database. Whatever it is asked is supervised: an interrupt or a time limit cancels it.
#[async_trait]
pub(crate) trait Connection: Send {
    fn server(&self) -> &Server;

    /// Tries to take the lock of this database's runs; it dies with the connection.
    async fn try_lock(&mut self) -> Result<(), NoLock>;

    /// Who has the lock of this database's runs, as far as that can be seen without taking it.
    async fn run_holder(&mut self) -> Result<Option<String>, ServerError>;

    /// The journal table is there.
    async fn has_journal(&mut self) -> Result<bool, ServerError>;

    /// Something else than the journal is there.
    async fn is_occupied(&mut self) -> Result<bool, ServerError>;

    /// Sends a message and reads every answer; `rows` follow its last statement. The rows that our own statements answer are
    /// `heard` as they come.
    async fn send(
        &mut self,
        message: &Message,
        rows: Option<&mut dyn Rows>,
        heard: Heard<'_>,
    ) -> Result<Answer, Failure>;

    /// Sends statements of our own; every cell of the answers as text.
    async fn query(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError>;

    /// Sends a statement of our own between the statements of a script, whose settings do not reach it.
    async fn query_aside(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        self.query(sql).await
    }

    async fn begin(&mut self) -> Result<(), ServerError>;

    /// Makes sure that all is as it should be: after a script or a statement where that is seen at little cost, and before
    /// the commit, when it gives how many rows the journal has in the transaction.
    async fn prove(&mut self, proof: Proof) -> Result<Option<u64>, Doubt>;

    async fn commit(&mut self) -> Result<(), ServerError>;

    async fn rollback(&mut self) -> Result<(), ServerError>;

    /// Goes on in a new session, where an engine has no way to take back all that a script may have left in one. The lock is
    /// held meanwhile.
    async fn renew(&mut self) -> Result<(), ServerError> {
        Ok(())
    }

    /// From here on, things are put in order: no interrupt reaches that.
    fn tidy(&mut self);

    /// What became of the transaction or the message whose answer never came; `None` when it cannot be told in time.
    async fn fate(&mut self) -> Option<Fate>;

    async fn close(self: Box<Self>);
}

/// A new database that is built beside an old one and takes its place.
#[async_trait]
pub(crate) trait Replacement: Send {
    /// The new database.
    fn target(&self) -> &Target;

    /// Puts the new database in the place of the old one, which is dropped. What is left of it is a warning.
    async fn swap(self: Box<Self>) -> Result<Option<Warning>, ServerError>;

    /// What the checks have to know of it, where the server tells that before anything is dropped.
    fn context(&self) -> Option<&Context> {
        None
    }

    /// The new database is built in the old one's place: [`Replacement::connection`] drops the old one.
    fn is_in_place(&self) -> bool {
        false
    }

    /// What drops a database that was built in place and is not wanted.
    fn drop_sql(&self) -> Option<String> {
        None
    }

    /// The connection that builds the new database, where it must be this one.
    async fn connection(&mut self) -> Result<Option<Box<dyn Connection>>, Error> {
        Ok(None)
    }

    /// Drops the new database.
    async fn discard(self: Box<Self>);
}

/// Chooses the cryptography of TLS for this process, where its program has not: with two in the build, rustls would not.
fn choose_cryptography() {
    use rustls::crypto::{CryptoProvider, ring};
    if CryptoProvider::get_default().is_none() {
        // another thread may be faster
        let _ = ring::default_provider().install_default();
    }
}

/// Connects.
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

/// The length of the word, the thing in one of the quotes, or the single character that a text starts with.
fn token(text: &str, quotes: &[char]) -> usize {
    let word = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let through = |quote: &char| text.strip_prefix(*quote).and_then(|rest| rest.find(*quote)).map(|end| end + 2);
    let name = quotes.iter().find_map(through);
    name.unwrap_or_else(|| word.max(text.chars().next().map_or(0, char::len_utf8)))
}

/// An identifier in the standard's quotes.
fn quote(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// A literal as the standard has it: only the quote is doubled.
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

/// The programs that dump a database, of which one is enough; none where there is no such program.
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
