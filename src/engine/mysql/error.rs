//! Converts sqlx's errors into the server's own words.

use std::ops::Range;

use sqlx::Error;
use sqlx::error::DatabaseError;
use sqlx::mysql::MySqlDatabaseError;

use super::Product;
use crate::engine::driver::driver_error;
use crate::engine::{only_place, token};
use crate::error::{ErrorKind, ServerError};

/// Returns what the server said, or what happened to the connection.
pub(super) fn server_error(product: Product, error: &Error) -> ServerError {
    driver_error(product.name(), error, |error| said(product, error))
}

/// Returns the server's own words.
pub(super) fn said(product: Product, error: &dyn DatabaseError) -> ServerError {
    match error.try_downcast_ref::<MySqlDatabaseError>() {
        Some(error) => database_error(product, error),
        None => product.error(error.message(), ErrorKind::Plain),
    }
}

fn database_error(product: Product, error: &MySqlDatabaseError) -> ServerError {
    let state = error.code().map_or_else(String::new, |state| format!(" ({state})"));
    ServerError {
        code: Some(format!("{}{state}", error.number())),
        remedy: definer(error.number(), error.message()),
        ..product.error(on_one_line(error.message()), kind(error.number(), error.message()))
    }
}

/// Returns what to do about an object that belongs to another user. Each product and version has its own name for the
/// right to create one. Other statements also require the other rights that this error can name (`SUPER` alone, ...).
fn definer(number: u16, message: &str) -> Option<&'static str> {
    const RIGHTS: [&str; 3] = ["SET USER", "SET_USER_ID", "SET_ANY_DEFINER"];
    let is_missing = number == DENIED && RIGHTS.iter().any(|right| message.contains(right));
    is_missing.then_some(
        "remove DEFINER=`...`@`...` from the script (the object then belongs to the user that runs it), \
         or grant the user that right",
    )
}

/// The error for a missing right that is not one on a database or a table.
const DENIED: u16 = 1227;

/// Joins the lines of a message: the server may quote several lines of a script, which the error shows anyway.
fn on_one_line(message: &str) -> String {
    message.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Returns the kind of an error by its number:
/// <https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html> and
/// <https://mariadb.com/kb/en/mariadb-error-code-reference/>.
fn kind(number: u16, message: &str) -> ErrorKind {
    match number {
        // shutdown, killed connections, malformed and missing packets
        1053 | 1077 | 1079 | 1080 | 1152 | 1158..=1161 | 1184 | 1927 | 3169 | 4031 => ErrorKind::ConnectionLost,
        1040 | 1129 | 1203 => ErrorKind::Unreachable,
        1045 | 1130 | 1251 | 1524 | 1698 | 1862 | 3118 | 3159 | 4151 => ErrorKind::Login,
        1049 => ErrorKind::NoDatabase,
        // the victim of a deadlock was waiting for a lock, too
        1205 | 1213 | 3572 => ErrorKind::LockTimeout,
        1051 | 1054 | 1146 | 1305 | 1356 | 1360 | 1539 | 4092 => ErrorKind::DoesNotExist,
        1317 => ErrorKind::Cancelled,
        1969 | 3024 => ErrorKind::StatementTimeout,
        1036 | 1290 | 1792 | 1836 if message.to_ascii_lowercase().contains("read") => ErrorKind::ReadOnly,
        1021 | 1114 => ErrorKind::Full,
        3 | 28 | 1026 | 1030 if message.contains("28") => ErrorKind::Full,
        1044 | 1095 | 1142 | 1143 | 1227 | 1370 | 1410 | 1419 => ErrorKind::Denied,
        _ => ErrorKind::Plain,
    }
}

/// The number of the error for a savepoint that no longer exists.
pub(super) const NO_SAVEPOINT: &str = "1305";

/// The number of the warning for a transaction that could not be rolled back as a whole.
pub(super) const NOT_ROLLED_BACK: &str = "1196";

/// Returns what the server said about a statement, and the bytes of the text that it means.
pub(super) fn statement_error(
    product: Product,
    error: &Error,
    text: &str,
    statement: &Range<usize>,
) -> (ServerError, Option<Range<usize>>) {
    let said = server_error(product, error);
    let Some(place) = position(error, &text[statement.clone()]) else { return (said, None) };
    let at = statement.start + place.start..statement.start + place.end;
    let raw = error.as_database_error().map_or("", sqlx::error::DatabaseError::message);
    let message = without_what_follows(raw, &text[at.start..statement.end]);
    let message = message.map_or_else(|| said.message.clone(), |message| on_one_line(&message));
    (ServerError { message, ..said }, Some(at))
}

/// Returns the bytes of a statement that the server means. For a syntax error, the server quotes what it could not read
/// and counts the statement's lines; for other errors, it means the name in its message, if that occurs exactly once in
/// the statement.
fn position(error: &Error, statement: &str) -> Option<Range<usize>> {
    let error = error.as_database_error()?.try_downcast_ref::<MySqlDatabaseError>()?;
    match error.number() {
        SYNTAX => unreadable(statement, error.message()),
        _ => only_place(statement, named(error.message())?),
    }
}

const SYNTAX: u16 = 1064;

/// Returns a syntax error's message without what follows the statement: the server's quotation extends into the
/// statements after it, including dbmigrate's own. `rest` is the statement from the start of the quotation.
fn without_what_follows(message: &str, rest: &str) -> Option<String> {
    let (before, near) = message.split_once(" near '")?;
    let (near, line) = near.rsplit_once("' at line ")?;
    (near.len() > rest.len() && near.starts_with(rest)).then(|| format!("{before} near '{rest}' at line {line}"))
}

/// Returns where the text in `... to use near 'SELCT 1' at line 3` begins, at or after the start of its line. The
/// server quotes up to 80 characters (MariaDB adds dots), which can extend beyond the statement; `near ''` is the end
/// of the statement.
fn unreadable(text: &str, message: &str) -> Option<Range<usize>> {
    let (_, near) = message.split_once(" near '")?;
    let (near, line) = near.rsplit_once("' at line ")?;
    let (near, line) = (near.strip_suffix("...").unwrap_or(near), line.trim().parse::<usize>().ok()?);
    let start = match line.checked_sub(2) {
        None => 0,
        Some(breaks) => text.match_indices('\n').nth(breaks)?.0 + 1,
    };
    if near.is_empty() {
        return Some(text.len()..text.len());
    }
    let agree = |at: &usize| text[*at..].starts_with(near) || near.starts_with(&text[*at..]);
    let found = text[start..].char_indices().map(|(at, _)| start + at).find(agree);
    // at the end of the statement, the server reads on
    let at = found.or_else(|| near.starts_with(';').then_some(text.len()))?;
    Some(at..at + token(&text[at..], &['`', '\'', '"']))
}

/// Returns the object that the server names: the last part of the first name in quotes.
fn named(message: &str) -> Option<&str> {
    // the apostrophe in `can't` opens no name
    let opens = |(at, _): &(usize, &str)| !message[..*at].ends_with(char::is_alphanumeric);
    let (open, quote) = message.match_indices(['\'', '`']).find(opens)?;
    let name = message[open + 1..].split(quote).next()?;
    Some(name.rsplit('.').next().unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what a syntax error's quotation points at.
    fn marked<'a>(text: &'a str, near: &str, line: usize) -> Option<&'a str> {
        let message = format!("You have an error in your SQL syntax; ... to use near '{near}' at line {line}");
        unreadable(text, &message).map(|place| &text[place])
    }

    #[test]
    fn a_quotation_is_found_at_its_line() {
        let text = "SELECT 1,\n  1 SELCT\nFROM 1 SELCT t";
        assert_eq!(marked(text, "SELCT\nFROM 1 SELCT t", 2), Some("SELCT"));
        assert_eq!(marked(text, "SELCT t", 3), Some("SELCT"));
        assert_eq!(marked(text, "1 SELCT\nFROM", 1), Some("1"));
        assert_eq!(marked("SELECT 'ü' frm", "'ü' frm", 1), Some("'ü'"));
        assert_eq!(marked("SELECT `a b` c d", "`a b` c d", 1), Some("`a b`"));
    }

    #[test]
    fn a_quotation_may_reach_beyond_the_statement() {
        assert_eq!(marked("DROP TABEL t", "TABEL t;\nUPDATE `shop`.`dbmigrate_journal` SET st", 1), Some("TABEL"));
        assert_eq!(marked("SELECT (1", ";\nUPDATE x", 1), Some(""));
        assert_eq!(marked("SELECT (1", "", 1), Some(""));
    }

    #[test]
    fn a_quotation_that_is_not_there_points_nowhere() {
        assert_eq!(marked("SELECT 1", "FROM", 1), None);
        assert_eq!(marked("SELECT 1", "SELECT 1", 7), None);
        assert_eq!(unreadable("SELECT 1", "something else"), None);
    }

    #[test]
    fn the_first_name_in_quotes_is_meant() {
        for (message, name) in [
            ("Table 'shop.nope' doesn't exist", Some("nope")),
            ("Unknown column 'n.nope' in 'field list'", Some("nope")),
            ("Can't DROP COLUMN `nope`; check that it exists", Some("nope")),
            ("Can't DROP 'nope'; check that column/key exists", Some("nope")),
            ("Query was empty", None),
        ] {
            assert_eq!(named(message), name, "{message}");
        }
    }
}
