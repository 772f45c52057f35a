//! Why a run stops, before it is known what that means for the database.

use crate::engine::{Doubt, Failure, Message};
use crate::error::{Aftermath, Error, Partial, ServerError, Trouble};
use crate::plan::Problem;
use crate::script::{Location, ReadError, Script};
use crate::sql::{FindingKind, SplitError};

/// A message that stopped.
#[derive(Debug)]
pub(super) struct Halt {
    pub(super) stop: Stop,
    /// How many of its statements came before.
    pub(super) piece: usize,
    /// It was a statement of our own: what was noted then is for the journal to say.
    pub(super) ours: bool,
}

/// Outside of any message.
impl From<Stop> for Halt {
    fn from(stop: Stop) -> Self {
        Self { stop, piece: 0, ours: false }
    }
}

impl From<Halt> for Stop {
    fn from(halt: Halt) -> Self {
        halt.stop
    }
}

/// Why a run stops.
#[derive(Debug)]
pub(super) enum Stop {
    Script {
        script: String,
        location: Location,
        error: ServerError,
        blockers: Option<String>,
    },
    Database {
        doing: &'static str,
        error: ServerError,
    },
    Broken {
        scripts: String,
        reason: String,
    },
    /// The server refused the commit, or has not kept it.
    Commit(ServerError),
    /// Nobody knows whether the server kept it.
    CommitUnknown(ServerError),
    /// It could not all be taken back.
    NotRolledBack {
        stop: Box<Stop>,
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
        stop: Box<Stop>,
        partial: Partial,
    },
}

impl Stop {
    pub(super) const fn database(doing: &'static str, error: ServerError) -> Self {
        Self::Database { doing, error }
    }

    /// The transaction of these scripts must not be committed.
    pub(super) fn doubt(scripts: String, doubt: Doubt) -> Self {
        match doubt {
            Doubt::Broken(reason) => Self::Broken { scripts, reason },
            Doubt::Refused(error) => Self::database("the check before the commit", error),
        }
    }

    pub(super) fn script(script: &Script, message: Message<'_>, failure: Failure) -> Self {
        if failure.ours {
            return Self::database("writing the journal", failure.error);
        }
        let statement = &message.pieces[failure.piece].statement;
        // without a position: the statement's own first line
        let first_line = || {
            let text = &message.text[statement.clone()];
            let end = text.find(['\r', '\n']).unwrap_or(text.len());
            statement.start..statement.start + text[..end].trim_end().len()
        };
        let span = failure.at.unwrap_or_else(first_line);
        let location = Location::new(script.path(), message.text, span);
        Self::Script { script: script.name(), location, error: failure.error, blockers: failure.blockers }
    }

    pub(super) fn unsplittable(script: &Script, text: &str, error: SplitError) -> Self {
        let location = Location::new(script.path(), text, error.at..error.at);
        Self::Refused(Problem::Refused { kind: FindingKind::Split(error.kind), location })
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
            Self::Interrupted { .. } | Self::Database { .. } => true,
            Self::NotRolledBack { stop, .. } => stop.is_answered(),
            _ => false,
        }
    }

    /// What the journal keeps of it.
    pub(super) fn message(&self) -> String {
        match self {
            Self::Script { location, error, .. } => format!("{location}: {error}"),
            Self::Unanswered { .. } | Self::Interrupted { .. } => "interrupted".into(),
            Self::NotRolledBack { stop, .. } => stop.message(),
            other => other.server().map_or_else(String::new, ToString::to_string),
        }
    }

    pub(super) fn into_error(self, aftermath: Aftermath) -> Error {
        match self {
            Self::Script { script, location, error, blockers } => {
                Error::Script { script, location: Some(location), error, blockers, aftermath }
            }
            Self::Database { doing, error } => {
                Error::Database { doing: doing.into(), error, aftermath: Some(aftermath) }
            }
            Self::Broken { scripts, reason } => Error::Broken { scripts, reason, aftermath: aftermath.unknown() },
            Self::CommitUnknown(error) => Error::CommitUnknown { error, aftermath: aftermath.unknown() },
            Self::Commit(error) => Error::Database { doing: "the commit".into(), error, aftermath: Some(aftermath) },
            Self::Read(error) => Error::Read { error, aftermath: Some(aftermath) },
            Self::Refused(problem) => Error::Refused { problems: vec![problem] },
            Self::Interrupted { during } => Error::Interrupted { during, aftermath: Some(aftermath) },
            Self::Unanswered { during } => Error::Interrupted { during: Some(during), aftermath: Some(aftermath) },
            Self::NotRolledBack { stop, error } => {
                let unknown = aftermath.unknown || error.trouble == Trouble::CommittedByScript;
                stop.into_error(Aftermath { remains: Some(error.message), unknown, ..aftermath })
            }
            Self::Partial { stop, partial } => stop.into_error(Aftermath { partial: Some(partial), ..aftermath }),
        }
    }
}
