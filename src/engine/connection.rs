//! What an engine does: connections and databases that replace others.

use std::ops::Range;

use async_trait::async_trait;

use super::message::{Message, Rows};
use super::server::Server;
use crate::engine::Target;
use crate::error::{Error, ServerError};
use crate::plan::{Proof, Warning};
use crate::sql::Context;
use crate::template::TemplateStore;

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
    pub(super) const fn new(part: usize, error: ServerError) -> Self {
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
pub(super) fn count(cell: Option<String>) -> Result<u64, ProofError> {
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

/// The names of the columns, and the rows.
pub(crate) type Table = (Vec<String>, Vec<Cells>);

/// The callback that receives rows.
pub(crate) type OnRow<'a> = &'a mut (dyn FnMut(Cells) + Send);

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
    pub(super) fn add(&mut self, changed: Option<u64>) {
        self.changed = changed.map(|rows| rows + self.changed.unwrap_or(0)).or(self.changed);
    }
}

/// Groups the answers to several queries: what follows those of the others belongs to the last one.
pub(super) fn each(mut answers: Vec<Vec<Cells>>, queries: usize) -> Vec<Vec<Cells>> {
    let last = answers.split_off(queries.saturating_sub(1).min(answers.len())).concat();
    answers.resize(queries.saturating_sub(1), Vec::new());
    answers.push(last);
    answers
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

    /// Sends a message and reads every answer; `rows` follow its last statement. `on_row` receives the rows that
    /// dbmigrate's own statements return, as they arrive.
    async fn send(
        &mut self,
        message: &Message,
        rows: Option<&mut dyn Rows>,
        on_row: OnRow<'_>,
    ) -> Result<Answer, Failure>;

    /// Sends dbmigrate's own statements and returns every cell of the answers as text.
    async fn query(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError>;

    /// Sends a query of the user's, and returns the names of its columns and its rows.
    async fn table(&mut self, sql: &str) -> Result<Table, ServerError>;

    /// Sends several of dbmigrate's own queries, at once where the engine can, and returns the rows of each. The last one
    /// may consist of several statements.
    async fn query_each(&mut self, queries: &[&str]) -> Result<Vec<Vec<Cells>>, ServerError> {
        let mut answers = Vec::new();
        for query in queries {
            answers.push(self.query(query).await?);
        }
        Ok(answers)
    }

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
    fn target(&self) -> Target;

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

    /// The templates that the new database can be copied from, if the engine keeps some.
    fn templates(&mut self) -> Option<&mut dyn TemplateStore> {
        None
    }

    /// Returns the connection that builds the new database, if it must be a particular one.
    async fn connection(&mut self) -> Result<Option<Box<dyn Connection>>, Error> {
        Ok(None)
    }

    /// Drops the new database.
    async fn discard(self: Box<Self>);
}
