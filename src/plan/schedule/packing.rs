//! What may share a message.

use super::Statement;
use crate::sql::{Dialect, Piece};

/// More bytes than the longest checkpoint has.
pub(super) const NOTE: usize = 1024;

/// What an engine can do, as far as a schedule depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Capabilities {
    pub(crate) dialect: Dialect,
    pub(crate) batching: Batching,
    pub(crate) checkpoints: Checkpoints,
    /// Above this many bytes, statements do not share a message.
    pub(crate) message_limit: usize,
    /// The most bytes that the server takes at all.
    pub(crate) longest: Option<usize>,
    /// What the server stores of a routine reaches to the end of its message.
    pub(crate) stores_to_the_end: bool,
    /// Checks that wait for the commit can be made after each script.
    pub(crate) settles: bool,
    /// There are constraints whose checks wait.
    pub(crate) defers: bool,
    /// How many bytes a session reset has.
    pub(crate) reset_bytes: usize,
}

/// What one message may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "the only engine that has a variant may be left out of the build")]
pub(crate) enum Batching {
    /// One statement.
    Statement,
    /// Those of several scripts.
    Run,
}

/// How the journal follows a script outside a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "the only engine that has a variant may be left out of the build")]
pub(crate) enum Checkpoints {
    /// By statements on a side connection.
    Aside,
    /// By statements in the script's own messages: the server finishes a message, and the journal with it, when its client
    /// is killed.
    InBand,
}

/// What is packed into the message so far.
pub(super) struct Packing {
    capabilities: Capabilities,
    bytes: usize,
    is_empty: bool,
    /// The last statement does not take another one after it.
    is_closed: bool,
}

impl Packing {
    pub(super) const fn new(capabilities: &Capabilities) -> Self {
        Self { capabilities: *capabilities, bytes: 0, is_empty: true, is_closed: false }
    }

    pub(super) const fn clear(&mut self) {
        (self.bytes, self.is_empty, self.is_closed) = (0, true, false);
    }

    /// A statement of a script in a transaction may follow.
    pub(super) fn has_room_for(&self, piece: &Piece) -> bool {
        let fits = self.bytes + piece.bytes() <= self.capabilities.message_limit;
        self.is_empty || fits && !self.is_closed && !piece.stands_alone(self.capabilities.dialect)
    }

    pub(super) fn add(&mut self, piece: &Piece) {
        self.add_bytes(piece.bytes());
        self.is_closed = piece.stands_alone(self.capabilities.dialect) || piece.is_conditional();
    }

    pub(super) const fn add_bytes(&mut self, bytes: usize) {
        (self.bytes, self.is_empty, self.is_closed) = (self.bytes + bytes, false, false);
    }

    /// Statements of our own may follow.
    pub(super) const fn has_room_for_own(&self, bytes: usize) -> bool {
        self.is_empty || self.bytes + bytes <= self.capabilities.message_limit
    }

    /// A statement may follow with the checkpoints around it.
    pub(super) const fn has_room_with_notes(&self, bytes: usize) -> bool {
        self.is_empty || self.bytes + bytes + 4 * NOTE <= self.capabilities.message_limit
    }

    /// The next statement may share the message with one that is about to be added, and the checkpoints around both.
    pub(super) fn joins(&self, statement: &Statement, next: &Statement) -> bool {
        let bytes = self.bytes + statement.sql.len() + next.sql.len() + 4 * NOTE;
        let alone = |piece: &Piece| piece.stands_alone(self.capabilities.dialect);
        let bare = self.is_bare(&next.piece);
        !alone(&statement.piece) && !alone(&next.piece) && !bare && bytes <= self.capabilities.message_limit
    }

    /// No checkpoint can share its message: there is no room, or the server may find nothing to execute in it and would take
    /// nothing after that, or it would store what follows.
    pub(super) fn is_bare(&self, piece: &Piece) -> bool {
        let Capabilities { longest, stores_to_the_end, .. } = self.capabilities;
        let full = longest.is_some_and(|longest| piece.bytes() + 4 * NOTE > longest);
        full || piece.is_conditional() || stores_to_the_end && piece.defines_routine()
    }
}
