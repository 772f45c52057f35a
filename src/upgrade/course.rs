//! The way of a script that is not one transaction: messages with the journal's notes among its statements.

use crate::journal::State;
use crate::sql::{Bond, Dialect, Leg, Piece};

/// One thing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// Sends what is loaded.
    Send,
    /// Loads a note.
    Note(Note),
    /// Loads the statement.
    Run,
}

/// What is noted between statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Note {
    Begin,
    /// The next statement is under way: what it does is unknown until the next progress.
    Underway,
    /// So many statements of the script have run. `Paused`: nothing behind them is under way.
    Progress(usize, State),
    Commit,
}

/// More bytes than the longest note has.
const NOTE: usize = 1024;

/// How the statements of a script may be sent. With notes in band, a killed client loses nothing: the server finishes the
/// message, and the journal with it.
pub(super) struct Course {
    pub(super) dialect: Dialect,
    /// The most bytes that share a message.
    pub(super) limit: usize,
    /// The most bytes that the server takes at all.
    pub(super) longest: Option<usize>,
    /// Nothing may follow the definition of a routine.
    pub(super) routines_end: bool,
    /// The journal says of the next statement that it is under way.
    pub(super) underway: bool,
}

impl Course {
    /// What is done for a statement. `next` is the one behind it, `held` how many bytes are loaded already.
    pub(super) fn acts<P>(&mut self, leg: &Leg<P>, next: Option<&Leg<P>>, held: usize) -> Vec<Act> {
        let mut acts = Vec::with_capacity(4);
        let full = held > 0 && held + leg.sql.len() + 4 * NOTE > self.limit;
        acts.extend(full.then_some(Act::Send));
        let held = if full { 0 } else { held };
        acts.extend(self.ahead(leg).map(Act::Note));
        let bare = self.is_bare(&leg.piece);
        let last = bare || next.is_none_or(|next| !self.joins(leg, next, held));
        if bare {
            acts.extend([Act::Send, Act::Run, Act::Send]);
        } else {
            acts.push(Act::Run);
        }
        // at the end, the script's row says it
        if next.is_some() || leg.is_in_transaction() {
            let rests = last || next.is_none_or(Leg::is_in_transaction);
            acts.extend(behind(leg, if rests { State::Paused } else { State::Started }).map(Act::Note));
        }
        self.underway = !last && next.is_some_and(|next| !next.is_in_transaction());
        if last && !bare && next.is_some() {
            acts.push(Act::Send);
        }
        acts
    }

    /// What is noted before a statement. In the middle of a unit it is noted already, and the journal may be out of reach;
    /// of a transaction, nothing is under way before it is committed.
    fn ahead<P>(&self, leg: &Leg<P>) -> Option<Note> {
        match leg.bond {
            _ if !leg.opens() => None,
            Bond::Transaction => Some(Note::Begin),
            Bond::Locks | Bond::Question => (!self.underway).then_some(Note::Underway),
        }
    }

    /// The next statement may share the message.
    fn joins<P>(&self, leg: &Leg<P>, next: &Leg<P>, held: usize) -> bool {
        let bytes = held + leg.sql.len() + next.sql.len() + 4 * NOTE;
        let alone = |piece: &Piece| piece.stands_alone(self.dialect);
        !alone(&leg.piece) && !alone(&next.piece) && !self.is_bare(&next.piece) && bytes <= self.limit
    }

    /// No note can share its message: there is no room, or the server may find nothing to execute in it and would take
    /// nothing behind that, or it would store what is behind it.
    fn is_bare(&self, piece: &Piece) -> bool {
        let full = |longest| piece.bytes() + 4 * NOTE > longest;
        let ends = piece.is_conditional() || self.routines_end && piece.defines_routine();
        ends || self.longest.is_some_and(full)
    }
}

/// What is noted behind a statement: nothing in the middle of a unit.
fn behind<P>(leg: &Leg<P>, state: State) -> impl Iterator<Item = Note> {
    let progress = leg.closes.then_some(Note::Progress(leg.before + 1, state));
    let commit = (leg.closes && leg.is_in_transaction()).then_some(Note::Commit);
    progress.into_iter().chain(commit)
}

#[cfg(test)]
mod tests;
