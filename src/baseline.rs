//! Recording what an existing database has already.

use std::time::Instant;

use crate::engine::{Access, read_journal};
use crate::error::Error;
use crate::journal::Journal;
use crate::migrator::Migrator;
use crate::plan::{Goal, History, Plan};
use crate::script::Number;
use crate::upgrade::{Report, Run};

impl Migrator {
    /// Records the baseline, and the scripts up to `to`, as applied on an existing database. Runs none of them.
    ///
    /// # Errors
    ///
    /// [`Error::Baseline`] when the journal has entries already, when the database is empty, or when there is neither a
    /// baseline nor a number to go to; [`Error::Refused`] when the folder is wrong.
    pub async fn baseline(&self, to: Option<Number>) -> Result<Report, Error> {
        let started = Instant::now();
        let connection = self.connect(Access::Write).await?;
        let mut run = Run::new(self, connection).recording();
        run.lock().await?;
        let journal = read_journal(&mut *run.connection).await?;
        let plan = self.baseline_plan(&journal, to)?;
        run.take_journal(&journal);
        run.apply(&plan).await?;
        Ok(run.report(plan, started).await)
    }

    fn baseline_plan(&self, journal: &Journal, to: Option<Number>) -> Result<Plan, Error> {
        let journal = Self::recordable(journal)?;
        let Some(to) = to.or_else(|| self.scripts.baselines().last().map(crate::Script::number)) else {
            let remedy = "say with --to N through which script the database has everything";
            return refuse("there is no Baseline.sql", remedy);
        };
        let mut history = History::new(&self.scripts, &journal, &Goal::new().to(Some(to)));
        history.problems.extend(self.scripts.unreadable(|_| true));
        if history.problems.is_empty() {
            Ok(Plan::recording(history))
        } else {
            Err(Error::Refused { problems: history.problems })
        }
    }

    /// The journal of a database whose scripts can be recorded: it is not empty, and nothing is recorded yet.
    pub(crate) fn recordable(journal: &Journal) -> Result<Journal, Error> {
        if !journal.entries.is_empty() {
            return refuse("the database has a journal with entries", "dbmigrate status shows what it says");
        }
        if !journal.occupied {
            return refuse("the database is empty", "dbmigrate upgrade builds it");
        }
        // what is in the database is what is being recorded: that it is there is no problem
        Ok(Journal { occupied: false, ..journal.clone() })
    }
}

fn refuse<T>(why: &str, remedy: &str) -> Result<T, Error> {
    Err(Error::Baseline { why: why.into(), remedy: remedy.into() })
}
