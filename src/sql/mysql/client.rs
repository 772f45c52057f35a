use std::borrow::Cow;

use super::lexer::{Place, continues_word, is_space};
use super::modes::Modes;
use crate::sql::cursor::{Cursor, Token};
use crate::sql::{SplitError, SplitErrorKind, Words};

/// The maximum length of a delimiter: the client keeps no more of it.
const LONGEST_DELIMITER: usize = 15;

/// The commands that the clients of MariaDB and MySQL know by name at the start of a statement. `DELIMITER` and `USE`
/// are handled separately.
const COMMANDS: [&str; 25] = [
    "charset",
    "clear",
    "connect",
    "edit",
    "ego",
    "exit",
    "go",
    "help",
    "nopager",
    "notee",
    "nowarning",
    "pager",
    "print",
    "prompt",
    "query_attributes",
    "quit",
    "rehash",
    "resetconnection",
    "sandbox",
    "source",
    "ssl_session_data_print",
    "status",
    "system",
    "tee",
    "warnings",
];

/// The state that the client and the session keep from one token of a script to the next.
#[derive(Debug, Clone)]
pub(super) struct Client {
    /// Empty if the text is not to be split.
    delimiter: Cow<'static, str>,
    /// How the session reads quotes.
    pub(super) modes: Modes,
    /// The start of the comment whose contents are being executed.
    pub(super) executed: Option<usize>,
    /// Whether the client holds tokens that it has not sent yet.
    holds: bool,
    /// The end of the line of a `USE`, which needs no delimiter.
    line_end: Option<usize>,
}

impl Client {
    pub(super) fn new() -> Self {
        Self { delimiter: Cow::Borrowed(";"), ..Self::without_delimiter(Modes::default()) }
    }

    pub(super) fn without_delimiter(modes: Modes) -> Self {
        Self { delimiter: Cow::Borrowed(""), modes, executed: None, holds: false, line_end: None }
    }

    /// Ends the statement: what it sets applies from now on. `compound` is the start of a compound statement that is
    /// not complete.
    pub(super) fn finish(&mut self, compound: Option<usize>, words: &Words, statement: &str) -> Result<(), SplitError> {
        if let Some(at) = self.executed {
            return Err(SplitError { at, kind: SplitErrorKind::UnterminatedComment });
        }
        if let Some(at) = compound.filter(|_| self.delimiter == ";") {
            return Err(SplitError { at, kind: SplitErrorKind::NoDelimiter });
        }
        self.modes = self.modes.after(words, statement);
        // a `;` ended it before the end of its line
        self.line_end = None;
        Ok(())
    }

    /// Whether no token waits to be sent.
    pub(super) fn is_idle(&self, place: Place) -> bool {
        place == Place::Start && !self.holds
    }

    pub(super) fn takes(&mut self, token: Token) {
        match token {
            Token::Blank | Token::End => {}
            Token::Delimiter => self.holds = false,
            _ => self.holds = true,
        }
    }

    /// Moves past the delimiter if it is here.
    pub(super) fn ends_statement(&mut self, cursor: &mut Cursor<'_>) -> bool {
        let line_ends = self.line_end.is_some_and(|end| cursor.at >= end);
        // most tokens differ from the delimiter in their first byte
        let may = self.delimiter.as_bytes().first().is_some_and(|first| cursor.peek(0) == Some(*first));
        let delimits = may && cursor.rest().starts_with(self.delimiter.as_bytes());
        if delimits {
            cursor.at += self.delimiter.len();
        }
        if line_ends || delimits {
            self.line_end = None;
            self.holds = false;
        }
        line_ends || delimits
    }

    /// Moves back to the delimiter if it is in the word that started at `start`.
    pub(super) fn cut(&self, cursor: &mut Cursor<'_>, start: usize) {
        if !self.delimiter.bytes().next().is_some_and(continues_word) {
            return;
        }
        let delimiter = self.delimiter.as_bytes();
        let stands = |at: &usize| cursor.slice(&(*at..cursor.text.len())).starts_with(delimiter);
        if let Some(at) = (start + 1..cursor.at).find(stands) {
            cursor.at = at;
        }
    }

    /// Takes a word at the start of a statement, which may be a command of the client. The cursor is after the word.
    pub(super) fn command(&mut self, cursor: &mut Cursor<'_>, start: usize, place: Place) -> Result<Token, SplitError> {
        let word = cursor.slice(&(start..cursor.at));
        let apart = cursor.peek(0).is_none_or(is_space);
        if apart && word.eq_ignore_ascii_case(b"delimiter") {
            return self.delimiter(cursor, start, place);
        }
        if place != Place::Start || !(apart || cursor.rest().starts_with(self.delimiter.as_bytes())) {
            return Ok(Token::Word);
        }
        if word.eq_ignore_ascii_case(b"use") {
            self.line_end = self.line_of_use(cursor, start);
        } else if is_command(word) && !is_help_on_something(cursor, word) {
            cursor.at = start;
            return Err(cursor.command());
        }
        Ok(Token::Word)
    }

    /// Takes `DELIMITER`. It is valid at the start of a line where the client holds nothing. Elsewhere a statement that
    /// starts with it is an error; in a body, only if it starts a line.
    fn delimiter(&mut self, cursor: &mut Cursor<'_>, start: usize, place: Place) -> Result<Token, SplitError> {
        let starts_line = starts_line(cursor, start);
        if place == Place::Semicolon && !starts_line {
            return Ok(Token::Word);
        }
        let line_end = line_end(cursor);
        let delimiter = chosen(cursor.text.get(cursor.at..line_end).unwrap_or_default());
        match delimiter.filter(|_| starts_line && self.is_idle(place)) {
            Some(delimiter) => self.delimiter = Cow::Owned(delimiter.to_owned()),
            None => return Err(SplitError { at: start, kind: SplitErrorKind::BadDelimiter }),
        }
        cursor.at = line_end;
        Ok(Token::Delimiter)
    }

    /// Returns the end of the statement `USE name` if it is a line of its own without a delimiter.
    fn line_of_use(&self, cursor: &Cursor<'_>, start: usize) -> Option<usize> {
        if !self.is_idle(Place::Start) || !starts_line(cursor, start) {
            return None;
        }
        let end = line_end(cursor);
        let line = cursor.text.get(cursor.at..end).unwrap_or_default();
        (!line.trim().is_empty() && !line.contains(&*self.delimiter)).then_some(end)
    }
}

fn is_command(word: &[u8]) -> bool {
    COMMANDS.iter().any(|command| word.eq_ignore_ascii_case(command.as_bytes()))
}

/// Whether the word is the statement `HELP 'x'`, and not the client's own `help`.
fn is_help_on_something(cursor: &Cursor<'_>, word: &[u8]) -> bool {
    let line = cursor.text.get(cursor.at..line_end(cursor)).unwrap_or_default();
    word.eq_ignore_ascii_case(b"help")
        && line.trim_start().starts_with(|c: char| c.is_alphanumeric() || "'\"".contains(c))
}

/// Returns the end of the cursor's line.
fn line_end(cursor: &Cursor<'_>) -> usize {
    let rest = cursor.rest();
    cursor.at + rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len())
}

fn starts_line(cursor: &Cursor<'_>, at: usize) -> bool {
    let before = cursor.slice(&(0..at)).iter().rev();
    before.take_while(|&&byte| byte != b'\n').all(|&byte| is_space(byte))
}

/// Returns the delimiter that a `DELIMITER` line names: up to the first space, or quoted. The rest of the line is
/// ignored.
fn chosen(line: &str) -> Option<&str> {
    let line = line.trim();
    let quote = line.chars().next().filter(|quote| matches!(quote, '\'' | '"' | '`'));
    let token = match quote {
        Some(quote) => line.get(1..)?.split_once(quote).filter(|(_, rest)| !rest.starts_with(quote))?.0,
        None => line.split(' ').next()?,
    };
    // the client steps over a character of several bytes before it looks for the delimiter
    let usable = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    (!token.is_empty() && token.len() <= LONGEST_DELIMITER && token.bytes().all(usable)).then_some(token)
}
