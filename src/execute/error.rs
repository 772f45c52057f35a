//! Why a run stops, before it is known what that means for the database.

use std::borrow::Cow;
use std::ops::Range;

use crate::engine::{Doubt, Failure, Message};
use crate::error::{Aftermath, Error, Partial, ServerError, Trouble};
use crate::plan::Problem;
use crate::script::{Location, ReadError, Script};
use crate::sql::{Cut, FindingKind, SplitError};
use crate::statements::Unreadable;

/// How many statements may have kept the rest of a script from running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Suspects {
    One,
    Several,
}

/// What is said of a server that does not run what it is sent.
pub(super) const NOT_RUNNING: &str = "the server does not run anything any more (NOEXEC, PARSEONLY, FMTONLY, SHOWPLAN)";

/// What is being done when a script's row cannot be written.
pub(super) fn writing(script: &Script) -> String {
    format!("writing {} into the journal", script.name())
}

/// What to do when a script's row cannot be written, where the error does not say it.
const UNWRITTEN: &str = "a statement of this script keeps its row from being written: it made the transaction read-only, or \
                         changed the journal or its schema";

/// What to do when there is no place for the journal.
const NO_PLACE: &str = "[journal] schema and table in dbmigrate.toml say where the journal is kept";

/// Why a run stops.
#[derive(Debug)]
pub(super) enum RunError {
    Script {
        script: String,
        location: Location,
        error: ServerError,
        blockers: Option<String>,
    },
    Database {
        doing: Cow<'static, str>,
        error: ServerError,
    },
    Broken {
        scripts: String,
        reason: String,
    },
    /// These scripts have changed the journal.
    JournalChanged {
        scripts: String,
        reason: String,
        /// That cannot be rolled back.
        stays: bool,
    },
    /// The server refused the commit, or has not kept it.
    Commit(ServerError),
    /// Nobody knows whether the server kept it.
    CommitUnknown(ServerError),
    /// It could not all be taken back.
    NotRolledBack {
        first: Box<RunError>,
        error: ServerError,
    },
    Read(ReadError),
    Refused(Problem),
    /// Somebody stopped the run, before a statement was sent or because the server cancelled it.
    Interrupted {
        during: Option<String>,
    },
    /// Somebody stopped the run, and the statement did not answer.
    Unanswered {
        during: String,
    },
    /// Outside a transaction: what ran before stays.
    Partial {
        error: Box<RunError>,
        partial: Partial,
    },
}

impl RunError {
    pub(super) fn database(doing: impl Into<Cow<'static, str>>, error: ServerError) -> Self {
        Self::Database { doing: doing.into(), error }
    }

    /// A script's row could not be written.
    pub(super) fn unwritten(script: &Script, error: ServerError) -> Self {
        Self::database(writing(script), error).unwritten_row()
    }

    /// The same of an error.
    pub(super) fn unwritten_row(self) -> Self {
        self.advised(&[Trouble::Plain, Trouble::ReadOnly], UNWRITTEN)
    }

    /// The journal could not be created.
    pub(super) fn without_place(self) -> Self {
        self.advised(&[Trouble::Plain], NO_PLACE)
    }

    /// With what to do about an error of our own statement about the journal, where it does not say that itself.
    fn advised(self, troubles: &[Trouble], remedy: &'static str) -> Self {
        let Self::Database { doing, error } = self else { return self };
        let remedy = error.remedy.or(troubles.contains(&error.trouble).then_some(remedy));
        Self::Database { doing, error: ServerError { remedy, ..error } }
    }

    /// The transaction of these scripts must not be committed.
    pub(super) fn doubt(scripts: String, doubt: Doubt) -> Self {
        match doubt {
            Doubt::Broken(reason) => Self::Broken { scripts, reason },
            Doubt::Refused(error) => Self::database("the check before the commit", error),
            Doubt::NotRunning => Self::Broken { scripts, reason: NOT_RUNNING.into() },
        }
    }

    /// These scripts leave the journal with other rows than they should; without any number of rows, it is gone.
    pub(super) fn journal_changed(scripts: String, expected: u64, found: Option<u64>) -> Self {
        let rows = |count: u64| if count == 1 { "a row".to_owned() } else { format!("{count} rows") };
        let reason = match found {
            None => "it is gone".into(),
            Some(found) if found < expected => format!("{} of {expected} missing", rows(expected - found)),
            Some(found) => format!("it has {} too many", rows(found - expected)),
        };
        Self::JournalChanged { scripts, reason, stays: false }
    }

    /// The same outside a transaction.
    pub(super) fn staying(self) -> Self {
        match self {
            Self::JournalChanged { scripts, reason, .. } => Self::JournalChanged { scripts, reason, stays: true },
            other => other,
        }
    }

    /// A statement of a message was refused.
    pub(super) fn failed(script: Option<&Script>, message: &Message, failure: Failure) -> Self {
        let part = message.parts().get(failure.part);
        let (Some(script), Some((at, piece))) = (script, part.and_then(|part| Some((&part.at, part.piece.as_ref()?))))
        else {
            return match script {
                Some(script) => Self::unwritten(script, failure.error),
                None => Self::database("creating the journal", failure.error).without_place(),
            };
        };
        let sql = &message.sql()[at.clone()];
        let row = failure.row.zip(piece.data.as_ref()).and_then(|(row, data)| script.line(data.start, row - 1).ok());
        let in_script = |place: Range<usize>| {
            piece.written(place.start.saturating_sub(at.start)..place.end.saturating_sub(at.start))
        };
        // without a position: the statement's own first line
        let first_line = || {
            let end = sql.find(['\r', '\n']).unwrap_or(sql.len());
            piece.written(0..sql[..end].trim_end().len())
        };
        let span = row.or_else(|| failure.at.map(in_script)).unwrap_or_else(first_line);
        let (location, script) = (script.locate(span), script.name());
        Self::Script { script, location, error: failure.error, blockers: failure.blockers }
    }

    /// A statement at this place keeps what follows it in the script from running.
    pub(super) fn suspended(script: &Script, at: Range<usize>, suspects: Suspects) -> Self {
        let message = match suspects {
            Suspects::One => "this is still on at the end of the script: what follows it did not run",
            Suspects::Several => {
                "this, or another like it before it, is still on at the end of the script: what follows it did not run"
            }
        };
        let error = ServerError { message: message.into(), ..ServerError::default() };
        Self::Script { script: script.name(), location: script.locate(at), error, blockers: None }
    }

    /// The script has changed since the checks, or cannot be read any more.
    pub(super) fn unreadable(script: &Script, error: Unreadable) -> Self {
        match error {
            Cut::Read(error) => Self::Read(error),
            Cut::Split(SplitError { at, kind }) => {
                Self::Refused(Problem::Refused { kind: FindingKind::Split(kind), location: script.locate(at..at) })
            }
        }
    }

    /// The same, for a script of which something stays.
    pub(super) fn with(self, partial: Option<Partial>) -> Self {
        match partial {
            Some(partial) => Self::Partial { error: Box::new(self), partial },
            None => self,
        }
    }

    const fn server(&self) -> Option<&ServerError> {
        match self {
            Self::Script { error, .. }
            | Self::Database { error, .. }
            | Self::Commit(error)
            | Self::CommitUnknown(error) => Some(error),
            _ => None,
        }
    }

    /// A statement of a script waited too long for a lock.
    pub(super) fn is_lock_timeout(&self) -> bool {
        matches!(self, Self::Script { error, .. } if error.trouble == Trouble::LockTimeout)
    }

    pub(super) fn blockers(&self) -> Option<&str> {
        if let Self::Script { blockers, .. } = self { blockers.as_deref() } else { None }
    }

    /// The server has answered: it is known that the statement did not run.
    pub(super) fn is_answered(&self) -> bool {
        match self {
            Self::Script { error, .. } => error.trouble != Trouble::ConnectionLost,
            Self::Interrupted { .. } | Self::Database { .. } | Self::JournalChanged { .. } => true,
            Self::NotRolledBack { first, .. } => first.is_answered(),
            _ => false,
        }
    }

    /// What the journal keeps of it.
    pub(super) fn message(&self) -> String {
        match self {
            Self::Script { location, error, .. } => format!("{location}: {error}"),
            Self::Unanswered { .. } | Self::Interrupted { .. } => "interrupted".into(),
            Self::NotRolledBack { first, .. } => first.message(),
            Self::JournalChanged { reason, .. } => format!("changed the journal: {reason}"),
            other => other.server().map_or_else(String::new, ToString::to_string),
        }
    }

    pub(super) fn into_error(self, aftermath: Aftermath) -> Error {
        match self {
            Self::Script { script, location, error, blockers } => {
                Error::Script { script, location: Some(location), error, blockers, aftermath }
            }
            Self::Database { doing, error } => {
                Error::Database { doing: doing.into_owned(), error, aftermath: Some(aftermath) }
            }
            Self::Broken { scripts, reason } => Error::Broken { scripts, reason, aftermath: aftermath.unknown() },
            Self::JournalChanged { scripts, reason, stays } => {
                Error::JournalChanged { scripts, reason, aftermath: Aftermath { unrecorded: stays, ..aftermath } }
            }
            Self::CommitUnknown(error) => Error::CommitUnknown { error, aftermath: aftermath.unknown() },
            Self::Commit(error) => Error::Database { doing: "the commit".into(), error, aftermath: Some(aftermath) },
            Self::Read(error) => Error::Read { error, aftermath: Some(aftermath) },
            Self::Refused(problem) => Error::Refused { problems: vec![problem] },
            Self::Interrupted { during } => Error::Interrupted { during, aftermath: Some(aftermath) },
            Self::Unanswered { during } => Error::Interrupted { during: Some(during), aftermath: Some(aftermath) },
            Self::NotRolledBack { first, error } => {
                let unknown = aftermath.unknown || error.trouble == Trouble::CommittedByScript;
                first.into_error(Aftermath { remains: Some(error.message), unknown, ..aftermath })
            }
            Self::Partial { error, partial } => error.into_error(Aftermath { partial: Some(partial), ..aftermath }),
        }
    }
}
