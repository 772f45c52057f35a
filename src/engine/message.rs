//! What travels to the server at once: statements of scripts, with dbmigrate's own among them.

use std::ops::Range;

use crate::sql::Statement;

/// Statements that are sent together, separated by `;`.
#[derive(Debug, Default)]
pub(crate) struct Message {
    sql: String,
    parts: Vec<Part>,
}

/// One statement of a message.
#[derive(Debug)]
pub(crate) struct Part {
    /// Its bytes in the message.
    pub(crate) at: Range<usize>,
    /// What it is in its script; `None` for one of dbmigrate's own statements.
    pub(crate) statement: Option<Statement>,
}

impl Message {
    /// Adds a statement: one of a script, or one of dbmigrate's own.
    pub(crate) fn push(&mut self, sql: &str, statement: Option<Statement>) {
        if !self.parts.is_empty() {
            self.sql.push_str(";\n");
        }
        let start = self.sql.len();
        self.sql.push_str(sql);
        self.parts.push(Part { at: start..self.sql.len(), statement });
    }

    /// Removes all statements.
    pub(crate) fn clear(&mut self) {
        self.sql.clear();
        self.parts.clear();
    }

    /// Returns how many of the rows that a statement reports it has changed: all of them, or none if it only reads.
    pub(crate) fn changed(&self, part: usize, rows: u64) -> Option<u64> {
        let statement = self.parts.get(part)?.statement.as_ref()?;
        Some(if statement.changes_rows() { rows } else { 0 })
    }

    /// Returns whether rows of a script follow it.
    pub(crate) fn has_rows(&self) -> bool {
        let last = self.parts.last().and_then(|part| part.statement.as_ref());
        last.is_some_and(|statement| statement.data.is_some())
    }

    /// Returns the text of the whole message.
    pub(crate) fn sql(&self) -> &str {
        &self.sql
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Returns the text of one of its statements.
    pub(crate) fn text(&self, part: &Part) -> &str {
        &self.sql[part.at.clone()]
    }

    /// Returns the number of the statement at this byte.
    pub(crate) fn part_at(&self, at: usize) -> Option<usize> {
        self.parts.partition_point(|part| part.at.start <= at).checked_sub(1)
    }
}

/// The rows that follow a statement in its script.
pub(crate) trait Rows: Send {
    /// Returns the next of them; `None` after the last. The error itself is recorded where it arose.
    fn next(&mut self) -> Result<Option<&str>, RowsError>;
}

/// The error that the rows cannot be read to their end.
#[derive(Debug)]
pub(crate) struct RowsError;
