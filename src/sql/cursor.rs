use std::ops::Range;

use super::{Marker, SplitError, SplitErrorKind};

/// The kind of a stretch of text, as a lexer reports it to the splitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
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
    /// The end of a statement for a client that lets the script choose its delimiter.
    Delimiter,
    /// The opening or the closing of a comment whose contents are executed.
    Mark,
    /// The start of a command that only the database's shell knows.
    Command,
    /// The end of the text.
    End,
}

/// A place in a text that only moves forward.
///
/// A place next to an ASCII byte is always a character boundary, and the lexers stop nowhere else: every byte above 127
/// belongs to a word or a quoted token as a whole.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// Line comments that dbmigrate or another tool acts on.
    pub(super) comments: Comments,
}

/// The line comments of a text that dbmigrate or another tool acts on, in their order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Comments {
    /// Comments that start with `dbmigrate:`.
    pub(crate) directives: Vec<Range<usize>>,
    /// Comments for other tools.
    pub(crate) markers: Vec<(Range<usize>, Marker)>,
}

impl Comments {
    /// Adds the comments of the text that follows, which begins at offset `base`.
    pub(super) fn extend(&mut self, others: Self, base: usize) {
        let moved = |at: Range<usize>| at.start + base..at.end + base;
        self.directives.extend(others.directives.into_iter().map(moved));
        self.markers.extend(others.markers.into_iter().map(|(at, marker)| (moved(at), marker)));
    }
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, comments: Comments::default() }
    }

    /// Returns a cursor that starts in the middle of a text.
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

    /// Moves past the next `byte`, or moves to the end of the text and returns `false`.
    pub(super) fn skip_past(&mut self, byte: u8) -> bool {
        let found = memchr::memchr(byte, self.rest());
        self.at = found.map_or(self.text.len(), |offset| self.at + offset + 1);
        found.is_some()
    }

    /// Moves past the closing quote; a doubled quote is part of the text.
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

    /// Moves past the `*/` of a comment that starts here. Such comments do not nest.
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

    /// Moves past the `*/` of a comment that starts here. Such comments nest.
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

    /// Moves to the line break that ends a comment, and records the comment if dbmigrate or another tool acts on it.
    pub(super) fn skip_line_comment(&mut self, ends_line: impl Fn(u8) -> bool) {
        let start = self.at;
        self.skip_while(|byte| !ends_line(byte));
        let comment = self.text.get(start..self.at).unwrap_or_default();
        let text = comment.trim_start_matches(['-', '#']).trim_ascii_start();
        if text.starts_with("dbmigrate:") {
            self.comments.directives.push(start..self.at);
        } else if let Some(marker) = Marker::of(comment).filter(|_| self.starts_line(start)) {
            self.comments.markers.push((start..start + comment.trim_end().len(), marker));
        }
    }

    /// Whether only white space precedes this place in its line.
    fn starts_line(&self, at: usize) -> bool {
        let before = self.slice(&(0..at)).iter().rev();
        before.take_while(|byte| !matches!(byte, b'\n' | b'\r')).all(u8::is_ascii_whitespace)
    }

    /// Moves to the LF that ends a comment. A lone CR in it is an error: the text after the CR looks like a new line,
    /// but is part of the comment.
    pub(super) fn skip_comment_to_lf(&mut self) -> Result<(), SplitError> {
        let at = self.at;
        self.skip_line_comment(|byte| byte == b'\n');
        self.hides_no_line(at)
    }

    /// Refuses a stretch from `start` to here that an editor shows as several lines and the database reads as one.
    pub(super) fn hides_no_line(&self, start: usize) -> Result<(), SplitError> {
        let hides = |pair: &[u8]| pair[0] == b'\r' && !matches!(pair[1], b'\r' | b'\n');
        if self.slice(&(start..self.at)).windows(2).any(hides) {
            return Err(SplitError { at: start, kind: SplitErrorKind::CommentBeforeCr });
        }
        Ok(())
    }

    /// Returns the error for the shell command that starts here; its name ends at the next blank or `;`.
    pub(super) fn command(&self) -> SplitError {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let command = rest.split([' ', '\t', '\r', '\n', ';']).next().unwrap_or_default();
        SplitError { at: self.at, kind: SplitErrorKind::ClientCommand { command: command.chars().take(40).collect() } }
    }
}
