//! Why a run stops: each error as it arises, before it is known what is applied.

use std::ops::Range;

use crate::engine::{Doubt, Failure, Message};
use crate::error::{Aftermath, Error, Partial, ServerError, Trouble};
use crate::plan::Problem;
use crate::script::Script;
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

/// What is being done when the database checks what a script leaves.
pub(super) fn checking(script: &Script) -> String {
    format!("the check after {}", script.name())
}

/// What to do when a script's row cannot be written, where the error does not say it.
const UNWRITTEN: &str = "a statement of this script keeps its row from being written: it made the transaction read-only, or \
                         changed the journal or its schema";

/// What to do when there is no place for the journal.
const NO_PLACE: &str = "[journal] schema and table in dbmigrate.toml say where the journal is kept";

impl Error {
    /// Something of the run itself failed.
    pub(super) fn database(doing: impl Into<String>, error: ServerError) -> Self {
        Self::Database { doing: doing.into(), error, aftermath: Some(Aftermath::default()) }
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
        let Self::Database { doing, error, aftermath } = self else { return self };
        let remedy = error.remedy.or(troubles.contains(&error.trouble).then_some(remedy));
        Self::Database { doing, error: ServerError { remedy, ..error }, aftermath }
    }

    /// The transaction of these scripts must not be committed.
    pub(super) fn doubt(scripts: String, doubt: Doubt) -> Self {
        let broken = |reason| Self::Broken { scripts, reason, aftermath: Aftermath::default().unknown() };
        match doubt {
            Doubt::Broken(reason) => broken(reason),
            Doubt::Refused(error) => Self::database("the check before the commit", error),
            Doubt::NotRunning => broken(NOT_RUNNING.into()),
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
        Self::JournalChanged { scripts, reason, aftermath: Aftermath::default() }
    }

    /// The same outside a transaction: that stays.
    pub(super) fn staying(mut self) -> Self {
        if let Self::JournalChanged { aftermath, .. } = &mut self {
            aftermath.unrecorded = true;
        }
        self
    }

    /// A statement of a message was refused.
    pub(super) fn failed(script: Option<&Script>, message: &Message, failure: Failure) -> Self {
        let part = message.parts().get(failure.part);
        let (Some(script), Some((at, piece))) = (script, part.and_then(|part| Some((&part.at, part.piece.as_ref()?))))
        else {
            return match script {
                Some(script) if failure.error.trouble == Trouble::ConnectionLost => {
                    let aftermath = Aftermath::default();
                    Self::Script {
                        script: script.name(),
                        location: None,
                        error: failure.error,
                        blockers: None,
                        aftermath,
                    }
                }
                Some(script) => Self::unwritten(script, failure.error),
                None => Self::database("creating the journal", failure.error).without_place(),
            };
        };
        let sql = &message.sql()[at.clone()];
        let row = failure
            .row
            .zip(piece.data.as_ref())
            .and_then(|(row, data)| script.line(data.start, row.checked_sub(1)?).ok());
        let in_script = |place: Range<usize>| {
            piece.written(place.start.saturating_sub(at.start)..place.end.saturating_sub(at.start))
        };
        // without a position: the statement's own first line
        let first_line = || {
            let end = sql.find(['\r', '\n']).unwrap_or(sql.len());
            piece.written(0..sql[..end].trim_end().len())
        };
        let span = row.or_else(|| failure.at.map(in_script)).unwrap_or_else(first_line);
        Self::at(script, span, failure.error, failure.blockers)
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
        Self::at(script, at, error, None)
    }

    fn at(script: &Script, at: Range<usize>, error: ServerError, blockers: Option<String>) -> Self {
        let (location, aftermath) = (Some(script.locate(at)), Aftermath::default());
        Self::Script { script: script.name(), location, error, blockers, aftermath }
    }

    /// The script has changed since the checks, or cannot be read any more.
    pub(super) fn unreadable(script: &Script, error: Unreadable) -> Self {
        match error {
            Cut::Read(error) => Self::Read { error, aftermath: Some(Aftermath::default()) },
            Cut::Split(SplitError { at, kind }) => {
                let (kind, location) = (FindingKind::Split(kind), script.locate(at..at));
                Self::Refused { problems: vec![Problem::Refused { kind, location }] }
            }
        }
    }

    /// The same, for a script outside a transaction: what ran before stays.
    pub(super) fn with(mut self, partial: Option<Partial>) -> Self {
        if let (Some(aftermath), Some(partial)) = (self.aftermath_mut(), partial) {
            aftermath.partial = Some(partial);
        }
        self
    }

    /// The same, where not all could be taken back.
    pub(super) fn not_rolled_back(mut self, error: ServerError) -> Self {
        if let Some(aftermath) = self.aftermath_mut() {
            aftermath.unknown |= error.trouble == Trouble::CommittedByScript;
            aftermath.remains = Some(error.message);
        }
        self
    }

    /// The same, where what was not answered may have been committed.
    pub(super) fn commit_unknown(self) -> Self {
        let aftermath = Aftermath::default().unknown();
        match self {
            Self::Script { error, .. } | Self::Database { error, .. } => Self::CommitUnknown { error, aftermath },
            Self::Interrupted { during, .. } => Self::Interrupted { during, aftermath: Some(aftermath) },
            other => other,
        }
    }

    /// Somebody stopped the run, before a statement was sent or because the server cancelled it.
    pub(super) fn interrupted(during: Option<String>) -> Self {
        Self::Interrupted { during, aftermath: Some(Aftermath::default()) }
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
            _ => false,
        }
    }

    /// What the journal keeps of it.
    pub(super) fn noted(&self) -> String {
        match self {
            Self::Script { location: Some(location), error, .. } => format!("{location}: {error}"),
            Self::Interrupted { .. } => "interrupted".into(),
            Self::JournalChanged { reason, .. } => format!("changed the journal: {reason}"),
            other => other.server().map_or_else(String::new, ToString::to_string),
        }
    }
}
