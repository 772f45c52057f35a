//! One script of a transaction, and sending statements.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::load::Load;
use super::stop::{Halt, Stop, Suspects, writing};
use super::{Applied, Deed, GRACE, Run};
use crate::engine::{Cancel, Doubt, Message, Reach};
use crate::error::Trouble;
use crate::event::Event;
use crate::interrupt::Interrupt;
use crate::journal::{BODY_LIMIT, Clock, Record, State};
use crate::migrator::StoreText;
use crate::plan::Step;
use crate::preflight;
use crate::script::{Number, ReadError, Script};
use crate::sql::{Mode, Piece};
use crate::statements::Statements;

impl Run<'_> {
    /// Runs and records scripts of a transaction, behind another one or as the first.
    pub(super) async fn apply_steps(&mut self, steps: &[Step], behind: Option<Number>) -> Result<(), Stop> {
        let mut load = self.load();
        let mut previous = behind;
        if !self.has_journal && self.connection.reach() == Reach::Run {
            self.connection.journal_sql().create().iter().for_each(|sql| load.ours(sql));
        }
        for step in steps {
            let started = Instant::now();
            let script = step.script();
            let mut statements = Statements::open(script, &self.context()).map_err(Stop::Read)?;
            let body = self.body(&mut statements).map_err(Stop::Read)?;
            let state = self.state_of(script);
            load.board(script, None, false);
            if state == State::Applied {
                self.run_script(step, &mut statements, &mut load).await?;
            }
            if self.connection.reach() == Reach::Statement {
                self.flush(&mut load).await?;
                self.end_script(step, state, body.as_deref(), started).await?;
                load = self.load();
            } else {
                let clock = previous.map_or(Clock::Begin, Clock::Since);
                let record = Record {
                    script,
                    state,
                    clock,
                    progress: None,
                    body: body.as_deref(),
                    author: &self.author_of(script),
                };
                let end = self.end_of(step, &record);
                self.load_ours(&mut load, &end).await?;
                load.complete();
            }
            if self.connection.reach() == Reach::Script {
                self.flush(&mut load).await?;
            }
            previous = Some(script.number());
        }
        self.flush(&mut load).await.map_err(Stop::from)
    }

    /// What becomes of a script.
    fn state_of(&self, script: &Script) -> State {
        match &self.deed {
            Deed::Apply => State::Applied,
            Deed::Import(origins) if origins.contains_key(&script.number()) => State::Imported,
            Deed::Record | Deed::Import(_) => State::Baselined,
        }
    }

    async fn run_script<'s>(
        &mut self,
        step: &'s Step,
        statements: &mut Statements,
        load: &mut Load<'s>,
    ) -> Result<(), Stop> {
        let script = step.script();
        if step.skip() > 0 {
            self.set_up_again(script, step.skip()).await?;
        }
        let mut left = step.skip();
        let mut changes_reading = false;
        while let Some(piece) = statements.next() {
            let piece = piece.map_err(|error| Stop::unreadable(script, error))?;
            if left > 0 {
                left -= 1;
                continue;
            }
            if !load.has_room(&piece) {
                let limit = self.connection.message_limit();
                let (sent, ()) = tokio::join!(self.flush(load), async { statements.look_ahead(limit) });
                sent?;
            }
            let has_rows = piece.data.is_some();
            changes_reading |= piece.changes_reading(self.connection.server().context.dialect);
            load.take(piece.clone(), statements.sql(&piece), statements.bytes());
            if has_rows {
                self.flush_rows(load, statements).await?;
            }
        }
        if changes_reading {
            // the session that reads what follows must have its settings back
            self.flush(load).await?;
            self.tidy(Mode::InTransaction).await?;
        }
        Ok(())
    }

    /// What ends a script: its settings are taken back, and the journal has its row.
    fn end_of(&self, step: &Step, record: &Record<'_>) -> Vec<String> {
        let runs = record.state == State::Applied;
        let session = self.connection.session(Mode::InTransaction).iter().filter(|_| runs).cloned();
        let journal = self.connection.journal_sql();
        // a script that failed outside a transaction may have given its directive up: then there is a row
        let row = journal.timed(journal.write(step, record), record.script.number());
        session.chain(row).chain(journal.flavour.restart.map(ToOwned::to_owned)).collect()
    }

    /// The same, statement by statement.
    async fn end_script(
        &mut self,
        step: &Step,
        state: State,
        body: Option<&str>,
        started: Instant,
    ) -> Result<(), Stop> {
        let script = step.script();
        if state == State::Applied {
            // a setting that is taken back does not show any more
            self.prove_script(script).await?;
            self.tidy(Mode::InTransaction).await?;
        }
        let duration = started.elapsed();
        let author = &self.author_of(script);
        let record = Record { script, state, clock: Clock::Ours(duration), progress: None, body, author };
        let sql = self.connection.journal_sql().write(step, &record);
        self.ours(writing(script), &sql).await.map_err(Stop::unwritten_row)?;
        self.ran(script, duration);
        Ok(())
    }

    /// Makes sure that a script has left the session so that it can go on, and that all of it was run.
    pub(super) async fn prove_script(&mut self, script: &Script) -> Result<(), Stop> {
        match self.connection.prove_script().await {
            Err(Doubt::NotRunning) => {
                let found = preflight::suspensions(script, &self.context());
                let found = found.map_err(|error| Stop::unreadable(script, error))?;
                let suspects = if found.len() > 1 { Suspects::Several } else { Suspects::One };
                Err(match found.into_iter().next_back() {
                    Some(last) => Stop::suspended(script, last, suspects),
                    None => Stop::doubt(script.name(), Doubt::NotRunning),
                })
            }
            answer => answer.map_err(|doubt| Stop::doubt(script.name(), doubt)),
        }
    }

    /// Brings the session to where an earlier run had it behind a script's first statements.
    pub(super) async fn set_up_again(&mut self, script: &Script, done: usize) -> Result<(), Stop> {
        let again = preflight::again(script, &self.context(), done);
        for (piece, sql) in again.map_err(|error| Stop::unreadable(script, error))? {
            self.send_alone(script, &sql, piece).await?;
        }
        Ok(())
    }

    /// Takes back what a script may have set for the session, so that neither the journal nor the next script sees it.
    pub(super) async fn tidy(&mut self, mode: Mode) -> Result<(), Stop> {
        let session = self.connection.session(mode).join("; ");
        self.ours("resetting the session", &session).await
    }

    /// The text that the journal keeps.
    pub(super) fn body(&self, statements: &mut Statements) -> Result<Option<String>, ReadError> {
        // as a literal it can be twice as long, and the row has more
        let longest = self.connection.server().context.longest.map_or(BODY_LIMIT, |longest| longest / 4);
        match self.migrator.options.store_text {
            StoreText::Yes => statements.body(BODY_LIMIT.min(longest)),
            StoreText::No => Ok(None),
        }
    }

    pub(super) fn ran(&mut self, script: &Script, duration: Duration) {
        self.applied.push(Applied::new(script, duration));
        self.tell(&match self.deed {
            Deed::Apply => Event::Ran { script, duration },
            Deed::Record | Deed::Import(_) => Event::Recorded { script },
        });
    }

    /// Sends one statement of a script by itself.
    pub(super) async fn send_alone(&mut self, script: &Script, sql: &str, piece: Piece) -> Result<(), Halt> {
        let mut load = self.load();
        load.board(script, None, false);
        load.message = Message::of(sql, piece);
        self.flush(&mut load).await
    }

    pub(super) fn stop_if_interrupted(&self, during: Option<&Script>) -> Result<(), Stop> {
        let raised = self.migrator.interrupt.is_raised();
        if raised { Err(Stop::Interrupted { during: during.map(Script::name) }) } else { Ok(()) }
    }

    /// Sends a statement of our own.
    pub(super) async fn ours(&mut self, doing: impl Into<Cow<'static, str>>, sql: &str) -> Result<(), Stop> {
        let (canceller, interrupt) = (self.connection.canceller(), self.migrator.interrupt.clone());
        match or_cancelled(self.connection.execute(sql), &*canceller, &interrupt).await {
            None => Err(Stop::Interrupted { during: None }),
            Some(Err(error)) if error.trouble == Trouble::Cancelled && interrupt.is_raised() => {
                Err(Stop::Interrupted { during: None })
            }
            Some(answer) => answer.map_err(|error| Stop::database(doing, error)),
        }
    }
}

/// Waits for an answer. An interrupt cancels what is running, whose answer is then still waited for; `None` when it does
/// not come.
pub(crate) async fn or_cancelled<T>(
    answer: impl Future<Output = T>,
    canceller: &dyn Cancel,
    interrupt: &Interrupt,
) -> Option<T> {
    let mut answer = std::pin::pin!(answer);
    tokio::select! {
        answer = &mut answer => Some(answer),
        () = interrupt.raised() => {
            canceller.cancel().await;
            timeout(GRACE, answer).await.ok()
        }
    }
}
