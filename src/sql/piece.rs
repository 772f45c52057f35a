use std::ops::Range;
use std::sync::Arc;

use super::cursor::{Comments, Cursor, Token};
use super::open::Open;
use super::postgres::{self, Strings};
use super::{Dialect, Sent, SplitError, SplitErrorKind, Words, mysql, sqlite, sqlserver};

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
pub struct Piece {
    /// The whole span: leading white space and comments, the statement, its `;` and the data of a `COPY`.
    /// Together, the spans of all statements are the text.
    pub span: Range<usize>,
    /// The statement from its first token to the end of its last, without the `;`. For SQL Server, a batch with the
    /// comments around it, which the server stores with a procedure.
    /// Empty if there is nothing to send: the tail of a file, a stray `;`, a `\restrict` line of `pg_dump`, a
    /// `DELIMITER` line.
    pub statement: Range<usize>,
    /// The data lines of `COPY ... FROM stdin`, without the `\.` line that closes them.
    pub data: Option<Range<usize>>,
    /// The first words of the statement.
    pub words: Words,
    /// How often the statement is sent: `GO 3`.
    pub times: u32,
    pub(super) traits: Traits,
    /// What is sent, if it differs from what is written.
    pub(super) sent: Option<Arc<Sent>>,
}

/// Properties of a statement that its words do not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Traits {
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

impl Piece {
    /// Whether the statement must be the only one of its message.
    ///
    /// `PostgreSQL` parses a whole message before it runs any of it. A statement that changes how strings are read
    /// (`standard_conforming_strings`) therefore cannot share a message with the next statement, and `COPY` data must
    /// follow a message of its own. In MySQL, it is a statement whose results cannot be counted: a procedure may return
    /// any number of them.
    #[must_use]
    pub fn stands_alone(&self, dialect: Dialect) -> bool {
        match dialect {
            Dialect::Postgres => self.data.is_some() || postgres::changes_strings(&self.words),
            Dialect::Sqlite => false,
            Dialect::SqlServer => true,
            Dialect::Mysql => self.traits.compound || mysql::answers_freely(&self.words),
        }
    }

    /// Whether the statement changes how later statements, of this script or of others, are read.
    pub(crate) fn changes_reading(&self, dialect: Dialect) -> bool {
        dialect == Dialect::Postgres && postgres::changes_strings(&self.words)
    }

    /// Whether all of the statement is in comments that only some servers execute (`/*!80000 ... */`): to other
    /// servers, the statement is empty, and they refuse a message in which more follows.
    #[must_use]
    pub fn is_conditional(&self) -> bool {
        self.traits.conditional
    }

    /// Whether some of the statement's work may remain if it fails: a procedure or a block commits, or the statement
    /// processes one object after the other.
    #[must_use]
    pub fn may_commit(&self, dialect: Dialect) -> bool {
        match dialect {
            Dialect::Postgres | Dialect::Sqlite => {
                ["CALL", "DO", "VACUUM", "REINDEX", "CLUSTER"].iter().any(|word| self.words.starts(&[word]))
            }
            Dialect::SqlServer => self.traits.batch == Batch::Several,
            Dialect::Mysql => self.runs_block() || mysql::may_commit(&self.words),
        }
    }

    /// Returns the statement with all its offsets moved by this number of bytes.
    pub(super) fn behind(mut self, bytes: usize) -> Self {
        let shift = |range: Range<usize>| range.start + bytes..range.end + bytes;
        self.span = shift(self.span);
        self.statement = shift(self.statement);
        self.data = self.data.map(shift);
        self
    }

    /// The offset of the first token.
    pub(super) fn first_token(&self) -> usize {
        self.statement.start + self.traits.lead
    }

    /// Whether the statement consists of settings of the session, with fixed values.
    pub(super) fn is_settings(&self) -> bool {
        self.traits.batch == Batch::Settings
    }

    /// Whether the statement creates something temporary, which some engines keep if the transaction is rolled back.
    pub(crate) fn makes_temporary(&self) -> bool {
        self.words.starts(&["CREATE"])
            && (1..4).any(|index| matches!(self.words.get(index), Some("TEMPORARY" | "TEMP")))
    }

    /// Whether the statement is a block of statements that runs at once.
    fn runs_block(&self) -> bool {
        self.traits.compound && !self.words.starts(&["CREATE"]) && !self.words.starts(&["ALTER"])
    }

    /// Whether the statement may leave something in its session that its text does not show and a session reset does
    /// not undo.
    pub(crate) fn hides(&self, dialect: Dialect, text: &str) -> bool {
        match dialect {
            Dialect::Mysql => self.runs_block() || mysql::changes_session(&self.words, text),
            Dialect::Sqlite => self.words.starts(&["ATTACH"]),
            Dialect::Postgres | Dialect::SqlServer => false,
        }
    }

    /// Returns what the commit may have to check because of the statement.
    pub(crate) fn defers(&self, dialect: Dialect, text: &str) -> Defers {
        let starts = |words: &[&str]| words.iter().any(|word| self.words.starts(&[word]));
        match dialect {
            Dialect::Mysql | Dialect::SqlServer => Defers::Nothing,
            Dialect::Postgres if starts(&["COPY", "DELETE", "INSERT", "UPDATE"]) => Defers::Rows,
            Dialect::Postgres if text.to_ascii_uppercase().contains("DEFERRABLE") => Defers::Constraints,
            Dialect::Postgres if starts(&["ALTER", "COMMENT", "CREATE", "DROP", "GRANT", "REVOKE"]) => Defers::Nothing,
            Dialect::Postgres | Dialect::Sqlite => Defers::Rows,
        }
    }

    /// Whether the statement defines a routine, a trigger or an event, whose text the server stores.
    pub(crate) fn defines_routine(&self) -> bool {
        let defines = self.words.starts(&["CREATE"]) || self.words.starts(&["ALTER"]);
        defines && ["PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"].iter().any(|kind| self.words.contains(kind))
    }

    /// Whether the batch defines a routine or a view, for which the server counts lines from the start of the batch.
    #[cfg(feature = "sqlserver")]
    pub(crate) fn defines_module(&self) -> bool {
        sqlserver::defines_module(&self.words)
    }

    /// Whether the statement changes rows of tables, so that the server reports their number.
    pub(crate) fn changes_rows(&self) -> bool {
        const CHANGES: [&str; 7] = ["INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "COPY", "LOAD"];
        let first = self.words.get(0).unwrap_or_default();
        CHANGES.contains(&first) || first == "WITH" && CHANGES.iter().any(|word| self.words.contains(word))
    }

    /// Whether the batch contains only a `USE`.
    #[cfg(feature = "sqlserver")]
    pub(crate) fn only_uses_database(&self) -> bool {
        sqlserver::only_uses(&self.words)
    }

    /// Returns a delimiter with which the database's own client reads this as one statement, if `;` does not work.
    pub(crate) fn delimiter(&self, statement: &str) -> Option<&'static str> {
        let fits = |delimiter: &&str| !statement.contains(*delimiter);
        if self.traits.compound { ["$$", "//", ";;", "|||"].into_iter().find(fits) } else { None }
    }

    /// Whether the statement locks tables until [`Piece::unlocks_tables`].
    #[must_use]
    pub fn locks_tables(&self, dialect: Dialect) -> bool {
        dialect == Dialect::Mysql && mysql::locks_tables(&self.words)
    }

    /// Whether the statement unlocks the locked tables.
    #[must_use]
    pub fn unlocks_tables(&self, dialect: Dialect) -> bool {
        dialect == Dialect::Mysql && mysql::unlocks_tables(&self.words)
    }
}

/// Splits a text into statements. The iterator ends after an error.
///
/// `PostgreSQL` text is split as `psql` splits it (`src/fe_utils/psqlscan.l`), `SQLite` text as `sqlite3_complete()`
/// does (`src/complete.c`), MySQL text as the `mysql` client and then the server do (`client/mysql.cc`), and text for
/// SQL Server at its `GO` lines, as Microsoft's `ManagedBatchParser` does. Client commands are errors because only the
/// client could run them, except `DELIMITER` and `GO`, which are understood.
///
/// ```
/// use dbmigrate::sql::{Dialect, split};
///
/// let pieces = split(Dialect::Sqlite, "CREATE TABLE t (a); INSERT INTO t VALUES (';');").count();
/// assert_eq!(pieces, 2);
/// ```
#[must_use]
pub fn split(dialect: Dialect, text: &str) -> Pieces<'_> {
    Pieces { dialect, cursor: Cursor::new(text), state: State::new(None), data: Data::Within, failed: false }
}

/// The statements of a text, in order: the iterator that [`split`] returns.
#[derive(Debug, Clone)]
pub struct Pieces<'a> {
    dialect: Dialect,
    cursor: Cursor<'a>,
    state: State,
    data: Data,
    failed: bool,
}

/// The settings of earlier statements that determine how the next statement is read.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// For `PostgreSQL`.
    strings: Strings,
    /// For MySQL.
    client: mysql::Client,
    /// For a dump of `PostgreSQL`: the database to which it may connect.
    own: Option<Arc<str>>,
}

impl State {
    pub(super) fn new(own: Option<Arc<str>>) -> Self {
        Self { strings: Strings::Standard, client: mysql::Client::new(), own }
    }
}

/// The place of the data of a `COPY`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Data {
    /// In the statement's span.
    Within,
    /// After the statement, whose `data` is empty: the caller reads the data itself.
    Behind,
}

impl Iterator for Pieces<'_> {
    type Item = Result<Piece, SplitError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.cursor.at == self.cursor.text.len() {
            return None;
        }
        let piece = match self.dialect {
            Dialect::SqlServer => sqlserver::batch(&mut self.cursor),
            _ => self.piece(),
        };
        let piece = piece.and_then(|piece| self.without_nul(piece));
        self.failed = piece.is_err();
        Some(piece)
    }
}

impl<'a> Pieces<'a> {
    /// Continues in the middle of a text of which only a window is held.
    pub(super) fn resume(dialect: Dialect, text: &'a str, at: usize, state: State) -> Self {
        Self { dialect, cursor: Cursor::at(text, at), state, data: Data::Behind, failed: false }
    }

    /// Returns the state after the last statement, and the comments so far that dbmigrate or another tool acts on.
    pub(super) fn stop(self) -> (State, Comments) {
        (self.state, self.cursor.comments)
    }

    pub(super) const fn whole(&self) -> &'a str {
        self.cursor.text
    }

    /// The comments so far that dbmigrate or another tool acts on.
    pub(super) fn comments(&self) -> &Comments {
        &self.cursor.comments
    }

    fn piece(&mut self) -> Result<Piece, SplitError> {
        let mut open = Open::new(self.dialect, self.cursor.at);
        loop {
            if open.is_plain() {
                open.statement.end = sqlite::skip_plain(&mut self.cursor).unwrap_or(open.statement.end);
            }
            let start = self.cursor.at;
            let token = self.token(&open)?;
            match token {
                Token::Blank => {}
                Token::End => return self.at_end(open),
                Token::Command => return self.command(open),
                Token::Symbol(b'.') if self.dialect == Dialect::Sqlite && open.statement.is_empty() => {
                    self.cursor.at = start;
                    return self.command(open);
                }
                _ if open.take(token, start, self.cursor.slice(&(start..self.cursor.at))) => {
                    return self.finish(open);
                }
                _ => {}
            }
        }
    }

    fn token(&mut self, open: &Open) -> Result<Token, SplitError> {
        match self.dialect {
            Dialect::Mysql => mysql::token(&mut self.cursor, &mut self.state.client, open.place()),
            Dialect::Postgres => postgres::token(&mut self.cursor, self.state.strings),
            Dialect::Sqlite => sqlite::token(&mut self.cursor),
            Dialect::SqlServer => sqlserver::token(&mut self.cursor),
        }
    }

    fn at_end(&mut self, open: Open) -> Result<Piece, SplitError> {
        if let Some(error) = open.unclosed() {
            return Err(error);
        }
        if self.dialect == Dialect::Postgres && reads_data(&open.words) {
            return Err(SplitError { at: open.statement.start, kind: SplitErrorKind::UnterminatedCopy });
        }
        self.finish(open)
    }

    fn finish(&mut self, open: Open) -> Result<Piece, SplitError> {
        let mut data = None;
        let statement = self.cursor.text.get(open.statement.clone()).unwrap_or_default();
        match self.dialect {
            Dialect::Postgres => {
                if reads_data(&open.words) {
                    data = Some(self.data(open.statement.start)?);
                }
                self.state.strings = self.state.strings.after(&open.words, statement);
            }
            Dialect::Mysql => self.state.client.finish(open.compound(), &open.words, statement)?,
            Dialect::Sqlite | Dialect::SqlServer => {}
        }
        Ok(open.piece(self.cursor.at, data))
    }

    /// Takes a client command. Only the two commands with which `pg_dump` guards its own output are accepted, and in a
    /// dump the command that connects to the run's own database.
    fn command(&mut self, open: Open) -> Result<Piece, SplitError> {
        let line = self.cursor.rest();
        let guard = [b"\\restrict ", b"\\unrestrict ".as_slice()].iter().any(|guard| line.starts_with(guard));
        let own = self.state.own.as_ref().is_some_and(|own| postgres::connects_to(line, own));
        if !(guard || own) || !open.statement.is_empty() || self.dialect != Dialect::Postgres {
            return Err(self.cursor.command());
        }
        let line = self.cursor.at;
        self.cursor.skip_past(b'\n');
        self.cursor.hides_no_line(line)?;
        Ok(open.piece(self.cursor.at, None))
    }

    /// Returns the lines after `COPY ... FROM stdin;` up to the line with `\.` alone.
    fn data(&mut self, copy: usize) -> Result<Range<usize>, SplitError> {
        self.rest_of_line_is_blank()?;
        let start = self.cursor.at;
        if self.data == Data::Behind {
            return Ok(start..start);
        }
        loop {
            let line = self.cursor.at;
            let ended = self.cursor.skip_past(b'\n');
            match self.cursor.slice(&(line..self.cursor.at)) {
                b"\\.\n" | b"\\.\r\n" | b"\\." | b"\\.\r" => return Ok(start..line),
                _ if ended => {}
                _ => return Err(SplitError { at: copy, kind: SplitErrorKind::UnterminatedCopy }),
            }
        }
    }

    /// Refuses more text on the line: `psql` would run it after the data, so the text could not be split in order.
    fn rest_of_line_is_blank(&mut self) -> Result<(), SplitError> {
        self.cursor.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\r'));
        match (self.cursor.peek(0), self.cursor.peek(1)) {
            (Some(b'\n') | None, _) | (Some(b'-'), Some(b'-')) => {
                self.cursor.skip_past(b'\n');
                Ok(())
            }
            _ => Err(SplitError { at: self.cursor.at, kind: SplitErrorKind::TextAfterCopy }),
        }
    }

    fn without_nul(&self, piece: Piece) -> Result<Piece, SplitError> {
        // a text that was read from a file has no NUL
        if self.data == Data::Behind {
            return Ok(piece);
        }
        let span = self.cursor.slice(&piece.span);
        if !span.contains(&0) {
            return Ok(piece);
        }
        let offset = span.iter().position(|&byte| byte == 0).unwrap_or_default();
        Err(SplitError { at: piece.span.start + offset, kind: SplitErrorKind::NulCharacter })
    }
}

/// Whether the statement is a `COPY` whose data follows in the text.
fn reads_data(words: &Words) -> bool {
    if !words.starts(&["COPY"]) {
        return false;
    }
    let from = (1..12).find(|&index| words.get(index) == Some("FROM"));
    // the server reads from the client with either word
    from.is_some_and(|from| matches!(words.get(from + 1), Some("STDIN" | "STDOUT")))
}

#[cfg(test)]
pub(in crate::sql) mod tests;
