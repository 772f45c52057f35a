//! The tokens of a single statement, in any dialect.

use std::ops::Range;

use super::Dialect;
use super::cursor::{Cursor, Token};

/// Returns the tokens of a statement with their places. Comments and white space are [`Token::Blank`].
pub(crate) fn tokens(dialect: &dyn Dialect, statement: &str) -> impl Iterator<Item = (Token, Range<usize>)> {
    let (mut cursor, mut token) = (Cursor::new(statement), dialect.lexer());
    std::iter::from_fn(move || {
        let start = cursor.at;
        match token(&mut cursor) {
            Ok(Token::End | Token::Command) | Err(_) => None,
            Ok(token) => Some((token, start..cursor.at)),
        }
    })
}

/// Returns the places of white space and comments in a statement.
pub(crate) fn blanks(dialect: &dyn Dialect, statement: &str) -> impl Iterator<Item = Range<usize>> {
    tokens(dialect, statement).filter(|(token, _)| *token == Token::Blank).map(|(_, at)| at)
}
