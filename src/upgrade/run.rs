//! One run against one database: the lock, the transactions, and what an error means.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::stop::Stop;
use super::{ATTEMPTS, Applied, GRACE, LOCK_WAIT, Report};
use crate::engine::{Access, Connection, NoLock, Reach, read_journal};
use crate::error::{Aftermath, Error, Trouble};
use crate::event::Event;
use crate::journal::{Author, Journal};
use crate::migrator::Migrator;
use crate::plan::{Goal, Group, Plan, Problem, Step};
use crate::script::{Number, Script};
use crate::sql::Context;
use crate::statements::Statements;

/// What a run does with each script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Deed {
    /// Runs it.
    Apply,
    /// Records it and runs nothing.
    Record,
    /// The same; of some, another tool has said who applied them.
    Import(BTreeMap<Number, String>),
}

/// One run against one database.
pub(crate) struct Run<'a> {
    pub(crate) migrator: &'a Migrator,
    pub(crate) connection: Box<dyn Connection>,
    pub(super) author: Author,
    /// Where the scripts come from that are due.
    pub(super) commits: BTreeMap<Number, String>,
    pub(super) deed: Deed,
    pub(super) has_journal: bool,
    /// How many rows the journal has, as far as it is committed.
    recorded: u64,
    /// Everything that is due.
    due: Vec<Number>,
    pub(super) applied: Vec<Applied>,
    /// How many rows the statements of scripts have changed, where the engine tells.
    pub(super) rows: Option<u64>,
    /// How many of `applied` are committed.
    pub(super) committed: usize,
    from: Option<Number>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(migrator: &'a Migrator, connection: Box<dyn Connection>) -> Self {
        let author = Author {
            applied_by: applied_by(connection.server().user.as_deref()),
            run: uuid::Uuid::new_v4().to_string(),
            commit: None,
        };
        Self {
            migrator,
            connection,
            author,
            commits: BTreeMap::new(),
            deed: Deed::Apply,
            has_journal: false,
            recorded: 0,
            due: Vec::new(),
            applied: Vec::new(),
            rows: None,
            committed: 0,
            from: None,
        }
    }

    /// What the checks know of the database.
    pub(super) fn context(&self) -> Context {
        self.migrator.context(&self.connection.server().context)
    }

    pub(crate) fn recording(mut self) -> Self {
        self.deed = Deed::Record;
        self
    }

    pub(crate) fn importing(mut self, origins: BTreeMap<Number, String>) -> Self {
        self.deed = Deed::Import(origins);
        self
    }

    /// Reads the journal and plans.
    pub(crate) async fn plan(&mut self, goal: &Goal) -> Result<Plan, Error> {
        let interrupt = &self.migrator.interrupt;
        let journal = tokio::select! {
            journal = read_journal(&mut *self.connection) => journal?,
            () = interrupt.raised() => return Err(Error::Interrupted { during: None, aftermath: None }),
        };
        self.take_journal(&journal);
        self.migrator.plan(&mut *self.connection, &journal, goal).await
    }

    /// Takes note of a journal that was read already.
    pub(crate) const fn take_journal(&mut self, journal: &Journal) {
        self.has_journal = journal.exists;
        self.recorded = journal.entries.len() as u64;
    }

    /// The plan that holds: made again under the lock. When there is nothing to do, nobody needs the lock.
    pub(super) async fn settled_plan(&mut self, goal: &Goal) -> Result<Plan, Error> {
        match self.plan(goal).await {
            Ok(plan) if plan.is_empty() => return Ok(plan),
            // what another run is doing right now looks like this
            Err(Error::Refused { problems }) if !problems.iter().all(Problem::may_pass) => {
                return Err(Error::Refused { problems });
            }
            Ok(_) | Err(Error::Refused { .. }) => {}
            Err(error) => return Err(error),
        }
        self.lock().await?;
        self.plan(goal).await
    }

    /// Takes the lock of this database's runs.
    pub(crate) async fn lock(&mut self) -> Result<(), Error> {
        let limit = self.migrator.options.lock_timeout.unwrap_or(LOCK_WAIT);
        let started = Instant::now();
        let mut pause = Duration::from_millis(50);
        let mut told = false;
        loop {
            match self.connection.try_lock().await {
                Ok(()) => return Ok(()),
                Err(NoLock::Failed(error)) => {
                    return Err(Error::Database { doing: "taking the lock".into(), error, aftermath: None });
                }
                Err(NoLock::Held(holder)) if started.elapsed() >= limit => {
                    return Err(Error::Locked { holder, waited: limit });
                }
                Err(NoLock::Held(holder)) if !told => {
                    self.tell(&Event::WaitingForRun { holder: &holder });
                    told = true;
                }
                Err(NoLock::Held(_)) => {}
            }
            self.migrator.pause(pause.min(limit.saturating_sub(started.elapsed()))).await?;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }

    /// Finds out from which commits the scripts come that are due, for the journal.
    pub(super) fn name_commits(&mut self, plan: &Plan) {
        self.commits = self.migrator.scripts.commits(plan.steps().map(Step::script));
    }

    /// Who does something about a script.
    pub(super) fn author_for(&self, number: Number) -> Author {
        Author { commit: self.commits.get(&number).cloned(), ..self.author.clone() }
    }

    /// Who applies a script: this run, or whoever another tool has noted.
    pub(super) fn author_of(&self, script: &Script) -> Author {
        let origin = match &self.deed {
            Deed::Import(origins) => origins.get(&script.number()).cloned(),
            Deed::Apply | Deed::Record => None,
        };
        let author = self.author_for(script.number());
        Author { applied_by: origin.unwrap_or(author.applied_by), ..author }
    }

    /// The database is at this number.
    pub(super) const fn stands_at(&mut self, number: Option<Number>) {
        self.from = number;
    }

    /// This is about to be done.
    pub(super) fn take_plan(&mut self, plan: &Plan) {
        self.due = plan.steps().map(|step| step.script().number()).collect();
        self.name_commits(plan);
        self.from = plan.at();
        if self.deed == Deed::Apply {
            self.tell(&Event::Planned { plan });
        }
    }

    /// Applies every group of the plan.
    pub(crate) async fn apply(&mut self, plan: &Plan) -> Result<(), Error> {
        self.take_plan(plan);
        // what is no transaction needs no border
        for groups in plan.groups().chunk_by(|one, next| !one.in_transaction() && !next.in_transaction()) {
            let answer = match groups {
                [group] if group.in_transaction() => self.transact(group).await,
                groups => self.advance(&groups.iter().flat_map(Group::steps).collect::<Vec<_>>()).await,
            };
            if let Err(stop) = answer {
                return Err(self.error(stop));
            }
        }
        Ok(())
    }

    pub(crate) async fn report(self, plan: Plan, started: Instant) -> Report {
        let product = self.connection.server().product.clone();
        self.connection.close().await;
        let to = self.applied.iter().map(|applied| applied.number).chain(plan.at()).max();
        Report {
            product,
            applied: self.applied,
            from: plan.at,
            to,
            guarantee: plan.guarantee,
            warnings: plan.warnings,
            run: self.author.run,
            duration: started.elapsed(),
        }
    }

    /// Runs a group in one transaction; begins again when a lock was not to be had in time.
    async fn transact(&mut self, group: &Group) -> Result<(), Stop> {
        for attempt in 1.. {
            let stop = match self.attempt(group).await {
                Ok(()) => break,
                Err(stop) => stop,
            };
            let stop = self.roll_back(stop).await;
            self.applied.truncate(self.committed);
            if !self.may_retry(&stop, attempt) || self.leaves_temporary_tables(group) {
                return Err(stop);
            }
            self.pause_before_retry(&stop, attempt).await?;
        }
        Ok(())
    }

    /// A rollback does not remove them everywhere, and they would be in the way of another attempt.
    fn leaves_temporary_tables(&self, group: &Group) -> bool {
        let dialect = self.connection.server().context.dialect;
        let makes = |step: &Step| {
            let Ok(mut statements) = Statements::open(step.script(), &self.context()) else { return false };
            std::iter::from_fn(|| statements.distinct()).any(|piece| piece.is_ok_and(|piece| piece.makes_temporary()))
        };
        dialect.commits_at_ddl() && group.steps().iter().any(makes)
    }

    /// A lock was not to be had in time, and somebody has said what that means.
    pub(super) fn may_retry(&self, stop: &Stop, attempt: u32) -> bool {
        attempt < ATTEMPTS && self.migrator.options.lock_timeout.is_some() && stop.is_lock_timeout()
    }

    pub(super) async fn pause_before_retry(&mut self, stop: &Stop, attempt: u32) -> Result<(), Stop> {
        let pause = Duration::from_secs(1 << (attempt - 1)).min(Duration::from_secs(8));
        self.tell(&Event::Retrying { blockers: stop.blockers(), pause, attempt, attempts: ATTEMPTS });
        self.migrator.pause(pause).await.map_err(|_| Stop::Interrupted { during: None })
    }

    async fn attempt(&mut self, group: &Group) -> Result<(), Stop> {
        let interrupt = self.migrator.interrupt.clone();
        // what the engine commits at once would end the transaction
        if self.connection.server().context.dialect.commits_at_ddl() {
            self.create_journal().await?;
        }
        for sql in group.steps().iter().flat_map(|step| &step.early) {
            let doing = "preparing the new database";
            self.connection.execute(sql).await.map_err(|error| Stop::database(doing, error))?;
        }
        tokio::select! {
            answer = self.connection.begin() => answer.map_err(|error| Stop::database("beginning the transaction", error))?,
            () = interrupt.raised() => return Err(Stop::Interrupted { during: None }),
        }
        if self.connection.reach() != Reach::Run {
            self.create_journal().await?;
        }
        self.apply_steps(group.steps(), None).await?;
        self.prove(&group.steps().iter().collect::<Vec<_>>()).await?;
        self.stop_if_interrupted(None)?;
        self.commit().await?;
        self.has_journal = true;
        self.count_rows(&group.steps().iter().collect::<Vec<_>>());
        self.keep(&group.steps().iter().map(Step::script).collect::<Vec<_>>());
        Ok(())
    }

    /// Makes sure that the transaction of these scripts can be committed, and that the journal has their rows and those from
    /// before.
    pub(super) async fn prove(&mut self, steps: &[&Step]) -> Result<(), Stop> {
        let found = self.connection.prove().await.map_err(|doubt| Stop::doubt(names(steps), doubt))?;
        self.has_rows(steps, found)
    }

    /// Whether the journal has as many rows as these scripts leave in it.
    pub(super) fn has_rows(&self, steps: &[&Step], found: u64) -> Result<(), Stop> {
        let expected = self.recorded + new_rows(steps);
        if found == expected { Ok(()) } else { Err(Stop::journal_changed(names(steps), expected, Some(found))) }
    }

    /// The rows of these scripts are committed.
    pub(super) fn count_rows(&mut self, steps: &[&Step]) {
        self.recorded += new_rows(steps);
    }

    /// These scripts, and all that were applied before, are committed.
    pub(super) fn keep(&mut self, scripts: &[&Script]) {
        self.committed = self.applied.len();
        self.tell(&Event::Committed { scripts });
    }

    pub(super) async fn create_journal(&mut self) -> Result<(), Stop> {
        if self.has_journal {
            return Ok(());
        }
        for sql in self.connection.journal_sql().create() {
            self.ours("creating the journal", &sql).await.map_err(Stop::without_place)?;
        }
        // what is rolled back takes the journal with it, unless the engine has committed it already
        self.has_journal = self.connection.server().context.dialect.commits_at_ddl();
        Ok(())
    }

    pub(super) async fn roll_back(&mut self, stop: Stop) -> Stop {
        if matches!(stop, Stop::CommitUnknown(_)) {
            return stop;
        }
        match timeout(GRACE, self.connection.rollback()).await {
            Ok(Err(error)) if matches!(error.trouble, Trouble::NotRolledBack | Trouble::CommittedByScript) => {
                Stop::NotRolledBack { stop: Box::new(stop), error }
            }
            // where the connection is gone, the server does it by itself
            _ => stop,
        }
    }

    /// Commits. When the answer never comes, the journal tells whether the server kept it.
    pub(super) async fn commit(&mut self) -> Result<(), Stop> {
        match self.connection.commit().await {
            Err(error) if error.trouble == Trouble::ConnectionLost => match self.was_kept().await {
                Some(true) => Ok(()),
                Some(false) => Err(Stop::Commit(error)),
                None => Err(Stop::CommitUnknown(error)),
            },
            answer => answer.map_err(Stop::Commit),
        }
    }

    /// Did the server keep the transaction? `None` when it cannot be told.
    async fn was_kept(&mut self) -> Option<bool> {
        let mut connection = self.migrator.connect(Access::Read).await.ok()?;
        let Some(fate) = self.connection.fate_sql() else { return self.is_recorded(&mut *connection).await };
        match ended(&mut *connection, &fate).await?.as_str() {
            "committed" => Some(true),
            "aborted" => Some(false),
            "ended" => self.is_recorded(&mut *connection).await,
            _ => None,
        }
    }

    /// The journal has the last script of the transaction.
    async fn is_recorded(&mut self, connection: &mut dyn Connection) -> Option<bool> {
        let last = self.applied.last()?.number;
        let journal = read_journal(connection).await.ok()?;
        Some(journal.entries.iter().any(|entry| entry.run == self.author.run && entry.number == last))
    }

    /// What a stop means, without the values of secret variables.
    pub(super) fn error(&self, stop: Stop) -> Error {
        stop.into_error(self.aftermath()).masked(&self.migrator.options.variables)
    }

    fn aftermath(&self) -> Aftermath {
        let committed = self.applied[..self.committed].iter().map(|applied| applied.number).collect::<Vec<_>>();
        let not_applied = self.due.iter().filter(|number| !committed.contains(number)).copied().collect();
        let at = committed.iter().copied().chain(self.from).max();
        Aftermath { committed, not_applied, at, ..Aftermath::default() }
    }

    pub(super) fn tell(&self, event: &Event<'_>) {
        self.migrator.watcher.tell(event);
    }
}

/// What became of a transaction or a message, by an engine's [`Connection::fate_sql`]; `None` when it cannot be told in
/// time.
pub(super) async fn ended(connection: &mut dyn Connection, fate: &str) -> Option<String> {
    let asked = Instant::now();
    while asked.elapsed() < GRACE {
        match connection.query(fate).await.ok()?.into_iter().flatten().next().flatten() {
            Some(fate) if fate == "in progress" => tokio::time::sleep(Duration::from_millis(200)).await,
            fate => return fate,
        }
    }
    None
}

/// `Script-0005.sql to Script-0007.sql`.
pub(super) fn names(steps: &[&Step]) -> String {
    match steps {
        [first, .., last] => format!("{} to {}", first.script().name(), last.script().name()),
        steps => steps.first().map_or_else(String::new, |step| step.script().name()),
    }
}

/// How many rows these scripts add to the journal: those that an earlier run began have theirs.
fn new_rows(steps: &[&Step]) -> u64 {
    steps.iter().filter(|step| step.resume.is_none()).count() as u64
}

/// `shop_owner (deploy@web1)`.
fn applied_by(database_user: Option<&str>) -> String {
    let user = whoami::username().unwrap_or_else(|_| "unknown".into());
    let host = whoami::hostname().unwrap_or_else(|_| "unknown".into());
    match database_user {
        Some(database_user) => format!("{database_user} ({user}@{host})"),
        None => format!("{user}@{host}"),
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests;
