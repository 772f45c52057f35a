//! What an error means for the scripts that were sent: what is committed, what is retried, what the journal records.

use std::ops::Range;
use std::time::Duration;

use super::Applied;
use super::run::Run;
use super::sender::{Effect, Mark, ScriptProgress, Sender};
use crate::engine::{Access, Fate, read_journal};
use crate::error::{Error, ErrorKind, Next, Partial, ServerError};
use crate::journal::{Journal, Progress, State};
use crate::plan::{Action, Open, RunMode, Start, Step};
use crate::script::Script;
use crate::sql::Mode;

impl Sender<'_, '_, '_> {
    /// Returns where the run resumes after an error, or the error with the database state.
    pub(super) async fn recover(&mut self, error: Error, attempt: &mut u32) -> Result<Start, Error> {
        let start = match self.run_mode {
            RunMode::Transaction => self.begin_again(error, *attempt).await?,
            RunMode::Aside => self.stopped(error).await?,
            RunMode::InBand => self.go_back(error, attempt).await?,
        };
        Ok(start)
    }

    /// Retries a transaction that could not acquire a lock in time.
    async fn begin_again(&mut self, error: Error, attempt: u32) -> Result<Start, Error> {
        let error = self.run.roll_back(error).await;
        self.run.applied.truncate(self.run.committed);
        // not every engine removes temporary tables on a rollback, and they would make another attempt fail
        let dialect = self.run.connection.server().context.dialect;
        let stays = dialect.commits_at_ddl() && self.stretch.steps.iter().any(|step| step.facts.makes_temporary);
        if stays || !self.run.may_retry(&error, attempt) {
            return Err(error);
        }
        self.run.pause_before_retry(&error, attempt).await?;
        self.scripts = self.stretch.steps.iter().map(|step| ScriptProgress::new(step.progress())).collect();
        Ok(Start::default())
    }

    /// Returns the script that stopped: that of the part that failed, or the first one that was packed and not sent.
    fn stopped_at(&self) -> Option<usize> {
        let failed = self.failed_mark().and_then(|mark| mark.step);
        failed.or_else(|| self.marks.iter().find_map(|mark| mark.step)).or(self.step)
    }

    /// Retries a transaction or a unit from its beginning if it could not acquire a lock in time.
    async fn go_back(&mut self, error: Error, attempt: &mut u32) -> Result<Start, Error> {
        let Some(step) = self.stopped_at() else { return Err(error) };
        let opened = self.failed_mark().map_or(self.left, |mark| mark.open);
        if opened == Open::Notes && !self.is_lost(&error) {
            // a statement that the server cannot parse does not commit the journal's rows
            let committed = self.run.connection.commit().await;
            committed.map_err(|error| Error::database("writing the journal", error))?;
        }
        // each script has attempts of its own
        *attempt = if self.attempted == Some(step) { *attempt } else { 1 };
        self.attempted = Some(step);
        if let Some(group) = self.stretch.group(step).filter(|_| opened == Open::Transaction) {
            return self.begin_group_again(group, error, *attempt).await;
        }
        // if a write to the journal failed, the rows of its transaction may be lost as well
        let of_notes = opened == Open::Notes && self.failed_mark().is_some() && self.failed_statement().is_none();
        if !self.is_lost(&error) && !of_notes {
            self.keep();
        }
        let script = &self.scripts[step];
        let (known, progress) = (script.known, script.progress);
        let done = progress.map_or(0, |progress| progress.statements);
        let again = self.failed_mark().and_then(|mark| mark.restart).is_some_and(|unit| unit >= done);
        if !(known && again && self.run.may_retry(&error, *attempt)) {
            return self.stopped(error).await;
        }
        if let Some(remains) = self.run.take_back().await? {
            return Err(error.not_rolled_back(remains));
        }
        self.run.pause_before_retry(&error, *attempt).await?;
        self.scripts[step] = ScriptProgress { known, told: true, ..ScriptProgress::new(progress) };
        Ok(Start { step, begun: true, progress })
    }

    /// Retries the transaction of a group that could not acquire a lock in time.
    async fn begin_group_again(&mut self, group: Range<usize>, error: Error, attempt: u32) -> Result<Start, Error> {
        let commits = |mark: &Mark| {
            matches!(mark.effect, Effect::Commits(_)) && mark.step.is_some_and(|step| group.contains(&step))
        };
        if self.is_lost(&error) && self.marks.iter().any(commits) {
            self.run.connection.ignore_interrupts();
            return self.look_back(error).await;
        }
        let error = self.run.roll_back(error).await;
        self.keep_steps(group.start);
        self.run.applied.truncate(self.run.committed);
        let stays = self.stretch.steps[group.clone()].iter().any(|step| step.facts.makes_temporary);
        if stays || !self.run.may_retry(&error, attempt) {
            return Err(error);
        }
        self.run.pause_before_retry(&error, attempt).await?;
        for step in group.clone() {
            self.scripts[step] = ScriptProgress::new(self.stretch.steps[step].progress());
        }
        Ok(Start { step: group.start, ..Start::default() })
    }

    /// Whether the server may not have answered completely what was sent last.
    fn is_lost(&self, error: &Error) -> bool {
        self.unanswered || error.server().is_some_and(|error| error.kind == ErrorKind::ConnectionLost)
    }

    /// Records in the journal that a script stopped, if the server has answered and still listens.
    async fn stopped(&mut self, error: Error) -> Result<Start, Error> {
        let Some(step) = self.stopped_at() else { return Err(error) };
        let in_band = self.run_mode == RunMode::InBand;
        if in_band && self.is_lost(&error) {
            self.run.connection.ignore_interrupts();
            return self.look_back(error).await;
        }
        if self.scripts[step].is_complete {
            // the script's row already says that it is applied
            return Err(error);
        }
        self.run.connection.ignore_interrupts();
        let (script, dialect) = (self.stretch.steps[step].script(), self.run.connection.server().context.dialect);
        let (known, progress) = (self.scripts[step].known, self.scripts[step].progress);
        let own = self.failed_mark().is_some() && self.failed_statement().is_none();
        let statement = if in_band {
            self.failed_statement()
        } else {
            self.scripts[step].last.as_ref().map(|(statement, _)| statement)
        };
        let may_commit = statement.is_some_and(|statement| dialect.may_commit(statement));
        let done = progress.map_or(0, |progress| progress.statements);
        if !known {
            // the script's row was not written: the script is where it was before
            let partial = (done > 0).then(|| self.partial(step, done, Next::Open));
            return Err(error.with(partial));
        }
        let undone = if in_band { self.run.undo().await } else { Ok(None) };
        let of_journal = own || matches!(error, Error::Database { .. });
        if of_journal && matches!(undone, Ok(None)) && matches!(self.run.connection.has_journal().await, Ok(false)) {
            let gone = Error::journal_changed(script.name(), 0, None).staying();
            return Err(gone.with(Some(Partial { at_least: true, ..self.partial(step, done, Next::Unknown) })));
        }
        let clean = matches!(undone, Ok(None));
        let why = match undone {
            Ok(Some(remains)) => error.not_rolled_back(remains),
            _ => error,
        };
        if in_band && own {
            return self.look_back(why).await;
        }
        let partly = !clean || may_commit;
        let next = if why.is_answered() && !own && !self.unanswered {
            let noted = self.run.note_failure(script, progress, partly, &why).await;
            next(noted, partly, clean)
        } else {
            Next::Unknown
        };
        Err(why.with(Some(self.partial(step, done, next))))
    }

    /// Returns how far a script got.
    fn partial(&self, step: usize, done: usize, next: Next) -> Partial {
        let (step, units) = (self.stretch.steps[step], self.run.connection.server().context.dialect.units());
        Partial { script: step.script().name(), done, statements: step.facts.statements, next, at_least: false, units }
    }

    /// Asks the journal about the scripts once the server has finished what it was doing: it may have continued after
    /// the connection was lost, even to the end.
    async fn look_back(&mut self, error: Error) -> Result<Start, Error> {
        let Some(journal) = self.run.journal_afterwards().await else { return Err(self.left_open(error)) };
        let (run, steps) = (self.run.author.run.clone(), &self.stretch.steps);
        let entry = |step: &&Step| {
            let (kind, number) = (step.script().kind(), step.script().number());
            journal.find(kind, number).filter(|entry| entry.run == run)
        };
        let entries = steps.iter().map_while(entry).collect::<Vec<_>>();
        let complete = entries.iter().take_while(|entry| entry.state.is_done()).count();
        self.run.applied.truncate(self.base + complete);
        for step in self.run.applied.len() - self.base..complete {
            self.run.applied.push(Applied::new(steps[step].script(), entries[step].duration));
        }
        self.keep_steps(complete);
        if complete == steps.len() {
            return Ok(Start { step: complete, begun: true, progress: None });
        }
        let partial = entries.get(complete).map(|entry| {
            let next = if entry.state == State::Paused { Next::Open } else { Next::Unknown };
            self.partial(complete, entry.statements_done.unwrap_or(0), next)
        });
        Err(error.with(partial))
    }

    /// Adds to the error what is known without the journal.
    fn left_open(&mut self, error: Error) -> Error {
        let complete = self.run.applied.len() - self.base;
        let opened = self.failed_mark().map_or(self.left, |mark| mark.open);
        let group = self.stopped_at().and_then(|step| self.stretch.group(step));
        let is_empty = |step: &usize| self.stretch.steps[*step].facts.statements == 0;
        let sure = match (opened, group) {
            (Open::Transaction, Some(group)) => group.start.min(complete),
            // the row of the last script may not be committed
            (Open::Notes, _) => complete.saturating_sub((0..complete).rev().take_while(is_empty).count() + 1),
            _ => complete,
        };
        self.keep_steps(sure);
        self.run.applied.truncate(self.base + sure);
        let Some(step) = self.stopped_at().filter(|step| sure == complete && self.stretch.group(*step).is_none())
        else {
            return error.commit_unknown();
        };
        let done = self.scripts[step].progress.map_or(0, |progress| progress.statements);
        let partial = Partial { at_least: true, ..self.partial(step, done, Next::Unknown) };
        error.with(self.scripts[step].known.then_some(partial))
    }
}

impl Run<'_> {
    /// Rolls the transaction back. Returns why something of it remains.
    async fn take_back(&mut self) -> Result<Option<ServerError>, Error> {
        match self.connection.rollback().await {
            Ok(()) => Ok(None),
            Err(error) if error.kind == ErrorKind::NotRolledBack => Ok(Some(error)),
            Err(error) => Err(Error::database("rolling back", error)),
        }
    }

    /// Rolls the transaction back and resets the session.
    async fn undo(&mut self) -> Result<Option<ServerError>, Error> {
        let remains = self.take_back().await?;
        let reset = Action::ResetSession(Mode::NoTransaction, Vec::new());
        let reset = self.own_sql(&reset, None, Duration::ZERO, false).join("; ");
        let reset = self.connection.query(&reset).await;
        reset.map_err(|error| Error::database("resetting the session", error))?;
        Ok(remains)
    }

    /// Returns the journal once the server has finished what it was doing, if that can be observed.
    async fn journal_afterwards(&mut self) -> Option<Journal> {
        let mut connection = self.migrator.connect(Access::Read).await.ok()?;
        if self.connection.fate().await? != Fate::Ended {
            return None;
        }
        read_journal(&mut *connection).await.ok()
    }

    /// Records where a script failed. If the failed statement may have committed part of its work (a procedure,
    /// VACUUM), its outcome counts as unknown.
    async fn note_failure(&mut self, script: &Script, progress: Option<Progress>, partly: bool, error: &Error) -> bool {
        let state = if partly { State::Started } else { State::Failed };
        let message = self.migrator.options.variables.mask(&error.noted());
        let sql = self.connection.server().journal.stopped(script.number(), progress, state, &message);
        self.connection.query_aside(&sql).await.is_ok()
    }
}

/// Returns what is known about the statement that failed.
const fn next(noted: bool, partly: bool, clean: bool) -> Next {
    match (noted, partly) {
        (true, false) => Next::Open,
        (true, true) if clean => Next::Partly,
        // what remains may come from any statement that should have been rolled back
        _ => Next::Unknown,
    }
}
