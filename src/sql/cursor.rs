use std::ops::Range;

use super::{SplitError, SplitErrorKind};

/// What a lexer tells the splitter about a stretch of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// White space or one comment.
    Blank,
    /// An unquoted identifier or keyword.
    Word,
    /// A quoted identifier.
    Name,
    /// A string of any kind.
    Text,
    /// A run of digits.
    Number,
    /// Any other character.
    Symbol(u8),
    /// What ends a statement for a client that lets the script choose it.
    Delimiter,
    /// The opening or the closing of a comment whose contents are executed.
    Mark,
    /// The start of a command that only the database's shell understands.
    Command,
    /// Nothing is left.
    End,
}

/// A place in a text that only moves forward.
///
/// It always stands on a character boundary when it stands behind or before an ASCII byte, and the lexers stop nowhere
/// else: every byte above 127 belongs to a word or a quoted thing as a whole.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// Line comments that start with `dbmigrate:`.
    pub(super) directives: Vec<Range<usize>>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, directives: Vec::new() }
    }

    /// A cursor that starts in the middle.
    pub(super) fn at(text: &'a str, at: usize) -> Self {
        Self { at, ..Self::new(text) }
    }

    pub(super) fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes().get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes().get(self.at + ahead).copied()
    }

    pub(super) fn slice(&self, range: &Range<usize>) -> &'a [u8] {
        self.bytes().get(range.clone()).unwrap_or_default()
    }

    pub(super) fn skip_while(&mut self, belongs: impl Fn(u8) -> bool) {
        let rest = self.rest();
        self.at += rest.iter().position(|&byte| !belongs(byte)).unwrap_or(rest.len());
    }

    /// Moves behind the next `byte`, or to the end of the text and answers `false`.
    pub(super) fn skip_past(&mut self, byte: u8) -> bool {
        let found = memchr::memchr(byte, self.rest());
        self.at = found.map_or(self.text.len(), |offset| self.at + offset + 1);
        found.is_some()
    }

    /// Moves behind the quote that closes; a doubled one is part of the text.
    pub(super) fn skip_quoted(&mut self, quote: u8, unterminated: SplitErrorKind) -> Result<(), SplitError> {
        let start = self.at;
        self.at += 1;
        while self.skip_past(quote) {
            if self.peek(0) != Some(quote) {
                return Ok(());
            }
            self.at += 1;
        }
        Err(SplitError { at: start, kind: unterminated })
    }

    /// Moves behind the `*/` of a comment that starts here. Such comments do not nest.
    pub(super) fn skip_flat_comment(&mut self) -> Result<(), SplitError> {
        let at = self.at;
        self.at += 2;
        while self.skip_past(b'*') {
            if self.peek(0) == Some(b'/') {
                self.at += 1;
                return Ok(());
            }
        }
        Err(SplitError { at, kind: SplitErrorKind::UnterminatedComment })
    }

    /// Moves behind the `*/` of a comment that starts here. Such comments nest.
    pub(super) fn skip_nested_comment(&mut self) -> Result<(), SplitError> {
        let start = self.at;
        let mut depth = 0;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(b'/'), Some(b'*')) => depth += 1,
                (Some(b'*'), Some(b'/')) => depth -= 1,
                (None, _) => return Err(SplitError { at: start, kind: SplitErrorKind::UnterminatedComment }),
                _ => {
                    self.at += 1;
                    self.skip_while(|byte| !matches!(byte, b'/' | b'*'));
                    continue;
                }
            }
            self.at += 2;
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// Moves to the line break that ends a comment and remembers the comment if it is a directive.
    pub(super) fn skip_line_comment(&mut self, ends_line: impl Fn(u8) -> bool) {
        let start = self.at;
        self.skip_while(|byte| !ends_line(byte));
        let comment = self.slice(&(start + 2..self.at)).trim_ascii_start();
        if comment.starts_with(b"dbmigrate:") {
            self.directives.push(start..self.at);
        }
    }

    /// The shell command that starts here, up to the next blank.
    pub(super) fn command(&self) -> SplitError {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let command = rest.split([' ', '\t', '\r', '\n', ';']).next().unwrap_or_default();
        SplitError { at: self.at, kind: SplitErrorKind::ClientCommand { command: command.chars().take(40).collect() } }
    }
}
