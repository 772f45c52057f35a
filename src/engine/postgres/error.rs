//! sqlx's errors in the server's own words.

use std::ops::Range;

use sqlx::Error;
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgDatabaseError, PgErrorPosition, PgSeverity};

use super::PRODUCT;
use crate::engine::driver::driver_error;
use crate::engine::{Message, only_place, token};
use crate::error::{ServerError, Trouble};
use crate::sql::Words;

/// What the server said, or what became of the connection. Never sqlx's own text for a server's error: the line number
/// in it is one of the server's C source.
pub(super) fn server_error(error: &Error) -> ServerError {
    driver_error(PRODUCT, error, said)
}

/// The server's own words.
pub(super) fn said(error: &dyn DatabaseError) -> ServerError {
    match error.try_downcast_ref::<PgDatabaseError>() {
        Some(error) => database_error(error),
        None => ServerError::new(PRODUCT, error.message(), Trouble::Plain),
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
        trouble: match error.severity() {
            // the server ends the session with these, whatever their code is
            PgSeverity::Fatal | PgSeverity::Panic if !ends_the_login(error.code()) => Trouble::ConnectionLost,
            _ => trouble(error.code(), error.message()),
        },
        ..ServerError::default()
    }
}

/// The same for a statement of a script: a concurrent build of an index that fails leaves something behind.
pub(super) fn statement_error(error: &Error, words: &Words) -> ServerError {
    let error = server_error(error);
    let builds = words.contains("CONCURRENTLY") && (words.starts(&["CREATE"]) || words.starts(&["REINDEX"]));
    // an index on a table or a column that is not there is not begun
    let begun = error.code.as_deref().is_none_or(|code| !code.starts_with("42") || code == DUPLICATE);
    if builds && begun && error.trouble == Trouble::Plain {
        return ServerError { trouble: Trouble::InvalidIndex, ..error };
    }
    let remedy = match error.code.as_deref() {
        Some("55P04") => Some("use the new value in the next script: it counts only after the commit"),
        Some("2D000") => Some(
            "the procedure or block commits: move the statement to a script of its own that starts with the line: \
             -- dbmigrate: no-transaction",
        ),
        _ => None,
    };
    ServerError { remedy: remedy.or(error.remedy), ..error }
}

/// SQLSTATE: there is no role, no type, no setting of this name.
const UNDEFINED: &str = "42704";

/// What to do about a role that is not there: roles belong to the server, and no dump of a database creates them.
const NO_ROLE: &str =
    "create the role first; a dump names no roles when it is made with pg_dump --no-owner --no-privileges";

/// SQLSTATE: there is a relation of this name. An index may have been left behind by an earlier attempt.
const DUPLICATE: &str = "42P07";

/// `IF NOT EXISTS` is content with an index that an earlier attempt has left behind and that is not valid.
pub(super) fn invalid_index(name: &str) -> ServerError {
    let message = format!("the index {name} is there, but it is not valid: an earlier attempt failed");
    ServerError::new(PRODUCT, message, Trouble::InvalidIndex)
}

/// While connecting, every refusal is fatal.
fn ends_the_login(code: &str) -> bool {
    matches!(
        trouble(code, "does not exist"),
        Trouble::Unreachable | Trouble::Login | Trouble::NoDatabase | Trouble::Denied
    )
}

/// By SQLSTATE: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn trouble(code: &str, message: &str) -> Trouble {
    match code {
        "08000" | "08003" | "08006" | "57P01" | "57P02" | "57P05" | "25P04" => Trouble::ConnectionLost,
        "57P03" | "53300" => Trouble::Unreachable,
        "28000" | "28P01" => Trouble::Login,
        "3D000" => Trouble::NoDatabase,
        // as PgBouncer says it
        "08P01" if message.ends_with("does not exist") => Trouble::NoDatabase,
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

/// Which statement of a message failed, by the number of answers before it, and the bytes of the message that the server
/// points at: the token at its position, which counts the message's characters from 1. Errors at run time have none: then
/// the name in the server's message, where it stands just once in the statement.
pub(super) fn place(error: &Error, message: &Message, answered: usize) -> (usize, Option<Range<usize>>) {
    let Some(error) = error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>()) else {
        return (answered, None);
    };
    let Some(PgErrorPosition::Original(position)) = error.position() else {
        return (answered, named_in(error, message, answered));
    };
    let sql = message.sql();
    let start = sql.char_indices().nth(position.saturating_sub(1)).map_or(sql.len(), |(at, _)| at);
    // a message is read to its end before any of it runs
    let part = message.part_at(start).unwrap_or(answered);
    (part, Some(start..start + token(&sql[start..], &['"', '\''])))
}

fn named_in(error: &PgDatabaseError, message: &Message, part: usize) -> Option<Range<usize>> {
    let part = message.parts().get(part)?;
    let place = only_place(message.text(part), named(error)?)?;
    Some(part.at.start + place.start..part.at.start + place.end)
}

/// What the server says of a character that it cannot store.
pub(super) fn unconvertible(error: &Error) -> Option<String> {
    let error = error.as_database_error()?;
    (error.code()? == "22P05").then(|| error.message().to_owned())
}

/// The server may have refused to read a statement: a syntax error, or a feature that it has not.
pub(super) fn is_unreadable(error: &Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.is_some_and(|code| matches!(&*code, "42601" | "0A000"))
}

/// Which of a `COPY`'s rows the server means, from 1: `COPY item, line 3, column price: "x"`.
pub(super) fn row(error: &Error) -> Option<usize> {
    let error = error.as_database_error()?.try_downcast_ref::<PgDatabaseError>()?;
    let line = error.r#where()?.lines().find(|line| line.starts_with("COPY "))?;
    // the table's name may hold anything
    let (_, number) = line.rsplit_once(", line ").or_else(|| line.split_once(", line "))?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The object that does not exist or exists already: the first name in the message's quotes.
fn named(error: &PgDatabaseError) -> Option<&str> {
    // class 42: syntax errors, unknown and duplicate objects
    error.message().split('"').nth(1).filter(|_| error.code().starts_with("42"))
}
