//! A script that is not one transaction, cut into messages with the journal's notes among its statements.

use std::ops::Range;

use super::stop::Halt;
use crate::engine::Ours;
use crate::journal::State;
use crate::sql::{Bond, Dialect, Piece, Unit};

/// Statements that are sent together.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Which of the script's statements.
    pub(super) pieces: Range<usize>,
    notes: Vec<(usize, Note)>,
}

/// What is done between statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Note {
    Begin,
    /// The message is under way: what it does is unknown until the next progress.
    Underway,
    /// So many statements of the script have run. `Paused`: nothing behind them is under way.
    Progress(usize, State),
    Commit,
}

/// More bytes than the longest note has.
const NOTE: usize = 1024;

impl Stretch {
    /// The notes in the words of the database.
    pub(super) fn ours(&self, sql: impl Fn(Note) -> String) -> Vec<Ours> {
        self.notes.iter().map(|(at, note)| Ours { behind: at - self.pieces.start, sql: sql(*note) }).collect()
    }
}

/// The statements of a script, and how they may be sent.
#[derive(Clone, Copy)]
pub(super) struct Course<'a> {
    pub(super) dialect: Dialect,
    pub(super) pieces: &'a [Piece],
    pub(super) units: &'a [Unit],
    /// The most bytes that share a message.
    pub(super) limit: usize,
    /// The most bytes that the server takes at all.
    pub(super) longest: Option<usize>,
    /// Nothing may follow the definition of a routine.
    pub(super) routines_end: bool,
}

impl Course<'_> {
    /// What is left from a statement on. With notes in band, a killed client loses nothing: the server finishes the
    /// message, and the journal with it.
    pub(super) fn stretches(&self, from: usize) -> Vec<Stretch> {
        let mut stretches = Vec::new();
        let mut at = from;
        while at < self.pieces.len() {
            if self.is_bare(&self.pieces[at]) {
                let alone = [self.ahead(at, from), Vec::new(), self.behind(at + 1, State::Paused)];
                let pieces = [at..at, at..at + 1, at + 1..at + 1];
                let parts = pieces.into_iter().zip(alone).map(|(pieces, notes)| Stretch { pieces, notes });
                stretches.extend(parts.filter(|part| !part.pieces.is_empty() || !part.notes.is_empty()));
                at += 1;
            } else {
                let stretch = self.fill(at, from);
                at = stretch.pieces.end;
                stretches.push(stretch);
            }
        }
        stretches
    }

    /// Takes statements from one on as long as they may share a message.
    fn fill(&self, at: usize, from: usize) -> Stretch {
        let mut stretch = Stretch { pieces: at..at, notes: self.ahead(at, from) };
        loop {
            stretch.pieces.end += 1;
            let (end, last) = (stretch.pieces.end, !self.has_room(&stretch));
            let rests = last || self.is_in_transaction(end);
            stretch.notes.extend(self.behind(end, if rests { State::Paused } else { State::Started }));
            if last {
                return stretch;
            }
            stretch.notes.extend(self.begin(end, from));
        }
    }

    /// The next statement may share the message.
    fn has_room(&self, stretch: &Stretch) -> bool {
        let (first, last) = (&self.pieces[stretch.pieces.start], &self.pieces[stretch.pieces.end - 1]);
        let joins = |next: &Piece| {
            let bytes = next.statement.end - first.statement.start + stretch.notes.len() * NOTE;
            !next.stands_alone(self.dialect) && !self.is_bare(next) && bytes <= self.limit
        };
        !last.stands_alone(self.dialect) && self.pieces.get(stretch.pieces.end).is_some_and(joins)
    }

    /// No note can share its message: there is no room, or the server may find nothing to execute in it and would take
    /// nothing behind that, or it would store what is behind it.
    fn is_bare(&self, piece: &Piece) -> bool {
        let full = |longest| piece.statement.len() + 4 * NOTE > longest;
        let ends = piece.is_conditional() || self.routines_end && piece.defines_routine();
        ends || self.longest.is_some_and(full)
    }

    /// What is noted before a message. In the middle of a unit it is noted already, and the journal may be out of reach;
    /// of a transaction, nothing is under way before it is committed.
    fn ahead(&self, at: usize, from: usize) -> Vec<(usize, Note)> {
        let starts = at == from || self.unit(at).is_none_or(|unit| unit.statements.start == at);
        let underway = (starts && !self.is_in_transaction(at)).then_some((at, Note::Underway));
        underway.into_iter().chain(self.begin(at, from)).collect()
    }

    fn is_in_transaction(&self, piece: usize) -> bool {
        self.unit(piece).is_some_and(|unit| unit.bond == Bond::Transaction)
    }

    fn begin(&self, at: usize, from: usize) -> Option<(usize, Note)> {
        let unit = self.unit(at).filter(|unit| unit.bond == Bond::Transaction)?;
        (at == unit.statements.start.max(from)).then_some((at, Note::Begin))
    }

    /// What is noted behind so many statements: nothing in the middle of a unit.
    fn behind(&self, done: usize, state: State) -> Vec<(usize, Note)> {
        let ends = |unit: &&Unit| unit.statements.end == done;
        let Some(unit) = self.unit(done - 1).filter(ends) else { return Vec::new() };
        if unit.bond == Bond::Locks && !self.pieces[done - 1].unlocks_tables(self.dialect) {
            return Vec::new();
        }
        let commit = (unit.bond == Bond::Transaction).then_some((done, Note::Commit));
        [(done, Note::Progress(done, state))].into_iter().chain(commit).collect()
    }

    /// The same, one statement at a time: what an engine takes that has its notes written elsewhere.
    pub(super) fn singles(&self, from: usize) -> Vec<Stretch> {
        let single =
            |at: usize| Stretch { pieces: at..at + 1, notes: vec![(at + 1, Note::Progress(at + 1, State::Started))] };
        (from..self.pieces.len()).map(single).collect()
    }

    /// How many statements are done behind a stretch, or where it has stopped: of a transaction, none is left.
    pub(super) fn done(&self, before: usize, stretch: &Stretch, halt: Option<&Halt>) -> usize {
        let piece = match halt {
            None => stretch.pieces.end,
            Some(halt) => stretch.pieces.start + halt.piece,
        };
        match self.unit(piece) {
            Some(unit) if unit.bond == Bond::Transaction && piece > unit.statements.start => {
                unit.statements.start.max(before)
            }
            _ => piece,
        }
    }

    /// The unit that a statement belongs to.
    pub(super) fn unit(&self, piece: usize) -> Option<&Unit> {
        let before = self.units.partition_point(|unit| unit.statements.end <= piece);
        self.units.get(before)
    }
}

#[cfg(test)]
mod tests;
