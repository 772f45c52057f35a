//! Scripts whose statements follow one another without checkpoints in their messages.

use super::{
    Action, Batching, Clock, NOTE, Open, Opened, Operation, Progress, Proof, Row, Run, RunMode, Schedule, Source,
    Stage, State, Step,
};
use crate::sql::{Defers, Mode};

/// Such a script, under way.
pub(super) struct Within<S> {
    pub(super) source: S,
    body: Option<String>,
    /// How many statements the source has returned.
    count: usize,
    /// How many have been scheduled, and the checksum of the text through them.
    progress: Option<Progress>,
    changes_reading: bool,
}

impl<S> Within<S> {
    pub(super) const fn new(source: S, body: Option<String>, progress: Option<Progress>) -> Self {
        Self { source, body, count: 0, progress, changes_reading: false }
    }
}

impl<'p, S: Source, O: FnMut(&'p Step) -> Result<Opened<S>, S::Error>> Schedule<'p, S, O> {
    /// Schedules the next statement of a script, or its end.
    pub(super) fn statement(&mut self, mut within: Within<S>) -> Result<Stage<S>, S::Error> {
        let step = self.stretch.steps[self.step - 1];
        let next = if self.runs() { within.source.next()? } else { None };
        let Some(statement) = next else {
            match self.run_mode() {
                RunMode::Aside => self.end_aside(step, within),
                RunMode::Transaction | RunMode::InBand => self.end_script(step, within),
            }
            return Ok(Stage::Between);
        };
        within.count += 1;
        if within.count <= step.skip() {
            return Ok(Stage::Within(within));
        }
        if self.run_mode() == RunMode::Aside {
            let progress = Progress { statements: within.count, checksum: statement.through.checksum() };
            within.progress = Some(progress);
            self.push(Action::Run(Box::new(Run { statement, stays: None, restart: None })));
            self.send();
            let checkpoint = Action::Checkpoint(Some(progress), State::Started);
            self.ready.extend([Action::Prove(Proof::Statement), checkpoint]);
            return Ok(Stage::Within(within));
        }
        if !self.packing.has_room_for(&statement.parsed) {
            self.send();
        }
        within.changes_reading |= self.capabilities.dialect.changes_reading(&statement.parsed);
        let has_rows = statement.parsed.data.is_some();
        self.packing.add(&statement.parsed);
        self.push(Action::Run(Box::new(Run { statement, stays: None, restart: None })));
        if has_rows {
            self.send();
        }
        Ok(Stage::Within(within))
    }

    /// Schedules the end of a script whose checkpoints are written on a side connection.
    fn end_aside(&mut self, step: &Step, within: Within<S>) {
        let row = Self::row(step, State::Applied, within.body);
        let row = Row { progress: within.progress, replaces: true, ..row };
        let (reset, row) = (Self::reset(step, Mode::NoTransaction), Action::Record(row));
        let rows = self.stretch.rows_before(self.step) - self.stretch.rows_before(self.step - 1);
        self.ready.extend([reset, row, Action::Prove(Proof::Journal(rows))]);
        self.renew(step);
    }

    /// Schedules the end of a script in a transaction.
    fn end_script(&mut self, step: &Step, within: Within<S>) {
        self.defers |= step.facts.defers == Defers::Constraints;
        let settles = self.defers && self.capabilities.settles && step.facts.defers != Defers::Nothing;
        let leaves = self.runs() && step.facts.undo.is_some();
        let reset = leaves.then(|| Self::reset(step, Mode::InTransaction));
        let reset = reset.into_iter().chain((self.runs() && settles).then_some(Action::Settle));
        if within.changes_reading {
            // what follows must be read with the session's own settings
            self.send();
            self.ready.extend(reset.clone().take(1));
            self.send();
        }
        let bytes = self.reset_bytes(step) + 2 * NOTE + within.body.as_ref().map_or(0, String::len);
        let row = Row { progress: None, ..Self::row(step, self.state(step), within.body) };
        if self.capabilities.batching == Batching::Statement {
            self.send();
            // after the reset, a proof could no longer see what the script has set
            self.ready.extend(self.runs().then_some(Action::Prove(Proof::Script)));
            self.ready.extend(reset.chain([Action::Record(row)]));
        } else {
            let previous = self.step.checked_sub(2).map(|step| self.stretch.steps[step].script.number());
            let clock = previous.map_or(Clock::Begin, Clock::Since);
            self.own(reset.chain([Action::Record(Row { clock, ..row })]), bytes);
        }
        if self.stretch.group(self.step - 1).is_some_and(|group| group.end == self.step) {
            let proof = Proof::Group(self.stretch.rows_before(self.step));
            self.own([Action::Prove(proof), Action::CommitGroup], NOTE);
            self.pending = Open::Nothing;
            self.renew(step);
        }
        if self.operation == Operation::Rehearse {
            self.send();
            self.push(Action::Observe);
        }
    }
}
