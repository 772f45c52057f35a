//! Scripts whose checkpoints are in their messages: statement by statement, with the checkpoints around each.

use super::units::{Bond, Member, Units};
use super::{Action, NOTE, Open, Opened, Row, Run, Schedule, Source, Stage, Step};
use crate::journal::{Clock, Progress, State};

/// The state of such a script while it is scheduled.
pub(super) struct InUnits<S: Source> {
    pub(super) units: Units<S>,
    member: Option<Member>,
    progress: Option<Progress>,
    /// Whether the journal says that the next statement is running.
    underway: bool,
}

impl<'p, S: Source, O: FnMut(&'p Step) -> Result<Opened<S>, S::Error>> Schedule<'p, S, O> {
    /// Begins a script whose checkpoints are in its messages.
    pub(super) fn units(&mut self, step: &'p Step, mut source: S, body: Option<String>) -> Result<Stage<S>, S::Error> {
        let begun = std::mem::take(&mut self.start.begun);
        let progress = if begun { self.start.progress } else { step.progress() };
        let done = progress.map_or(0, |progress| progress.statements);
        for _ in 0..done {
            source.next()?;
        }
        let transactions = !step.script.no_transaction();
        let mut units = Units::new(self.capabilities.dialect, source, done, transactions);
        let member = units.next()?;
        let first = member.as_ref().filter(|_| done == 0 && !begun);
        let underway = first.is_some_and(|first| !first.is_in_transaction());
        if !begun {
            let state = if underway { State::Started } else { State::Paused };
            let bytes = 2 * NOTE + body.as_ref().map_or(0, String::len);
            let row = Self::row(step, state, body);
            self.record(row, bytes);
            self.repeat(step);
        }
        Ok(Stage::InUnits(Box::new(InUnits { units, member, progress, underway })))
    }

    /// Writes a row of such a script.
    fn record(&mut self, row: Row, bytes: usize) {
        if !self.packing.has_room_for_own(bytes) {
            self.send();
        }
        self.packing.add_bytes(bytes);
        self.note(Action::Record(row));
    }

    /// Schedules the next statement of such a script with its checkpoints, or the script's end.
    pub(super) fn unit(&mut self, mut units: Box<InUnits<S>>) -> Result<Stage<S>, S::Error> {
        let step = self.stretch.steps[self.step - 1];
        let Some(member) = units.member.take() else {
            let row = Row { progress: units.progress, replaces: true, ..Self::row(step, State::Applied, None) };
            let row = Row { clock: Clock::Row, ..row };
            if let Some(undo) = &step.facts.undo {
                self.reset_apart(undo.clone(), self.reset_bytes(step));
            }
            self.record(row, 2 * NOTE);
            self.renew(step);
            return Ok(Stage::Between);
        };
        let through = Progress { statements: member.before + 1, checksum: member.statement.through.checksum() };
        units.progress = Some(through);
        units.underway = self.member(member, through, units.units.peek(), units.underway);
        units.member = units.units.next()?;
        Ok(Stage::InUnits(units))
    }

    /// Schedules what comes before a unit.
    fn open_unit(&mut self, bond: Bond, underway: bool) {
        // within a unit, the journal may be out of reach; within a transaction, nothing counts as running before its
        // commit
        match bond {
            Bond::Transaction => {
                // beginning it commits the open transaction
                self.packing.add_bytes(NOTE);
                self.push(Action::BeginUnit);
                self.pending = Open::Transaction;
            }
            Bond::Locks | Bond::Question if underway => {}
            Bond::Locks | Bond::Question => self.note(Action::Checkpoint(None, State::Started)),
        }
    }

    /// Schedules a statement. Returns whether the journal then says that the next one is running.
    fn member(&mut self, member: Member, through: Progress, next: Option<&Member>, underway: bool) -> bool {
        if !self.packing.has_room_with_notes(member.statement.sql.len()) {
            self.send();
        }
        let bare = self.packing.is_bare(&member.statement.parsed);
        let last = bare || next.is_none_or(|next| !self.packing.joins(&member.statement, &next.statement));
        if member.opens() {
            self.open_unit(member.bond, underway);
        }
        if bare {
            self.send();
        }
        if !self.capabilities.dialect.commits_before(&member.statement.parsed) {
            self.commit_notes();
        } else if self.pending == Open::Notes {
            self.pending = Open::Nothing;
        }
        let (closes, in_transaction) = (member.closes, member.is_in_transaction());
        let stays = (!in_transaction).then_some(through);
        // a temporary table of the unit still exists in the session
        let restart = (!member.temporary).then_some(member.unit);
        self.packing.add_bytes(member.statement.sql.len());
        self.push(Action::Run(Box::new(Run { statement: member.statement, stays, restart })));
        if bare {
            self.send();
        }
        // at the end, the script's row says how far it got
        if closes && (next.is_some() || in_transaction) {
            let rests = last || next.is_none_or(Member::is_in_transaction);
            let state = if rests { State::Paused } else { State::Started };
            self.note(Action::Checkpoint(Some(through), state));
            if in_transaction {
                self.note(Action::CommitUnit(through));
                self.pending = Open::Nothing;
            }
        }
        if last && !bare && next.is_some() {
            self.send();
        }
        !last && next.is_some_and(|next| !next.is_in_transaction())
    }
}
