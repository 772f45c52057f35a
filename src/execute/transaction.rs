//! Begins, proves, commits and rolls back the transaction of a run, and finds out what happened to an unanswered
//! commit.

use tokio::time::timeout;

use super::GRACE;
use super::run::Run;
use crate::engine::{Access, Connection, Fate, read_journal};
use crate::error::{DatabaseState, Error, ErrorKind};
use crate::event::Event;
use crate::plan::{Proof, Step};
use crate::script::Script;

/// Names the activity when the server refused the commit or did not perform it.
pub(super) const COMMIT: &str = "the commit";

impl Run<'_> {
    /// Begins the transaction.
    pub(super) async fn begin(&mut self) -> Result<(), Error> {
        self.stop_if_interrupted(None)?;
        let begun = self.connection.begin().await;
        begun.map_err(|error| self.failed("beginning the transaction", error))
    }

    /// Commits the transaction of these scripts.
    pub(super) async fn commit(&mut self, steps: &[&Step]) -> Result<(), Error> {
        self.stop_if_interrupted(None)?;
        self.end_transaction().await?;
        self.has_journal = true;
        self.count_rows(steps);
        self.keep(&steps.iter().map(|step| step.script()).collect::<Vec<_>>());
        if !self.objects.is_empty() {
            self.tell(&Event::ObjectsCommitted { objects: &self.objects });
        }
        Ok(())
    }

    /// Proves that the transaction of these scripts can be committed, and that the journal has their rows and the
    /// earlier ones.
    pub(super) async fn prove(&mut self, steps: &[&Step]) -> Result<(), Error> {
        let found = self.connection.prove(Proof::Transaction).await;
        let found = found.map_err(|proof_error| self.unproven(names(steps), proof_error))?;
        self.has_rows(steps, found.unwrap_or_default())
    }

    /// Checks that the journal has as many rows as it should have after these scripts.
    pub(super) fn has_rows(&self, steps: &[&Step], found: u64) -> Result<(), Error> {
        let expected = self.recorded + new_rows(steps);
        if found == expected { Ok(()) } else { Err(Error::journal_changed(names(steps), expected, Some(found))) }
    }

    /// Counts the rows of these scripts as committed.
    pub(super) fn count_rows(&mut self, steps: &[&Step]) {
        self.recorded += new_rows(steps);
    }

    /// Marks these scripts, and all that were applied before, as committed.
    pub(super) fn keep(&mut self, scripts: &[&Script]) {
        self.committed = self.applied.len();
        if scripts.is_empty() {
            return;
        }
        self.tell(&Event::Committed { scripts });
    }

    pub(super) async fn roll_back(&mut self, first: Error) -> Error {
        if matches!(first, Error::CommitUnknown { .. }) {
            return first;
        }
        match timeout(GRACE, self.connection.rollback()).await {
            Ok(Err(error)) if matches!(error.kind, ErrorKind::NotRolledBack | ErrorKind::CommittedByScript) => {
                first.not_rolled_back(error)
            }
            // if the connection is lost, the server rolls back by itself
            _ => first,
        }
    }

    /// Commits. If the server never answers, finds out whether it performed the commit.
    pub(super) async fn end_transaction(&mut self) -> Result<(), Error> {
        match self.connection.commit().await {
            Err(error) if error.kind == ErrorKind::ConnectionLost => match self.was_kept().await {
                Some(true) => Ok(()),
                Some(false) => Err(Error::database(COMMIT, error)),
                None => Err(Error::CommitUnknown { error, state: DatabaseState::default().unknown() }),
            },
            answer => answer.map_err(|error| Error::database(COMMIT, error)),
        }
    }

    /// Whether the server committed the transaction; `None` if that is unknown.
    async fn was_kept(&mut self) -> Option<bool> {
        let mut connection = self.migrator.connect(Access::Read).await.ok()?;
        match self.connection.fate().await? {
            Fate::Committed => Some(true),
            Fate::RolledBack => Some(false),
            Fate::Ended => self.is_recorded(&mut *connection).await,
        }
    }

    /// Whether the journal has the last script of the transaction.
    async fn is_recorded(&mut self, connection: &mut dyn Connection) -> Option<bool> {
        let journal = read_journal(connection).await.ok()?;
        if !self.objects.is_empty() {
            return Some(journal.objects.entries.iter().any(|entry| entry.run.to_string() == self.author.run));
        }
        let last = self.applied[self.committed..].last()?.number;
        Some(journal.entries.iter().any(|entry| entry.run == self.author.run && entry.number == last))
    }

    /// Checks that scripts outside a transaction have left this many more rows in the journal.
    pub(super) async fn has_kept_rows(&mut self, steps: &[&Step], rows: u64) -> Result<(), Error> {
        let (found, expected) = (self.count_in_journal().await?, self.recorded + rows);
        if found == expected {
            Ok(())
        } else {
            Err(Error::journal_changed(names(steps), expected, Some(found)).staying())
        }
    }

    async fn count_in_journal(&mut self) -> Result<u64, Error> {
        let count = self.connection.server().journal.count();
        let rows = self.connection.query(&count).await;
        let rows = rows.map_err(|error| self.failed("reading the journal", error))?;
        Ok(rows.into_iter().flatten().next().flatten().and_then(|rows| rows.parse().ok()).unwrap_or(0))
    }
}

/// Formats the scripts as `Script-0005.sql to Script-0007.sql`.
pub(super) fn names(steps: &[&Step]) -> String {
    match steps {
        [first, .., last] => format!("{} to {}", first.script().name(), last.script().name()),
        [only] => only.script().name(),
        [] => "the object files".into(),
    }
}

/// Returns how many rows these scripts add to the journal: scripts that an earlier run began already have theirs.
fn new_rows(steps: &[&Step]) -> u64 {
    steps.iter().filter(|step| step.resume.is_none()).count() as u64
}
