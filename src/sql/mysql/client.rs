use std::borrow::Cow;

use super::super::cursor::{Cursor, Token};
use super::super::{SplitError, SplitErrorKind, Words};
use super::{Modes, Place, is_space};

/// The client keeps no more of a delimiter than this.
const LONGEST_DELIMITER: usize = 15;

/// The commands that the clients know by name at the start of a statement, of MariaDB and of MySQL. `DELIMITER` and `USE`
/// are apart.
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

/// What client and session remember from one token of a script to the next.
#[derive(Debug, Clone)]
pub(in crate::sql) struct Client {
    /// Empty when nothing is to be cut.
    delimiter: Cow<'static, str>,
    /// How the session reads quotes.
    pub(super) modes: Modes,
    /// Where the comment starts whose contents are being executed.
    pub(super) executed: Option<usize>,
    /// The client holds tokens that it has not sent yet.
    holds: bool,
    /// Where the line of a `USE` ends, which needs no delimiter.
    line_end: Option<usize>,
}

impl Client {
    pub(in crate::sql) fn new() -> Self {
        Self { delimiter: Cow::Borrowed(";"), ..Self::without_delimiter(Modes::default()) }
    }

    pub(super) fn without_delimiter(modes: Modes) -> Self {
        Self { delimiter: Cow::Borrowed(""), modes, executed: None, holds: false, line_end: None }
    }

    /// The statement ends here: what it sets holds from now on. `compound` is where a compound statement starts that is
    /// not complete.
    pub(in crate::sql) fn finish(
        &mut self,
        compound: Option<usize>,
        words: &Words,
        statement: &str,
    ) -> Result<(), SplitError> {
        if let Some(at) = self.executed {
            return Err(SplitError { at, kind: SplitErrorKind::UnterminatedComment });
        }
        if let Some(at) = compound.filter(|_| self.delimiter == ";") {
            return Err(SplitError { at, kind: SplitErrorKind::NoDelimiter });
        }
        self.modes = self.modes.after(words, statement);
        // a `;` has ended it before its line does
        self.line_end = None;
        Ok(())
    }

    /// Whether nothing waits to be sent.
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

    /// Moves behind the delimiter if it stands here.
    pub(super) fn ends_statement(&mut self, cursor: &mut Cursor<'_>) -> bool {
        let line_ends = self.line_end.is_some_and(|end| cursor.at >= end);
        // most tokens differ from it in their first byte
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

    /// Moves back to the delimiter if it stands in the word that started at `start`.
    pub(super) fn cut(&self, cursor: &mut Cursor<'_>, start: usize) {
        if !self.delimiter.bytes().next().is_some_and(super::continues_word) {
            return;
        }
        let delimiter = self.delimiter.as_bytes();
        let stands = |at: &usize| cursor.slice(&(*at..cursor.text.len())).starts_with(delimiter);
        if let Some(at) = (start + 1..cursor.at).find(stands) {
            cursor.at = at;
        }
    }

    /// A word at the start of a statement: a command of the client or not. The cursor stands behind it.
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

    /// `DELIMITER` counts where the client holds nothing, at the start of a line. Elsewhere a statement that starts with
    /// it is a mistake; in a body it is one when it starts a line.
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

    /// Where the statement `USE name` ends if it is a line of its own without a delimiter.
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

/// `HELP 'x'` is a statement, `help` alone the client's own.
fn is_help_on_something(cursor: &Cursor<'_>, word: &[u8]) -> bool {
    let line = cursor.text.get(cursor.at..line_end(cursor)).unwrap_or_default();
    word.eq_ignore_ascii_case(b"help")
        && line.trim_start().starts_with(|c: char| c.is_alphanumeric() || "'\"".contains(c))
}

/// Where the line ends that the cursor stands in.
fn line_end(cursor: &Cursor<'_>) -> usize {
    let rest = cursor.rest();
    cursor.at + rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len())
}

fn starts_line(cursor: &Cursor<'_>, at: usize) -> bool {
    let before = cursor.slice(&(0..at)).iter().rev();
    before.take_while(|&&byte| byte != b'\n').all(|&byte| is_space(byte))
}

/// The delimiter that a `DELIMITER` line names: up to the first space, or quoted. The rest of the line is dropped.
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
