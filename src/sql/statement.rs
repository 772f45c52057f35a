use std::ops::Range;
use std::sync::Arc;

use super::cursor::{Comments, Cursor};
use super::dialect::Reader;
use super::{Dialect, Sent, SplitError, SplitErrorKind, Words};

/// What the commit may have to check because of a statement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Defers {
    #[default]
    Nothing,
    /// Rows, for deferred constraints.
    Rows,
    /// Rows, and the statement may create a deferred constraint.
    Constraints,
}

/// One statement of a script, with the white space and comments before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The whole span: leading white space and comments, the statement, its `;` and the data of a `COPY`.
    /// Together, the spans of all statements are the text.
    pub span: Range<usize>,
    /// The statement from its first token to the end of its last, without the `;`. For SQL Server, a batch with the
    /// comments around it, which the server stores with a procedure.
    /// Empty if there is nothing to send: the tail of a file, a stray `;`, a `\restrict` line of `pg_dump`, a
    /// `DELIMITER` line.
    pub range: Range<usize>,
    /// The data lines of `COPY ... FROM stdin`, without the `\.` line that closes them.
    pub data: Option<Range<usize>>,
    /// The first words of the statement.
    pub words: Words,
    /// How often the statement is sent: `GO 3`.
    pub times: u32,
    pub(super) facts: StatementFacts,
    /// What is sent, if it differs from what is written.
    pub(super) sent: Option<Arc<Sent>>,
}

/// Properties of a statement that its words do not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct StatementFacts {
    /// Whether it is, or defines, a compound statement of MySQL.
    pub(super) compound: bool,
    /// Whether all of it is in comments that only some servers execute.
    pub(super) conditional: bool,
    /// The number of bytes of comments before its first token.
    pub(super) lead: usize,
    /// The contents of a batch.
    pub(super) batch: Batch,
}

/// The contents of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Batch {
    /// One statement.
    #[default]
    Single,
    /// Only settings of the session, with fixed values.
    Settings,
    /// Possibly several statements, or a procedure call.
    Several,
}

impl Statement {
    /// Whether all of the statement is in comments that only some servers execute (`/*!80000 ... */`): to other
    /// servers, the statement is empty, and they refuse a message in which more follows.
    #[must_use]
    pub fn is_conditional(&self) -> bool {
        self.facts.conditional
    }

    /// Whether it is, or defines, a compound statement, which contains others.
    pub(super) const fn is_compound(&self) -> bool {
        self.facts.compound
    }

    /// The contents of the batch.
    pub(super) const fn contents(&self) -> Batch {
        self.facts.batch
    }

    /// Returns the statement with all its offsets moved by this number of bytes.
    pub(super) fn behind(mut self, bytes: usize) -> Self {
        let shift = |range: Range<usize>| range.start + bytes..range.end + bytes;
        self.span = shift(self.span);
        self.range = shift(self.range);
        self.data = self.data.map(shift);
        self
    }

    /// The offset of the first token.
    pub(super) fn first_token(&self) -> usize {
        self.range.start + self.facts.lead
    }

    /// Whether the statement creates something temporary, which some engines keep if the transaction is rolled back.
    pub(crate) fn makes_temporary(&self) -> bool {
        self.words.starts(&["CREATE"])
            && (1..4).any(|index| matches!(self.words.get(index), Some("TEMPORARY" | "TEMP")))
    }

    /// Whether the statement defines a routine, a trigger or an event, whose text the server stores.
    pub(crate) fn defines_routine(&self) -> bool {
        let defines = self.words.starts(&["CREATE"]) || self.words.starts(&["ALTER"]);
        defines && ["PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"].iter().any(|kind| self.words.contains(kind))
    }

    /// Whether the statement changes rows of tables, so that the server reports their number.
    pub(crate) fn changes_rows(&self) -> bool {
        const CHANGES: [&str; 7] = ["INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "COPY", "LOAD"];
        let first = self.words.get(0).unwrap_or_default();
        CHANGES.contains(&first) || first == "WITH" && CHANGES.iter().any(|word| self.words.contains(word))
    }

    /// Returns a delimiter with which the database's own client reads this as one statement, if `;` does not work.
    pub(crate) fn delimiter(&self, statement: &str) -> Option<&'static str> {
        let fits = |delimiter: &&str| !statement.contains(*delimiter);
        if self.facts.compound { ["$$", "//", ";;", "|||"].into_iter().find(fits) } else { None }
    }
}

/// Splits a text into statements. The iterator ends after an error.
///
/// `PostgreSQL` text is split as `psql` splits it (`src/fe_utils/psqlscan.l`), `SQLite` text as `sqlite3_complete()`
/// does (`src/complete.c`), MySQL text as the `mysql` client and then the server do (`client/mysql.cc`), and text for
/// SQL Server at its `GO` lines, as Microsoft's `ManagedBatchParser` does. Client commands are errors because only the
/// client could run them, except `DELIMITER` and `GO`, which are understood.
pub(crate) fn split<'a>(dialect: &dyn Dialect, text: &'a str) -> Split<'a> {
    Split { cursor: Cursor::new(text), reader: dialect.reader(None), data: Data::Within, failed: false }
}

/// The statements of a text, in order: an iterator.
#[derive(Debug, Clone)]
pub struct Split<'a> {
    cursor: Cursor<'a>,
    reader: Box<dyn Reader>,
    data: Data,
    failed: bool,
}

/// The place of the data of a `COPY`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Data {
    /// In the statement's span.
    Within,
    /// After the statement, whose `data` is empty: the caller reads the data itself.
    After,
}

impl Iterator for Split<'_> {
    type Item = Result<Statement, SplitError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.cursor.at == self.cursor.text.len() {
            return None;
        }
        let statement = self.reader.statement(&mut self.cursor, self.data);
        let statement = statement.and_then(|statement| self.without_nul(statement));
        self.failed = statement.is_err();
        Some(statement)
    }
}

impl<'a> Split<'a> {
    /// Continues in the middle of a text of which only a window is held.
    pub(super) fn resume(text: &'a str, at: usize, reader: Box<dyn Reader>) -> Self {
        Self { cursor: Cursor::at(text, at), reader, data: Data::After, failed: false }
    }

    /// Returns the state after the last statement, and the comments so far that dbmigrate or another tool acts on.
    pub(super) fn stop(self) -> (Box<dyn Reader>, Comments) {
        (self.reader, self.cursor.comments)
    }

    pub(super) const fn whole(&self) -> &'a str {
        self.cursor.text
    }

    /// The comments so far that dbmigrate or another tool acts on.
    pub(super) fn comments(&self) -> &Comments {
        &self.cursor.comments
    }

    fn without_nul(&self, statement: Statement) -> Result<Statement, SplitError> {
        // a text that was read from a file has no NUL
        if self.data == Data::After {
            return Ok(statement);
        }
        let span = self.cursor.slice(&statement.span);
        if !span.contains(&0) {
            return Ok(statement);
        }
        let offset = span.iter().position(|&byte| byte == 0).unwrap_or_default();
        Err(SplitError { at: statement.span.start + offset, kind: SplitErrorKind::NulCharacter })
    }
}

#[cfg(test)]
pub(in crate::sql) mod tests;
