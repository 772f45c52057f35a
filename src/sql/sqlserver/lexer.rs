//! T-SQL: batches between `GO` lines, as the lexer of Microsoft's tools reads them (`ManagedBatchParser`, `Lexer.cs`).
//!
//! This module differs from those tools in two ways. Text that only looks like a separator (`/* x */ GO`, `GO` with a
//! no-break space) is an error: those tools send it, and the server reads it as an alias or a procedure's name. `GO;`
//! is a separator, as in `DbUp`.

use super::separator;
use crate::sql::cursor::{Cursor, Token};
use crate::sql::{SplitError, SplitErrorKind};

/// Returns the shell commands on the lines after the first of a text, with their names.
pub(super) fn further_commands(text: &str) -> Vec<(std::ops::Range<usize>, String)> {
    let mut at = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        at += line.len();
        (at - line.len(), line)
    });
    let command = |(start, line): (usize, &str)| {
        let command = line.trim_start_matches([' ', '\t']);
        let start = start + line.len() - command.len();
        let name = command.split([' ', '\t', '\r', '\n']).next().unwrap_or_default();
        separator::is_command(command).then(|| (start..start + name.len(), name.chars().take(40).collect()))
    };
    lines.skip(1).filter_map(command).collect()
}

/// Reads the next token. White space ends with its line, so that the caller sees the start of every line.
pub(super) fn token(cursor: &mut Cursor<'_>) -> Result<Token, SplitError> {
    let Some(byte) = cursor.peek(0) else { return Ok(Token::End) };
    match byte {
        b'\r' | b'\n' => line_break(cursor),
        _ if is_space(byte) => cursor.skip_while(is_space),
        b'-' if cursor.peek(1) == Some(b'-') => line_comment(cursor)?,
        b'/' if cursor.peek(1) == Some(b'*') => cursor.skip_nested_comment()?,
        0xC2 | 0xE1..=0xE3 | 0xEF if odd_space(cursor) > 0 => cursor.at += odd_space(cursor),
        b'0'..=b'9' => {
            cursor.skip_while(continues_word);
            return Ok(Token::Number);
        }
        b'n' | b'N' if cursor.peek(1) == Some(b'\'') => {
            cursor.at += 1;
            return quoted(cursor, b'\'', Token::Text);
        }
        _ if continues_word(byte) => {
            word(cursor);
            return Ok(Token::Word);
        }
        b'\'' => return quoted(cursor, byte, Token::Text),
        b'"' => return quoted(cursor, byte, Token::Name),
        b'[' => return quoted(cursor, b']', Token::Name),
        _ => {
            cursor.at += 1;
            return Ok(Token::Symbol(byte));
        }
    }
    Ok(Token::Blank)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\x0B' | b'\x0C')
}

fn continues_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'@' | b'#') || byte >= 0x80
}

/// Moves past a word, which also ends at a character that only looks blank.
fn word(cursor: &mut Cursor<'_>) {
    cursor.skip_while(|byte| continues_word(byte) && byte.is_ascii());
    let rest = cursor.text.get(cursor.at..).unwrap_or_default();
    let mut ends = rest.char_indices();
    let end = ends.find(|(at, c)| if c.is_ascii() { !continues_word(rest.as_bytes()[*at]) } else { looks_blank(*c) });
    cursor.at += end.map_or(rest.len(), |(at, _)| at);
}

/// Returns the length of the non-ASCII character here if it looks blank, and 0 otherwise.
fn odd_space(cursor: &Cursor<'_>) -> usize {
    let next = cursor.text.get(cursor.at..).and_then(|rest| rest.chars().next());
    next.filter(|c| looks_blank(*c) && !c.is_ascii()).map_or(0, char::len_utf8)
}

/// Whether an editor shows the character as blank or not at all.
pub(super) fn looks_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{FEFF}' | '\u{200B}'..='\u{200D}' | '\u{2060}')
}

fn line_break(cursor: &mut Cursor<'_>) {
    cursor.at += if cursor.rest().starts_with(b"\r\n") { 2 } else { 1 };
}

/// Skips a comment up to the end of its line. A lone CR is an error because not every server ends the line there.
fn line_comment(cursor: &mut Cursor<'_>) -> Result<(), SplitError> {
    let at = cursor.at;
    cursor.skip_line_comment(|byte| matches!(byte, b'\r' | b'\n'));
    match (cursor.peek(0), cursor.peek(1)) {
        (Some(b'\r'), Some(next)) if next != b'\n' => Err(SplitError { at, kind: SplitErrorKind::CommentBeforeCr }),
        _ => Ok(()),
    }
}

/// Reads a quoted token. The cursor is before the opening quote; a doubled closing quote is part of the text.
fn quoted(cursor: &mut Cursor<'_>, close: u8, token: Token) -> Result<Token, SplitError> {
    let kind =
        if token == Token::Text { SplitErrorKind::UnterminatedString } else { SplitErrorKind::UnterminatedIdentifier };
    cursor.skip_quoted(close, kind).map(|()| token)
}
