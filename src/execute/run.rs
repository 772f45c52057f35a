//! One run against one database: the lock, the plan and its stretches, and what an error means.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::sender::Sender;
use super::snapshot::Known;
use super::source::Opening;
use super::{ATTEMPTS, Applied, LOCK_WAIT, Rehearsed, Report};
use crate::engine::{Answer, Connection, HeldLock, Kept, NoLock, ProofError, read_journal};
use crate::error::{DatabaseState, Error, ErrorKind, ServerError};
use crate::event::Event;
use crate::import::ForeignOrigin;
use crate::journal::{Author, BODY_LIMIT, Journal, RunId};
use crate::migrator::Migrator;
use crate::objects::{AppliedObject, Existing};
use crate::plan::{Creation, Operation, Plan, Problem, Start, Stretch, UpgradeOptions, Warning};
use crate::script::{Number, Script, SqlFile};
use crate::sql::Context;

/// One run against one database.
pub(crate) struct Run<'a> {
    pub(crate) migrator: &'a Migrator,
    pub(crate) connection: Box<dyn Connection>,
    pub(super) author: Author,
    /// The commits that the due files come from, by name.
    pub(super) commits: BTreeMap<String, String>,
    pub(super) operation: Operation,
    pub(super) has_journal: bool,
    /// How many committed rows the journal has.
    pub(super) recorded: u64,
    /// The numbers of all scripts that are due.
    due: Vec<Number>,
    pub(super) applied: Vec<Applied>,
    /// The object files that were applied.
    pub(super) objects: Vec<AppliedObject>,
    /// Warnings about objects that no file names.
    pub(super) unnamed: Vec<Warning>,
    /// The texts of object files that the journal keeps.
    pub(super) texts: BTreeMap<String, String>,
    /// The object file that stopped in the middle, where each statement commits.
    pub(super) stopped: Option<String>,
    /// The statements that complete objects when all files are applied.
    pub(super) late: Vec<String>,
    /// What is kept of the objects that a file drops.
    pub(super) kept: Vec<(Existing, Kept)>,
    /// The names that object files create, with the files.
    pub(super) creations: Vec<Creation>,
    /// The key by which the values of variables are hashed.
    pub(super) key: Option<String>,
    /// How many rows the statements of scripts have changed, if the engine reports that.
    pub(super) rows: Option<u64>,
    /// How many of `applied` are committed.
    pub(super) committed: usize,
    from: Option<Number>,
    /// What the run leaves stays, even if it fails.
    stays: bool,
    /// What the run knows of the schema.
    pub(super) known: Known,
    /// What a rehearsal has observed.
    pub(super) rehearsed: Vec<Rehearsed>,
    /// The locks that the transaction of a rehearsal holds.
    pub(super) locks: Vec<HeldLock>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(migrator: &'a Migrator, connection: Box<dyn Connection>) -> Self {
        let author = Author {
            applied_by: applied_by(connection.server().user.as_deref()),
            run: uuid::Uuid::new_v4().to_string(),
            commit: None,
            at: None,
        };
        Self {
            migrator,
            connection,
            author,
            commits: BTreeMap::new(),
            operation: Operation::Apply,
            has_journal: false,
            recorded: 0,
            due: Vec::new(),
            applied: Vec::new(),
            objects: Vec::new(),
            unnamed: Vec::new(),
            texts: BTreeMap::new(),
            stopped: None,
            late: Vec::new(),
            kept: Vec::new(),
            creations: Vec::new(),
            key: None,
            rows: None,
            committed: 0,
            from: None,
            stays: true,
            known: Known::default(),
            rehearsed: Vec::new(),
            locks: Vec::new(),
        }
    }

    /// Returns what the checks know about the database.
    pub(super) fn context(&self) -> Context {
        self.migrator.context(&self.connection.server().context)
    }

    /// Changes the operation, which is otherwise to apply scripts.
    pub(crate) fn doing(self, operation: Operation) -> Self {
        Self { operation, ..self }
    }

    /// Says that the database is dropped if the run fails.
    pub(crate) fn in_new_database(self) -> Self {
        Self { stays: false, ..self }
    }

    /// Whether scripts run; otherwise they are only recorded.
    pub(super) const fn runs(&self) -> bool {
        !matches!(self.operation, Operation::Record(_))
    }

    /// Returns how scripts are opened.
    pub(super) fn opening(&self, has_checkpoints: bool, keeps_comments: bool) -> Opening {
        Opening { context: self.context(), body_limit: self.body_limit(), has_checkpoints, keeps_comments }
    }

    /// Returns up to how many bytes of a text the journal keeps.
    pub(super) fn body_limit(&self) -> Option<usize> {
        // a literal can be twice as long as the text, and the row has other columns
        let longest = self.connection.server().context.longest.map_or(BODY_LIMIT, |longest| longest / 4);
        self.migrator.options.store_text.then_some(BODY_LIMIT.min(longest))
    }

    /// Reads the journal and returns the plan.
    pub(crate) async fn plan(&mut self, options: &UpgradeOptions) -> Result<Plan, Error> {
        let journal = self.read_journal().await?;
        self.migrator.plan(&mut *self.connection, &journal, options).await
    }

    pub(crate) async fn read_journal(&mut self) -> Result<Journal, Error> {
        let journal = self.migrator.or_interrupted(read_journal(&mut *self.connection).await)?;
        self.take_journal(&journal);
        Ok(journal)
    }

    /// Uses a journal that has already been read.
    pub(crate) const fn take_journal(&mut self, journal: &Journal) {
        self.has_journal = journal.exists;
        self.recorded = journal.entries.len() as u64;
    }

    /// Takes over a database that another run has built and no one has used, with the tables that belong to its journal: its rows
    /// become this run's.
    pub(crate) async fn take_over(&mut self, has_objects: bool, has_snapshot: bool) -> Result<(), Error> {
        if has_snapshot {
            self.known.has_snapshots();
        }
        let server = self.connection.server();
        let rows = server.journal.take_over(&self.author.run, has_objects, has_snapshot);
        let begin = [server.journal.dialect.begin.to_owned()].into_iter();
        let sql = begin.chain(rows).chain([server.session.commit.to_owned()]).collect::<Vec<_>>().join("; ");
        self.ours("taking over the journal of a template", &sql).await
    }

    /// Whether the schema that the database has now is recorded in it.
    pub(crate) const fn has_recorded(&self) -> bool {
        self.known.is_recorded()
    }

    /// Returns a plan that is still valid under the lock: it is made again if another run has written the journal in
    /// the meantime. If there is nothing to do, the run does not take the lock.
    pub(super) async fn settled_plan(&mut self, options: &UpgradeOptions) -> Result<Plan, Error> {
        let journal = self.read_journal().await?;
        let planned = self.migrator.plan(&mut *self.connection, &journal, options).await;
        match &planned {
            Ok(plan) if plan.is_empty() => return planned,
            // another run in progress can cause these problems
            Err(Error::Refused { problems }) if problems.iter().all(Problem::may_pass) => {}
            Ok(_) => {}
            Err(_) => return planned,
        }
        self.lock().await?;
        let (now, sight) = self.look_again(&journal).await?;
        let mut plan =
            if now == journal { planned? } else { self.migrator.plan(&mut *self.connection, &now, options).await? };
        self.judge_drift(&mut plan, sight)?;
        Ok(plan)
    }

    /// Takes the run lock of this database.
    pub(crate) async fn lock(&mut self) -> Result<(), Error> {
        let limit = self.migrator.options.lock_timeout.unwrap_or(LOCK_WAIT);
        let started = Instant::now();
        let mut pause = Duration::from_millis(50);
        let mut told = false;
        loop {
            match self.connection.try_lock().await {
                Ok(()) => return Ok(()),
                Err(NoLock::Failed(error)) => {
                    let failed = Error::Database { doing: "taking the lock".into(), error, state: None };
                    return self.migrator.or_interrupted(Err(failed));
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

    /// Finds out from which commits these files come, for the journal.
    pub(super) async fn name_commits(&mut self, files: impl Iterator<Item = &SqlFile>) {
        let files = files.cloned().collect::<Vec<_>>();
        if files.is_empty() {
            return;
        }
        self.commits = self.migrator.aside(move |this| this.scripts.commits(files.iter())).await;
    }

    /// Returns this run as the author of the row of the file with this name, with the file's commit.
    pub(super) fn author_for(&self, name: &str) -> Author {
        Author { commit: self.commits.get(name).cloned(), ..self.author.clone() }
    }

    /// Returns who applies a script: this run, or the person that another tool has recorded.
    pub(super) fn author_of(&self, script: &Script) -> Author {
        let origin = match &self.operation {
            Operation::Record(origins) => origins.get(&script.number()).cloned(),
            Operation::Apply | Operation::Rehearse => None,
        };
        let author = self.author_for(&script.name());
        match origin {
            Some(ForeignOrigin { by, at }) => Author { applied_by: by, at, ..author },
            None => author,
        }
    }

    /// Sets the number that the database is at.
    pub(crate) const fn stands_at(&mut self, number: Option<Number>) {
        self.from = number;
    }

    /// Prepares to perform a plan.
    pub(super) async fn take_plan(&mut self, plan: &Plan) {
        self.due = plan.steps().map(|step| step.script().number()).collect();
        let objects = plan.objects.iter().flat_map(|objects| &objects.steps);
        let scripts = plan.steps().collect::<Vec<_>>();
        self.creations = objects.clone().flat_map(|step| step.creations(&scripts)).collect();
        let objects = objects.map(|step| &*step.file);
        self.name_commits(plan.steps().map(|step| &**step.script()).chain(objects)).await;
        self.from = plan.at();
        if self.runs() {
            self.tell(&Event::Planned { plan });
        }
    }

    /// Performs the plan. If a statement cannot acquire a lock in time, a part of the plan is retried.
    pub(crate) async fn apply(&mut self, plan: &Plan) -> Result<(), Error> {
        self.take_plan(plan).await;
        if plan.is_empty() {
            return Ok(());
        }
        let mut is_recorded = false;
        for stretch in plan.stretches(&self.connection.server().capabilities(), &self.operation) {
            is_recorded = self.records_within(&stretch);
            if let Err(error) = self.send(&stretch).await {
                return Err(self.left(error).await);
            }
        }
        if let Some(objects) = plan.objects.as_ref().filter(|_| self.applies_objects_apart())
            && let Err(error) = self.apply_objects(objects).await
        {
            return Err(self.left(error).await);
        }
        if !is_recorded {
            self.record_schema_apart().await;
        }
        Ok(())
    }

    /// Whether object files follow the scripts one by one, because the engine commits each of them.
    pub(super) fn applies_objects_apart(&self) -> bool {
        self.operation == Operation::Apply && self.connection.server().context.dialect.commits_at_ddl()
    }

    /// Completes an error, and records the schema if the run has left something.
    async fn left(&mut self, error: Error) -> Error {
        let error = self.error(error);
        if self.stays && error.state().is_some_and(DatabaseState::is_changed) {
            self.record_what_is_left().await;
        }
        error
    }

    /// Sends a part of the plan, again if it may be retried.
    async fn send(&mut self, stretch: &Stretch<'_>) -> Result<(), Error> {
        let mut sender = Sender::new(self, stretch);
        let (mut start, mut attempt) = (Start::default(), 1);
        while let Err(error) = sender.perform(start).await {
            start = sender.recover(error, &mut attempt).await?;
            attempt += 1;
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
            objects: self.objects,
            from: plan.at,
            to,
            template: None,
            guarantee: plan.guarantee,
            warnings: plan.warnings.into_iter().chain(self.unnamed).collect(),
            run: RunId::new(self.author.run),
            duration: started.elapsed(),
        }
    }

    /// Whether the run may retry: a lock could not be acquired within the timeout that the user has set.
    pub(super) fn may_retry(&self, error: &Error, attempt: u32) -> bool {
        attempt < ATTEMPTS && self.migrator.options.lock_timeout.is_some() && error.is_lock_timeout()
    }

    pub(super) async fn pause_before_retry(&mut self, error: &Error, attempt: u32) -> Result<(), Error> {
        let pause = Duration::from_secs(1 << (attempt - 1)).min(Duration::from_secs(8));
        self.tell(&Event::Retrying { blockers: error.blockers(), pause, attempt, attempts: ATTEMPTS });
        self.migrator.pause(pause).await.map_err(|_| Error::interrupted(None))
    }

    /// Adds to an error what is applied and what is not, and masks the values of secret variables.
    pub(super) fn error(&self, mut error: Error) -> Error {
        let committed = self.applied[..self.committed].iter().map(|applied| applied.number).collect::<Vec<_>>();
        let not_applied = self.due.iter().filter(|number| !committed.contains(number)).copied().collect();
        let at = committed.iter().copied().chain(self.from).max();
        if let Some(state) = error.state_mut() {
            let (objects, stopped) = (self.objects_committed(), self.stopped.clone());
            *state = DatabaseState { committed, not_applied, at, objects, stopped, ..std::mem::take(state) };
        }
        self.about_object(&mut error);
        error.masked(&self.migrator.options.variables)
    }

    /// Records that a script has ended.
    pub(super) fn ran(&mut self, script: &Script, duration: Duration) {
        self.applied.push(Applied::new(script, duration));
        self.tell(&if self.runs() { Event::Ran { script, duration } } else { Event::Recorded { script } });
    }

    /// Counts the rows that the statements of a message have changed.
    pub(super) fn count_changed(&mut self, answer: Answer) {
        self.rows = answer.changed.map(|rows| rows + self.rows.unwrap_or(0)).or(self.rows);
    }

    pub(super) fn stop_if_interrupted(&self, during: Option<&SqlFile>) -> Result<(), Error> {
        let stopped = self.migrator.cancel.is_cancelled();
        if stopped { Err(Error::interrupted(during.map(SqlFile::name))) } else { Ok(()) }
    }

    /// Sends one of dbmigrate's own statements.
    pub(super) async fn ours(&mut self, doing: impl Into<String>, sql: &str) -> Result<(), Error> {
        self.stop_if_interrupted(None)?;
        let answer = self.connection.query(sql).await;
        answer.map(drop).map_err(|error| self.failed(doing, error))
    }

    /// Whether an error comes from an interrupt: the server cancelled the statement, or did not even answer that.
    pub(super) fn is_interrupt(&self, error: &ServerError) -> bool {
        let is_stopped = matches!(error.kind, ErrorKind::Cancelled | ErrorKind::ConnectionLost);
        is_stopped && self.migrator.cancel.is_cancelled()
    }

    /// Returns the error for one of dbmigrate's own statements that failed.
    pub(super) fn failed(&self, doing: impl Into<String>, error: ServerError) -> Error {
        if self.is_interrupt(&error) {
            return Error::interrupted(None);
        }
        Error::database(doing, error)
    }

    /// Returns the error for scripts whose proof failed.
    pub(super) fn unproven(&self, scripts: String, proof_error: ProofError) -> Error {
        match proof_error {
            ProofError::Refused(error) if self.is_interrupt(&error) => Error::interrupted(None),
            proof_error => Error::proof_error(scripts, proof_error),
        }
    }

    pub(super) fn tell(&self, event: &Event<'_>) {
        self.migrator.watcher.tell(event);
    }
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
