//! Executes plans: the only module that locks, begins, commits and rolls back.

mod delivery;
mod drop_first;
mod dry_run;
mod error;
mod exercise;
mod object_records;
mod objects;
mod objects_apart;
mod observer;
mod own;
mod rehearse;
mod repair;
mod run;
mod sender;
mod snapshot;
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
use crate::journal::RunId;
use crate::migrator::Migrator;
use crate::objects::AppliedObject;
use crate::plan::{Guarantee, Plan, UpgradeOptions, Warning};
use crate::script::{Number, Script};
use crate::template::Copied;

/// What an upgrade or a rebuild did. Everything in it is committed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Name and version of the database product.
    pub product: String,
    /// The scripts that were applied, in order.
    pub applied: Vec<Applied>,
    /// The object files that were applied, in order.
    pub objects: Vec<AppliedObject>,
    /// The highest number that was applied before.
    pub from: Option<Number>,
    /// The highest number that is applied now.
    pub to: Option<Number>,
    /// The template that a rebuild has copied, if it has: its scripts are not among those that were applied.
    pub template: Option<Copied>,
    /// What dbmigrate promised before the run.
    pub guarantee: Guarantee,
    /// What the user should know.
    pub warnings: Vec<Warning>,
    /// The run's id in the journal.
    pub run: RunId,
    /// How long everything took, including connecting.
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

/// How long to wait for another run by default.
pub(crate) const LOCK_WAIT: Duration = Duration::from_mins(5);

/// How many attempts a transaction has in all when it cannot acquire a lock in time.
const ATTEMPTS: u32 = 5;

/// How long the server may take to answer a rollback.
const GRACE: Duration = Duration::from_secs(10);

impl Migrator {
    /// Applies everything that is pending, in one transaction where the engine can.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if anything is wrong with the folder, the history or a pending script: then nothing was
    /// applied. [`Error::Locked`] if another run holds the lock for too long. Otherwise the error says what state the
    /// database is in.
    pub async fn upgrade(&self) -> Result<Report, Error> {
        self.upgrade_with(&UpgradeOptions::new()).await
    }

    /// Applies what is pending, as the options say.
    ///
    /// # Errors
    ///
    /// As for [`Migrator::upgrade`].
    pub async fn upgrade_with(&self, options: &UpgradeOptions) -> Result<Report, Error> {
        let started = Instant::now();
        let access = if options.create_database { Access::Create } else { Access::Write };
        let connection = self.connect(access).await?;
        let mut run = Run::new(self, connection);
        let plan = run.settled_plan(options).await?;
        run.apply(&plan).await?;
        Ok(run.report(plan, started).await)
    }

    /// Shows what [`Migrator::upgrade_with`] would send, including the journal's rows: `write` receives the text part by
    /// part. Changes nothing.
    ///
    /// # Errors
    ///
    /// As for [`Migrator::upgrade`].
    pub async fn dry_run(&self, options: &UpgradeOptions, write: &mut (dyn FnMut(&str) + Send)) -> Result<Plan, Error> {
        let connection = self.connect(Access::Read).await?;
        let mut run = Run::new(self, connection);
        let mut plan = run.plan(options).await?;
        run.look_for_drift(&mut plan).await?;
        run.name_commits(plan.steps().map(|step| &**step.script())).await;
        DryRun::new(&run, write).plan(&plan)?;
        run.connection.close().await;
        Ok(plan)
    }
}
