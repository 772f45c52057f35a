//! The errors of a run as they arise, before it is known what is applied.

use std::ops::Range;

use crate::engine::{Failure, Message, ProofError};
use crate::error::{DatabaseState, Error, ErrorKind, Partial, ServerError};
use crate::plan::Problem;
use crate::script::SqlFile;
use crate::sql::{FindingKind, SourceError, SplitError};
use crate::statements::Unreadable;

/// How many statements may have prevented the rest of a script from running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Suspects {
    One,
    Several,
}

/// The reason for an error when the server does not run what it is sent.
pub(super) const NOT_RUNNING: &str = "the server no longer runs anything (NOEXEC, PARSEONLY, FMTONLY, SHOWPLAN)";

/// Names the activity that failed when a script's row cannot be written.
pub(super) fn writing(script: &SqlFile) -> String {
    format!("writing {} into the journal", script.name())
}

/// Names the activity that failed when the check of what a script leaves fails.
pub(super) fn checking(script: &SqlFile) -> String {
    format!("the check after {}", script.name())
}

/// The hint when a script's row cannot be written and the error has none of its own.
const UNWRITTEN: &str = "a statement of this script prevents dbmigrate from writing its row: it made the \
                         transaction read-only, or changed the journal or its schema";

/// The hint when the journal cannot be created.
const NO_PLACE: &str = "`Options::journal` says where the journal is kept";

impl Error {
    /// Returns the error of an operation of the run itself.
    pub(super) fn database(doing: impl Into<String>, error: ServerError) -> Self {
        Self::Database { doing: doing.into(), error, state: Some(DatabaseState::default()) }
    }

    /// Returns the error of a script's row that could not be written.
    pub(super) fn unwritten(script: &SqlFile, error: ServerError) -> Self {
        Self::database(writing(script), error).unwritten_row()
    }

    /// Adds the hint for a row that could not be written.
    pub(super) fn unwritten_row(self) -> Self {
        self.advised(&[ErrorKind::Plain, ErrorKind::DoesNotExist, ErrorKind::ReadOnly], UNWRITTEN)
    }

    /// Adds the hint for a journal that could not be created.
    pub(super) fn without_place(self) -> Self {
        self.advised(&[ErrorKind::Plain, ErrorKind::DoesNotExist], NO_PLACE)
    }

    /// Adds a hint to an error of one of dbmigrate's own statements, unless the error has one.
    fn advised(self, troubles: &[ErrorKind], remedy: &'static str) -> Self {
        let Self::Database { doing, error, state } = self else { return self };
        let remedy = error.remedy.or(troubles.contains(&error.kind).then_some(remedy));
        Self::Database { doing, error: ServerError { remedy, ..error }, state }
    }

    /// Returns the error of scripts whose transaction must not be committed.
    pub(super) fn proof_error(scripts: String, proof_error: ProofError) -> Self {
        let broken = |reason| Self::Broken { scripts, reason, state: DatabaseState::default().unknown() };
        match proof_error {
            ProofError::Broken(reason) => broken(reason),
            ProofError::Refused(error) => Self::database("the check before the commit", error),
            ProofError::NotRunning => broken(NOT_RUNNING.into()),
        }
    }

    /// Returns the error of scripts that leave the journal with a wrong number of rows; `None` means that it is gone.
    pub(super) fn journal_changed(scripts: String, expected: u64, found: Option<u64>) -> Self {
        let rows = |count: u64| if count == 1 { "a row".to_owned() } else { format!("{count} rows") };
        let reason = match found {
            None => "it is gone".into(),
            Some(found) if found < expected => format!("{} of {expected} rows missing", expected - found),
            Some(found) => format!("it has {} too many", rows(found - expected)),
        };
        Self::JournalChanged { scripts, reason, state: DatabaseState::default() }
    }

    /// Marks the error as outside a transaction: the change to the journal stays.
    pub(super) fn staying(mut self) -> Self {
        if let Self::JournalChanged { state, .. } = &mut self {
            state.unrecorded = true;
        }
        self
    }

    /// Returns the error of a statement that the server refused.
    pub(super) fn failed(script: Option<&SqlFile>, message: &Message, failure: Failure) -> Self {
        let part = message.parts().get(failure.part);
        let (Some(script), Some((at, statement))) =
            (script, part.and_then(|part| Some((&part.at, part.statement.as_ref()?))))
        else {
            return match script {
                Some(script) if failure.error.kind == ErrorKind::ConnectionLost => {
                    let state = DatabaseState::default();
                    Self::Script { script: script.name(), location: None, error: failure.error, blockers: None, state }
                }
                Some(script) => Self::unwritten(script, failure.error),
                None => Self::database("creating the journal", failure.error).without_place(),
            };
        };
        let sql = &message.sql()[at.clone()];
        let row = failure
            .row
            .zip(statement.data.as_ref())
            .and_then(|(row, data)| script.line(data.start, row.checked_sub(1)?).ok());
        let in_script = |place: Range<usize>| {
            statement.written(place.start.saturating_sub(at.start)..place.end.saturating_sub(at.start))
        };
        // without a position, the error points to the statement's first line
        let first_line = || {
            let end = sql.find(['\r', '\n']).unwrap_or(sql.len());
            statement.written(0..sql[..end].trim_end().len())
        };
        let span = row.or_else(|| failure.at.map(in_script)).unwrap_or_else(first_line);
        Self::at(script, span, failure.error, failure.blockers)
    }

    /// Returns the error of an object that cannot run.
    pub(super) fn cannot_run(file: &SqlFile, at: Range<usize>, object: &str, error: ServerError) -> Self {
        let place = error.context.map_or_else(String::new, |place| format!(": {place}"));
        let context = Some(format!("the check of {object}{place}"));
        let location = Some(file.locate(at));
        let (script, state) = (file.name(), DatabaseState::default());
        Self::Script { script, location, error: ServerError { context, ..error }, blockers: None, state }
    }

    /// Returns the error of a statement that prevents what follows it in the script from running.
    pub(super) fn suspended(script: &SqlFile, at: Range<usize>, suspects: Suspects) -> Self {
        let message = match suspects {
            Suspects::One => "this is still on at the end of the script: what follows it did not run",
            Suspects::Several => {
                "this, or another like it before it, is still on at the end of the script: what follows it did not run"
            }
        };
        let error = ServerError { message: message.into(), ..ServerError::default() };
        Self::at(script, at, error, None)
    }

    fn at(script: &SqlFile, at: Range<usize>, error: ServerError, blockers: Option<String>) -> Self {
        let (location, state) = (Some(script.locate(at)), DatabaseState::default());
        Self::Script { script: script.name(), location, error, blockers, state }
    }

    /// Returns the error of a script that has changed since the checks or can no longer be read.
    pub(super) fn unreadable(script: &SqlFile, error: Unreadable) -> Self {
        match error {
            SourceError::Read(error) => Self::Read { error, state: Some(DatabaseState::default()) },
            SourceError::Split(SplitError { at, kind }) => {
                let (kind, location) = (FindingKind::Split(kind), script.locate(at..at));
                Self::Refused { problems: vec![Problem::Refused { kind, location }] }
            }
        }
    }

    /// Adds how far a script outside a transaction got: what ran before stays.
    pub(super) fn with(mut self, partial: Option<Partial>) -> Self {
        if let (Some(state), Some(partial)) = (self.state_mut(), partial) {
            state.partial = Some(partial);
        }
        self
    }

    /// Adds what could not be rolled back.
    pub(super) fn not_rolled_back(mut self, error: ServerError) -> Self {
        if let Some(state) = self.state_mut() {
            state.unknown |= error.kind == ErrorKind::CommittedByScript;
            state.remains = Some(error.message);
        }
        self
    }

    /// Turns the error into one that says that the unanswered message may have been committed.
    pub(super) fn commit_unknown(self) -> Self {
        let state = DatabaseState::default().unknown();
        match self {
            Self::Script { error, .. } | Self::Database { error, .. } => Self::CommitUnknown { error, state },
            Self::Interrupted { during, .. } => Self::Interrupted { during, state: Some(state) },
            other => other,
        }
    }

    /// Returns the error of an interrupt, which came before a statement was sent or made the server cancel it.
    pub(super) fn interrupted(during: Option<String>) -> Self {
        Self::Interrupted { during, state: Some(DatabaseState::default()) }
    }

    /// Whether a statement of a script waited too long for a lock.
    pub(super) fn is_lock_timeout(&self) -> bool {
        matches!(self, Self::Script { error, .. } if error.kind == ErrorKind::LockTimeout)
    }

    pub(super) fn blockers(&self) -> Option<&str> {
        if let Self::Script { blockers, .. } = self { blockers.as_deref() } else { None }
    }

    /// Whether the server has answered, so that it is known that the statement did not run.
    pub(super) fn is_answered(&self) -> bool {
        match self {
            Self::Script { error, .. } => error.kind != ErrorKind::ConnectionLost,
            Self::Interrupted { .. } | Self::Database { .. } | Self::JournalChanged { .. } => true,
            _ => false,
        }
    }

    /// Returns the text that the journal keeps of the error.
    pub(super) fn noted(&self) -> String {
        match self {
            Self::Script { location: Some(location), error, .. } => format!("{location}: {error}"),
            Self::Interrupted { .. } => "interrupted".into(),
            Self::JournalChanged { reason, .. } => format!("changed the journal: {reason}"),
            other => other.server().map_or_else(String::new, ToString::to_string),
        }
    }
}
