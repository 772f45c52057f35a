//! sqlx's errors in SQLite's own words.

use std::ops::Range;

use sqlx::Error;

use super::PRODUCT;
use crate::engine::{Message, only_place};
use crate::error::{ServerError, Trouble};

/// What SQLite said, with the name of its result code.
pub(super) fn server_error(error: &Error) -> ServerError {
    let Error::Database(error) = error else {
        let trouble = if matches!(error, Error::WorkerCrashed) { Trouble::ConnectionLost } else { Trouble::Plain };
        return ServerError::new(PRODUCT, error.to_string(), trouble);
    };
    let code = error.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or_default();
    let message = match code {
        COMMIT_HOOK => "a statement of the script tried to commit the transaction",
        _ => error.message(),
    };
    let mut answer = ServerError::new(PRODUCT, message, trouble(code));
    answer.code = Some(name(code).map_or_else(|| code.to_string(), |name| format!("{name} ({code})")));
    answer
}

/// The same while connecting.
pub(super) fn connect_error(error: &Error) -> ServerError {
    server_error(error)
}

/// `SQLITE_CONSTRAINT_COMMITHOOK`: a hook refused a commit.
const COMMIT_HOOK: i32 = 531;

/// By primary result code: <https://www.sqlite.org/rescode.html>.
const fn trouble(code: i32) -> Trouble {
    match code & 0xff {
        5 | 6 => Trouble::LockTimeout,
        8 => Trouble::ReadOnly,
        9 => Trouble::Cancelled,
        13 => Trouble::Full,
        14 => Trouble::CannotOpen,
        26 => Trouble::NotADatabase,
        _ => Trouble::Plain,
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

/// The bytes of the script that SQLite's message points at. sqlx does not hand on SQLite's own offset, but messages name
/// what they do not like: the one place in the statement where that word stands.
pub(super) fn position(error: &str, message: Message<'_>, piece: usize) -> Option<Range<usize>> {
    let statement = message.pieces.get(piece)?.statement.clone();
    let text = &message.text[statement.clone()];
    let place = only_place(text, named(error)?)?;
    Some(statement.start + place.start..statement.start + place.end)
}

/// `near "X": ...`, `no such table: X`, `table X already exists`, ...
fn named(error: &str) -> Option<&str> {
    if let Some(rest) = error.strip_prefix("near \"") {
        return rest.rsplit_once("\":").map(|(word, _)| word);
    }
    let behind = ["no such table: ", "no such column: ", "no such function: ", "no such index: ", "no such view: "];
    let behind = behind.iter().find_map(|start| error.strip_prefix(start));
    let between = || error.strip_suffix(" already exists").and_then(|error| error.rsplit(' ').next());
    let last = |name: &'static str| error.strip_prefix(name);
    let name = behind.or_else(between).or_else(|| last("duplicate column name: "))?;
    // `no such table: main.custmers` where the script says `custmers`
    Some(name.strip_prefix("main.").unwrap_or(name))
}
