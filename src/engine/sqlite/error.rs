//! Converts rusqlite's errors into SQLite's own words.

use std::ops::Range;

use rusqlite::{Error, ffi};

use super::PRODUCT;
use crate::engine::{Message, only_place, token};
use crate::error::{ErrorKind, ServerError};

/// Returns what SQLite said, with the name of its result code.
pub(super) fn server_error(error: &Error) -> ServerError {
    let (code, message) = match error {
        Error::SqliteFailure(code, message) => (code, message.clone()),
        Error::SqlInputError { error, msg, .. } => (error, Some(msg.clone())),
        other => return ServerError::new(PRODUCT, other.to_string(), ErrorKind::Plain),
    };
    let code = code.extended_code;
    let message = match code {
        COMMIT_HOOK => "a statement of the script tried to commit the transaction".into(),
        _ => message.unwrap_or_else(|| ffi::code_to_str(code).to_lowercase()),
    };
    let kind = if code == 1 && is_missing(&message) { ErrorKind::DoesNotExist } else { kind(code) };
    let mut answer = ServerError::new(PRODUCT, message, kind);
    answer.code = Some(name(code).map_or_else(|| code.to_string(), |name| format!("{name} ({code})")));
    answer
}

/// Returns what SQLite said about a statement of a script. SQLite's grammar has `UPDATE ... LIMIT` only when it is
/// built from the original sources with an option, as Debian does, not in the single source file that programs compile
/// in.
pub(super) fn statement_error(error: &Error, statement: &str) -> ServerError {
    let error = server_error(error);
    let limited = ["near \"LIMIT\": syntax error", "near \"ORDER\": syntax error"].contains(&&*error.message);
    let changes = statement.to_ascii_uppercase().split_whitespace().any(|word| matches!(word, "UPDATE" | "DELETE"));
    let remedy = (limited && changes).then_some(
        "SQLite as distributed has no ORDER BY and LIMIT for UPDATE and DELETE: \
         write WHERE rowid IN (SELECT rowid FROM ... ORDER BY ... LIMIT ...)",
    );
    ServerError { remedy, ..error }
}

/// Returns what SQLite said while connecting, without the path, which the error shows anyway.
pub(super) fn connect_error(error: &Error) -> ServerError {
    let error = server_error(error);
    match error.kind {
        ErrorKind::CannotOpen => ServerError { message: "unable to open database file".into(), ..error },
        _ => error,
    }
}

/// Returns the error for a connection that a thread took and did not return.
pub(super) fn lost() -> ServerError {
    ServerError::new(PRODUCT, "the connection was lost", ErrorKind::ConnectionLost)
}

/// Returns the bytes of a statement that SQLite points at.
pub(super) fn place(error: &Error, statement: &str) -> Option<Range<usize>> {
    let Error::SqlInputError { offset, .. } = error else { return None };
    let start = usize::try_from(*offset).ok()?;
    let rest = statement.get(start..)?;
    Some(start..start + token(rest, &['"', '\'', '`']))
}

/// `SQLITE_CONSTRAINT_COMMITHOOK`: a hook refused a commit.
const COMMIT_HOOK: i32 = 531;

/// Whether a message says that something does not exist. There is no code for that.
fn is_missing(message: &str) -> bool {
    let what = ["table", "column", "function", "view", "trigger"];
    what.iter().any(|what| message.contains(&format!("no such {what}: ")))
}

/// Returns the kind of an error by its primary result code: <https://www.sqlite.org/rescode.html>.
const fn kind(code: i32) -> ErrorKind {
    match code & 0xff {
        5 | 6 => ErrorKind::LockTimeout,
        8 => ErrorKind::ReadOnly,
        9 => ErrorKind::Cancelled,
        13 => ErrorKind::Full,
        14 => ErrorKind::CannotOpen,
        26 => ErrorKind::NotADatabase,
        _ => ErrorKind::Plain,
    }
}

/// The names of the primary result codes that a script can meet.
const fn name(code: i32) -> Option<&'static str> {
    Some(match code & 0xff {
        1 => "SQLITE_ERROR",
        5 => "SQLITE_BUSY",
        6 => "SQLITE_LOCKED",
        7 => "SQLITE_NOMEM",
        8 => "SQLITE_READONLY",
        9 => "SQLITE_INTERRUPT",
        10 => "SQLITE_IOERR",
        11 => "SQLITE_CORRUPT",
        13 => "SQLITE_FULL",
        14 => "SQLITE_CANTOPEN",
        18 => "SQLITE_TOOBIG",
        19 => "SQLITE_CONSTRAINT",
        20 => "SQLITE_MISMATCH",
        23 => "SQLITE_AUTH",
        26 => "SQLITE_NOTADB",
        _ => return None,
    })
}

/// Returns the bytes that SQLite means when it only names a word: the one place in the statement where that word
/// occurs.
pub(super) fn position(error: &str, message: &Message, part: usize) -> Option<Range<usize>> {
    let part = message.parts().get(part)?;
    let place = only_place(message.text(part), named(error)?)?;
    Some(part.at.start + place.start..part.at.start + place.end)
}

/// `near "X": ...`, `no such table: X`, `table X already exists`, ...
fn named(error: &str) -> Option<&str> {
    if let Some(rest) = error.strip_prefix("near \"") {
        return rest.rsplit_once("\":").map(|(word, _)| word);
    }
    let starts = ["no such table: ", "no such column: ", "no such function: ", "no such index: ", "no such view: "];
    let after = starts.iter().find_map(|start| error.strip_prefix(start));
    let between = || error.strip_suffix(" already exists").and_then(|error| error.rsplit(' ').next());
    let last = |name: &'static str| error.strip_prefix(name);
    let name = after.or_else(between).or_else(|| last("duplicate column name: "))?;
    // `no such table: main.custmers` where the script says `custmers`
    Some(name.strip_prefix("main.").unwrap_or(name))
}
