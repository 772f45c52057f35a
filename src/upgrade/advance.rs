//! A script that is not one transaction: statement by statement, the journal keeping up with each.

use std::time::Instant;

use super::Run;
use super::run::ended;
use super::stop::{Halt, Stop, Suspects};
use crate::engine::{Access, Doubt, read_journal};
use crate::error::{Next, Partial, ServerError, Trouble};
use crate::event::Event;
use crate::journal::{Clock, Progress, Record, State};
use crate::plan::Step;
use crate::preflight;
use crate::script::Script;
use crate::sql::{Mode, Piece, suspending};
use crate::statements::{Prefix, Statements};

/// A script on its way.
struct Advance<'a> {
    step: &'a Step,
    body: Option<String>,
    started: Instant,
    /// How many of its statements are known to have run.
    progress: Option<Progress>,
    /// What runs, or has run last.
    piece: Option<Piece>,
}

/// Where a script stopped.
pub(super) struct Standing {
    /// How many of its statements stay.
    pub(super) progress: Option<Progress>,
    /// The statement that failed.
    pub(super) piece: Option<Piece>,
    /// The journal has the script's row.
    pub(super) known: bool,
}

impl Run<'_> {
    /// Runs scripts that are not one transaction.
    pub(super) async fn advance(&mut self, steps: &[&Step]) -> Result<(), Stop> {
        self.create_journal().await?;
        self.has_journal = true;
        if self.connection.is_in_band() {
            self.advance_in_band(steps).await?;
            self.count_rows(steps);
            return Ok(());
        }
        for step in steps {
            self.advance_apart(step).await?;
            self.count_rows(&[step]);
        }
        Ok(())
    }

    async fn advance_apart(&mut self, step: &Step) -> Result<(), Stop> {
        let script = step.script();
        let mut statements = Statements::open(script, &self.context()).map_err(Stop::Read)?;
        let body = self.body(&mut statements).map_err(Stop::Read)?;
        let (started, progress) = (Instant::now(), self.resumed(step)?);
        let mut advance = Advance { step, body, started, progress, piece: None };
        if let Err(stop) = self.mark(&advance, State::Started).await {
            return Err(self.stopped(stop.into(), script, Standing { progress, piece: None, known: false }).await);
        }
        self.tell(&Event::Started { script });
        if let Err(halt) = self.advance_step(&mut advance, statements).await {
            let Advance { progress, piece, .. } = advance;
            return Err(self.stopped(halt, script, Standing { progress, piece, known: true }).await);
        }
        self.ran(script, advance.started.elapsed());
        self.keep(&[script]);
        self.has_kept_rows(&[step], None).await
    }

    /// Whether the journal has the rows of scripts that are not one transaction, and those from before. It may have been
    /// counted already.
    pub(super) async fn has_kept_rows(&mut self, steps: &[&Step], counted: Option<u64>) -> Result<(), Stop> {
        let found = if let Some(found) = counted { found } else { self.count_in_journal().await? };
        self.has_rows(steps, found).map_err(Stop::staying)
    }

    async fn count_in_journal(&mut self) -> Result<u64, Stop> {
        let count = self.connection.journal_sql().count();
        let rows = self.connection.query(&count).await.map_err(|error| Stop::database("reading the journal", error))?;
        Ok(rows.into_iter().flatten().next().flatten().and_then(|rows| rows.parse().ok()).unwrap_or(0))
    }

    async fn advance_step(&mut self, advance: &mut Advance<'_>, mut statements: Statements) -> Result<(), Halt> {
        let script = advance.step.script();
        self.tidy(Mode::NoTransaction).await?;
        let done = advance.progress.map_or(0, |progress| progress.statements);
        if done > 0 {
            self.set_up_again(script, done).await?;
        }
        let (mut prefix, mut read, mut suspended) = (Prefix::default(), 0, None);
        while let Some(piece) = statements.next() {
            let piece = piece.map_err(|error| Stop::unreadable(script, error))?;
            prefix.extend(&statements, &piece);
            read += 1;
            if read <= done {
                continue;
            }
            advance.piece = Some(piece.clone());
            let runs = self.run_alone(script, &mut statements, piece.clone()).await?;
            // a script may say which of its statements are not to run; if they never do again, they are still to be done
            suspended = if runs { None } else { suspended.or(Some(piece)) };
            if suspended.is_some() {
                continue;
            }
            let reached = Progress { statements: read, checksum: prefix.checksum() };
            advance.progress = Some(reached);
            let sql = self.connection.journal_sql().progress(script.number(), reached, State::Started);
            self.note_down(script, &sql).await?;
            self.tell(&Event::Progress { script, statements: read, bytes: statements.bytes() });
        }
        if let Some(piece) = suspended {
            let at = suspending(self.connection.server().context.dialect, &piece.words, statements.sql(&piece));
            let at = at.into_iter().next().map_or(piece.statement.clone(), |at| piece.written(at));
            advance.piece = Some(piece);
            return Err(Stop::suspended(script, at, Suspects::One).into());
        }
        self.tidy(Mode::NoTransaction).await?;
        self.mark(advance, State::Applied).await?;
        Ok(())
    }

    /// Runs one statement by itself. Tells whether the server runs what it is sent from there on.
    async fn run_alone(&mut self, script: &Script, statements: &mut Statements, piece: Piece) -> Result<bool, Halt> {
        let has_rows = piece.data.is_some();
        let mut load = self.load();
        load.board(script, None, true);
        load.take(piece.clone(), statements.sql(&piece), statements.bytes());
        if has_rows {
            self.flush_rows(&mut load, statements).await?;
        } else {
            self.flush(&mut load).await?;
        }
        match self.connection.prove_script().await {
            Ok(()) => Ok(true),
            Err(Doubt::NotRunning) => Ok(false),
            Err(doubt) => Err(Stop::doubt(script.name(), doubt).into()),
        }
    }

    /// How far an earlier run came with a script.
    pub(super) fn resumed(&self, step: &Step) -> Result<Option<Progress>, Stop> {
        if step.skip() == 0 {
            return Ok(None);
        }
        let progress = preflight::progress(step.script(), &self.context(), step.skip());
        progress.map(|(_, progress)| progress).map_err(|error| Stop::unreadable(step.script(), error))
    }

    /// Writes the script's row: at the start, at the end.
    async fn mark(&mut self, advance: &Advance<'_>, state: State) -> Result<(), Stop> {
        let Advance { step, body, started, progress, .. } = advance;
        let (progress, clock, body) = (*progress, Clock::Ours(started.elapsed()), body.as_deref());
        let (script, author) = (step.script(), &self.author_of(step.script()));
        let record = Record { script, state, clock, progress, body, author };
        let journal = self.connection.journal_sql();
        let sql = if state == State::Applied { journal.update(&record) } else { journal.write(step, &record) };
        self.note_down(script, &sql).await
    }

    /// Writes the journal while the script's settings are in force.
    async fn note_down(&mut self, script: &Script, sql: &str) -> Result<(), Stop> {
        self.connection.execute_apart(sql).await.map_err(|error| Stop::unwritten(script, error))
    }

    /// Takes back the transaction. Returns why something of it remains.
    pub(super) async fn take_back(&mut self) -> Result<Option<ServerError>, Stop> {
        match self.connection.rollback().await {
            Ok(()) => Ok(None),
            Err(error) if error.trouble == Trouble::NotRolledBack => Ok(Some(error)),
            Err(error) => Err(Stop::database("rolling back", error)),
        }
    }

    /// Takes back the transaction and whatever else the script has open.
    async fn undo(&mut self) -> Result<Option<ServerError>, Stop> {
        let remains = self.take_back().await?;
        // not through `ours`: an interrupt, which may be why, would cancel it
        let session = self.connection.session(Mode::NoTransaction).join("; ");
        let reset = self.connection.execute(&session).await;
        reset.map_err(|error| Stop::database("resetting the session", error))?;
        Ok(remains)
    }

    /// It did not end well: the journal learns it if the server has answered and still listens.
    pub(super) async fn stopped(&mut self, halt: Halt, script: &Script, standing: Standing) -> Stop {
        let (Standing { progress, piece, known }, in_band) = (standing, self.connection.is_in_band());
        let done = progress.map_or(0, |progress| progress.statements);
        // somebody may have written to the file meanwhile: then there was at least the one that failed
        let count = preflight::progress(script, &self.context(), done).map(|(count, _)| count);
        let statements = count.unwrap_or(done + 1);
        let units = self.connection.server().context.dialect.units();
        let partial = |done, next, at_least| Partial { script: script.name(), done, statements, next, at_least, units };
        if !known {
            // not even the script's row was written: it stands where it stood
            let partial = (done > 0).then(|| partial(done, Next::Open, false));
            return halt.stop.with(partial);
        }
        // a connection whose statement did not answer can take nothing back
        let listens = in_band && !matches!(halt.stop, Stop::Unanswered { .. });
        let undone = if listens { self.undo().await } else { Ok(None) };
        let ours = halt.ours || matches!(halt.stop, Stop::Database { .. });
        if ours && matches!(undone, Ok(None)) && matches!(self.connection.has_journal().await, Ok(false)) {
            let gone = Stop::journal_changed(script.name(), 0, None).staying();
            return gone.with(Some(partial(done, Next::Unknown, true)));
        }
        let answered = halt.stop.is_answered() && !halt.ours;
        let journaled = if in_band && !answered { self.look_back(script).await } else { None };
        let clean = matches!(undone, Ok(None));
        let partly = !clean || piece.is_some_and(|piece| piece.may_commit(self.connection.server().context.dialect));
        let (done, next) = match journaled {
            Some((done, known)) => (done, if known { Next::Open } else { Next::Unknown }),
            None if !answered => (done, Next::Unknown),
            None => {
                let sql = self.failure_sql(script, progress, partly, &halt.stop);
                let noted = self.connection.execute_apart(&sql).await.is_ok();
                (done, next(noted, partly, clean))
            }
        };
        // the server may have gone on without us
        let at_least = in_band && !answered && journaled.is_none();
        let why = match undone {
            Ok(Some(error)) => Stop::NotRolledBack { stop: Box::new(halt.stop), error },
            _ => halt.stop,
        };
        why.with(Some(partial(done, next, at_least)))
    }

    /// What the journal says once the server has ended what it was doing: how many statements ran, and whether it is known
    /// that the next one did not.
    async fn look_back(&mut self, script: &Script) -> Option<(usize, bool)> {
        let mut connection = self.migrator.connect(Access::Read).await.ok()?;
        let fate = self.connection.fate_sql()?;
        if ended(&mut *connection, &fate).await? != "ended" {
            return None;
        }
        let journal = read_journal(&mut *connection).await.ok()?;
        let entry = journal.find(script.kind(), script.number()).filter(|entry| entry.run == self.author.run)?;
        Some((entry.statements_done.unwrap_or(0), entry.state == State::Paused))
    }

    /// The note of where it failed. What a procedure or a VACUUM has done before it failed, nobody counts.
    fn failure_sql(&self, script: &Script, progress: Option<Progress>, partly: bool, stop: &Stop) -> String {
        let state = if partly { State::Started } else { State::Failed };
        let message = self.migrator.options.variables.mask(&stop.message());
        self.connection.journal_sql().stopped(script.number(), progress, state, &message)
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
