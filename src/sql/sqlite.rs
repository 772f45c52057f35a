//! `SQLite`'s lexical rules, and the end of a statement as `sqlite3_complete()` sees it (`src/complete.c`).

use super::cursor::{Cursor, Token};
use super::{SplitError, SplitErrorKind};

pub(super) fn token(cursor: &mut Cursor<'_>) -> Result<Token, SplitError> {
    let Some(byte) = cursor.peek(0) else { return Ok(Token::End) };
    match byte {
        _ if is_space(byte) => cursor.skip_while(is_space),
        b'-' if cursor.peek(1) == Some(b'-') => cursor.skip_comment_to_lf()?,
        // for SQLite, the end of the text also ends a comment; in a script, such a comment has swallowed statements
        b'/' if cursor.peek(1) == Some(b'*') => cursor.skip_flat_comment()?,
        0xEF if cursor.rest().starts_with("\u{FEFF}".as_bytes()) => cursor.at += 3,
        b'0'..=b'9' => {
            cursor.skip_while(continues_word);
            return Ok(Token::Number);
        }
        _ if continues_word(byte) => {
            cursor.skip_while(continues_word);
            return Ok(Token::Word);
        }
        b'\'' => {
            cursor.skip_quoted(byte, SplitErrorKind::UnterminatedString)?;
            return Ok(Token::Text);
        }
        b'"' | b'`' => {
            cursor.skip_quoted(byte, SplitErrorKind::UnterminatedIdentifier)?;
            return Ok(Token::Name);
        }
        b'[' => return bracketed(cursor),
        _ => {
            cursor.at += 1;
            return Ok(Token::Symbol(byte));
        }
    }
    Ok(Token::Blank)
}

/// Skips words, numbers and blanks that have no meaning here, and returns the end of the last word or number.
pub(super) fn skip_plain(cursor: &mut Cursor<'_>) -> Option<usize> {
    let start = cursor.at;
    cursor.skip_while(|byte| PLAIN[usize::from(byte)]);
    let last = cursor.slice(&(start..cursor.at)).iter().rposition(|&byte| !is_space(byte));
    last.map(|last| start + last + 1)
}

/// The bytes that neither begin nor end a string, a quoted name, a comment or a parenthesis, nor end a statement.
const PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    // the last one begins a byte order mark, which is a blank
    let others = b";'\"`[-/()\xEF";
    let mut i = 0;
    while i < others.len() {
        plain[others[i] as usize] = false;
        i += 1;
    }
    plain
};

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\x0C' | b'\r')
}

fn continues_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

fn bracketed(cursor: &mut Cursor<'_>) -> Result<Token, SplitError> {
    let start = cursor.at;
    if cursor.skip_past(b']') {
        return Ok(Token::Name);
    }
    Err(SplitError { at: start, kind: SplitErrorKind::UnterminatedIdentifier })
}

/// How far a statement has been read. The body of a trigger ends only with `; END ;`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    Start,
    Explain,
    Create,
    /// In the definition of a trigger that starts at this offset.
    Trigger(usize),
    /// After a semicolon in a trigger.
    TriggerSemicolon(usize),
    /// After `; END` in a trigger.
    TriggerEnd(usize),
    /// In any other statement.
    Plain,
}

impl Body {
    /// The start of a trigger whose body is still open.
    pub(super) fn open(self) -> Option<usize> {
        match self {
            Self::Trigger(start) | Self::TriggerSemicolon(start) | Self::TriggerEnd(start) => Some(start),
            _ => None,
        }
    }

    /// Takes a token that is not blank, and returns whether it ends the statement.
    pub(super) fn take(&mut self, at: usize, token: Token, text: &[u8]) -> bool {
        if *self == Self::Plain {
            return token == Token::Symbol(b';');
        }
        let (next, ends) = match token {
            Token::Symbol(b';') => self.semicolon(),
            Token::Word => (self.word(at, text), false),
            _ => (self.other(), false),
        };
        *self = next;
        ends
    }

    fn semicolon(self) -> (Self, bool) {
        match self {
            Self::Trigger(start) | Self::TriggerSemicolon(start) => (Self::TriggerSemicolon(start), false),
            _ => (Self::Start, true),
        }
    }

    fn word(self, at: usize, word: &[u8]) -> Self {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword.as_bytes());
        match self {
            Self::Start if is("explain") => Self::Explain,
            Self::Start | Self::Explain if is("create") => Self::Create,
            Self::Explain if ["explain", "temp", "temporary", "trigger", "end"].iter().any(|word| is(word)) => {
                Self::Plain
            }
            Self::Create if is("temp") || is("temporary") => Self::Create,
            Self::Create if is("trigger") => Self::Trigger(at),
            Self::TriggerSemicolon(start) if is("end") => Self::TriggerEnd(start),
            _ => self.other(),
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Explain => Self::Explain,
            Self::Trigger(start) | Self::TriggerSemicolon(start) | Self::TriggerEnd(start) => Self::Trigger(start),
            Self::Start | Self::Create | Self::Plain => Self::Plain,
        }
    }
}

#[cfg(test)]
mod tests;
