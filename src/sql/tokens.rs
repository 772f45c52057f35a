//! The tokens of a single statement, in any dialect.

use std::ops::Range;

use super::cursor::{Cursor, Token};
use super::postgres::{self, Strings};
use super::{Dialect, mysql, sqlite, sqlserver};

/// Returns the tokens of a statement with their places. Comments and white space are [`Token::Blank`].
pub(super) fn tokens(dialect: Dialect, statement: &str) -> impl Iterator<Item = (Token, Range<usize>)> {
    let (mut cursor, mut client) = (Cursor::new(statement), mysql::Reading::default());
    std::iter::from_fn(move || {
        let start = cursor.at;
        let token = match dialect {
            Dialect::Mysql => client.token(&mut cursor),
            Dialect::Postgres => postgres::token(&mut cursor, Strings::Standard),
            Dialect::Sqlite => sqlite::token(&mut cursor),
            Dialect::SqlServer => sqlserver::token(&mut cursor),
        };
        match token {
            Ok(Token::End | Token::Command) | Err(_) => None,
            Ok(token) => Some((token, start..cursor.at)),
        }
    })
}

/// Returns the places of white space and comments in a statement.
#[cfg(feature = "postgres")]
pub(crate) fn blanks(dialect: Dialect, statement: &str) -> impl Iterator<Item = Range<usize>> {
    tokens(dialect, statement).filter(|(token, _)| *token == Token::Blank).map(|(_, at)| at)
}

/// Returns the place of the contents of a `PostgreSQL` dollar quote; `None` for any other token.
pub(super) fn dollar_quoted(dialect: Dialect, token: Token, text: &str) -> Option<Range<usize>> {
    let quote = dialect == Dialect::Postgres && token == Token::Text && text.starts_with('$');
    let tag = text.get(1..).filter(|_| quote)?.find('$')? + 2;
    (2 * tag <= text.len()).then(|| tag..text.len() - tag)
}
