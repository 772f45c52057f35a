//! Executing a plan: the only place that locks, begins, commits and rolls back.

mod delivery;
mod dry_run;
mod error;
mod observer;
mod own;
mod rehearse;
mod repair;
mod run;
mod sender;
mod source;
mod stopped;
mod transaction;

use std::time::{Duration, Instant};

use self::dry_run::DryRun;
pub use self::rehearse::{Rehearsal, Rehearsed};
pub use self::repair::Repaired;
pub(crate) use self::run::Run;
use crate::engine::Access;
use crate::error::Error;
use crate::migrator::{Migrator, Missing};
use crate::plan::{Goal, Guarantee, Plan, Step, Warning};
use crate::script::{Number, Script};

/// What an upgrade or a rebuild did. Everything in it is committed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Name and version of the database product.
    pub product: String,
    /// The scripts that were applied, in order.
    pub applied: Vec<Applied>,
    /// The highest number that was applied before.
    pub from: Option<Number>,
    /// The highest number that is applied now.
    pub to: Option<Number>,
    /// What was promised.
    pub guarantee: Guarantee,
    /// What a person should know.
    pub warnings: Vec<Warning>,
    /// The run's id in the journal (a UUID).
    pub run: String,
    /// How long all of it took, connecting included.
    pub duration: Duration,
}

/// One script of a [`Report`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Applied {
    /// Its number.
    pub number: Number,
    /// Its canonical name.
    pub script: String,
    /// Its first comment line.
    pub title: Option<String>,
    /// How long it ran.
    pub duration: Duration,
}

impl Applied {
    fn new(script: &Script, duration: Duration) -> Self {
        let (number, name, title) = (script.number(), script.name(), script.title());
        Self { number, script: name, title: title.map(ToOwned::to_owned), duration }
    }
}

/// How long to wait for another run when nothing else is asked for.
pub(crate) const LOCK_WAIT: Duration = Duration::from_mins(5);

/// How often a transaction begins again after a lock was not to be had in time.
const ATTEMPTS: u32 = 5;

/// How long a rollback may take to answer.
const GRACE: Duration = Duration::from_secs(10);

impl Migrator {
    /// Applies what is pending.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when anything is wrong with folder, history or a pending script: then nothing was applied.
    /// [`Error::Locked`] when another run holds the lock for too long. Otherwise the error says what state the database
    /// is in.
    pub async fn upgrade(&self, goal: &Goal, missing: Missing) -> Result<Report, Error> {
        let started = Instant::now();
        let access = if missing == Missing::Create { Access::Create } else { Access::Write };
        let connection = self.connect(access).await?;
        let mut run = Run::new(self, connection);
        let plan = run.settled_plan(goal).await?;
        run.apply(&plan).await?;
        Ok(run.report(plan, started).await)
    }

    /// Shows what [`Migrator::upgrade`] would send, the journal's rows included: `write` gets the text part by part. Changes
    /// nothing.
    ///
    /// # Errors
    ///
    /// As for [`Migrator::upgrade`].
    pub async fn preview(&self, goal: &Goal, write: &mut (dyn FnMut(&str) + Send)) -> Result<Plan, Error> {
        let connection = self.connect(Access::Read).await?;
        let mut run = Run::new(self, connection);
        let plan = run.plan(goal).await?;
        run.name_commits(plan.steps().map(Step::script)).await;
        DryRun::new(&run, write).plan(&plan)?;
        run.connection.close().await;
        Ok(plan)
    }
}
