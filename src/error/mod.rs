//! Every error: what failed, where, why, what state the database is in, what to do next.

mod database_state;
#[cfg(test)]
mod every;
mod server;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use database_state::{DatabaseState, Next, Partial};
use server::{ENDED, JOURNAL_CHANGED, NOT_ROLLED_BACK, UNRECORDED};
pub use server::{ErrorKind, ServerError};

pub use crate::engine::LostConnection;
use crate::plan::Problem;
pub use crate::plan::{Disagreement, HistoryViolation, Unimportable};
use crate::schema::Comparison;
use crate::script::Location;
pub use crate::script::{ChecksumError, DecodeError, FolderError, FolderProblem, GitError, NumberError, ReadError};
use crate::sql::Variables;
pub use crate::sql::{FindingKind, MarkerRole, Repeat, SplitErrorKind, VariableError};
pub use crate::target::TargetError;
use crate::verify::OnlyHere;

/// Why a run did not succeed. `Display` is one line that says what failed and why; [`Error::location`] says where,
/// [`Error::notes`] what else the server said and what state the database is in, [`Error::hint`] what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are what the variant's own line names")]
pub enum Error {
    /// The text is not a database URL.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The folder of the scripts cannot be read.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The scripts cannot be read from the Git repository.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A script's text can no longer be read.
    #[error("{error}")]
    Read { error: ReadError, state: Option<DatabaseState> },
    /// The folder, the history or a pending script is wrong: nothing was applied.
    #[error("{}", refused(problems))]
    Refused { problems: Vec<Problem> },
    /// The database file does not exist.
    #[error("there is no database file {}", absolute(path))]
    NoFile { path: PathBuf },
    /// The database cannot be reached.
    #[error("cannot connect to {target}: {error}")]
    Connect { target: String, error: ServerError },
    /// Another run holds the lock.
    #[error("another run holds the lock (waited {}): {holder}", humantime::format_duration(*waited))]
    Locked { holder: String, waited: Duration },
    /// The journal exists but cannot be read.
    #[error("the journal {table} cannot be read: {reason}")]
    Journal { table: String, reason: String },
    /// A newer version of dbmigrate wrote the journal.
    #[error(
        "the journal {table} has format {found}, but this version of dbmigrate knows formats up to {}",
        crate::journal::FORMAT
    )]
    JournalFormat { table: String, found: u32 },
    /// A script failed.
    #[error("{script} failed: {error}")]
    Script {
        script: String,
        location: Option<Location>,
        error: ServerError,
        /// Who held the lock, if the statement could not acquire a lock in time.
        blockers: Option<String>,
        state: DatabaseState,
    },
    /// Something that is not a script's own statement failed.
    #[error("{doing} failed: {error}")]
    Database { doing: String, error: ServerError, state: Option<DatabaseState> },
    /// The transaction is no longer the one that the run began.
    #[error("{scripts} broke the transaction: {reason}")]
    Broken { scripts: String, reason: String, state: DatabaseState },
    /// Scripts have changed the journal, which only dbmigrate writes.
    #[error("{scripts} changed the journal: {reason}")]
    JournalChanged { scripts: String, reason: String, state: DatabaseState },
    /// The connection was lost while the commit was under way.
    #[error("the server never answered the commit: {error}")]
    CommitUnknown { error: ServerError, state: DatabaseState },
    /// A signal or the calling program stopped the run.
    #[error("interrupted{}", during.as_ref().map(|script| format!(" in {script}")).unwrap_or_default())]
    Interrupted { during: Option<String>, state: Option<DatabaseState> },
    /// The target must not be changed: it may only be read, or its user has not agreed to what would happen.
    #[error("{why}")]
    Guarded { why: String, remedy: String },
    /// The new database is complete but cannot replace the old one.
    #[error("the rebuilt database cannot take the place of {database}: {error}")]
    Swap { database: String, error: ServerError },
    /// The journal already has rows, there is nothing to record, or the database is empty.
    #[error("baseline recorded nothing: {why}")]
    Baseline { why: String, remedy: String },
    /// The schema of the database is not what the scripts to be recorded build: nothing was recorded.
    #[error("baseline recorded nothing: {}", comparison.summary(reference))]
    Differs { reference: String, comparison: Box<Comparison>, only_here: OnlyHere },
    /// The repair has no reason, or there is nothing to repair.
    #[error("nothing was repaired: {why}")]
    Repair { why: String, remedy: String },
    /// The schema is not as the last run has left it, and [`Drift::Refuse`](crate::Drift::Refuse) forbids going on.
    #[error("{summary}")]
    Drift { summary: String },
    /// There is nothing to compare the schema with, or nothing could be compared.
    #[error("nothing was compared: {why}")]
    Verify { why: String, remedy: String },
    /// The scripts cannot be squashed into a baseline.
    #[error("no baseline was written: {why}")]
    Squash { why: String, remedy: String },
}

/// The classes of errors, by which a program chooses its exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// A script or the database failed.
    Failed,
    /// The request itself is wrong.
    Usage,
    /// The folder or the history is wrong, or the target is guarded.
    Refused,
    /// Another run holds the lock.
    Locked,
    /// The schema is not as it should be.
    Drift,
    /// A signal or the calling program stopped the run.
    Interrupted,
}

impl Error {
    /// Returns the error of a query that reads from the database.
    pub(crate) fn reading(doing: &str, error: ServerError) -> Self {
        Self::Database { doing: doing.into(), error, state: None }
    }

    /// Returns the class of the error.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Git(GitError::Failed { .. }) => ErrorClass::Failed,
            Self::Target(_) | Self::Folder(_) | Self::Git(_) => ErrorClass::Usage,
            Self::Refused { problems } if problems.iter().all(Problem::is_usage) => ErrorClass::Usage,
            Self::Refused { .. }
            | Self::JournalFormat { .. }
            | Self::Guarded { .. }
            | Self::Baseline { .. }
            | Self::Repair { .. }
            | Self::Differs { .. }
            | Self::Verify { .. } => ErrorClass::Refused,
            Self::Locked { .. } => ErrorClass::Locked,
            Self::Drift { .. } => ErrorClass::Drift,
            Self::Interrupted { .. } => ErrorClass::Interrupted,
            _ => ErrorClass::Failed,
        }
    }

    /// Returns a word for programs: stable, lower case, with dashes.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Target(_) => "target",
            Self::Folder(_) => "folder",
            Self::Git(_) => "git",
            Self::Read { .. } => "read",
            Self::Refused { .. } => "refused",
            Self::NoFile { .. } => "no-file",
            Self::Connect { .. } => "connect",
            Self::Locked { .. } => "locked",
            Self::Journal { .. } => "journal",
            Self::JournalFormat { .. } => "journal-format",
            Self::Script { .. } => "script",
            Self::Database { .. } => "database",
            Self::Broken { .. } => "broken-transaction",
            Self::JournalChanged { .. } => "journal-changed",
            Self::CommitUnknown { .. } => "commit-unknown",
            Self::Interrupted { .. } => "interrupted",
            Self::Guarded { .. } => "guarded",
            Self::Swap { .. } => "swap",
            Self::Baseline { .. } => "baseline",
            Self::Differs { .. } => "differs",
            Self::Repair { .. } => "repair",
            Self::Drift { .. } => "drift",
            Self::Verify { .. } => "verify",
            Self::Squash { .. } => "squash",
        }
    }

    /// Returns where the error is, if a script's statement failed.
    #[must_use]
    pub const fn location(&self) -> Option<&Location> {
        if let Self::Script { location, .. } = self { location.as_ref() } else { None }
    }

    /// Returns the problems of a refusal.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        if let Self::Refused { problems } = self { problems } else { &[] }
    }

    /// Returns what the server said.
    #[must_use]
    pub const fn server(&self) -> Option<&ServerError> {
        match self {
            Self::Connect { error, .. }
            | Self::Script { error, .. }
            | Self::Database { error, .. }
            | Self::CommitUnknown { error, .. }
            | Self::Swap { error, .. } => Some(error),
            _ => None,
        }
    }

    /// Returns the state that the database is in now, if a run had begun to change it.
    #[must_use]
    pub const fn state(&self) -> Option<&DatabaseState> {
        match self {
            Self::Script { state, .. }
            | Self::Broken { state, .. }
            | Self::JournalChanged { state, .. }
            | Self::CommitUnknown { state, .. } => Some(state),
            Self::Database { state, .. } | Self::Interrupted { state, .. } | Self::Read { state, .. } => state.as_ref(),
            _ => None,
        }
    }

    /// Masks the values of secret variables in the error.
    pub(crate) fn masked(mut self, variables: &Variables) -> Self {
        if !variables.has_secrets() {
            return self;
        }
        match &mut self {
            Self::Script { error, blockers, .. } => {
                error.mask(variables);
                *blockers = blockers.as_ref().map(|blockers| variables.mask(blockers));
            }
            Self::Database { error, .. } | Self::CommitUnknown { error, .. } => error.mask(variables),
            Self::Broken { reason, .. } => *reason = variables.mask(reason),
            _ => {}
        }
        if let Some(remains) = self.state_mut().and_then(|state| state.remains.as_mut()) {
            *remains = variables.mask(remains);
        }
        self
    }

    pub(crate) fn state_mut(&mut self) -> Option<&mut DatabaseState> {
        match self {
            Self::Script { state, .. }
            | Self::Broken { state, .. }
            | Self::JournalChanged { state, .. }
            | Self::CommitUnknown { state, .. } => Some(state),
            Self::Database { state, .. } | Self::Interrupted { state, .. } | Self::Read { state, .. } => {
                Some(state.get_or_insert_default())
            }
            _ => None,
        }
    }

    /// Returns further facts, one per line: the server's details, who blocked, what state the database is in.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut notes = self.server().map(ServerError::notes).unwrap_or_default();
        if let Self::Script { blockers: Some(blockers), .. } = self {
            notes.push(format!("blocked by {blockers}"));
        }
        match self {
            Self::Refused { .. }
            | Self::Locked { .. }
            | Self::Drift { .. }
            | Self::Database { state: None, .. }
            | Self::Interrupted { state: None, .. } => notes.push("nothing was applied".into()),
            Self::Swap { error, .. } if error.kind == ErrorKind::ConnectionLost => {
                notes.push("it is unknown whether the new database has replaced the old one".into());
            }
            Self::Swap { .. } => notes.push("the old database is unchanged".into()),
            _ => notes.extend(self.state().map(ToString::to_string)),
        }
        notes
    }

    /// Returns how to resume a script outside a transaction.
    fn go_on(&self) -> Option<String> {
        let partial = self.state()?.partial.as_ref()?;
        let (unit, units) = partial.units;
        if partial.at_least {
            let more = "the journal records how far it came, and `Migrator::upgrade` resumes there or asks";
            return Some(format!("run `Migrator::upgrade` again: {more}"));
        }
        if partial.done >= partial.statements {
            return Some(format!("run `Migrator::upgrade` again: all of its {units} ran"));
        }
        let next = partial.done + 1;
        if partial.next != Next::Open {
            return Some(format!(
                "inspect the database, then run `Migrator::upgrade` with `UpgradeOptions::resume_at` {next} to run that {unit} again, \
                 or `UpgradeOptions::resume_at` {} to continue after it",
                next + 1
            ));
        }
        let advice = self.server().and_then(ServerError::advice);
        let advice = advice.map_or_else(String::new, |advice| format!("; {advice}"));
        let kind = self.server().map(|error| error.kind);
        Some(match kind {
            _ if matches!(self, Self::Interrupted { .. }) => {
                format!("run `Migrator::upgrade` again: it resumes at {unit} {next}")
            }
            Some(ErrorKind::ConnectionLost) => format!("run `Migrator::upgrade` again: it resumes at {unit} {next}"),
            Some(ErrorKind::LockTimeout | ErrorKind::StatementTimeout) => {
                format!("run `Migrator::upgrade` again: it resumes at {unit} {next}{advice}")
            }
            _ => format!("fix it from {unit} {next} on and run `Migrator::upgrade` again: it resumes there{advice}"),
        })
    }

    /// Returns what to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        if let Some(DatabaseState { remains: Some(_), unknown, .. }) = self.state() {
            return Some(if *unknown { ENDED } else { NOT_ROLLED_BACK }.into());
        }
        Some(match self {
            Self::Target(error) => error.hint().into_owned(),
            Self::Git(error) => error.hint().into(),
            Self::Folder(_) => "name the folder that has the scripts".into(),
            Self::NoFile { .. } => {
                "`UpgradeOptions::create_database` or `Migrator::rebuild` creates it; otherwise check the path".into()
            }
            Self::Locked { .. } => "wait for that run to end, or wait longer with `Options::lock_timeout`".into(),
            Self::Journal { .. } => "a journal that cannot be read is never taken for an empty one: \
                                     check the table's columns and the user's rights"
                .into(),
            Self::Differs { .. } => {
                "bring the database to what the scripts build, or the scripts to what the database is".into()
            }
            Self::Drift { .. } => {
                "`Migrator::verify` shows how it differs: undo it, put it into a script, or accept it with \
                                   `Migrator::accept`"
                    .into()
            }
            Self::JournalFormat { .. } => "use the version of dbmigrate that wrote it, or a newer one".into(),
            Self::Read { error, .. } => error.hint().into(),
            Self::Broken { .. } => ENDED.into(),
            Self::JournalChanged { state: DatabaseState { unrecorded: true, .. }, .. } => UNRECORDED.into(),
            Self::JournalChanged { .. } => JOURNAL_CHANGED.into(),
            Self::Swap { .. } => "run rebuild again when no one is using the database".into(),
            Self::CommitUnknown { .. } => "check the database with `Migrator::status`".into(),
            Self::Database { doing, error, state: Some(state) }
                if doing.contains("commit") && error.kind == ErrorKind::Plain && state.not_applied.len() > 1 =>
            {
                "one of these scripts caused it: `TransactionMode::PerScript` shows which".into()
            }
            Self::Guarded { remedy, .. }
            | Self::Baseline { remedy, .. }
            | Self::Repair { remedy, .. }
            | Self::Verify { remedy, .. }
            | Self::Squash { remedy, .. } => remedy.clone(),
            _ => return self.go_on().or_else(|| self.server().and_then(ServerError::advice)),
        })
    }
}

fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.into()).display().to_string()
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        Self::Read { error, state: None }
    }
}

fn refused(problems: &[Problem]) -> String {
    match problems {
        [problem] => problem.to_string(),
        problems => format!("{} problems", problems.len()),
    }
}
