//! A script outside a transaction that stops in the middle: what is noted of it, and what is known.

use std::time::Duration;

use super::run::Run;
use super::sender::{ScriptProgress, Sender};
use crate::engine::{Access, Fate, read_journal};
use crate::error::{Error, Next, Partial, ServerError, Trouble};
use crate::journal::{Progress, State};
use crate::plan::{Action, Start, Way};
use crate::script::Script;
use crate::sql::Mode;

impl Sender<'_, '_, '_> {
    /// After an error: where the run begins again, or the error with what it means.
    pub(super) async fn recover(&mut self, error: Error, attempt: &mut u32) -> Result<Start, Error> {
        let start = match self.way {
            Way::Transaction => self.begin_again(error, *attempt).await?,
            Way::Aside => return Err(self.stopped(error).await),
            Way::InBand => self.go_back(error, attempt).await?,
        };
        Ok(start)
    }

    /// Begins a transaction again when a lock was not to be had in time.
    async fn begin_again(&mut self, error: Error, attempt: u32) -> Result<Start, Error> {
        let error = self.run.roll_back(error).await;
        self.run.applied.truncate(self.run.committed);
        // a rollback does not remove temporary tables everywhere, and they would be in the way of another attempt
        let dialect = self.run.connection.server().context.dialect;
        let stays = dialect.commits_at_ddl() && self.stretch.steps.iter().any(|step| step.facts.makes_temporary);
        if stays || !self.run.may_retry(&error, attempt) {
            return Err(error);
        }
        self.run.pause_before_retry(&error, attempt).await?;
        self.scripts = self.stretch.steps.iter().map(|step| ScriptProgress::new(step.progress())).collect();
        Ok(Start::default())
    }

    /// The script that stopped: that of the part that failed, or the first of what was packed and not sent.
    fn stopped_at(&self) -> Option<usize> {
        let failed = self.failed_mark().and_then(|mark| mark.step);
        failed.or_else(|| self.marks.iter().find_map(|mark| mark.step)).or(self.step)
    }

    /// Goes back to the beginning of a unit when a lock was not to be had in time.
    async fn go_back(&mut self, error: Error, attempt: &mut u32) -> Result<Start, Error> {
        let Some(step) = self.stopped_at() else { return Err(error) };
        // each script has its attempts
        *attempt = if self.attempted == Some(step) { *attempt } else { 1 };
        self.attempted = Some(step);
        let script = &self.scripts[step];
        let (known, progress) = (script.known, script.progress);
        let done = progress.map_or(0, |progress| progress.statements);
        let again = self.failed_mark().and_then(|mark| mark.restart).is_some_and(|unit| unit >= done);
        if !(known && again && self.run.may_retry(&error, *attempt)) {
            return Err(self.stopped(error).await);
        }
        if let Some(remains) = self.run.take_back().await? {
            return Err(error.not_rolled_back(remains));
        }
        self.run.pause_before_retry(&error, *attempt).await?;
        self.scripts[step] = ScriptProgress { known, told: true, ..ScriptProgress::new(progress) };
        Ok(Start { step, begun: true, progress })
    }

    /// A script did not end well: the journal learns it if the server has answered and still listens.
    async fn stopped(&mut self, error: Error) -> Error {
        let Some(step) = self.stopped_at() else { return error };
        if self.scripts[step].is_complete {
            // its row says that it is applied
            return error;
        }
        self.run.connection.tidy();
        let (script, dialect) = (self.stretch.steps[step].script(), self.run.connection.server().context.dialect);
        let (known, progress) = (self.scripts[step].known, self.scripts[step].progress);
        let own = self.failed_mark().is_some() && self.failed_piece().is_none();
        let in_band = self.way == Way::InBand;
        let piece =
            if in_band { self.failed_piece() } else { self.scripts[step].last.as_ref().map(|(piece, _)| piece) };
        let may_commit = piece.is_some_and(|piece| piece.may_commit(dialect));
        let done = progress.map_or(0, |progress| progress.statements);
        let statements = self.stretch.steps[step].facts.statements;
        let units = dialect.units();
        let partial = |done, next, at_least| Partial { script: script.name(), done, statements, next, at_least, units };
        if !known {
            // not even the script's row was written: it is where it was
            let partial = (done > 0).then(|| partial(done, Next::Open, false));
            return error.with(partial);
        }
        // a connection whose statement did not answer can take nothing back
        let listens = in_band && !self.unanswered;
        let undone = if listens { self.run.undo().await } else { Ok(None) };
        let of_journal = own || matches!(error, Error::Database { .. });
        if of_journal && matches!(undone, Ok(None)) && matches!(self.run.connection.has_journal().await, Ok(false)) {
            let gone = Error::journal_changed(script.name(), 0, None).staying();
            return gone.with(Some(partial(done, Next::Unknown, true)));
        }
        let answered = error.is_answered() && !own && !self.unanswered;
        let journaled = if in_band && !answered { self.run.look_back(script).await } else { None };
        let clean = matches!(undone, Ok(None));
        let partly = !clean || may_commit;
        let (done, next) = match journaled {
            Some((done, known)) => (done, if known { Next::Open } else { Next::Unknown }),
            None if !answered => (done, Next::Unknown),
            None => {
                let noted = self.run.note_failure(script, progress, partly, &error).await;
                (done, next(noted, partly, clean))
            }
        };
        // the server may have gone on without us
        let at_least = in_band && !answered && journaled.is_none();
        let why = match undone {
            Ok(Some(remains)) => error.not_rolled_back(remains),
            _ => error,
        };
        why.with(Some(partial(done, next, at_least)))
    }
}

impl Run<'_> {
    /// Takes back the transaction. Returns why something of it remains.
    async fn take_back(&mut self) -> Result<Option<ServerError>, Error> {
        match self.connection.rollback().await {
            Ok(()) => Ok(None),
            Err(error) if error.trouble == Trouble::NotRolledBack => Ok(Some(error)),
            Err(error) => Err(Error::database("rolling back", error)),
        }
    }

    /// Takes back the transaction and whatever else the script has open.
    async fn undo(&mut self) -> Result<Option<ServerError>, Error> {
        let remains = self.take_back().await?;
        let reset = Action::ResetSession(Mode::NoTransaction, Vec::new());
        let reset = self.own_sql(&reset, None, Duration::ZERO, false).join("; ");
        let reset = self.connection.query(&reset).await;
        reset.map_err(|error| Error::database("resetting the session", error))?;
        Ok(remains)
    }

    /// What the journal says once the server has ended what it was doing: how many statements ran, and whether it is known
    /// that the next one did not.
    async fn look_back(&mut self, script: &Script) -> Option<(usize, bool)> {
        let mut connection = self.migrator.connect(Access::Read).await.ok()?;
        if self.connection.fate().await? != Fate::Ended {
            return None;
        }
        let journal = read_journal(&mut *connection).await.ok()?;
        let entry = journal.find(script.kind(), script.number()).filter(|entry| entry.run == self.author.run)?;
        Some((entry.statements_done.unwrap_or(0), entry.state == State::Paused))
    }

    /// Writes down where a script failed. What a procedure or a VACUUM has done before it failed is unknown.
    async fn note_failure(&mut self, script: &Script, progress: Option<Progress>, partly: bool, error: &Error) -> bool {
        let state = if partly { State::Started } else { State::Failed };
        let message = self.migrator.options.variables.mask(&error.noted());
        let sql = self.connection.server().journal.stopped(script.number(), progress, state, &message);
        self.connection.query_aside(&sql).await.is_ok()
    }
}

/// What is known of the statement that failed.
const fn next(noted: bool, partly: bool, clean: bool) -> Next {
    match (noted, partly) {
        (true, false) => Next::Open,
        (true, true) if clean => Next::Partly,
        // what remains is of any of the statements that should have been taken back
        _ => Next::Unknown,
    }
}
