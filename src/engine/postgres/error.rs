//! sqlx's errors in the server's own words.

use std::ops::Range;

use sqlx::Error;
use sqlx::postgres::{PgDatabaseError, PgErrorPosition};

use super::PRODUCT;
use crate::engine::Message;
use crate::error::{ServerError, Trouble};

/// What the server said, or what became of the connection. Never sqlx's own text for a server's error: the line number
/// in it is one of the server's C source.
pub(super) fn server_error(error: &Error) -> ServerError {
    match error {
        Error::Database(error) => match error.try_downcast_ref::<PgDatabaseError>() {
            Some(error) => database_error(error),
            None => ServerError::new(PRODUCT, error.message(), Trouble::Plain),
        },
        Error::Io(error) => {
            ServerError::new(PRODUCT, format!("the connection was lost: {error}"), Trouble::ConnectionLost)
        }
        Error::Protocol(_) | Error::WorkerCrashed => {
            ServerError::new(PRODUCT, error.to_string(), Trouble::ConnectionLost)
        }
        error => ServerError::new(PRODUCT, error.to_string(), Trouble::Plain),
    }
}

/// The same while connecting: there, nothing was lost yet.
pub(super) fn connect_error(error: &Error) -> ServerError {
    let (message, trouble) = match error {
        Error::Io(error) => (error.to_string(), Trouble::Unreachable),
        Error::Tls(error) => (format!("no secure connection: {error}"), Trouble::Plain),
        Error::Configuration(_) => ("a parameter of the URL has an invalid value".into(), Trouble::Plain),
        error => {
            let error = server_error(error);
            let trouble = if error.trouble == Trouble::ConnectionLost { Trouble::Unreachable } else { error.trouble };
            return ServerError { trouble, ..error };
        }
    };
    ServerError::new(PRODUCT, message, trouble)
}

fn database_error(error: &PgDatabaseError) -> ServerError {
    let owned = |text: Option<&str>| text.map(ToOwned::to_owned);
    let inner = match error.position() {
        Some(PgErrorPosition::Internal { query, .. }) => Some(format!("{query}\n")),
        _ => None,
    };
    let context = owned(error.r#where()).map(|context| inner.unwrap_or_default() + &context);
    ServerError {
        product: PRODUCT,
        message: error.message().to_owned(),
        code: Some(error.code().to_owned()),
        detail: owned(error.detail()),
        hint: owned(error.hint()),
        constraint: owned(error.constraint()),
        context,
        trouble: trouble(error.code(), error.message()),
    }
}

/// By SQLSTATE: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn trouble(code: &str, message: &str) -> Trouble {
    match code {
        "08000" | "08003" | "08006" | "57P01" | "57P02" | "57P05" => Trouble::ConnectionLost,
        "57P03" | "53300" => Trouble::Unreachable,
        "28000" | "28P01" => Trouble::Login,
        "3D000" => Trouble::NoDatabase,
        "55P03" => Trouble::LockTimeout,
        "57014" if message.contains("statement timeout") => Trouble::StatementTimeout,
        "57014" if message.contains("lock timeout") => Trouble::LockTimeout,
        "57014" => Trouble::Cancelled,
        "53200" if message.contains("shared memory") => Trouble::OutOfLocks,
        "55006" if message.contains("pending trigger events") => Trouble::PendingTriggers,
        "25006" => Trouble::ReadOnly,
        "53100" => Trouble::Full,
        "42501" => Trouble::Denied,
        _ => Trouble::Plain,
    }
}

/// The bytes of the script that the server points at: the token at its position, which counts the message's
/// characters from 1. There is none for errors at run time.
pub(super) fn position(error: &Error, message: Message<'_>) -> Option<Range<usize>> {
    let error = error.as_database_error()?.try_downcast_ref::<PgDatabaseError>()?;
    let Some(PgErrorPosition::Original(position)) = error.position() else { return None };
    let sql = message.sql();
    let at = sql.char_indices().nth(position.checked_sub(1)?).map_or(sql.len(), |(at, _)| at);
    let start = message.range().start + at;
    Some(start..start + token(&sql[at..]))
}

/// The length of the word, the quoted name or the single character that a text starts with.
fn token(text: &str) -> usize {
    let word = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let quoted = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.find(quote)).map(|end| end + 2);
    quoted('"').or_else(|| quoted('\'')).unwrap_or_else(|| word.max(text.chars().next().map_or(0, char::len_utf8)))
}
