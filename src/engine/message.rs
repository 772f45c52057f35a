//! What is sent at once: statements of scripts, and our own among them.

use std::ops::Range;

use crate::sql::Piece;

/// Statements that are sent together, each with a `;` behind it.
#[derive(Debug, Default)]
pub(crate) struct Message {
    sql: String,
    parts: Vec<Part>,
}

/// One statement of a message.
#[derive(Debug)]
pub(crate) struct Part {
    /// Where it stands in the message.
    pub(crate) at: Range<usize>,
    /// What it is in its script; `None` for a statement of our own.
    pub(crate) piece: Option<Piece>,
}

impl Message {
    /// Adds a statement: one of a script, or one of our own.
    pub(crate) fn push(&mut self, sql: &str, piece: Option<Piece>) {
        if !self.parts.is_empty() {
            self.sql.push_str(";\n");
        }
        let start = self.sql.len();
        self.sql.push_str(sql);
        self.parts.push(Part { at: start..self.sql.len(), piece });
    }

    /// Takes everything out of it.
    pub(crate) fn clear(&mut self) {
        self.sql.clear();
        self.parts.clear();
    }

    /// How many rows a statement has changed that has answered with so many, which it has changed or only read.
    pub(crate) fn changed(&self, part: usize, rows: u64) -> Option<u64> {
        let piece = self.parts.get(part)?.piece.as_ref()?;
        Some(if piece.changes_rows() { rows } else { 0 })
    }

    /// Rows of a script follow it.
    pub(crate) fn has_rows(&self) -> bool {
        let last = self.parts.last().and_then(|part| part.piece.as_ref());
        last.is_some_and(|piece| piece.data.is_some())
    }

    /// All that is sent.
    pub(crate) fn sql(&self) -> &str {
        &self.sql
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The text of one of its statements.
    pub(crate) fn text(&self, part: &Part) -> &str {
        &self.sql[part.at.clone()]
    }

    /// Which of its statements stands at this byte.
    pub(crate) fn part_at(&self, at: usize) -> Option<usize> {
        self.parts.partition_point(|part| part.at.start <= at).checked_sub(1)
    }
}

/// The rows that follow a statement in its script.
pub(crate) trait Rows: Send {
    /// The next of them; `None` behind the last. An error has been noted where it arose.
    fn next(&mut self) -> Result<Option<&str>, Torn>;
}

/// The rows cannot be read to their end.
#[derive(Debug)]
pub(crate) struct Torn;
