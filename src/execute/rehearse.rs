//! Runs everything that is pending and rolls it back.

use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::run::Run;
use super::sender::Sender;
use super::{Applied, GRACE};
use crate::engine::{Access, HeldLock};
use crate::error::{Error, ErrorKind, ServerError};
use crate::migrator::Migrator;
use crate::objects::AppliedObject;
use crate::plan::{Operation, Plan, Problem, Start, Stretch, TransactionMode, UpgradeOptions};

/// What a rehearsal saw. Nothing of it is left in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rehearsal {
    /// Name and version of the database product.
    pub product: String,
    /// The scripts that ran, in order.
    pub scripts: Vec<Rehearsed>,
    /// The object files that were applied, in order.
    pub objects: Vec<AppliedObject>,
    /// The plan of the upgrade itself.
    pub plan: Plan,
    /// How long everything took, including connecting and the rollback.
    pub duration: Duration,
}

/// One script of a [`Rehearsal`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rehearsed {
    /// Its number, name, title, and how long it ran.
    pub applied: Applied,
    /// How many rows its statements changed; `None` if the database does not report that.
    pub rows: Option<u64>,
    /// The locks that it took and that no earlier script had taken, if the server shows them.
    pub locks: Vec<HeldLock>,
}

impl Migrator {
    /// Runs everything that is pending for real, in one transaction, and rolls it back: you can try a deployment
    /// against a copy, or against production itself, before it counts. While it runs, it holds the locks that the
    /// upgrade would hold.
    ///
    /// Values taken from sequences and identity columns are not returned, as after any rollback.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if something pending could not be rolled back; otherwise as for [`Migrator::upgrade`].
    pub async fn rehearse(&self) -> Result<Rehearsal, Error> {
        self.rehearse_with(&UpgradeOptions::new()).await
    }

    /// Rehearses an upgrade with these options. It has one transaction, whatever they say.
    ///
    /// # Errors
    ///
    /// As for [`Migrator::rehearse`].
    pub async fn rehearse_with(&self, options: &UpgradeOptions) -> Result<Rehearsal, Error> {
        let started = Instant::now();
        let mut run = Run::new(self, self.connect(Access::Write).await?).doing(Operation::Rehearse);
        let plan = run.settled_plan(&options.transaction(TransactionMode::Single)).await?;
        let problems = run.lasting(&plan).await?;
        if !problems.is_empty() {
            return Err(Error::Refused { problems });
        }
        let scripts = run.rehearse(&plan).await?;
        let product = run.connection.server().product.clone();
        let objects = std::mem::take(&mut run.objects);
        run.connection.close().await;
        Ok(Rehearsal { product, scripts, objects, plan, duration: started.elapsed() })
    }
}

impl Run<'_> {
    /// Returns what would stay of a plan in spite of a rollback.
    async fn lasting(&mut self, plan: &Plan) -> Result<Vec<Problem>, Error> {
        if plan.is_empty() {
            return Ok(Vec::new());
        }
        let problem = |why| Problem::Lasting { script: None, why };
        let mut problems = Vec::new();
        if let Some(sql) = self.connection.server().rehearsal.untransactional {
            let tables = self.connection.query(sql).await;
            let failed = |error| self.error(self.failed("looking for tables without transactions", error));
            let tables = tables.map_err(failed)?;
            let tables = tables.into_iter().flatten().flatten().collect::<Vec<_>>().join(", ");
            let why = format!("what is written to tables without transactions ({tables})");
            problems.extend((!tables.is_empty()).then(|| problem(why)));
        }
        if !self.has_journal && self.connection.server().context.dialect.commits_at_ddl() {
            problems.push(problem("the journal does not exist yet, and creating it".into()));
        }
        problems.extend(plan.lasting());
        if self.connection.server().context.dialect.commits_at_ddl() {
            problems.extend(plan.lasting_objects());
        }
        Ok(problems)
    }

    async fn rehearse(&mut self, plan: &Plan) -> Result<Vec<Rehearsed>, Error> {
        if plan.is_empty() {
            return Ok(Vec::new());
        }
        self.take_plan(plan).await;
        let rolls_back = !self.connection.server().context.dialect.commits_at_ddl();
        let objects = plan.objects.as_ref().filter(|_| rolls_back);
        let stretch = Stretch::transaction(plan.steps()).with_objects(objects);
        let rehearsed = Sender::new(self, &stretch).perform(Start::default()).await;
        if let Err(error) = rehearsed {
            let error = self.roll_back(error).await;
            return Err(self.error(error));
        }
        let answer = timeout(GRACE, self.connection.rollback()).await;
        let late = || ServerError::new("", "the server is still rolling back", ErrorKind::Plain);
        if let Err(error) = answer.unwrap_or_else(|_| Err(late())) {
            let remains = matches!(error.kind, ErrorKind::NotRolledBack | ErrorKind::CommittedByScript);
            let first = Error::database("rolling back the rehearsal", error.clone());
            let error = if remains { first.not_rolled_back(error) } else { first };
            return Err(self.error(error));
        }
        Ok(std::mem::take(&mut self.rehearsed))
    }

    /// Records what a script has done and locked.
    pub(super) async fn observe(&mut self) -> Result<(), Error> {
        let mut locks = Vec::new();
        if let Some(sql) = self.connection.server().rehearsal.locks.clone() {
            let rows = self.connection.query(&sql).await;
            let rows = rows.map_err(|error| self.failed("looking for locks", error))?;
            locks.extend(rows.into_iter().filter_map(HeldLock::from_cells));
        }
        let new = locks.iter().filter(|lock| !self.locks.contains(*lock)).cloned().collect();
        self.locks = locks;
        let (applied, rows) = (self.applied.last().cloned(), self.rows.take());
        self.rehearsed.extend(applied.map(|applied| Rehearsed { applied, rows, locks: new }));
        Ok(())
    }
}
