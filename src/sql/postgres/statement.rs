//! Reads a statement as `psql` does, with the rows of a `COPY` and the lines that `pg_dump` writes for `psql`.

use std::ops::Range;
use std::sync::Arc;

use super::dump::connects_to;
use super::lexer::{Strings, token};
use crate::sql::cursor::{Cursor, Token};
use crate::sql::dialect;
use crate::sql::open::{self, End, Open};
use crate::sql::statement::Data;
use crate::sql::{SplitError, SplitErrorKind, Statement, Words};

/// Splits a script.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    strings: Strings,
    /// The database to which a dump may connect.
    own: Option<Arc<str>>,
}

impl Reader {
    pub(super) fn new(own: Option<Arc<str>>) -> Self {
        Self { strings: Strings::Standard, own }
    }

    /// Takes a command of the shell. Only the two commands with which `pg_dump` guards its own output are accepted, and
    /// in a dump the command that connects to the run's own database.
    fn command(&self, cursor: &mut Cursor<'_>, open: Open<Body>) -> Result<Statement, SplitError> {
        let line = cursor.rest();
        let guard = [b"\\restrict ", b"\\unrestrict ".as_slice()].iter().any(|guard| line.starts_with(guard));
        let own = self.own.as_ref().is_some_and(|own| connects_to(line, own));
        if !(guard || own) || !open.range.is_empty() {
            return Err(cursor.command());
        }
        let line = cursor.at;
        cursor.skip_past(b'\n');
        cursor.hides_no_line(line)?;
        Ok(open.statement(cursor, None))
    }
}

impl dialect::Reader for Reader {
    fn statement(&mut self, cursor: &mut Cursor<'_>, data: Data) -> Result<Statement, SplitError> {
        let (open, end) = Open::read(cursor, Body::new(), |cursor, _| token(cursor, self.strings))?;
        let open = match end {
            End::Command => return self.command(cursor, open),
            End::Statement => open,
            End::Text => open.closed()?.balanced()?,
        };
        let copies = reads_rows(&open.words);
        if copies && end == End::Text {
            return Err(SplitError { at: open.range.start, kind: SplitErrorKind::UnterminatedCopy });
        }
        let rows = if copies { Some(rows(cursor, open.range.start, data)?) } else { None };
        let statement = cursor.text.get(open.range.clone()).unwrap_or_default();
        self.strings = self.strings.after(&open.words, statement);
        Ok(open.statement(cursor, rows))
    }

    fn boxed(&self) -> Box<dyn dialect::Reader> {
        Box::new(self.clone())
    }
}

/// Whether the statement is a `COPY` whose data follows in the text.
fn reads_rows(words: &Words) -> bool {
    if !words.starts(&["COPY"]) {
        return false;
    }
    let from = (1..12).find(|&index| words.get(index) == Some("FROM"));
    // the server reads from the client with either word
    from.is_some_and(|from| matches!(words.get(from + 1), Some("STDIN" | "STDOUT")))
}

/// Returns the lines after `COPY ... FROM stdin;` up to the line with `\.` alone.
fn rows(cursor: &mut Cursor<'_>, copy: usize, data: Data) -> Result<Range<usize>, SplitError> {
    rest_of_line_is_blank(cursor)?;
    let start = cursor.at;
    if data == Data::After {
        return Ok(start..start);
    }
    loop {
        let line = cursor.at;
        let ended = cursor.skip_past(b'\n');
        match cursor.slice(&(line..cursor.at)) {
            b"\\.\n" | b"\\.\r\n" | b"\\." | b"\\.\r" => return Ok(start..line),
            _ if ended => {}
            _ => return Err(SplitError { at: copy, kind: SplitErrorKind::UnterminatedCopy }),
        }
    }
}

/// Refuses more text on the line: `psql` would run it after the data, so the text could not be split in order.
fn rest_of_line_is_blank(cursor: &mut Cursor<'_>) -> Result<(), SplitError> {
    cursor.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\r'));
    match (cursor.peek(0), cursor.peek(1)) {
        (Some(b'\n') | None, _) | (Some(b'-'), Some(b'-')) => {
            cursor.skip_past(b'\n');
            Ok(())
        }
        _ => Err(SplitError { at: cursor.at, kind: SplitErrorKind::TextAfterCopy }),
    }
}

/// The SQL-standard body of a routine: its semicolons do not end the statement.
///
/// `psql` recognizes it by the first words, `CREATE [OR REPLACE] {FUNCTION | PROCEDURE}`, and counts `BEGIN` and `CASE`
/// against `END`; a word in parentheses does not count.
#[derive(Debug, Clone)]
struct Body {
    head: Head,
    depth: u32,
    /// The offset of the outermost `BEGIN`.
    start: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Head {
    Start,
    Create,
    CreateOr,
    CreateOrReplace,
    Routine,
    Other,
}

impl Body {
    fn new() -> Self {
        Self { head: Head::Start, depth: 0, start: 0 }
    }

    fn word(&mut self, at: usize, word: &[u8], parentheses: usize) {
        match self.head {
            Head::Routine if parentheses == 0 => self.routine_word(at, word),
            Head::Routine | Head::Other => {}
            head => self.head = head.next(word),
        }
    }

    fn routine_word(&mut self, at: usize, word: &[u8]) {
        if word.eq_ignore_ascii_case(b"begin") {
            if self.depth == 0 {
                self.start = at;
            }
            self.depth += 1;
        } else if word.eq_ignore_ascii_case(b"case") && self.depth > 0 {
            self.depth += 1;
        } else if word.eq_ignore_ascii_case(b"end") {
            self.depth = self.depth.saturating_sub(1);
        }
    }
}

impl Head {
    fn next(self, word: &[u8]) -> Self {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword.as_bytes());
        match self {
            Self::Start if is("create") => Self::Create,
            Self::Create if is("or") => Self::CreateOr,
            Self::CreateOr if is("replace") => Self::CreateOrReplace,
            Self::Create | Self::CreateOrReplace if is("function") || is("procedure") => Self::Routine,
            _ => Self::Other,
        }
    }
}

impl open::Body for Body {
    fn take(&mut self, at: usize, token: Token, text: &[u8], parentheses: usize) -> bool {
        if token == Token::Word {
            self.word(at, text, parentheses);
        }
        token == Token::Symbol(b';') && parentheses == 0 && self.open().is_none()
    }

    fn open(&self) -> Option<usize> {
        (self.depth > 0).then_some(self.start)
    }
}
