//! `SQLite`'s lexical rules.

use crate::sql::cursor::{Cursor, Token};
use crate::sql::{SplitError, SplitErrorKind};

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
