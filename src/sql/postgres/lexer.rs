//! `PostgreSQL`'s lexical rules as `psql` applies them (`src/fe_utils/psqlscan.l`).
//!
//! Two things are as the server does them (`src/backend/parser/scan.l`), because `psql` reads line by line and cannot:
//! a string that continues after a line break keeps the rules of its first part (which matters for `E'...'`), and a
//! change of `standard_conforming_strings` applies from the next statement on, not from the next line.

use std::ops::Range;

use crate::sql::cursor::{Cursor, Token};
use crate::sql::{SplitError, SplitErrorKind, Words};

/// Whether a backslash in `'...'` is an ordinary character (`standard_conforming_strings`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strings {
    Standard,
    Escaped,
}

/// The escapes that a string can contain.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    /// Nothing: the first quote ends it (`B''`, `X''`).
    None,
    Doubling,
    Backslash,
}

impl Strings {
    /// Returns the reading after a statement: `SET` and `RESET` of the setting change how the rest of the text is read.
    pub(super) fn after(self, words: &Words, statement: &str) -> Self {
        if !changes_strings(words) {
            return self;
        }
        let value = statement.rsplit(|c: char| c == '=' || c.is_ascii_whitespace()).find(|part| !part.is_empty());
        let value = value.unwrap_or_default().trim_matches('\'');
        let off = ["off", "of", "false", "f", "fals", "fal", "fa", "no", "n", "0"];
        if words.starts(&["SET"]) && off.iter().any(|word| value.eq_ignore_ascii_case(word)) {
            Self::Escaped
        } else {
            Self::Standard
        }
    }

    fn plain(self) -> Escape {
        match self {
            Self::Standard => Escape::Doubling,
            Self::Escaped => Escape::Backslash,
        }
    }
}

/// Whether a statement sets `standard_conforming_strings`.
pub(super) fn changes_strings(words: &Words) -> bool {
    const NAME: &str = "STANDARD_CONFORMING_STRINGS";
    [&["SET", NAME] as &[&str], &["SET", "SESSION", NAME], &["SET", "LOCAL", NAME], &["RESET", NAME]]
        .iter()
        .any(|start| words.starts(start))
        || words.are(&["RESET", "ALL"])
        || words.are(&["DISCARD", "ALL"])
}

/// Returns the tokens of a single statement, without blanks.
pub(super) fn tokens(statement: &str) -> impl Iterator<Item = (Token, Range<usize>)> {
    let mut cursor = Cursor::new(statement);
    std::iter::from_fn(move || {
        loop {
            let start = cursor.at;
            match token(&mut cursor, Strings::Standard) {
                Ok(Token::End | Token::Command) | Err(_) => return None,
                Ok(Token::Blank) => {}
                Ok(token) => return Some((token, start..cursor.at)),
            }
        }
    })
}

pub(super) fn token(cursor: &mut Cursor<'_>, strings: Strings) -> Result<Token, SplitError> {
    let Some(byte) = cursor.peek(0) else { return Ok(Token::End) };
    match byte {
        _ if is_space(byte) => cursor.skip_while(is_space),
        b'-' if cursor.peek(1) == Some(b'-') => cursor.skip_line_comment(is_newline),
        b'/' if cursor.peek(1) == Some(b'*') => cursor.skip_nested_comment()?,
        _ if starts_word(byte) => return word(cursor, strings),
        b'\'' => return string(cursor, cursor.at, strings.plain()),
        b'"' => return name(cursor),
        b'$' => return dollar(cursor),
        b'0'..=b'9' => return Ok(number(cursor)),
        b'\\' => return Ok(Token::Command),
        _ => {
            cursor.at += 1;
            return Ok(Token::Symbol(byte));
        }
    }
    Ok(Token::Blank)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

fn is_newline(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn starts_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn continues_word(byte: u8) -> bool {
    continues_tag(byte) || byte == b'$'
}

fn continues_tag(byte: u8) -> bool {
    starts_word(byte) || byte.is_ascii_digit()
}

/// Reads digits and the letters after them, even where the server refuses the letters: none of them is a string prefix.
fn number(cursor: &mut Cursor<'_>) -> Token {
    cursor.skip_while(|byte| byte.is_ascii_digit());
    if cursor.peek(0).is_some_and(starts_word) {
        cursor.skip_while(continues_word);
    }
    Token::Number
}

fn name(cursor: &mut Cursor<'_>) -> Result<Token, SplitError> {
    cursor.skip_quoted(b'"', SplitErrorKind::UnterminatedIdentifier)?;
    Ok(Token::Name)
}

/// Reads a word, or the string or name that a single letter introduces.
fn word(cursor: &mut Cursor<'_>, strings: Strings) -> Result<Token, SplitError> {
    let start = cursor.at;
    cursor.skip_while(continues_word);
    if cursor.at - start > 1 {
        return Ok(Token::Word);
    }
    let letter = cursor.slice(&(start..start + 1)).to_ascii_lowercase();
    match (letter.as_slice(), cursor.peek(0), cursor.peek(1)) {
        (b"e", Some(b'\''), _) => string(cursor, start, Escape::Backslash),
        (b"b" | b"x", Some(b'\''), _) => string(cursor, start, Escape::None),
        (b"n", Some(b'\''), _) => string(cursor, start, strings.plain()),
        (b"u", Some(b'&'), Some(b'\'')) => {
            cursor.at += 1;
            string(cursor, start, Escape::Doubling)
        }
        (b"u", Some(b'&'), Some(b'"')) => {
            cursor.at += 1;
            name(cursor)
        }
        _ => Ok(Token::Word),
    }
}

/// Reads a string. The cursor is at the opening quote; `start` is the offset of the string's prefix.
fn string(cursor: &mut Cursor<'_>, start: usize, escape: Escape) -> Result<Token, SplitError> {
    loop {
        cursor.at += 1;
        if !skip_to_closing_quote(cursor, escape) {
            return Err(SplitError { at: start, kind: SplitErrorKind::UnterminatedString });
        }
        match continuation(cursor) {
            Some(quote) => cursor.at = quote,
            None => return Ok(Token::Text),
        }
    }
}

fn skip_to_closing_quote(cursor: &mut Cursor<'_>, escape: Escape) -> bool {
    loop {
        if escape == Escape::Backslash {
            cursor.skip_while(|byte| !matches!(byte, b'\'' | b'\\'));
            if cursor.peek(0) == Some(b'\\') {
                // the escaped character may be longer than one byte, but no further byte is a quote or backslash
                cursor.at = cursor.text.len().min(cursor.at + 2);
                continue;
            }
        }
        if escape == Escape::Backslash && cursor.peek(0).is_some() {
            cursor.at += 1;
        } else if !cursor.skip_past(b'\'') {
            return false;
        }
        if escape == Escape::None || cursor.peek(0) != Some(b'\'') {
            return true;
        }
        cursor.at += 1;
    }
}

/// Returns the opening quote of the string's next part. Blanks and `--` comments with a line break precede it.
fn continuation(cursor: &Cursor<'_>) -> Option<usize> {
    let bytes = cursor.bytes();
    let mut at = cursor.at;
    let mut newline = false;
    loop {
        match *bytes.get(at)? {
            b'\'' if newline => return Some(at),
            b'-' if bytes.get(at + 1) == Some(&b'-') => {
                at += bytes.get(at..)?.iter().position(|&byte| is_newline(byte))?;
            }
            byte if is_space(byte) => {
                newline |= is_newline(byte);
                at += 1;
            }
            _ => return None,
        }
    }
}

/// Reads a parameter (`$1`), a dollar quote (`$tag$ ... $tag$`), or a dollar sign.
fn dollar(cursor: &mut Cursor<'_>) -> Result<Token, SplitError> {
    let start = cursor.at;
    cursor.at += 1;
    if cursor.peek(0).is_some_and(|byte| byte.is_ascii_digit()) {
        return Ok(number(cursor));
    }
    cursor.skip_while(continues_tag);
    if cursor.peek(0) != Some(b'$') {
        cursor.at = start + 1;
        return Ok(Token::Symbol(b'$'));
    }
    cursor.at += 1;
    let tag = cursor.text.get(start..cursor.at).unwrap_or_default();
    while cursor.skip_past(b'$') {
        if cursor.slice(&(cursor.at - 1..cursor.text.len())).starts_with(tag.as_bytes()) {
            cursor.at += tag.len() - 1;
            return Ok(Token::Text);
        }
    }
    Err(SplitError { at: start, kind: SplitErrorKind::UnterminatedDollarQuote { tag: tag.to_owned() } })
}

/// Returns the contents of a dollar quote; `None` for any other token.
pub(super) fn dollar_quoted(token: Token, text: &str) -> Option<Range<usize>> {
    let quote = token == Token::Text && text.starts_with('$');
    let tag = text.get(1..).filter(|_| quote)?.find('$')? + 2;
    (2 * tag <= text.len()).then(|| tag..text.len() - tag)
}
