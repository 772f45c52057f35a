//! Running everything that is pending, and taking it back.

use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::run::Run;
use super::stop::Stop;
use super::{Applied, GRACE};
use crate::engine::{Access, TakenLock};
use crate::error::{Error, ServerError, Trouble};
use crate::migrator::Migrator;
use crate::plan::{Goal, Plan, Problem, Step, TransactionMode};

/// What a rehearsal saw. Nothing of it is left in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rehearsal {
    /// Name and version of the database product.
    pub product: String,
    /// The scripts that ran, in order.
    pub scripts: Vec<Rehearsed>,
    /// What is promised of the upgrade itself.
    pub plan: Plan,
    /// How long all of it took, connecting and the rollback included.
    pub duration: Duration,
}

/// One script of a [`Rehearsal`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rehearsed {
    /// Its number, name, title, and how long it ran.
    pub applied: Applied,
    /// How many rows its statements changed; `None` where the database does not tell.
    pub rows: Option<u64>,
    /// The locks that it took and that scripts before it had not, where the server shows them.
    pub locks: Vec<TakenLock>,
}

impl Migrator {
    /// Runs everything that is pending for real, in one transaction, and rolls it back: a deploy is tried against a copy, or
    /// against production itself, before it counts. While it runs it holds the locks that the upgrade would hold.
    ///
    /// Numbers that sequences and identity columns have given away do not come back, as after any rollback.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when something pending could not be rolled back; otherwise as for [`Migrator::upgrade`].
    pub async fn rehearse(&self, goal: &Goal) -> Result<Rehearsal, Error> {
        let started = Instant::now();
        let mut run = Run::new(self, self.connect(Access::Write).await?);
        let plan = run.settled_plan(&goal.transaction(TransactionMode::Single)).await?;
        let problems = run.lasting(&plan).await?;
        if !problems.is_empty() {
            return Err(Error::Refused { problems });
        }
        let scripts = run.rehearse(&plan).await?;
        let product = run.connection.server().product.clone();
        run.connection.close().await;
        Ok(Rehearsal { product, scripts, plan, duration: started.elapsed() })
    }
}

impl Run<'_> {
    /// What would stay of a plan, whatever is rolled back.
    async fn lasting(&mut self, plan: &Plan) -> Result<Vec<Problem>, Error> {
        let mut problems = Vec::new();
        if !plan.is_empty() {
            let failed = |error| Stop::database("looking for tables without transactions", error);
            let tables = self.connection.untransactional().await.map_err(failed).map_err(|stop| self.error(stop))?;
            problems.extend((!tables.is_empty()).then(|| {
                let why = format!("what is written to tables without transactions ({})", tables.join(", "));
                Problem::Lasting { script: None, why }
            }));
        }
        if !plan.is_empty() && !self.has_journal && self.connection.server().context.dialect.commits_at_ddl() {
            problems
                .push(Problem::Lasting { script: None, why: "the journal is not there yet, and creating it".into() });
        }
        problems.extend(plan.lasting());
        Ok(problems)
    }

    async fn rehearse(&mut self, plan: &Plan) -> Result<Vec<Rehearsed>, Error> {
        if plan.is_empty() {
            return Ok(Vec::new());
        }
        self.take_plan(plan);
        let steps = plan.steps().cloned().collect::<Vec<_>>();
        let rehearsed = match self.act_out(&steps).await {
            Ok(rehearsed) => rehearsed,
            Err(stop) => {
                let stop = self.roll_back(stop).await;
                return Err(self.error(stop));
            }
        };
        let answer = timeout(GRACE, self.connection.rollback()).await;
        let late = || ServerError::new("", "the server is still rolling back", Trouble::Plain);
        if let Err(error) = answer.unwrap_or_else(|_| Err(late())) {
            let remains = matches!(error.trouble, Trouble::NotRolledBack | Trouble::CommittedByScript);
            let stop = Stop::database("rolling back what was rehearsed", error.clone());
            return Err(self.error(if remains { Stop::NotRolledBack { stop: Box::new(stop), error } } else { stop }));
        }
        Ok(rehearsed)
    }

    /// Runs the scripts in a transaction that nobody commits.
    async fn act_out(&mut self, steps: &[Step]) -> Result<Vec<Rehearsed>, Stop> {
        self.connection.begin().await.map_err(|error| Stop::database("beginning the transaction", error))?;
        let (mut rehearsed, mut held, mut previous) = (Vec::<Rehearsed>::new(), Vec::new(), None);
        for step in steps {
            self.rows = None;
            self.create_journal().await?;
            self.has_journal = true;
            self.apply_steps(std::slice::from_ref(step), previous).await?;
            previous = Some(step.script().number());
            let locks = self.connection.locks().await.map_err(|error| Stop::database("looking for locks", error))?;
            let new = locks.iter().filter(|lock| !held.contains(*lock)).cloned().collect();
            held = locks;
            rehearsed.extend(self.applied.last().map(|applied| Rehearsed {
                applied: applied.clone(),
                rows: self.rows,
                locks: new,
            }));
        }
        if let Some(sql) = self.connection.settle_sql() {
            self.ours("checking what waits for the commit", sql).await?;
        }
        self.prove(&steps.iter().collect::<Vec<_>>()).await?;
        self.stop_if_interrupted(None)?;
        Ok(rehearsed)
    }
}
