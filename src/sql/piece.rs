use std::ops::Range;

use super::cursor::{Cursor, Token};
use super::postgres::{self, Strings};
use super::{Dialect, SplitError, SplitErrorKind, Words, sqlite};

/// One statement of a script with the blanks and comments before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// All of it: leading blanks and comments, the statement, its `;` and the data of a `COPY`.
    /// The spans of a text's pieces put together are the text.
    pub span: Range<usize>,
    /// The statement from its first token to the end of its last, without the `;`.
    /// Empty when there is nothing to send: the tail of a file, a stray `;`, a `\restrict` line of `pg_dump`.
    pub statement: Range<usize>,
    /// The data lines of `COPY ... FROM stdin`, without the `\.` line that closes them.
    pub data: Option<Range<usize>>,
    /// The first words of the statement.
    pub words: Words,
}

impl Piece {
    /// Whether the statement changes how the server reads the strings behind it (`standard_conforming_strings`).
    ///
    /// A server reads a whole message before it runs any of it, so the next statement belongs in a message of its own.
    #[must_use]
    pub fn changes_strings(&self) -> bool {
        postgres::changes_strings(&self.words)
    }

    /// Whether the statement, outside a transaction, can have committed some of its work when it fails: a procedure or a
    /// block that commits, or one object after the other.
    #[must_use]
    pub fn may_commit(&self) -> bool {
        ["CALL", "DO", "VACUUM", "REINDEX", "CLUSTER"].iter().any(|word| self.words.starts(&[word]))
    }
}

/// Cuts a text into statements; after an error nothing more comes.
///
/// `PostgreSQL` text is cut as `psql` cuts it (`src/fe_utils/psqlscan.l`), `SQLite` text as `sqlite3_complete()` does
/// (`src/complete.c`). Client commands are errors, for only the client could run them.
///
/// ```
/// use dbmigrate::sql::{Dialect, split};
///
/// let pieces = split(Dialect::Sqlite, "CREATE TABLE t (a); INSERT INTO t VALUES (';');").count();
/// assert_eq!(pieces, 2);
/// ```
#[must_use]
pub fn split(dialect: Dialect, text: &str) -> Pieces<'_> {
    Pieces { dialect, cursor: Cursor::new(text), strings: Strings::Standard, failed: false }
}

/// The pieces of a text, in order: what [`split`] returns.
#[derive(Debug, Clone)]
pub struct Pieces<'a> {
    dialect: Dialect,
    cursor: Cursor<'a>,
    strings: Strings,
    failed: bool,
}

impl Iterator for Pieces<'_> {
    type Item = Result<Piece, SplitError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.cursor.at == self.cursor.text.len() {
            return None;
        }
        let piece = self.piece().and_then(|piece| self.without_nul(piece));
        self.failed = piece.is_err();
        Some(piece)
    }
}

impl Pieces<'_> {
    /// Directive comments met so far.
    pub(super) fn directives(&self) -> &[Range<usize>] {
        &self.cursor.directives
    }

    fn piece(&mut self) -> Result<Piece, SplitError> {
        let mut open = Open::new(self.dialect, self.cursor.at);
        loop {
            let start = self.cursor.at;
            let token = self.token()?;
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

    fn token(&mut self) -> Result<Token, SplitError> {
        match self.dialect {
            Dialect::Postgres => postgres::token(&mut self.cursor, self.strings),
            Dialect::Sqlite => sqlite::token(&mut self.cursor),
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
        if self.dialect == Dialect::Postgres {
            if reads_data(&open.words) {
                data = Some(self.data(open.statement.start)?);
            }
            let statement = self.cursor.text.get(open.statement.clone()).unwrap_or_default();
            self.strings = self.strings.after(&open.words, statement);
        }
        Ok(Piece { span: open.start..self.cursor.at, statement: open.statement, data, words: open.words })
    }

    /// A backslash: only the two commands by which `pg_dump` guards its own output are harmless.
    fn command(&mut self, open: Open) -> Result<Piece, SplitError> {
        let line = self.cursor.rest();
        let guard = [b"\\restrict ", b"\\unrestrict ".as_slice()].iter().any(|guard| line.starts_with(guard));
        if !guard || !open.statement.is_empty() {
            return Err(self.cursor.command());
        }
        self.cursor.skip_past(b'\n');
        Ok(Piece { span: open.start..self.cursor.at, statement: open.statement, data: None, words: open.words })
    }

    /// The lines behind `COPY ... FROM stdin;` up to the one that holds `\.` alone.
    fn data(&mut self, copy: usize) -> Result<Range<usize>, SplitError> {
        self.rest_of_line_is_blank()?;
        let start = self.cursor.at;
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

/// The statement that is being read.
struct Open {
    start: usize,
    statement: Range<usize>,
    words: Words,
    parentheses: usize,
    /// The outermost parenthesis that is open.
    parenthesis: usize,
    body: Body,
}

enum Body {
    Postgres(postgres::Body),
    Sqlite(sqlite::Body),
}

impl Open {
    fn new(dialect: Dialect, start: usize) -> Self {
        let body = match dialect {
            Dialect::Postgres => Body::Postgres(postgres::Body::new()),
            Dialect::Sqlite => Body::Sqlite(sqlite::Body::Start),
        };
        Self { start, statement: start..start, words: Words::new(), parentheses: 0, parenthesis: 0, body }
    }

    /// Takes a token that is not a blank and tells whether it ends the statement.
    fn take(&mut self, token: Token, start: usize, text: &[u8]) -> bool {
        let ends = match &mut self.body {
            Body::Postgres(body) => {
                if token == Token::Word {
                    body.word(start, text, self.parentheses);
                }
                token == Token::Symbol(b';') && self.parentheses == 0 && body.open().is_none()
            }
            Body::Sqlite(body) => body.take(start, token, text),
        };
        if !ends {
            self.extend(token, start, text);
        }
        ends
    }

    fn extend(&mut self, token: Token, start: usize, text: &[u8]) {
        if self.statement.is_empty() {
            self.statement.start = start;
        }
        self.statement.end = start + text.len();
        if self.parentheses == 0 && !self.words.is_full() && token != Token::Symbol(b')') {
            self.words.push(token, text);
        }
        match token {
            Token::Symbol(b'(') => {
                if self.parentheses == 0 {
                    self.parenthesis = start;
                }
                self.parentheses += 1;
            }
            Token::Symbol(b')') => self.parentheses = self.parentheses.saturating_sub(1),
            _ => {}
        }
    }

    fn unclosed(&self) -> Option<SplitError> {
        let (block, parenthesis) = match &self.body {
            Body::Postgres(body) => (body.open(), (self.parentheses > 0).then_some(self.parenthesis)),
            Body::Sqlite(body) => (body.open(), None),
        };
        block
            .map(|at| SplitError { at, kind: SplitErrorKind::UnterminatedBlock })
            .or(parenthesis.map(|at| SplitError { at, kind: SplitErrorKind::UnterminatedParenthesis }))
    }
}

#[cfg(test)]
pub(in crate::sql) mod tests;
