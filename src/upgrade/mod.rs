//! Applying a plan: the only place that locks, begins, commits and rolls back.

mod batch;
mod preview;
mod stop;

use std::time::{Duration, Instant};

use tokio::time::timeout;

use self::batch::Batches;
pub use self::preview::Preview;
use self::stop::Stop;
use crate::engine::{Access, Connection, Doubt, Failure, Message, NoLock, read_journal};
use crate::error::{Aftermath, Error, Partial, ServerError, Trouble};
use crate::event::Event;
use crate::journal::{Author, BODY_LIMIT, Journal, Progress, Record, State};
use crate::migrator::{Migrator, Missing, StoreText};
use crate::plan::{Goal, Group, Guarantee, Plan, Step, Warning};
use crate::preflight::{prefix, statements};
use crate::script::{Number, Script, Text};

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

/// How long to wait for another run when nothing else is asked for.
const LOCK_WAIT: Duration = Duration::from_secs(300);

/// How often a transaction begins again after a lock was not to be had in time.
const ATTEMPTS: u32 = 5;

/// How long an interrupted statement may take to answer.
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

    /// Shows what [`Migrator::upgrade`] would send. Changes nothing.
    ///
    /// # Errors
    ///
    /// As for [`Migrator::upgrade`].
    pub async fn preview(&self, goal: &Goal) -> Result<Preview, Error> {
        let connection = self.connect(Access::Read).await?;
        let mut run = Run::new(self, connection);
        let plan = run.plan(goal).await?;
        let preview = run.preview(plan)?;
        run.connection.close().await;
        Ok(preview)
    }
}

/// What a run does with each script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Runs it.
    Apply,
    /// Records it and runs nothing.
    Record,
}

/// One run against one database.
pub(crate) struct Run<'a> {
    pub(crate) migrator: &'a Migrator,
    pub(crate) connection: Box<dyn Connection>,
    author: Author,
    deed: Deed,
    has_journal: bool,
    /// Everything that is due.
    due: Vec<Number>,
    applied: Vec<Applied>,
    /// How many of `applied` are committed.
    committed: usize,
    from: Option<Number>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(migrator: &'a Migrator, connection: Box<dyn Connection>) -> Self {
        let author = Author {
            applied_by: applied_by(connection.server().user.as_deref()),
            run: uuid::Uuid::new_v4().to_string(),
        };
        Self {
            migrator,
            connection,
            author,
            deed: Deed::Apply,
            has_journal: false,
            due: Vec::new(),
            applied: Vec::new(),
            committed: 0,
            from: None,
        }
    }

    pub(crate) fn recording(mut self) -> Self {
        self.deed = Deed::Record;
        self
    }

    /// Reads the journal and plans.
    pub(crate) async fn plan(&mut self, goal: &Goal) -> Result<Plan, Error> {
        let journal = read_journal(&mut *self.connection).await?;
        self.has_journal = journal.exists;
        self.migrator.plan(&mut *self.connection, &journal, goal).await
    }

    /// Takes note of a journal that was read already.
    pub(crate) const fn take_journal(&mut self, journal: &Journal) {
        self.has_journal = journal.exists;
    }

    /// The plan that holds: made again under the lock. When there is nothing to do, nobody needs the lock.
    async fn settled_plan(&mut self, goal: &Goal) -> Result<Plan, Error> {
        let plan = self.plan(goal).await?;
        if plan.is_empty() {
            return Ok(plan);
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
                Err(NoLock::Failed(error)) => return Err(self.failed("taking the lock", error)),
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

    /// Applies every group of the plan.
    pub(crate) async fn apply(&mut self, plan: &Plan) -> Result<(), Error> {
        self.due = plan.steps().map(|step| step.script().number()).collect();
        self.from = plan.at();
        self.tell(&Event::Planned { plan });
        for group in plan.groups() {
            let answer = if group.in_transaction() { self.transact(group).await } else { self.advance(group).await };
            if let Err(stop) = answer {
                return Err(self.explain(stop).await);
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
            self.roll_back(&stop).await;
            self.applied.truncate(self.committed);
            if attempt >= ATTEMPTS || self.migrator.options.lock_timeout.is_none() || !stop.is_lock_timeout() {
                return Err(stop);
            }
            let pause = Duration::from_secs(1 << (attempt - 1)).min(Duration::from_secs(8));
            self.tell(&Event::Retrying { blockers: stop.blockers(), pause, attempt, attempts: ATTEMPTS });
            self.migrator.pause(pause).await.map_err(|_| Stop::Interrupted { during: None })?;
        }
        Ok(())
    }

    async fn attempt(&mut self, group: &Group) -> Result<(), Stop> {
        self.connection.begin().await.map_err(|error| Stop::database("beginning the transaction", error))?;
        self.create_journal().await?;
        for step in group.steps() {
            self.apply_step(step).await?;
        }
        let last = group.steps().last().map_or_else(String::new, |step| step.script().name());
        self.connection.prove().await.map_err(|doubt| match doubt {
            Doubt::Broken(reason) => Stop::Broken { script: last, reason },
            Doubt::Refused(error) => Stop::database("the check before the commit", error),
        })?;
        self.stop_if_interrupted(None)?;
        self.connection.commit().await.map_err(Stop::Commit)?;
        self.has_journal = true;
        self.committed = self.applied.len();
        let scripts = group.steps().iter().map(Step::script).collect::<Vec<_>>();
        self.tell(&Event::Committed { scripts: &scripts });
        Ok(())
    }

    async fn create_journal(&mut self) -> Result<(), Stop> {
        if self.has_journal {
            return Ok(());
        }
        for sql in self.connection.journal_sql().create() {
            self.ours("creating the journal", &sql).await?;
        }
        Ok(())
    }

    /// Runs and records one script of a transaction.
    async fn apply_step(&mut self, step: &Step) -> Result<(), Stop> {
        let script = step.script();
        let text = script.read().map_err(Stop::Read)?;
        let started = Instant::now();
        self.tell(&Event::Started { script });
        let state = match self.deed {
            Deed::Apply => self.run_script(script, &text).await?,
            Deed::Record => State::Baselined,
        };
        let duration = started.elapsed();
        self.record(script, &text, state, duration).await?;
        self.ran(script, duration);
        Ok(())
    }

    async fn run_script(&mut self, script: &Script, text: &Text) -> Result<State, Stop> {
        let text = text.as_str();
        let pieces = statements(script, text, self.connection.server().dialect);
        let mut done = 0;
        for batch in Batches::new(pieces, self.connection.message_limit()) {
            let batch = batch.map_err(|error| Stop::unsplittable(script, text, error))?;
            self.send(script, Message { text, pieces: &batch }).await?;
            done += batch.len();
            self.tell(&Event::Progress { script, statements: done, of: None });
        }
        let session = self.connection.session_sql().to_owned();
        self.ours("resetting the session", &session).await?;
        Ok(State::Applied)
    }

    async fn record(&mut self, script: &Script, text: &Text, state: State, duration: Duration) -> Result<(), Stop> {
        let body = self.body(text);
        let record = Record { script, state, duration, progress: None, body: body.as_deref(), author: &self.author };
        let insert = self.connection.journal_sql().insert(&record);
        self.ours("writing the journal", &insert).await
    }

    /// The text that the journal keeps.
    fn body(&self, text: &Text) -> Option<String> {
        let canonical = text.canonical();
        let keep = self.migrator.options.store_text == StoreText::Yes && canonical.len() <= BODY_LIMIT;
        keep.then(|| canonical.into_owned())
    }

    fn ran(&mut self, script: &Script, duration: Duration) {
        self.applied.push(Applied {
            number: script.number(),
            script: script.name(),
            title: script.title().map(ToOwned::to_owned),
            duration,
        });
        self.tell(&Event::Ran { script, duration });
    }

    /// Runs scripts outside a transaction, statement by statement. The journal keeps up with every statement.
    async fn advance(&mut self, group: &Group) -> Result<(), Stop> {
        for step in group.steps() {
            self.create_journal().await?;
            self.has_journal = true;
            let script = step.script();
            let text = script.read().map_err(Stop::Read)?;
            let started = Instant::now();
            self.tell(&Event::Started { script });
            self.advance_step(step, &text, started).await?;
            self.ran(script, started.elapsed());
            self.committed = self.applied.len();
            self.tell(&Event::Committed { scripts: &[script] });
        }
        Ok(())
    }

    async fn advance_step(&mut self, step: &Step, text: &Text, started: Instant) -> Result<(), Stop> {
        let script = step.script();
        let source = text.as_str();
        let pieces = statements(script, source, self.connection.server().dialect).collect::<Result<Vec<_>, _>>();
        let pieces = pieces.map_err(|error| Stop::unsplittable(script, source, error))?;
        let progress =
            |done: usize| prefix(source, &pieces, done).map(|checksum| Progress { statements: done, checksum });
        self.mark(step, text, State::Started, started, progress(step.skip())).await?;
        for (i, piece) in pieces.iter().enumerate().skip(step.skip()) {
            let sent = self.send(script, Message { text: source, pieces: std::slice::from_ref(piece) }).await;
            if let Err(stop) = sent {
                return Err(self.stopped(stop, script, i, pieces.len()).await);
            }
            if let Some(progress) = progress(i + 1) {
                let update = self.connection.journal_sql().progress(script.number(), progress);
                self.ours("writing the journal", &update).await?;
            }
            self.tell(&Event::Progress { script, statements: i + 1, of: Some(pieces.len()) });
        }
        let session = self.connection.session_sql().to_owned();
        self.ours("resetting the session", &session).await?;
        self.finish(step, text, started, progress(pieces.len())).await
    }

    /// The first row of a script outside a transaction, or the row of an earlier run taken up again.
    async fn mark(
        &mut self,
        step: &Step,
        text: &Text,
        state: State,
        started: Instant,
        progress: Option<Progress>,
    ) -> Result<(), Stop> {
        let body = self.body(text);
        let duration = started.elapsed();
        let record =
            Record { script: step.script(), state, duration, progress, body: body.as_deref(), author: &self.author };
        let sql = self.connection.journal_sql();
        let begun = step.resume.is_some() || state == State::Applied;
        let sql = if begun { sql.update(&record) } else { sql.insert(&record) };
        self.ours("writing the journal", &sql).await
    }

    async fn finish(
        &mut self,
        step: &Step,
        text: &Text,
        started: Instant,
        progress: Option<Progress>,
    ) -> Result<(), Stop> {
        self.mark(step, text, State::Applied, started, progress).await
    }

    /// A statement outside a transaction did not end well: the journal learns it if the server still listens.
    async fn stopped(&mut self, stop: Stop, script: &Script, done: usize, statements: usize) -> Stop {
        let message = stop.message();
        let answered = stop.is_answered();
        let failed = self.connection.journal_sql().failed(script.number(), &message);
        let known = answered && self.connection.execute(&failed).await.is_ok();
        let partial = Partial { script: script.name(), done, statements, unknown: !known };
        Stop::Partial { stop: Box::new(stop), partial }
    }

    /// Sends statements of a script; an interrupt cancels them on the server.
    async fn send(&mut self, script: &Script, message: Message<'_>) -> Result<(), Stop> {
        self.stop_if_interrupted(Some(script))?;
        let canceller = self.connection.canceller();
        let interrupt = self.migrator.interrupt.clone();
        let mut sending = self.connection.send(message);
        let answer = tokio::select! {
            answer = &mut sending => answer,
            () = interrupt.raised() => {
                canceller.cancel().await;
                match timeout(GRACE, sending).await {
                    Ok(answer) => answer,
                    Err(_) => return Err(Stop::Interrupted { during: Some(script.name()) }),
                }
            }
        };
        match answer {
            Err(failure) if failure.error.trouble == Trouble::Cancelled && interrupt.is_raised() => {
                Err(Stop::Cancelled { during: script.name() })
            }
            Err(failure) => Err(Stop::script(script, message, failure)),
            Ok(()) => Ok(()),
        }
    }

    fn stop_if_interrupted(&self, during: Option<&Script>) -> Result<(), Stop> {
        let raised = self.migrator.interrupt.is_raised();
        if raised { Err(Stop::Interrupted { during: during.map(Script::name) }) } else { Ok(()) }
    }

    /// Sends a statement of our own.
    async fn ours(&mut self, doing: &'static str, sql: &str) -> Result<(), Stop> {
        self.connection.execute(sql).await.map_err(|error| Stop::database(doing, error))
    }

    async fn roll_back(&mut self, stop: &Stop) {
        // a failed commit has rolled back already; and where the connection is gone, the server does it by itself
        if !matches!(stop, Stop::Commit(_)) {
            let _ = timeout(GRACE, self.connection.rollback()).await;
        }
    }

    /// Says what a stop means for the database.
    async fn explain(&mut self, stop: Stop) -> Error {
        let lost_in_commit = matches!(&stop, Stop::Commit(error) if error.trouble == Trouble::ConnectionLost);
        let answer = if lost_in_commit { self.ask_again().await } else { Some(false) };
        if answer == Some(true) {
            self.committed = self.applied.len();
        }
        let mut aftermath = self.aftermath();
        aftermath.unknown = answer.is_none() || matches!(stop, Stop::Broken { .. });
        stop.into_error(aftermath)
    }

    /// After a lost commit: did the server keep it? `None` when it cannot be asked.
    async fn ask_again(&mut self) -> Option<bool> {
        let mut connection = self.migrator.connect(Access::Read).await.ok()?;
        let journal = read_journal(&mut *connection).await.ok()?;
        Some(journal.entries.iter().any(|entry| entry.run == self.author.run))
    }

    fn aftermath(&self) -> Aftermath {
        let committed = self.applied[..self.committed].iter().map(|applied| applied.number).collect::<Vec<_>>();
        let not_applied = self.due.iter().filter(|number| !committed.contains(number)).copied().collect();
        let at = committed.iter().copied().chain(self.from).max();
        Aftermath { committed, not_applied, at, ..Aftermath::default() }
    }

    fn failed(&self, doing: &str, error: ServerError) -> Error {
        Error::Database { doing: doing.into(), error, aftermath: Some(self.aftermath()) }
    }

    fn tell(&self, event: &Event<'_>) {
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
