//! Scripts that are not one transaction, where the journal's notes travel with their statements.

use std::time::Duration;

use super::Run;
use super::advance::Standing;
use super::course::{Act, Course, Note};
use super::load::{Effect, Load};
use super::stop::{Halt, Stop};
use crate::engine::Connection;
use crate::journal::{Clock, Progress, Record, State};
use crate::plan::Step;
use crate::script::Script;
use crate::sql::{Bond, Leg, Legs, Mode, Piece};
use crate::statements::{Prefix, Statements, Unreadable};

/// How far a run has come with the scripts of a group.
#[derive(Debug, Clone, Copy)]
struct Reached {
    /// Which of them is next.
    step: usize,
    /// How many of its statements stay.
    progress: Option<Progress>,
    /// It has begun in this session.
    begun: bool,
}

/// What is read with a statement: the text through it, and the bytes of the file.
type Read = (Prefix, u64);

impl Run<'_> {
    /// Runs scripts one after the other, as many in one message as there is room.
    pub(super) async fn advance_in_band(&mut self, steps: &[&Step]) -> Result<(), Stop> {
        let mut reached = Reached { step: 0, progress: None, begun: false };
        let mut attempt = 0;
        loop {
            let mut load = self.load().of_commits();
            let Err(halt) = self.travel(steps, reached, &mut load).await else { return Ok(()) };
            let part = halt.part.unwrap_or(0);
            let again = load.again(part);
            let piece = load.message.parts().get(part).and_then(|part| part.piece.clone());
            let Some(aboard) = load.settle(part) else { return Err(halt.stop) };
            let (script, progress, known) = (aboard.script, aboard.progress, aboard.known);
            let step = steps.iter().position(|step| step.script() == script).unwrap_or(reached.step);
            // each script has its attempts
            attempt = if step == reached.step { attempt + 1 } else { 1 };
            let done = progress.map_or(0, |progress| progress.statements);
            if !(known && again.is_some_and(|unit| unit >= done) && self.may_retry(&halt.stop, attempt)) {
                return Err(self.stopped(halt, script, Standing { progress, piece, known }).await);
            }
            if let Some(error) = self.take_back().await? {
                return Err(Stop::NotRolledBack { stop: Box::new(halt.stop), error });
            }
            self.pause_before_retry(&halt.stop, attempt).await?;
            reached = Reached { step, progress, begun: true };
        }
    }

    async fn travel<'s>(&mut self, steps: &[&'s Step], from: Reached, load: &mut Load<'s>) -> Result<(), Halt> {
        let mut begun = from.begun;
        for step in &steps[from.step..] {
            let progress = if begun { from.progress } else { self.resumed(step)? };
            self.run_course(step, progress, begun, load).await?;
            begun = false;
        }
        let count = self.connection.journal_sql().count_behind();
        self.load_ours(load, &[count]).await?;
        self.flush(load).await?;
        self.has_kept_rows(steps, load.rows).await.map_err(Halt::from)
    }

    async fn run_course<'s>(
        &mut self,
        step: &'s Step,
        progress: Option<Progress>,
        begun: bool,
        load: &mut Load<'s>,
    ) -> Result<(), Halt> {
        let (script, done) = (step.script(), progress.map_or(0, |progress| progress.statements));
        let unreadable = |error| Halt::from(Stop::unreadable(script, error));
        load.board(script, progress, begun);
        let dialect = self.connection.server().context.dialect;
        let mut statements = Statements::open(script, &self.context()).map_err(Stop::Read)?;
        let body = self.body(&mut statements).map_err(Stop::Read)?;
        let mut legs = Legs::new(dialect, said(statements).skip(done), done, !script.no_transaction());
        let mut course = course(&*self.connection);
        let mut leg = legs.next().map_err(unreadable)?;
        if !begun {
            let first = leg.as_ref().filter(|_| done == 0);
            course.underway = first.is_some_and(|first| !first.is_in_transaction());
            let state = if course.underway { State::Started } else { State::Paused };
            let (clock, author, body) = (Clock::Ours(Duration::ZERO), &self.author_of(script), body.as_deref());
            let record = Record { script, state, clock, progress, body, author };
            let row = self.connection.journal_sql().write(step, &record);
            self.load_start(row, load).await?;
        }
        if done > 0 && !begun {
            self.flush(load).await?;
            self.set_up_again(script, done).await?;
        }
        let mut last = progress;
        while let Some(this) = leg {
            for act in course.acts(&this, legs.peek(), load.bytes()) {
                if act == Act::Send {
                    let limit = course.limit;
                    let (sent, ()) = tokio::join!(self.flush(load), async { legs.look_ahead(limit) });
                    sent?;
                } else {
                    self.act(act, script, &this, load);
                }
            }
            last = Some(through(&this));
            leg = legs.next().map_err(unreadable)?;
        }
        self.load_finish(step, last, load).await
    }

    /// Loads what begins a script: its row, and a session as it should be.
    async fn load_start(&mut self, row: String, load: &mut Load<'_>) -> Result<(), Halt> {
        self.load_ours(load, &[row]).await?;
        load.does(Effect::Known);
        if !load.is_tidy() {
            let session = self.connection.session(Mode::NoTransaction).to_vec();
            self.load_ours(load, &session).await?;
        }
        Ok(())
    }

    /// Loads what ends a script.
    async fn load_finish(&mut self, step: &Step, progress: Option<Progress>, load: &mut Load<'_>) -> Result<(), Halt> {
        let (script, state, clock) = (step.script(), State::Applied, Clock::Row);
        let record = Record { script, state, clock, progress, body: None, author: &self.author_of(script) };
        let journal = self.connection.journal_sql();
        let row = journal.timed(journal.update(&record), script.number());
        let end = self.connection.session(Mode::NoTransaction).iter().cloned().chain(row).collect::<Vec<_>>();
        self.load_ours(load, &end).await?;
        load.complete();
        Ok(())
    }

    fn act(&self, act: Act, script: &Script, leg: &Leg<Read>, load: &mut Load<'_>) {
        match act {
            Act::Send => {}
            Act::Run => {
                load.take(leg.piece.clone(), &leg.sql, leg.note.1);
                // what it made for the session is still there
                if !leg.temporary {
                    load.may_begin_again(leg.unit);
                }
                if leg.bond != Bond::Transaction {
                    load.does(Effect::Stays(through(leg)));
                }
            }
            Act::Note(note) => {
                load.ours(&self.note_sql(note, script, leg));
                if note == Note::Commit {
                    load.does(Effect::Stays(through(leg)));
                }
            }
        }
    }

    fn note_sql(&self, note: Note, script: &Script, leg: &Leg<Read>) -> String {
        let (journal, number) = (self.connection.journal_sql(), script.number());
        match note {
            Note::Begin => journal.flavour.begin.into(),
            Note::Commit => "COMMIT".into(),
            Note::Underway => journal.state(number, State::Started),
            Note::Progress(_, state) => journal.progress(number, through(leg), state),
        }
    }
}

/// What the journal notes of a script through one of its statements.
fn through(leg: &Leg<Read>) -> Progress {
    Progress { statements: leg.before + 1, checksum: leg.note.0.checksum() }
}

fn course(connection: &dyn Connection) -> Course {
    let context = &connection.server().context;
    Course {
        dialect: context.dialect,
        limit: connection.message_limit(),
        longest: context.longest,
        routines_end: connection.stores_to_the_end(),
        underway: false,
    }
}

/// The statements of a script with their texts.
fn said(mut statements: Statements) -> impl Iterator<Item = Result<(Piece, String, Read), Unreadable>> {
    let mut prefix = Prefix::default();
    std::iter::from_fn(move || {
        let piece = match statements.next()? {
            Ok(piece) => piece,
            Err(error) => return Some(Err(error)),
        };
        prefix.extend(&statements, &piece);
        let sql = statements.sql(&piece).to_owned();
        Some(Ok((piece, sql, (prefix.clone(), statements.bytes()))))
    })
}
