//! The lexical rules of MySQL and MariaDB as their client applies them (`client/mysql.cc`).
//!
//! The client splits at its delimiter, which is `;` or what a `DELIMITER` line sets, and drops comments. The server
//! then splits what it receives at each `;` that is not part of a [`Body`](super::body::Body), so this module does that too. Where they
//! read a text differently, the server's reading applies: a comment in an executed comment (`/*! ... /* ... */ ... */`)
//! ends where it ends, not with its line.

use super::client::Client;
use super::modes::Modes;
use crate::sql::cursor::{Cursor, Token};
use crate::sql::{SplitError, SplitErrorKind, dialect};

/// The place of a token in its statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Before the first token of a statement.
    Start,
    /// After a `;` in a statement that continues.
    Semicolon,
    /// After any other token of a statement.
    Inside,
}

pub(super) fn token(cursor: &mut Cursor<'_>, client: &mut Client, place: Place) -> Result<Token, SplitError> {
    // the client looks for its delimiter before anything else, even before a comment or a string
    if client.ends_statement(cursor) {
        return Ok(Token::Delimiter);
    }
    let token = scan(cursor, client, place)?;
    client.takes(token);
    Ok(token)
}

fn scan(cursor: &mut Cursor<'_>, client: &mut Client, place: Place) -> Result<Token, SplitError> {
    let Some(byte) = cursor.peek(0) else { return Ok(Token::End) };
    match byte {
        _ if is_space(byte) => cursor.skip_while(is_space),
        // Ctrl-Z, which old editors write at the end of a file and the client accepts
        0x1A if cursor.text[cursor.at..].trim_matches(['\u{1A}', ' ', '\t', '\r', '\n']).is_empty() => {
            cursor.skip_while(|byte| byte == 0x1A || is_space(byte));
        }
        b'#' => cursor.skip_comment_to_lf()?,
        b'-' if starts_comment(cursor, client, place) => cursor.skip_comment_to_lf()?,
        b'/' if cursor.peek(1) == Some(b'*') => return comment(cursor, client),
        b'*' if cursor.peek(1) == Some(b'/') && client.executed.take().is_some() => {
            cursor.at += 2;
            return Ok(Token::Mark);
        }
        b'0'..=b'9' => return Ok(number(cursor, client)),
        _ if continues_word(byte) => return word(cursor, client, place),
        b'\'' | b'"' | b'`' => return quoted(cursor, byte, client.modes),
        // NULL, as the client writes it
        b'\\' if cursor.peek(1) == Some(b'N') => {
            cursor.at += 2;
            return Ok(Token::Word);
        }
        b'\\' => return Ok(Token::Command),
        b'?' if place == Place::Start => return Err(cursor.command()),
        _ => {
            cursor.at += 1;
            return Ok(Token::Symbol(byte));
        }
    }
    Ok(Token::Blank)
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

pub(super) fn continues_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

/// Whether `--` begins a comment: before a blank (elsewhere it is arithmetic), or while the client holds no tokens.
fn starts_comment(cursor: &Cursor<'_>, client: &Client, place: Place) -> bool {
    cursor.peek(1) == Some(b'-')
        && (client.is_idle(place) || cursor.peek(2).is_none_or(|byte| byte == b' ' || byte.is_ascii_control()))
}

/// Reads a comment, or the opening of one whose contents are executed: `/*! ... */`, `/*M! ... */`.
fn comment(cursor: &mut Cursor<'_>, client: &mut Client) -> Result<Token, SplitError> {
    let (start, rest) = (cursor.at, cursor.rest());
    // the first line of MariaDB's dumps is a command to its client and a comment to the servers
    let sandbox = rest.starts_with(br"/*M!999999\-");
    let opening = [b"/*!".as_slice(), b"/*M!"].into_iter().find(|opening| rest.starts_with(opening));
    let Some(opening) = opening.filter(|_| !sandbox) else {
        return cursor.skip_flat_comment().map(|()| Token::Blank);
    };
    cursor.at += opening.len();
    cursor.at += version(cursor.rest());
    client.executed.get_or_insert(start);
    Ok(Token::Mark)
}

/// Returns how many digits make up a version: five or six. Fewer digits are a number.
fn version(text: &[u8]) -> usize {
    match text.iter().take(6).take_while(|byte| byte.is_ascii_digit()).count() {
        digits @ (5 | 6) => digits,
        _ => 0,
    }
}

fn number(cursor: &mut Cursor<'_>, client: &Client) -> Token {
    let start = cursor.at;
    cursor.skip_while(continues_word);
    client.cut(cursor, start);
    Token::Number
}

fn word(cursor: &mut Cursor<'_>, client: &mut Client, place: Place) -> Result<Token, SplitError> {
    let start = cursor.at;
    cursor.skip_while(continues_word);
    client.cut(cursor, start);
    if place == Place::Inside { Ok(Token::Word) } else { client.command(cursor, start, place) }
}

fn quoted(cursor: &mut Cursor<'_>, quote: u8, modes: Modes) -> Result<Token, SplitError> {
    match quote {
        b'`' => cursor.skip_quoted(quote, SplitErrorKind::UnterminatedIdentifier).map(|()| Token::Name),
        b'"' if modes.ansi_quotes => {
            cursor.skip_quoted(quote, SplitErrorKind::UnterminatedIdentifier).map(|()| Token::Name)
        }
        _ if modes.no_backslash_escapes => {
            cursor.skip_quoted(quote, SplitErrorKind::UnterminatedString).map(|()| Token::Text)
        }
        _ => string(cursor, quote),
    }
}

/// Reads a string in which a backslash escapes.
fn string(cursor: &mut Cursor<'_>, quote: u8) -> Result<Token, SplitError> {
    let start = cursor.at;
    cursor.at += 1;
    loop {
        cursor.skip_while(|byte| byte != quote && byte != b'\\');
        match cursor.peek(0) {
            None => return Err(SplitError { at: start, kind: SplitErrorKind::UnterminatedString }),
            // the escaped character may be longer than one byte, but no further byte is a quote or backslash
            Some(b'\\') => cursor.at = cursor.text.len().min(cursor.at + 2),
            Some(_) => {
                cursor.at += 1;
                if cursor.peek(0) != Some(quote) {
                    return Ok(Token::Text);
                }
                cursor.at += 1;
            }
        }
    }
}

/// Returns the tokens of a single statement, without blanks and the marks of executed comments.
pub(super) fn tokens(statement: &str) -> Vec<(Token, &str)> {
    tokens_in(statement, Modes::default())
}

pub(super) fn tokens_in(statement: &str, modes: Modes) -> Vec<(Token, &str)> {
    let (mut cursor, mut client) = (Cursor::new(statement), Client::without_delimiter(modes));
    let mut tokens = Vec::new();
    loop {
        let start = cursor.at;
        match token(&mut cursor, &mut client, Place::Inside) {
            Ok(Token::End | Token::Command) | Err(_) => return tokens,
            Ok(Token::Blank | Token::Mark) => {}
            Ok(token) => tokens.push((token, statement.get(start..cursor.at).unwrap_or_default())),
        }
    }
}

/// Returns what reads the tokens of a single statement.
pub(super) fn lexer() -> dialect::Lexer {
    let mut client = Client::without_delimiter(Modes::default());
    Box::new(move |cursor| token(cursor, &mut client, Place::Inside))
}

/// Returns the contents of a quoted name or string, and any other text unchanged.
pub(super) fn unquoted(text: &str) -> String {
    let Some(quote) = text.chars().next().filter(|quote| matches!(quote, '\'' | '"' | '`')) else {
        return text.to_owned();
    };
    let inner = text.get(1..text.len() - 1).unwrap_or_default();
    inner.replace(&format!("{quote}{quote}"), &quote.to_string())
}
