//! A script that is not one transaction: unit by unit, the journal keeping up with each.

use std::collections::BTreeMap;
use std::time::Instant;

use super::run::ended;
use super::stop::{Halt, Stop};
use super::stretch::{Course, Note};
use super::{Message, Run};
use crate::engine::{Access, Connection, read_journal};
use crate::error::{Next, Partial, ServerError, Trouble};
use crate::event::Event;
use crate::journal::{Progress, Record, State};
use crate::plan::{Group, Step};
use crate::preflight::{prefix, statements, units};
use crate::script::{Checksum, Hasher, Text};
use crate::sql::{Context, Mode, Piece, Unit};

/// A script on its way.
struct Advance<'a> {
    step: &'a Step,
    text: &'a Text,
    pieces: &'a [Piece],
    units: &'a [Unit],
    /// The checksums of the text through the end of each unit.
    checksums: BTreeMap<usize, Checksum>,
    started: Instant,
}

impl<'a> Advance<'a> {
    fn new(step: &'a Step, text: &'a Text, pieces: &'a [Piece], units: &'a [Unit]) -> Self {
        let ends = units.iter().map(|unit| unit.statements.end);
        let (mut hasher, mut start) = (Hasher::default(), 0);
        let mut through = |end: usize| {
            let end = pieces[end - 1].span.end;
            hasher.update(&text.as_str()[std::mem::replace(&mut start, end)..end]);
            hasher.checksum()
        };
        let checksums = ends.map(|end| (end, through(end))).collect();
        Self { step, text, pieces, units, checksums, started: Instant::now() }
    }

    fn progress(&self, statements: usize) -> Option<Progress> {
        let known = self.checksums.get(&statements).copied();
        let checksum = known.or_else(|| prefix(self.text.as_str(), self.pieces, statements))?;
        Some(Progress { statements, checksum })
    }

    fn course(&self, connection: &dyn Connection) -> Course<'a> {
        let Context { dialect, longest, .. } = connection.server().context;
        let limit = connection.message_limit();
        let routines_end = connection.stores_to_the_end();
        Course { dialect, pieces: self.pieces, units: self.units, limit, longest, routines_end }
    }
}

/// Not even the script's row was written: it stands where it stood.
fn unbegun(stop: Stop, advance: &Advance<'_>, done: usize) -> Stop {
    if done == 0 {
        return stop;
    }
    let (script, statements) = (advance.step.script().name(), advance.pieces.len());
    let partial = Partial { script, done, statements, next: Next::Open, at_least: false };
    Stop::Partial { stop: Box::new(stop), partial }
}

impl Run<'_> {
    /// Runs scripts that are not one transaction.
    pub(super) async fn advance(&mut self, group: &Group) -> Result<(), Stop> {
        for step in group.steps() {
            self.create_journal().await?;
            self.has_journal = true;
            let script = step.script();
            let text = script.read().map_err(Stop::Read)?;
            let dialect = self.connection.server().context.dialect;
            let pieces = statements(script, text.as_str(), dialect).collect::<Result<Vec<_>, _>>();
            let pieces = pieces.map_err(|error| Stop::unsplittable(script, text.as_str(), error))?;
            let units = units(script, text.as_str(), &pieces, dialect);
            let advance = Advance::new(step, &text, &pieces, &units);
            let mut done = step.skip();
            let at_rest = if self.connection.is_in_band() { State::Paused } else { State::Started };
            if let Err(stop) = self.mark(&advance, at_rest, done).await {
                return Err(unbegun(stop, &advance, done));
            }
            self.tell(&Event::Started { script });
            if let Err(halt) = self.advance_step(&advance, &mut done).await {
                return Err(self.stopped(halt, &advance, done).await);
            }
            self.ran(script, advance.started.elapsed());
            self.committed = self.applied.len();
            self.tell(&Event::Committed { scripts: &[script] });
        }
        Ok(())
    }

    /// `done` is how many statements are known to have run.
    async fn advance_step(&mut self, advance: &Advance<'_>, done: &mut usize) -> Result<(), Halt> {
        self.tidy(Mode::NoTransaction).await?;
        if *done > 0 {
            self.set_up_again(advance.step.script(), advance.text.as_str(), *done).await?;
        }
        for attempt in 1.. {
            let Err(halt) = self.go_on(advance, done).await else { break };
            if !self.may_begin_again(advance, *done) || !self.may_retry(&halt.stop, attempt) {
                return Err(halt);
            }
            if let Some(error) = self.take_back().await? {
                return Err(Stop::NotRolledBack { stop: Box::new(halt.stop), error }.into());
            }
            self.pause_before_retry(&halt.stop, attempt).await?;
        }
        self.tidy(Mode::NoTransaction).await?;
        self.mark(advance, State::Applied, advance.pieces.len()).await?;
        Ok(())
    }

    /// The session can go on at a statement that did not get a lock. What stands under locks of its own, or asks about the
    /// statement before, cannot begin in the middle.
    fn may_begin_again(&self, advance: &Advance<'_>, done: usize) -> bool {
        let course = advance.course(&*self.connection);
        let Some(unit) = course.unit(done).filter(|_| self.connection.is_in_band()) else { return false };
        let again = &advance.pieces[unit.statements.clone()];
        unit.statements.start >= done && !again.iter().any(Piece::makes_temporary)
    }

    /// Sends what is left.
    async fn go_on(&mut self, advance: &Advance<'_>, done: &mut usize) -> Result<(), Halt> {
        let (script, of) = (advance.step.script(), advance.pieces.len());
        let course = advance.course(&*self.connection);
        let in_band = self.connection.is_in_band();
        for stretch in if in_band { course.stretches(*done) } else { course.singles(*done) } {
            let ours = stretch.ours(|note| self.note_sql(advance, note));
            let pieces = &advance.pieces[stretch.pieces.clone()];
            let message = Message { text: advance.text.as_str(), pieces, ours: if in_band { &ours } else { &[] } };
            let mut sent = self.send(script, message).await;
            if sent.is_ok() && !in_band {
                let proved = self.connection.prove_script().await;
                sent = proved.map_err(|doubt| Stop::doubt(script.name(), doubt).into());
            }
            *done = course.done(*done, &stretch, sent.as_ref().err());
            sent?;
            if !in_band {
                for note in ours {
                    self.note_down(&note.sql).await?;
                }
            }
            self.tell(&Event::Progress { script, statements: stretch.pieces.end, of: Some(of) });
        }
        Ok(())
    }

    fn note_sql(&self, advance: &Advance<'_>, note: Note) -> String {
        let (journal, number) = (self.connection.journal_sql(), advance.step.script().number());
        match note {
            Note::Begin => journal.flavour.begin.into(),
            Note::Commit => "COMMIT".into(),
            Note::Underway => journal.state(number, State::Started),
            Note::Progress(statements, state) => match advance.progress(statements) {
                Some(progress) => journal.progress(number, progress, state),
                None => journal.state(number, state),
            },
        }
    }

    /// Writes the script's row: at the start, at the end.
    async fn mark(&mut self, advance: &Advance<'_>, state: State, statements: usize) -> Result<(), Stop> {
        let Advance { step, text, started, .. } = advance;
        let body = self.body(text);
        let record = Record {
            script: step.script(),
            state,
            duration: started.elapsed(),
            progress: advance.progress(statements),
            body: body.as_deref(),
            author: &self.author,
        };
        let journal = self.connection.journal_sql();
        let sql = if state == State::Applied { journal.update(&record) } else { journal.write(step, &record) };
        self.note_down(&sql).await
    }

    /// Writes the journal while the script's settings are in force.
    async fn note_down(&mut self, sql: &str) -> Result<(), Stop> {
        self.connection.execute_apart(sql).await.map_err(|error| Stop::database("writing the journal", error))
    }

    /// Takes back the transaction. Returns why something of it remains.
    async fn take_back(&mut self) -> Result<Option<ServerError>, Stop> {
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
        let session = self.connection.session_sql(Mode::NoTransaction).to_owned();
        let reset = self.connection.execute(&session).await;
        reset.map_err(|error| Stop::database("resetting the session", error))?;
        Ok(remains)
    }

    /// It did not end well: the journal learns it if the server has answered and still listens.
    async fn stopped(&mut self, halt: Halt, advance: &Advance<'_>, done: usize) -> Stop {
        let (script, in_band) = (advance.step.script(), self.connection.is_in_band());
        // a connection whose statement did not answer can take nothing back
        let listens = in_band && !matches!(halt.stop, Stop::Unanswered { .. });
        let undone = if listens { self.undo().await } else { Ok(None) };
        let answered = halt.stop.is_answered() && !halt.ours;
        let journaled = if in_band && !answered { self.look_back(advance).await } else { None };
        let (done, next) = match journaled {
            Some((done, known)) => (done, if known { Next::Open } else { Next::Unknown }),
            None if !answered => (done, Next::Unknown),
            None => (done, self.note_failure(advance, done, &halt.stop, matches!(undone, Ok(None))).await),
        };
        let partial = Partial {
            script: script.name(),
            done,
            statements: advance.pieces.len(),
            next,
            // the server may have gone on without us
            at_least: in_band && !answered && journaled.is_none(),
        };
        let stop = match undone {
            Ok(Some(error)) => Stop::NotRolledBack { stop: Box::new(halt.stop), error },
            _ => halt.stop,
        };
        Stop::Partial { stop: Box::new(stop), partial }
    }

    /// What the journal says once the server has ended what it was doing: how many statements ran, and whether it is known
    /// that the next one did not.
    async fn look_back(&mut self, advance: &Advance<'_>) -> Option<(usize, bool)> {
        let mut connection = self.migrator.connect(Access::Read).await.ok()?;
        let fate = self.connection.fate_sql()?;
        if ended(&mut *connection, &fate).await? != "ended" {
            return None;
        }
        let script = advance.step.script();
        let journal = read_journal(&mut *connection).await.ok()?;
        let entry = journal.find(script.kind(), script.number()).filter(|entry| entry.run == self.author.run)?;
        Some((entry.statements_done.unwrap_or(0), entry.state == State::Paused))
    }

    /// Writes down where it failed. What a procedure or a VACUUM has done before it failed, nobody counts.
    async fn note_failure(&mut self, advance: &Advance<'_>, done: usize, stop: &Stop, clean: bool) -> Next {
        let (number, progress) = (advance.step.script().number(), advance.progress(done));
        let (journal, dialect) = (self.connection.journal_sql(), self.connection.server().context.dialect);
        let partly = !clean || advance.pieces.get(done).is_some_and(|piece| piece.may_commit(dialect));
        let state = if partly { State::Started } else { State::Failed };
        let sql = journal.stopped(number, progress, state, &stop.message());
        match self.connection.execute_apart(&sql).await {
            Ok(()) if !partly => Next::Open,
            Ok(()) if clean => Next::Partly,
            // what remains is of any of the statements that should have been taken back
            _ => Next::Unknown,
        }
    }
}
