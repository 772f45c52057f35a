//! Converts sqlx's errors into the server's own words.

use std::ops::Range;

use sqlx::Error;
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgDatabaseError, PgErrorPosition, PgSeverity};

use super::PRODUCT;
use crate::engine::driver::driver_error;
use crate::engine::{Message, only_place, token};
use crate::error::{ErrorKind, ServerError};
use crate::sql::Words;

/// Returns what the server said, or what happened to the connection. It never uses sqlx's own text for a server's
/// error, because the line number there is one of the server's C source.
pub(super) fn server_error(error: &Error) -> ServerError {
    driver_error(PRODUCT, error, said)
}

/// Returns the server's own words.
pub(super) fn said(error: &dyn DatabaseError) -> ServerError {
    match error.try_downcast_ref::<PgDatabaseError>() {
        Some(error) => database_error(error),
        None => ServerError::new(PRODUCT, error.message(), ErrorKind::Plain),
    }
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
        remedy: (error.code() == UNDEFINED && error.message().starts_with("role ")).then_some(NO_ROLE),
        kind: match error.severity() {
            // with these, the server ends the session, whatever the code is
            PgSeverity::Fatal | PgSeverity::Panic if !ends_the_login(error.code()) => ErrorKind::ConnectionLost,
            _ => kind(error.code(), error.message()),
        },
        ..ServerError::default()
    }
}

/// Returns what the server said about a statement of a script: a concurrent index build that fails leaves an invalid
/// index.
pub(super) fn statement_error(error: &Error, words: &Words) -> ServerError {
    let error = server_error(error);
    let builds = words.contains("CONCURRENTLY") && (words.starts(&["CREATE"]) || words.starts(&["REINDEX"]));
    // the build of an index on a missing table or column never begins
    let begun = error.code.as_deref().is_none_or(|code| !code.starts_with("42") || code == DUPLICATE);
    if builds && begun && error.kind == ErrorKind::Plain {
        return ServerError { kind: ErrorKind::InvalidIndex, ..error };
    }
    let remedy = match error.code.as_deref() {
        Some("55P04") => Some("use the new value in the next script: it cannot be used before the commit"),
        Some("2D000") => Some(
            "the procedure or block commits: move the statement to a script of its own that starts with the line: \
             -- dbmigrate: no-transaction",
        ),
        _ => None,
    };
    ServerError { remedy: remedy.or(error.remedy), ..error }
}

/// SQLSTATE: no role, type or setting of this name exists.
const UNDEFINED: &str = "42704";

/// What to do about a role that does not exist: roles belong to the server, and no dump of a database creates them.
const NO_ROLE: &str =
    "create the role first; a dump that is made with pg_dump --no-owner --no-privileges names no roles";

/// SQLSTATE: a relation of this name exists. It may be an index that an earlier attempt has left.
const DUPLICATE: &str = "42P07";

/// Returns the error for an invalid index that an earlier attempt has left: `IF NOT EXISTS` accepts it.
pub(super) fn invalid_index(name: &str) -> ServerError {
    let message = format!("the index {name} exists but is not valid: an earlier attempt failed");
    ServerError::new(PRODUCT, message, ErrorKind::InvalidIndex)
}

/// Returns whether a code refuses the login: while connecting, every refusal is fatal, and no session is lost.
fn ends_the_login(code: &str) -> bool {
    matches!(
        kind(code, "does not exist"),
        ErrorKind::Unreachable | ErrorKind::Login | ErrorKind::NoDatabase | ErrorKind::Denied
    )
}

/// Returns the kind of an error by its SQLSTATE: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn kind(code: &str, message: &str) -> ErrorKind {
    match code {
        "08000" | "08003" | "08006" | "57P01" | "57P02" | "57P05" | "25P04" => ErrorKind::ConnectionLost,
        "57P03" | "53300" => ErrorKind::Unreachable,
        "28000" | "28P01" => ErrorKind::Login,
        "3D000" => ErrorKind::NoDatabase,
        // PgBouncer's code and words for this
        "08P01" if message.ends_with("does not exist") => ErrorKind::NoDatabase,
        "42P01" | "42703" | "42883" | "42704" | "3F000" => ErrorKind::DoesNotExist,
        // the columns of a view, the result of a function, and what others depend on
        "42P16" | "42P13" | "2BP01" if message.starts_with("cannot ") => ErrorKind::CannotReplace,
        "0A000" if message.contains("used by a view") => ErrorKind::CannotReplace,
        "55P03" => ErrorKind::LockTimeout,
        "57014" if message.contains("statement timeout") => ErrorKind::StatementTimeout,
        "57014" if message.contains("lock timeout") => ErrorKind::LockTimeout,
        "57014" => ErrorKind::Cancelled,
        "53200" if message.contains("shared memory") => ErrorKind::OutOfLocks,
        "55006" if message.contains("pending trigger events") => ErrorKind::PendingTriggers,
        "25006" => ErrorKind::ReadOnly,
        "53100" => ErrorKind::Full,
        "42501" => ErrorKind::Denied,
        _ => ErrorKind::Plain,
    }
}

/// Returns which statement of a message failed, by the number of answers before it, and the bytes of the message that
/// the server points at: the token at its position, which counts the message's characters from 1. Errors at run time
/// have no position: they point at the name in the server's message, if it occurs exactly once in the statement.
pub(super) fn place(error: &Error, message: &Message, answered: usize) -> (usize, Option<Range<usize>>) {
    let Some(error) = error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>()) else {
        return (answered, None);
    };
    let Some(PgErrorPosition::Original(position)) = error.position() else {
        return (answered, named_in(error, message, answered));
    };
    let sql = message.sql();
    let start = sql.char_indices().nth(position.saturating_sub(1)).map_or(sql.len(), |(at, _)| at);
    // the server parses a whole message before it runs any of it
    let part = message.part_at(start).unwrap_or(answered);
    (part, Some(start..start + token(&sql[start..], &['"', '\''])))
}

fn named_in(error: &PgDatabaseError, message: &Message, part: usize) -> Option<Range<usize>> {
    let part = message.parts().get(part)?;
    let place = only_place(message.text(part), named(error)?)?;
    Some(part.at.start + place.start..part.at.start + place.end)
}

/// Returns what the server says about a character that it cannot store.
pub(super) fn unconvertible(error: &Error) -> Option<String> {
    let error = error.as_database_error()?;
    (error.code()? == "22P05").then(|| error.message().to_owned())
}

/// Returns whether the server may have been unable to read a statement: a syntax error, or a feature that it lacks.
pub(super) fn is_unreadable(error: &Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.is_some_and(|code| matches!(&*code, "42601" | "0A000"))
}

/// Returns which row of a `COPY` the server means, from 1: `COPY item, line 3, column price: "x"`.
pub(super) fn row(error: &Error) -> Option<usize> {
    let error = error.as_database_error()?.try_downcast_ref::<PgDatabaseError>()?;
    let line = error.r#where()?.lines().find(|line| line.starts_with("COPY "))?;
    // the table's name may contain anything
    let (_, number) = line.rsplit_once(", line ").or_else(|| line.split_once(", line "))?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Returns the object that does not exist or already exists: the first quoted name in the message.
fn named(error: &PgDatabaseError) -> Option<&str> {
    // class 42: syntax errors, unknown and duplicate objects
    error.message().split('"').nth(1).filter(|_| error.code().starts_with("42"))
}
