use std::ops::Range;
use std::sync::Arc;

use super::cursor::{Comments, Cursor, Token};
use super::open::Open;
use super::postgres::{self, Strings};
use super::{Dialect, Sent, SplitError, SplitErrorKind, Words, mysql, sqlite, sqlserver};

/// What the commit may have to check.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Defers {
    #[default]
    Nothing,
    /// Rows, by constraints that wait.
    Rows,
    /// The same, and it may make such a constraint.
    Constraints,
}

/// One statement of a script with the blanks and comments before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// All of it: leading blanks and comments, the statement, its `;` and the data of a `COPY`.
    /// The spans of a text's pieces put together are the text.
    pub span: Range<usize>,
    /// The statement from its first token to the end of its last, without the `;`. Of SQL Server, a batch with the comments
    /// around it, which the server keeps with a procedure.
    /// Empty when there is nothing to send: the tail of a file, a stray `;`, a `\restrict` line of `pg_dump`, a
    /// `DELIMITER` line.
    pub statement: Range<usize>,
    /// The data lines of `COPY ... FROM stdin`, without the `\.` line that closes them.
    pub data: Option<Range<usize>>,
    /// The first words of the statement.
    pub words: Words,
    /// How often it is sent: `GO 3`.
    pub times: u32,
    pub(super) traits: Traits,
    /// What is sent, where that is not what is written.
    pub(super) sent: Option<Arc<Sent>>,
}

/// What the words alone do not tell of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Traits {
    /// It is, or defines, a compound statement of MySQL.
    pub(super) compound: bool,
    /// All of it stands in comments that only some servers execute.
    pub(super) conditional: bool,
    /// How many bytes of comments stand before its first token.
    pub(super) lead: usize,
    /// What a batch holds.
    pub(super) batch: Batch,
}

/// What a batch holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Batch {
    /// One statement.
    #[default]
    Single,
    /// Settings of the session, with fixed values.
    Settings,
    /// Perhaps more than one statement, or a procedure runs.
    Several,
}

impl Piece {
    /// Whether the statement must be the only one of its message.
    ///
    /// `PostgreSQL` reads a whole message before it runs any of it, so what changes how strings are read
    /// (`standard_conforming_strings`) cannot share one with the next statement, and data follows a message of its own.
    /// In MySQL it is a statement whose answers cannot be counted: a procedure may give any number of them.
    #[must_use]
    pub fn stands_alone(&self, dialect: Dialect) -> bool {
        match dialect {
            Dialect::Postgres => self.data.is_some() || postgres::changes_strings(&self.words),
            Dialect::Sqlite => false,
            Dialect::SqlServer => true,
            Dialect::Mysql => self.traits.compound || mysql::answers_freely(&self.words),
        }
    }

    /// Whether statements behind this one, of the same script or of others, are read in another way.
    pub(crate) fn changes_reading(&self, dialect: Dialect) -> bool {
        dialect == Dialect::Postgres && postgres::changes_strings(&self.words)
    }

    /// Whether all of the statement stands in comments that only some servers execute (`/*!80000 ... */`): a server may
    /// find nothing in it, and then refuses a message in which more follows.
    #[must_use]
    pub fn is_conditional(&self) -> bool {
        self.traits.conditional
    }

    /// Whether some of the statement's work may stay when it fails: a procedure or a block that commits, or one object
    /// after the other.
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

    /// The same piece of a text that begins so many bytes before.
    pub(super) fn behind(mut self, bytes: usize) -> Self {
        let shift = |range: Range<usize>| range.start + bytes..range.end + bytes;
        self.span = shift(self.span);
        self.statement = shift(self.statement);
        self.data = self.data.map(shift);
        self
    }

    /// Where its first token stands.
    pub(super) fn first_token(&self) -> usize {
        self.statement.start + self.traits.lead
    }

    /// Whether it consists of settings of the session, with fixed values.
    pub(super) fn is_settings(&self) -> bool {
        self.traits.batch == Batch::Settings
    }

    /// Whether it makes a table of the session, which some engines keep when the transaction is rolled back.
    pub(crate) fn makes_temporary(&self) -> bool {
        self.words.starts(&["CREATE"])
            && (1..4).any(|index| matches!(self.words.get(index), Some("TEMPORARY" | "TEMP")))
    }

    /// Whether it is a block of statements that runs at once.
    fn runs_block(&self) -> bool {
        self.traits.compound && !self.words.starts(&["CREATE"]) && !self.words.starts(&["ALTER"])
    }

    /// Whether it may leave something in its session that neither its text shows nor a reset of the session takes back.
    pub(crate) fn hides(&self, dialect: Dialect, text: &str) -> bool {
        match dialect {
            Dialect::Mysql => self.runs_block() || mysql::changes_session(&self.words, text),
            Dialect::Sqlite => self.words.starts(&["ATTACH"]),
            Dialect::Postgres | Dialect::SqlServer => false,
        }
    }

    /// What of it the commit may have to check.
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

    /// Whether it defines a routine, a trigger or an event, whose text the server stores.
    pub(crate) fn defines_routine(&self) -> bool {
        let defines = self.words.starts(&["CREATE"]) || self.words.starts(&["ALTER"]);
        defines && ["PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"].iter().any(|kind| self.words.contains(kind))
    }

    /// Whether it is a batch that defines a routine or a view, whose lines the server counts with the batch's own.
    #[cfg(feature = "sqlserver")]
    pub(crate) fn defines_module(&self) -> bool {
        sqlserver::defines_module(&self.words)
    }

    /// Whether it changes the rows of tables, and answers with how many.
    pub(crate) fn changes_rows(&self) -> bool {
        const CHANGES: [&str; 7] = ["INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "COPY", "LOAD"];
        let first = self.words.get(0).unwrap_or_default();
        CHANGES.contains(&first) || first == "WITH" && CHANGES.iter().any(|word| self.words.contains(word))
    }

    /// Whether it is a batch that does nothing but use a database.
    #[cfg(feature = "sqlserver")]
    pub(crate) fn only_uses_database(&self) -> bool {
        sqlserver::only_uses(&self.words)
    }

    /// The delimiter under which the database's own client takes the statement as one, where `;` is not it.
    pub(crate) fn delimiter(&self, statement: &str) -> Option<&'static str> {
        let fits = |delimiter: &&str| !statement.contains(*delimiter);
        if self.traits.compound { ["$$", "//", ";;", "|||"].into_iter().find(fits) } else { None }
    }

    /// Whether the statement locks tables until [`Piece::unlocks_tables`].
    #[must_use]
    pub fn locks_tables(&self, dialect: Dialect) -> bool {
        dialect == Dialect::Mysql && mysql::locks_tables(&self.words)
    }

    /// Whether the statement lets go of the tables that were locked.
    #[must_use]
    pub fn unlocks_tables(&self, dialect: Dialect) -> bool {
        dialect == Dialect::Mysql && mysql::unlocks_tables(&self.words)
    }
}

/// Cuts a text into statements; after an error nothing more comes.
///
/// `PostgreSQL` text is cut as `psql` cuts it (`src/fe_utils/psqlscan.l`), `SQLite` text as `sqlite3_complete()` does
/// (`src/complete.c`), MySQL text as the `mysql` client and the server behind it do (`client/mysql.cc`), text for SQL
/// Server at its `GO` lines, as Microsoft's `ManagedBatchParser` does. Client commands are errors, for only the client could
/// run them; `DELIMITER` and `GO` are understood.
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

/// The pieces of a text, in order: what [`split`] returns.
#[derive(Debug, Clone)]
pub struct Pieces<'a> {
    dialect: Dialect,
    cursor: Cursor<'a>,
    state: State,
    data: Data,
    failed: bool,
}

/// What one statement of a script says of how the next is read.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// Of `PostgreSQL`.
    strings: Strings,
    /// Of MySQL.
    client: mysql::Client,
    /// Of a dump of `PostgreSQL`: the database to which it may say that it connects.
    own: Option<Arc<str>>,
}

impl State {
    pub(super) fn new(own: Option<Arc<str>>) -> Self {
        Self { strings: Strings::Standard, client: mysql::Client::new(), own }
    }
}

/// Where the data of a `COPY` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Data {
    /// In the piece.
    Within,
    /// Behind the piece, whose `data` is empty: somebody else reads it.
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
    /// Goes on in the middle of a text, of which only a window is held.
    pub(super) fn resume(dialect: Dialect, text: &'a str, at: usize, state: State) -> Self {
        Self { dialect, cursor: Cursor::at(text, at), state, data: Data::Behind, failed: false }
    }

    /// What holds behind the last piece, and the comments met that somebody acts on.
    pub(super) fn stop(self) -> (State, Comments) {
        (self.state, self.cursor.comments)
    }

    pub(super) const fn whole(&self) -> &'a str {
        self.cursor.text
    }

    /// The comments met so far that somebody acts on.
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

    /// A backslash: only the two commands by which `pg_dump` guards its own output are harmless, and in a dump the one that
    /// connects to the database that the run is in.
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

    /// The lines behind `COPY ... FROM stdin;` up to the one that holds `\.` alone.
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

    /// `psql` would run what follows on the line behind the data, so a text cannot be cut in order there.
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
        // a text that is read from a file has none
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

/// Whether it is a `COPY` whose data follows in the text.
fn reads_data(words: &Words) -> bool {
    if !words.starts(&["COPY"]) {
        return false;
    }
    let from = (1..12).find(|&index| words.get(index) == Some("FROM"));
    // the server reads its input at either word
    from.is_some_and(|from| matches!(words.get(from + 1), Some("STDIN" | "STDOUT")))
}

#[cfg(test)]
pub(in crate::sql) mod tests;
