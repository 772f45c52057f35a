//! What has come of one database.

use std::time::Duration;

use crate::baseline::BaselineOptions;
use crate::error::{Error, ErrorClass};
use crate::migrator::Migrator;
use crate::plan::{UpgradeOptions, Warning};
use crate::schema::{Comparison, Schema};
use crate::script::Number;
use crate::start::{Start, WaitOptions};
use crate::verify::Reference;

/// What has come of one database of a fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// Scripts or objects were applied.
    Upgraded,
    /// There was nothing to do.
    Current,
    /// Scripts or objects are pending.
    Pending,
    /// They would be applied.
    Rehearsed,
    /// The schema is not what it should be.
    Drift,
    /// A script or the database failed.
    Failed,
    /// The history or a script is refused.
    Refused,
    /// Another run has its lock.
    Locked,
    /// It cannot be connected to.
    Unreachable,
    /// The run was stopped.
    Interrupted,
    /// It was not begun.
    NotBegun,
}

impl Outcome {
    /// A word for programs: lower case, with dashes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Upgraded => "upgraded",
            Self::Current => "current",
            Self::Pending => "pending",
            Self::Rehearsed => "rehearsed",
            Self::Drift => "drift",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Locked => "locked",
            Self::Unreachable => "unreachable",
            Self::Interrupted => "interrupted",
            Self::NotBegun => "not-begun",
        }
    }

    /// Whether it counts as a failure for [`FleetLimits::max_failures`](super::FleetLimits::max_failures).
    #[must_use]
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::Refused | Self::Unreachable)
    }

    /// Whether the database is not where it should be because of an error.
    pub(super) const fn is_bad(self) -> bool {
        self.is_failure() || matches!(self, Self::Locked | Self::Interrupted | Self::Drift)
    }

    fn of(error: &Error) -> Self {
        match error {
            Error::Connect { .. } | Error::NoFile { .. } => Self::Unreachable,
            error => match error.class() {
                ErrorClass::Refused => Self::Refused,
                ErrorClass::Locked => Self::Locked,
                ErrorClass::Drift => Self::Drift,
                ErrorClass::Interrupted => Self::Interrupted,
                ErrorClass::Failed | ErrorClass::Usage => Self::Failed,
            },
        }
    }
}

/// A database that is done, well or not.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ended {
    /// Its name.
    pub name: String,
    /// What has come of it.
    pub outcome: Outcome,
    /// The highest number that was applied before; `None` also if it is not known.
    pub from: Option<Number>,
    /// The highest number that is applied now; `None` also if it is not known.
    pub at: Option<Number>,
    /// How many scripts and objects are pending now, as far as that is known.
    pub pending: usize,
    /// How many scripts and objects were applied.
    pub applied: usize,
    /// How long it took.
    pub duration: Duration,
    /// What the user should know.
    pub warnings: Vec<Warning>,
    /// What went wrong.
    pub error: Option<Error>,
    /// How the schema is not what it should be: for [`Outcome::Drift`].
    pub comparison: Option<Comparison>,
    /// The schema, where it was looked at.
    pub(super) schema: Option<Schema>,
}

impl Ended {
    fn new(outcome: Outcome) -> Self {
        let (name, duration) = (String::new(), Duration::ZERO);
        let (from, at, warnings, error, comparison) = (None, None, Vec::new(), None, None);
        Self { name, outcome, from, at, pending: 0, applied: 0, duration, warnings, error, comparison, schema: None }
    }

    /// Returns what an error has left. What it does not say about the database is asked for once more.
    async fn of_error(migrator: &Migrator, error: Error) -> Self {
        let outcome = Outcome::of(&error);
        let at = error.state().filter(|state| !state.unknown).and_then(|state| state.at);
        let applied = error.state().map_or(0, |state| state.committed.len() + state.objects.len());
        let mut ended = Self { at, applied, ..Self::new(outcome) };
        if matches!(outcome, Outcome::Refused | Outcome::Failed)
            && let Ok(status) = migrator.status().await
        {
            ended.at = status.at;
            ended.pending = status.pending + status.pending_objects;
        }
        let from = ended.at.filter(|_| applied == 0);
        Self { from, error: Some(error), ..ended }
    }
}

pub(super) async fn of_status(migrator: &Migrator) -> Ended {
    let (status, schema) = match migrator.status_and_schema().await {
        Ok(found) => found,
        Err(error) => return Ended::new(Outcome::Failed).with(error),
    };
    let pending = status.pending + status.pending_objects;
    let outcome = if pending > 0 { Outcome::Pending } else { Outcome::Current };
    let (at, warnings) = (status.at, status.warnings);
    let ended = Ended { from: at, at, pending, warnings, schema, ..Ended::new(outcome) };
    if status.problems.is_empty() { ended } else { ended.with(Error::Refused { problems: status.problems }) }
}

pub(super) async fn of_upgrade(migrator: &Migrator, options: &UpgradeOptions) -> Ended {
    match migrator.upgrade_with(options).await {
        Ok(report) => {
            let applied = report.applied.len() + report.objects.len();
            let outcome = if applied > 0 { Outcome::Upgraded } else { Outcome::Current };
            Ended { from: report.from, at: report.to, applied, ..Ended::new(outcome) }
        }
        Err(error) => Ended::of_error(migrator, error).await,
    }
}

pub(super) async fn of_rehearsal(migrator: &Migrator, options: &UpgradeOptions) -> Ended {
    match migrator.rehearse_with(options).await {
        Ok(rehearsal) => {
            let pending = rehearsal.scripts.len() + rehearsal.objects.len();
            let outcome = if pending > 0 { Outcome::Rehearsed } else { Outcome::Current };
            let at = rehearsal.plan.at();
            Ended { from: at, at, pending, ..Ended::new(outcome) }
        }
        Err(error) => Ended::of_error(migrator, error).await,
    }
}

pub(super) async fn of_baseline(migrator: &Migrator, options: &BaselineOptions) -> Ended {
    match migrator.baseline_with(options).await {
        Ok(report) => {
            let applied = report.applied.len();
            Ended { from: report.from, at: report.to, applied, ..Ended::new(Outcome::Upgraded) }
        }
        Err(error) => Ended::of_error(migrator, error).await,
    }
}

pub(super) async fn of_verification(migrator: &Migrator, reference: &Reference) -> Ended {
    match migrator.verify(reference).await {
        Ok(verification) => {
            let (from, at, is_equal) = (verification.at, verification.at, verification.comparison.is_equal());
            let outcome = if is_equal { Outcome::Current } else { Outcome::Drift };
            let comparison = (!is_equal).then_some(verification.comparison);
            Ended { from, at, comparison, ..Ended::new(outcome) }
        }
        Err(error) => Ended::new(Outcome::Failed).with(error),
    }
}

pub(super) async fn of_wait(migrator: &Migrator, options: &WaitOptions) -> Ended {
    match migrator.wait(options).await {
        Ok(Start::Refused { problems }) => Ended::new(Outcome::Refused).with(Error::Refused { problems }),
        Ok(Start::Pending { scripts, objects, .. }) => {
            Ended { pending: scripts.len() + objects.len(), ..Ended::new(Outcome::Pending) }
        }
        Ok(Start::UpToDate { at }) => Ended { at, from: at, ..Ended::new(Outcome::Current) },
        Ok(Start::Ahead { at, .. }) => Ended { at: Some(at), from: Some(at), ..Ended::new(Outcome::Current) },
        Ok(Start::Upgraded(_)) => Ended::new(Outcome::Current),
        Err(error) => Ended::new(Outcome::Failed).with(error),
    }
}

impl Ended {
    fn with(self, error: Error) -> Self {
        Self { outcome: Outcome::of(&error), error: Some(error), ..self }
    }
}
