//! The schedule: what a part of a plan does, as one sequence of actions.
//!
//! Only this module decides the order of a script's statements and of the journal's rows, and where a message ends.
//! `upgrade` sends the actions, `--dry-run` prints them, `--rehearse` has a rollback where the others have a commit,
//! `baseline` has only rows, and a resume begins in the middle. The module is pure: the statements come from a
//! [`Source`].

mod action;
mod in_units;
mod packing;
mod stretch;
#[cfg(test)]
mod tests;
mod units;
mod within;

use std::collections::VecDeque;
use std::time::Duration;

pub(crate) use self::action::{Action, Operation, Proof, ReadStatement, Row, Run};
use self::in_units::InUnits;
use self::packing::NOTE;
pub(crate) use self::packing::{Batching, Capabilities, Checkpoints, Packing};
pub(crate) use self::stretch::{RunMode, Stretch, run_mode};
use self::within::Within;
use super::Step;
use crate::journal::{Clock, Progress, State};
use crate::sql::Mode;

/// Where the statements of a script come from.
pub(crate) trait Source {
    type Error;

    /// Returns the next statement.
    fn next(&mut self) -> Result<Option<ReadStatement>, Self::Error>;

    /// Reads this many bytes of statements in advance, while a message travels.
    fn look_ahead(&mut self, bytes: usize);
}

/// An opened script.
pub(crate) struct Opened<S> {
    pub(crate) source: S,
    /// The text that the journal keeps.
    pub(crate) body: Option<String>,
}

/// Where a schedule begins.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Start {
    /// With this script of the stretch.
    pub(crate) step: usize,
    /// Whether it has begun in this session: then its row is written, and `progress` stays.
    pub(crate) begun: bool,
    pub(crate) progress: Option<Progress>,
}

/// The actions of a stretch, one after the other.
pub(crate) struct Schedule<'p, S: Source, O> {
    stretch: &'p Stretch<'p>,
    capabilities: Capabilities,
    operation: Operation,
    has_journal: bool,
    open: O,
    stage: Stage<S>,
    ready: VecDeque<Action>,
    packing: Packing,
    start: Start,
    /// The script that is next.
    step: usize,
    pending: Open,
    /// Whether there are constraints whose check may wait for the commit.
    defers: bool,
}

/// What is open between two actions of a schedule with checkpoints in its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Open {
    Nothing,
    /// A transaction for writes to the journal.
    Notes,
    /// A transaction of scripts, or of some statements of a script.
    Transaction,
}

enum Stage<S: Source> {
    Opening,
    Between,
    /// Within a script in a transaction, or one whose checkpoints are written on a side connection.
    Within(Within<S>),
    /// Within a script whose checkpoints are in its messages.
    InUnits(Box<InUnits<S>>),
    Done,
}

impl<'p, S: Source, O: FnMut(&'p Step) -> Result<Opened<S>, S::Error>> Schedule<'p, S, O> {
    /// Schedules a stretch. `open` opens a script when its turn comes.
    pub(crate) fn new(
        stretch: &'p Stretch<'p>,
        capabilities: Capabilities,
        operation: Operation,
        has_journal: bool,
        open: O,
    ) -> Self {
        let packing = Packing::new(&capabilities);
        let (stage, start, ready) = (Stage::Opening, Start::default(), VecDeque::new());
        let (step, pending, defers) = (0, Open::Nothing, capabilities.defers);
        Self {
            stretch,
            capabilities,
            operation,
            has_journal,
            open,
            stage,
            ready,
            packing,
            start,
            step,
            pending,
            defers,
        }
    }

    /// Returns the schedule, starting in the middle.
    pub(crate) fn starting(self, start: Start) -> Self {
        Self { start, step: start.step, ..self }
    }

    /// Returns the next action.
    pub(crate) fn next(&mut self) -> Result<Option<Action>, S::Error> {
        while self.ready.is_empty() {
            match std::mem::replace(&mut self.stage, Stage::Between) {
                Stage::Opening => self.begin(),
                Stage::Between => self.stage = self.script()?,
                Stage::Within(within) => self.stage = self.statement(within)?,
                Stage::InUnits(units) => self.stage = self.unit(units)?,
                Stage::Done => {
                    self.stage = Stage::Done;
                    return Ok(None);
                }
            }
        }
        Ok(self.ready.pop_front())
    }

    /// Returns the source of the script whose statement was returned last.
    pub(crate) const fn source(&mut self) -> Option<&mut S> {
        match &mut self.stage {
            Stage::Within(within) => Some(&mut within.source),
            _ => None,
        }
    }

    /// Reads as much in advance as the next message can hold.
    pub(crate) fn look_ahead(&mut self) {
        let bytes = self.capabilities.message_limit;
        match &mut self.stage {
            Stage::Within(within) => within.source.look_ahead(bytes),
            Stage::InUnits(units) => units.units.look_ahead(bytes),
            Stage::Opening | Stage::Between | Stage::Done => {}
        }
    }

    fn run_mode(&self) -> RunMode {
        run_mode(self.stretch, &self.capabilities)
    }

    fn runs(&self) -> bool {
        !matches!(self.operation, Operation::Record(_))
    }

    fn push(&mut self, action: Action) {
        self.ready.push_back(action);
    }

    /// Ends the message.
    fn send(&mut self) {
        self.commit_notes();
        self.packing.clear();
        self.push(Action::Send);
    }

    /// Adds dbmigrate's own statements, which stay together and have this many bytes.
    fn own(&mut self, actions: impl IntoIterator<Item = Action>, bytes: usize) {
        if !self.packing.has_room_for_own(bytes) {
            self.send();
        }
        self.packing.add_bytes(bytes);
        self.ready.extend(actions);
    }

    /// Adds a write to the journal that stays in one message with the statement beside it.
    fn note(&mut self, action: Action) {
        if self.pending == Open::Nothing {
            self.push(Action::BeginNotes);
            self.pending = Open::Notes;
        }
        self.packing.add_bytes(NOTE);
        self.push(action);
    }

    /// Commits the transaction for writes to the journal if no statement does.
    fn commit_notes(&mut self) {
        if self.pending == Open::Notes {
            self.push(Action::CommitNotes);
            self.pending = Open::Nothing;
        }
    }

    /// Resets the session after a script outside a transaction. The reset commits the open transaction.
    fn reset_apart(&mut self, undo: Vec<String>, bytes: usize) {
        self.own([Action::ResetSession(Mode::NoTransaction, undo)], bytes);
        self.pending = Open::Nothing;
    }

    fn begin(&mut self) {
        let creates = !self.has_journal && !self.start.begun;
        // creating the journal would end the transaction on an engine that commits at DDL
        let apart = self.run_mode() != RunMode::Transaction || self.capabilities.dialect.commits_at_ddl();
        if creates && apart {
            self.push(Action::CreateJournal);
            self.send();
        }
        if self.run_mode() != RunMode::Transaction {
            return;
        }
        if self.operation == Operation::Apply {
            let early = self.stretch.steps.iter().flat_map(|step| step.facts.early.iter().cloned());
            self.ready.extend(early.map(Action::Prepare));
        }
        self.push(Action::Begin);
        if creates && !apart {
            self.own([Action::CreateJournal], 2 * NOTE);
        }
    }

    /// Opens the next script, or ends.
    fn script(&mut self) -> Result<Stage<S>, S::Error> {
        let Some(step) = self.stretch.steps.get(self.step).copied() else {
            self.end();
            return Ok(Stage::Done);
        };
        let Opened { source, body } = (self.open)(step)?;
        self.push(Action::Open(self.step));
        self.step += 1;
        if self.run_mode() == RunMode::InBand {
            // the previous script has already reset the session
            if self.step == self.start.step + 1 && !self.start.begun {
                self.reset_apart(Vec::new(), self.capabilities.reset_bytes);
            }
            match self.stretch.group(self.step - 1) {
                None => return self.units(step, source, body),
                Some(group) if group.start + 1 == self.step => self.begin_group(),
                Some(_) => {}
            }
        }
        if self.run_mode() == RunMode::Aside {
            let row = Self::row(step, State::Started, body.clone());
            self.ready.extend([Action::Record(row), Action::ResetSession(Mode::NoTransaction, Vec::new())]);
        }
        if self.runs() {
            self.repeat(step);
        }
        Ok(Stage::Within(Within::new(source, body, step.progress())))
    }

    /// Begins the transaction of a group.
    fn begin_group(&mut self) {
        // count the rows of the scripts before: if they are wrong, this transaction is not to blame
        let before = self.step.checked_sub(2).filter(|before| *before >= self.start.step);
        if before.is_some_and(|before| self.stretch.group(before).is_none()) {
            self.own([Action::Prove(Proof::Journal(self.stretch.rows_before(self.step - 1)))], NOTE);
        }
        self.own([Action::BeginGroup], NOTE);
        self.pending = Open::Transaction;
    }

    /// Restores the settings that the session of an earlier run had after a script's first statements.
    fn repeat(&mut self, step: &Step) {
        for (statement, sql) in step.repeats() {
            self.send();
            self.push(Action::Repeat(statement.clone(), sql.clone()));
            self.send();
        }
    }

    fn row(step: &Step, state: State, body: Option<String>) -> Row {
        let (clock, replaces) = (Clock::Ours(Duration::ZERO), step.resume.is_some());
        Row { state, clock, progress: step.progress(), body, replaces }
    }

    /// Continues in a new session if the script's text may not show everything that it has left in this one.
    fn renew(&mut self, step: &Step) {
        let is_followed = self.stretch.is_followed || self.step < self.stretch.steps.len();
        if step.facts.hides && self.runs() && is_followed {
            self.send();
            self.push(Action::Renew);
        }
    }

    /// Resets what a script has set and left in its session.
    fn reset(step: &Step, mode: Mode) -> Action {
        Action::ResetSession(mode, step.facts.undo.clone().unwrap_or_default())
    }

    fn reset_bytes(&self, step: &Step) -> usize {
        self.capabilities.reset_bytes + step.facts.undo.iter().flatten().map(|sql| sql.len() + 2).sum::<usize>()
    }

    /// Returns the state that a script ends in.
    fn state(&self, step: &Step) -> State {
        match &self.operation {
            Operation::Apply | Operation::Rehearse => State::Applied,
            Operation::Record(origins) if origins.contains_key(&step.script.number()) => State::Imported,
            Operation::Record(_) => State::Baselined,
        }
    }

    fn end(&mut self) {
        let rehearsal = self.operation == Operation::Rehearse;
        match self.run_mode() {
            RunMode::Transaction => {
                self.send();
                if self.stretch.objects.is_some() {
                    self.push(Action::ApplyObjects);
                }
                if !rehearsal && !self.stretch.is_followed {
                    self.push(Action::RecordSchema);
                }
                let last = if rehearsal { Action::Rollback } else { Action::Commit };
                self.ready.extend([Action::Prove(Proof::Transaction), last]);
                if let Some(step) = self.stretch.steps.last().filter(|_| !rehearsal) {
                    self.renew(step);
                }
            }
            RunMode::InBand => self.end_in_band(),
            RunMode::Aside => {}
        }
    }

    fn end_in_band(&mut self) {
        let last = self.stretch.steps.len();
        if self.start.step < last && self.stretch.group(last - 1).is_none() {
            self.own([Action::Prove(Proof::Journal(self.stretch.rows_before(last)))], NOTE);
        }
        self.send();
    }
}
