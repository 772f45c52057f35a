//! Which statements may share a message.

use super::ReadStatement;
use crate::sql::{Dialect, Statement};

/// An upper bound for the bytes of a checkpoint.
pub(super) const NOTE: usize = 1024;

/// What an engine can do, as far as a schedule depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Capabilities {
    pub(crate) dialect: &'static dyn Dialect,
    pub(crate) batching: Batching,
    pub(crate) checkpoints: Checkpoints,
    /// Above this many bytes, statements do not share a message.
    pub(crate) message_limit: usize,
    /// The longest message that the server accepts, in bytes.
    pub(crate) longest: Option<usize>,
    /// The server stores everything up to the end of the message as part of a routine.
    pub(crate) stores_to_the_end: bool,
    /// Checks that wait for the commit can be made after each script.
    pub(crate) settles: bool,
    /// There are constraints whose check waits for the commit.
    pub(crate) defers: bool,
    /// The length of a session reset in bytes.
    pub(crate) reset_bytes: usize,
}

/// What one message may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Batching {
    /// One statement.
    Statement,
    /// Statements of several scripts.
    Run,
}

/// How checkpoints are written for a script outside a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checkpoints {
    /// By statements on a side connection.
    Aside,
    /// By statements in the script's own messages: the server finishes a message, and the journal with it, when its
    /// client is killed.
    InBand,
}

/// What has been packed into the message so far.
pub(crate) struct Packing {
    capabilities: Capabilities,
    bytes: usize,
    is_empty: bool,
    /// No statement may follow the last one.
    is_closed: bool,
}

impl Packing {
    pub(crate) const fn new(capabilities: &Capabilities) -> Self {
        Self { capabilities: *capabilities, bytes: 0, is_empty: true, is_closed: false }
    }

    pub(crate) const fn clear(&mut self) {
        (self.bytes, self.is_empty, self.is_closed) = (0, true, false);
    }

    /// Whether a statement of a script in a transaction may follow.
    pub(crate) fn has_room_for(&self, statement: &Statement) -> bool {
        let fits = self.bytes + statement.bytes() <= self.capabilities.message_limit;
        self.is_empty || fits && !self.is_closed && !self.capabilities.dialect.stands_alone(statement)
    }

    pub(crate) fn add(&mut self, statement: &Statement) {
        self.add_bytes(statement.bytes());
        self.is_closed = self.capabilities.dialect.stands_alone(statement) || statement.is_conditional();
    }

    pub(crate) const fn add_bytes(&mut self, bytes: usize) {
        (self.bytes, self.is_empty, self.is_closed) = (self.bytes + bytes, false, false);
    }

    /// Whether dbmigrate's own statements may follow.
    pub(super) const fn has_room_for_own(&self, bytes: usize) -> bool {
        self.is_empty || self.bytes + bytes <= self.capabilities.message_limit
    }

    /// Whether a statement may follow with the checkpoints around it.
    pub(super) const fn has_room_with_notes(&self, bytes: usize) -> bool {
        self.is_empty || self.bytes + bytes + 4 * NOTE <= self.capabilities.message_limit
    }

    /// Whether the next statement, with the checkpoints around it, may share the message with one about to be added.
    pub(super) fn joins(&self, statement: &ReadStatement, next: &ReadStatement) -> bool {
        let bytes = self.bytes + statement.sql.len() + next.sql.len() + 4 * NOTE;
        let alone = |parsed: &Statement| self.capabilities.dialect.stands_alone(parsed);
        let bare = self.is_bare(&next.parsed);
        !alone(&statement.parsed) && !alone(&next.parsed) && !bare && bytes <= self.capabilities.message_limit
    }

    /// Whether no checkpoint can share the statement's message: there is no room, or the server may find nothing to
    /// execute in it and would accept nothing after that, or it would store what follows as part of a routine.
    pub(super) fn is_bare(&self, statement: &Statement) -> bool {
        let Capabilities { longest, stores_to_the_end, .. } = self.capabilities;
        let full = longest.is_some_and(|longest| statement.bytes() + 4 * NOTE > longest);
        full || statement.is_conditional() || stores_to_the_end && statement.defines_routine()
    }
}
