//! The transaction of a run: begun, proven, committed or rolled back; and what became of one whose answer never came.

use tokio::time::timeout;

use super::GRACE;
use super::run::Run;
use crate::engine::{Access, Connection, Fate, read_journal};
use crate::error::{Aftermath, Error, Trouble};
use crate::event::Event;
use crate::plan::{Proof, Step};
use crate::script::Script;

/// The server refused it, or has not kept it.
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
        Ok(())
    }

    /// Makes sure that the transaction of these scripts can be committed, and that the journal has their rows and those from
    /// before.
    pub(super) async fn prove(&mut self, steps: &[&Step]) -> Result<(), Error> {
        let found = self.connection.prove(Proof::Transaction).await;
        let found = found.map_err(|doubt| self.doubted(names(steps), doubt))?;
        self.has_rows(steps, found.unwrap_or_default())
    }

    /// Whether the journal has as many rows as these scripts leave in it.
    pub(super) fn has_rows(&self, steps: &[&Step], found: u64) -> Result<(), Error> {
        let expected = self.recorded + new_rows(steps);
        if found == expected { Ok(()) } else { Err(Error::journal_changed(names(steps), expected, Some(found))) }
    }

    /// The rows of these scripts are committed.
    pub(super) fn count_rows(&mut self, steps: &[&Step]) {
        self.recorded += new_rows(steps);
    }

    /// These scripts, and all that were applied before, are committed.
    pub(super) fn keep(&mut self, scripts: &[&Script]) {
        self.committed = self.applied.len();
        self.tell(&Event::Committed { scripts });
    }

    pub(super) async fn roll_back(&mut self, first: Error) -> Error {
        if matches!(first, Error::CommitUnknown { .. }) {
            return first;
        }
        match timeout(GRACE, self.connection.rollback()).await {
            Ok(Err(error)) if matches!(error.trouble, Trouble::NotRolledBack | Trouble::CommittedByScript) => {
                first.not_rolled_back(error)
            }
            // where the connection is gone, the server does it by itself
            _ => first,
        }
    }

    /// Commits. When the answer never comes, the journal tells whether the server kept it.
    pub(super) async fn end_transaction(&mut self) -> Result<(), Error> {
        match self.connection.commit().await {
            Err(error) if error.trouble == Trouble::ConnectionLost => match self.was_kept().await {
                Some(true) => Ok(()),
                Some(false) => Err(Error::database(COMMIT, error)),
                None => Err(Error::CommitUnknown { error, aftermath: Aftermath::default().unknown() }),
            },
            answer => answer.map_err(|error| Error::database(COMMIT, error)),
        }
    }

    /// Did the server keep the transaction? `None` when it cannot be told.
    async fn was_kept(&mut self) -> Option<bool> {
        let mut connection = self.migrator.connect(Access::Read).await.ok()?;
        match self.connection.fate().await? {
            Fate::Committed => Some(true),
            Fate::RolledBack => Some(false),
            Fate::Ended => self.is_recorded(&mut *connection).await,
        }
    }

    /// The journal has the last script of the transaction.
    async fn is_recorded(&mut self, connection: &mut dyn Connection) -> Option<bool> {
        let last = self.applied.last()?.number;
        let journal = read_journal(connection).await.ok()?;
        Some(journal.entries.iter().any(|entry| entry.run == self.author.run && entry.number == last))
    }

    /// Whether the journal has so many rows more than before, which scripts outside a transaction have left in it.
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

/// `Script-0005.sql to Script-0007.sql`.
pub(super) fn names(steps: &[&Step]) -> String {
    match steps {
        [first, .., last] => format!("{} to {}", first.script().name(), last.script().name()),
        steps => steps.first().map_or_else(String::new, |step| step.script().name()),
    }
}

/// How many rows these scripts add to the journal: those that an earlier run began have theirs.
fn new_rows(steps: &[&Step]) -> u64 {
    steps.iter().filter(|step| step.resume.is_none()).count() as u64
}
