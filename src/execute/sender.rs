//! Sends a schedule: actions become messages, and answers tell how far each script got.

use std::ops::Range;
use std::time::{Duration, Instant};

use super::error::{Suspects, checking, writing};
use super::run::Run;
use crate::engine::{Message, ProofError};
use crate::error::Error;
use crate::event::Event;
use crate::journal::{Progress, State};
use crate::plan::{Action, Open, Proof, Row, RunMode, Running, Schedule, Start, Step, Stretch, run_mode};
use crate::preflight;
use crate::script::Script;
use crate::sql::Statement;

/// Sends the actions of a stretch.
pub(super) struct Sender<'r, 'a, 'p> {
    pub(super) run: &'r mut Run<'a>,
    pub(super) stretch: &'p Stretch<'p>,
    pub(super) run_mode: RunMode,
    pub(super) message: Message,
    /// What each part of the message means.
    pub(super) marks: Vec<Mark>,
    pub(super) scripts: Vec<ScriptProgress>,
    /// The script that the current actions belong to.
    pub(super) step: Option<usize>,
    /// The part of the message that failed.
    pub(super) failed: Option<usize>,
    /// The server has not answered what was sent, so its outcome is unknown.
    pub(super) unanswered: bool,
    /// The script that was retried last.
    pub(super) attempted: Option<usize>,
    /// What is open when the next part of the message runs.
    pub(super) open: Open,
    /// What the last message has left open.
    pub(super) left: Open,
    /// How many scripts had run before this stretch.
    pub(super) base: usize,
}

/// How far a script has got.
pub(super) struct ScriptProgress {
    pub(super) started: Instant,
    /// The journal has its row.
    pub(super) known: bool,
    /// Its start has been reported.
    pub(super) told: bool,
    /// How many of its statements have been packed, and how many bytes of it have been read.
    pub(super) statements: usize,
    pub(super) bytes: u64,
    /// How many of its statements stay, whatever happens afterwards.
    pub(super) progress: Option<Progress>,
    /// The last statement that ran, or the one that is running, outside a transaction, with its text.
    pub(super) last: Option<(Statement, String)>,
    /// The place from which the server no longer runs anything.
    pub(super) suspended: Option<Range<usize>>,
    pub(super) is_complete: bool,
}

/// What a part of a message means once it is done.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    pub(super) step: Option<usize>,
    pub(super) effect: Effect,
    /// What is open before it runs.
    pub(super) open: Open,
    /// The statement from which the run may retry.
    pub(super) restart: Option<usize>,
}

#[derive(Clone, Copy)]
pub(super) enum Effect {
    Nothing,
    /// The journal has the script's row.
    Known,
    /// Everything whose check would wait for the commit is checked.
    Checks,
    /// The group's transaction can be committed, and the journal has this many more rows than before the run.
    Proves(u64),
    /// The group's transaction is committed, with the rows of [`Effect::Proves`].
    Commits(u64),
    /// The journal has this many more rows than before the run.
    Counts(u64),
    /// This much of the script stays, whatever happens afterwards.
    Stays(Progress),
    /// The script has ended, and the journal's row says so.
    Complete,
}

impl ScriptProgress {
    /// Returns the progress of a script before any of it is sent; `progress` is what has already run.
    pub(super) fn new(progress: Option<Progress>) -> Self {
        let statements = progress.map_or(0, |progress| progress.statements);
        let (known, told, bytes, last, suspended, is_complete) = (false, false, 0, None, None, false);
        Self { started: Instant::now(), known, told, statements, bytes, progress, last, suspended, is_complete }
    }
}

impl<'r, 'a, 'p> Sender<'r, 'a, 'p> {
    pub(super) fn new(run: &'r mut Run<'a>, stretch: &'p Stretch<'p>) -> Self {
        let run_mode = run_mode(stretch, &run.connection.server().capabilities());
        let scripts = stretch.steps.iter().map(|step| ScriptProgress::new(step.progress())).collect();
        let (message, marks, base) = (Message::default(), Vec::new(), run.applied.len());
        Self {
            run,
            stretch,
            run_mode,
            message,
            marks,
            scripts,
            step: None,
            failed: None,
            unanswered: false,
            attempted: None,
            open: Open::Nothing,
            left: Open::Nothing,
            base,
        }
    }

    /// Sends everything from a place onward.
    pub(super) async fn perform(&mut self, start: Start) -> Result<(), Error> {
        (self.message, self.marks, self.step, self.failed) = (Message::default(), Vec::new(), None, None);
        (self.open, self.left) = (Open::Nothing, Open::Nothing);
        let opening = self.run.opening(self.run_mode != RunMode::Transaction, false);
        let (operation, capabilities) = (self.run.operation.clone(), self.run.connection.server().capabilities());
        let open = |step: &'p Step| opening.open(step);
        let schedule = Schedule::new(self.stretch, capabilities, operation, self.run.has_journal, open);
        let mut schedule = schedule.starting(start);
        while let Some(action) = schedule.next()? {
            match action {
                Action::Send if self.message.has_rows() => self.send_rows(schedule.source()).await?,
                Action::Send => {
                    let (sent, ()) = tokio::join!(self.flush(None), async { schedule.look_ahead() });
                    sent?;
                }
                Action::Open(step) => self.begin_script(step),
                Action::Repeat(statement, sql) => self.pack(&sql, Some(statement), Effect::Nothing, None),
                Action::Run(running) => self.pack_statement(*running),
                Action::CreateJournal => self.create_journal().await?,
                Action::Prepare(sql) => self.run.ours("preparing the new database", &sql).await?,
                Action::Begin => self.run.begin().await?,
                Action::CommitUnit(progress) => self.opens(&action, Effect::Stays(progress), Open::Nothing),
                Action::CommitNotes => self.opens(&action, Effect::Nothing, Open::Nothing),
                Action::CommitGroup => self.opens(&action, Effect::Commits(self.rows_through()), Open::Nothing),
                Action::BeginUnit | Action::BeginGroup => self.opens(&action, Effect::Nothing, Open::Transaction),
                Action::BeginNotes => self.opens(&action, Effect::Nothing, Open::Notes),
                Action::ResetSession(..) => self.reset(&action).await?,
                Action::Checkpoint(progress, _) => self.checkpoint(&action, progress).await?,
                Action::Record(ref row) => self.record(&action, row).await?,
                Action::Prove(proof) => self.prove(proof).await?,
                Action::Renew => {
                    let renewed = self.run.connection.renew().await;
                    renewed.map_err(|error| self.run.failed("opening a new session", error))?;
                }
                Action::Settle => self.own(&action, Effect::Checks),
                Action::ApplyObjects => self.apply_objects().await?,
                Action::RecordSchema => self.run.record_schema(self.stretch).await?,
                Action::Observe => self.run.observe().await?,
                Action::Commit => self.run.commit(&self.stretch.steps).await?,
                Action::Rollback => self.run.stop_if_interrupted(None)?,
            }
        }
        Ok(())
    }

    async fn apply_objects(&mut self) -> Result<(), Error> {
        match self.stretch.objects {
            Some(objects) => self.run.apply_objects(objects).await,
            None => Ok(()),
        }
    }

    /// Returns the script that the current actions belong to.
    pub(super) fn script(&self) -> &'p Script {
        self.stretch.steps[self.step.unwrap_or(0)].script()
    }

    fn current(&mut self) -> &mut ScriptProgress {
        &mut self.scripts[self.step.unwrap_or(0)]
    }

    fn begin_script(&mut self, step: usize) {
        self.scripts[step].started = Instant::now();
        self.step = Some(step);
    }

    /// Adds a part to the message.
    fn pack(&mut self, sql: &str, statement: Option<Statement>, effect: Effect, restart: Option<usize>) {
        self.message.push(sql, statement);
        self.marks.push(Mark { step: self.step, effect, open: self.open, restart });
    }

    fn pack_statement(&mut self, running: Running) {
        let Running { statement, stays, restart } = running;
        let aside = self.run_mode == RunMode::Aside;
        let current = self.current();
        current.statements += 1;
        current.bytes = statement.bytes;
        current.last = aside.then(|| (statement.parsed.clone(), statement.sql.clone()));
        self.pack(&statement.sql, Some(statement.parsed), stays.map_or(Effect::Nothing, Effect::Stays), restart);
        if self.open == Open::Notes {
            // the statement commits the journal's rows before it runs
            self.open = Open::Nothing;
        }
    }

    /// Returns how many rows the scripts through this one add to the journal.
    fn rows_through(&self) -> u64 {
        self.stretch.rows_before(self.step.map_or(0, |step| step + 1))
    }

    /// Packs an action that begins or ends a transaction.
    fn opens(&mut self, action: &Action, effect: Effect, open: Open) {
        self.own(action, effect);
        self.open = open;
    }

    /// Packs dbmigrate's own statements.
    fn own(&mut self, action: &Action, effect: Effect) {
        let elapsed = self.current().started.elapsed();
        let sql = self.run.own_sql(action, Some(self.script()), elapsed, self.run.packs(self.run_mode));
        if let Some((last, before)) = sql.split_last() {
            for sql in before {
                let early = match effect {
                    Effect::Checks => Effect::Checks,
                    Effect::Commits(rows) => Effect::Proves(rows),
                    _ => Effect::Nothing,
                };
                self.pack(sql, None, early, None);
            }
            self.pack(last, None, effect, None);
        }
    }

    async fn create_journal(&mut self) -> Result<(), Error> {
        let commits =
            self.run_mode != RunMode::Transaction || self.run.connection.server().context.dialect.commits_at_ddl();
        for sql in self.run.connection.server().journal.create() {
            if self.run.packs(self.run_mode) && !commits {
                self.pack(&sql, None, Effect::Nothing, None);
            } else {
                self.run.ours("creating the journal", &sql).await.map_err(Error::without_place)?;
            }
        }
        // a rollback removes the journal as well, unless the engine has already committed it
        self.run.has_journal = commits;
        Ok(())
    }

    async fn reset(&mut self, action: &Action) -> Result<(), Error> {
        self.refuse_suspended()?;
        if self.run.packs(self.run_mode) {
            self.own(action, Effect::Nothing);
            if self.run_mode == RunMode::InBand && self.open == Open::Notes {
                self.open = Open::Nothing;
            }
            return Ok(());
        }
        let sql = self.run.own_sql(action, None, Duration::ZERO, false).join("; ");
        self.run.ours("resetting the session", &sql).await
    }

    /// Refuses a script that has turned off the execution of statements and not turned it on again: the rest did not
    /// run.
    fn refuse_suspended(&mut self) -> Result<(), Error> {
        let script = self.script();
        let suspended = self.current().suspended.take();
        suspended.map_or(Ok(()), |at| Err(Error::suspended(script, at, Suspects::One)))
    }

    async fn checkpoint(&mut self, action: &Action, progress: Option<Progress>) -> Result<(), Error> {
        if self.run_mode == RunMode::InBand {
            self.own(action, Effect::Nothing);
            return Ok(());
        }
        if self.current().suspended.is_some() {
            return Ok(());
        }
        self.current().progress = progress;
        self.write_aside(action).await?;
        let (script, current) = (self.script(), self.current());
        let (statements, bytes) = (progress.map_or(0, |progress| progress.statements), current.bytes);
        self.run.tell(&Event::Progress { script, statements, bytes });
        Ok(())
    }

    /// Writes the journal between the statements of a script, whose settings do not reach it.
    async fn write_aside(&mut self, action: &Action) -> Result<(), Error> {
        let (script, elapsed) = (self.script(), self.current().started.elapsed());
        for sql in self.run.own_sql(action, Some(script), elapsed, false) {
            let written = self.run.connection.query_aside(&sql).await;
            written.map_err(|error| {
                let interrupted = Error::interrupted(Some(script.name()));
                if self.run.is_interrupt(&error) { interrupted } else { Error::unwritten(script, error) }
            })?;
        }
        Ok(())
    }

    async fn record(&mut self, action: &Action, row: &Row) -> Result<(), Error> {
        let (script, ends) = (self.script(), row.state.is_done());
        if self.run.packs(self.run_mode) {
            self.own(action, if ends { Effect::Complete } else { Effect::Known });
            return Ok(());
        }
        if self.run_mode == RunMode::Aside {
            self.write_aside(action).await?;
        } else {
            let elapsed = self.current().started.elapsed();
            for sql in self.run.own_sql(action, Some(script), elapsed, false) {
                self.run.ours(writing(script), &sql).await.map_err(Error::unwritten_row)?;
            }
        }
        let current = self.current();
        (current.known, current.is_complete) = (true, ends);
        let duration = current.started.elapsed();
        match row.state {
            State::Started if !std::mem::replace(&mut current.told, true) => self.run.tell(&Event::Started { script }),
            _ if ends => self.run.ran(script, duration),
            _ => {}
        }
        if ends && self.run_mode == RunMode::Aside {
            self.run.keep(&[script]);
        }
        Ok(())
    }

    async fn prove(&mut self, proof: Proof) -> Result<(), Error> {
        match proof {
            Proof::Statement => self.prove_statement().await,
            Proof::Script => self.prove_script().await,
            Proof::Transaction => self.run.prove(&self.stretch.steps).await,
            Proof::Group(rows) => {
                self.guard(rows, Effect::Proves(rows));
                Ok(())
            }
            Proof::Journal(rows) if self.run_mode == RunMode::InBand => {
                self.guard(rows, Effect::Counts(rows));
                Ok(())
            }
            Proof::Journal(rows) => {
                let step = self.stretch.steps[self.step.unwrap_or(0)];
                self.run.has_kept_rows(&[step], rows).await?;
                self.run.recorded += rows;
                Ok(())
            }
        }
    }

    /// Packs a statement that fails unless the journal has this many more rows than before the run and, for a
    /// transaction, unless the run holds its lock.
    fn guard(&mut self, rows: u64, effect: Effect) {
        let server = self.run.connection.server();
        let is_locked = server.session.is_locked.as_deref().filter(|_| matches!(effect, Effect::Proves(_)));
        let sql = server.journal.guard(self.run.recorded + rows, is_locked);
        self.pack(&sql, None, effect, None);
    }

    /// Proves that the server has run a statement outside a transaction.
    async fn prove_statement(&mut self) -> Result<(), Error> {
        let script = self.script();
        match self.run.connection.prove(Proof::Statement).await {
            Ok(_) => self.current().suspended = None,
            Err(ProofError::NotRunning) => {
                let dialect = self.run.connection.server().context.dialect;
                let current = self.current();
                let Some((statement, sql)) = &current.last else { return Ok(()) };
                let found = dialect.suspending(&statement.words, sql).into_iter().next();
                let at = found.map_or_else(|| statement.range.clone(), |at| statement.written(at));
                current.suspended.get_or_insert(at);
            }
            Err(proof_error) => {
                // without an answer, it is unknown whether the statement ran
                self.unanswered |= matches!(proof_error, ProofError::Refused(_));
                return Err(self.run.unproven(script.name(), proof_error));
            }
        }
        Ok(())
    }

    /// Proves that the session is usable after a script, and that all of the script ran.
    async fn prove_script(&mut self) -> Result<(), Error> {
        let script = self.script();
        match self.run.connection.prove(Proof::Script).await {
            Err(ProofError::NotRunning) => {
                let found = preflight::suspensions(script, &self.run.context());
                let found = found.map_err(|error| Error::unreadable(script, error))?;
                let suspects = if found.len() > 1 { Suspects::Several } else { Suspects::One };
                Err(match found.into_iter().next_back() {
                    Some(last) => Error::suspended(script, last, suspects),
                    None => Error::proof_error(script.name(), ProofError::NotRunning),
                })
            }
            Err(ProofError::Refused(error)) => Err(self.run.failed(checking(script), error)),
            answer => answer.map(drop).map_err(|proof_error| self.run.unproven(script.name(), proof_error)),
        }
    }
}
