//! Converts tiberius's errors into the server's own words.

use std::ops::Range;

use tiberius::error::{Error, IoErrorKind, TokenError};

use super::PRODUCT;
use super::address::{Address, Encrypt};
use super::wire::Refusal;
use crate::engine::only_place;
use crate::error::{ErrorKind, ServerError};
use crate::sql::Statement;
use crate::sql::sqlserver::defines_module;

/// Returns what the server said about a batch, or what happened to the connection.
pub(super) fn server_error(refusal: &Refusal) -> ServerError {
    match refusal {
        Refusal::Stopped => ServerError::new(PRODUCT, "the statement was cancelled", ErrorKind::Cancelled),
        Refusal::Driver(error) => driver_error(error),
    }
}

fn driver_error(error: &Error) -> ServerError {
    let (message, kind) = match error {
        Error::Server(error) => return said(error),
        // the library describes this in terms of bytes and packets
        Error::Io { kind: IoErrorKind::UnexpectedEof, .. } => {
            ("the connection was lost: it was closed at the other end".into(), ErrorKind::ConnectionLost)
        }
        Error::Io { message, .. } => (format!("the connection was lost: {message}"), ErrorKind::ConnectionLost),
        Error::Protocol(message) => (message.to_string(), ErrorKind::ConnectionLost),
        // an answer that cannot be read is still an answer: the server may have done what was asked
        error => (format!("the answer cannot be read: {error}"), ErrorKind::ConnectionLost),
    };
    ServerError::new(PRODUCT, message, kind)
}

/// Returns the error for a failed attempt to connect, where no connection was lost yet.
pub(super) fn connect_error(error: &Error, server: &Address) -> ServerError {
    let (message, kind) = match error {
        Error::Server(error) => return said(error),
        Error::Tls(message) => return insecure(short(message), server),
        Error::Io { message, .. } => (message.clone(), ErrorKind::Unreachable),
        // the answer of the browser service that knows the instances
        Error::Conversion(message) if server.instance.is_some() => (message.to_string(), ErrorKind::Unreachable),
        Error::Protocol(message) => (message.to_string(), ErrorKind::Plain),
        error => (error.to_string(), ErrorKind::Plain),
    };
    // a server without TDS 8.0 closes the connection when it receives the first packet of TDS 8.0
    let hung_up = !matches!(error, Error::Io { kind: IoErrorKind::ConnectionRefused | IoErrorKind::NotFound, .. });
    let remedy = (server.encrypt == Encrypt::Strict && hung_up && kind == ErrorKind::Unreachable).then_some(STRICT);
    ServerError { remedy, ..ServerError::new(PRODUCT, message, kind) }
}

/// What to do if the server does not understand the first packet of `Encrypt=Strict`.
const STRICT: &str = "Encrypt=Strict needs a server that speaks TDS 8.0 (SQL Server 2022, Azure SQL): use Encrypt=true \
                      for others; `Options::wait` waits for a server that is starting";

/// Returns why there is no secure connection.
fn insecure(message: &str, server: &Address) -> ServerError {
    // a server without a configured certificate makes one for itself
    let unknown = ["UnknownIssuer", "CaUsedAsEndEntity"].iter().any(|name| message.contains(name));
    let reason = if unknown {
        "the server's certificate is self-signed, or signed by an authority that this machine does not trust"
    } else {
        message
    };
    let remedy = if server.encrypt == Encrypt::Strict && !message.contains("certificate") {
        STRICT
    } else {
        "give the certificate of the authority that has signed the server's (trustServerCertificateCA=file), or the \
         name in it (hostNameInCertificate=name); trustServerCertificate=true checks neither"
    };
    let error = ServerError::new(PRODUCT, format!("no secure connection: {reason}"), ErrorKind::Certificate);
    ServerError { remedy: Some(remedy), ..error }
}

/// Returns whether a table does not exist: error 208. Babelfish, which speaks the protocol, uses PostgreSQL's words.
pub(super) fn is_no_such_table(error: &ServerError) -> bool {
    let code = error.code.as_deref().and_then(|code| code.split(' ').next());
    code == Some("208") || error.message.starts_with("relation \"") && error.message.ends_with("\" does not exist")
}

/// Returns the library's message without its advice for programmers.
fn short(message: &str) -> &str {
    let end = message.find(" To connect anyway").unwrap_or(message.len());
    message[..end].trim_end_matches('.')
}

fn said(error: &TokenError) -> ServerError {
    let (number, severity, state) = (error.code(), error.class(), error.state());
    let procedure = Some(error.procedure()).filter(|name| !name.is_empty());
    let context = procedure.map(|name| format!("procedure {name}, line {}", error.line()));
    ServerError {
        product: PRODUCT,
        message: error.message().trim_end().to_owned(),
        code: Some(format!("{number} (severity {severity}, state {state})")),
        context,
        remedy: remedy(number),
        kind: kind(number, severity),
        ..ServerError::default()
    }
}

/// Returns the kind of an error by its number:
/// <https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors>.
fn kind(number: u32, severity: u8) -> ErrorKind {
    match number {
        18452 | 18456 | 18461 | 18470 | 18486..=18488 => ErrorKind::Login,
        911 | 4060 => ErrorKind::NoDatabase,
        10928 | 10929 | 40197 | 40501 | 40613 | 40615 | 49918..=49920 => ErrorKind::Unreachable,
        1205 | 1222 => ErrorKind::LockTimeout,
        229 | 230 | 262 | 297 | 300 | 916 | 5011 | 15247 => ErrorKind::Denied,
        3906 | 3908 | 978 => ErrorKind::ReadOnly,
        1101 | 1105 | 9002 => ErrorKind::Full,
        1204 => ErrorKind::OutOfLocks,
        226 | 574 | 3021 | 6115 | 8920 | 12331 | 15002 => ErrorKind::NotInTransaction,
        // with these, the server ends the session
        _ if severity >= 20 => ErrorKind::ConnectionLost,
        _ => ErrorKind::Plain,
    }
}

/// Returns what to do about errors that only this server has.
fn remedy(number: u32) -> Option<&'static str> {
    Some(match number {
        1204 => "run with `TransactionMode::PerScript`: each script then needs only its own locks",
        1205 => "run it again: the deadlock is over, because the other session could continue",
        3930 | 3998 => {
            "every error dooms the run's transaction (SET XACT_ABORT ON): end the CATCH block with THROW, or check \
             beforehand instead of catching the error"
        }
        40615 => "allow this machine in the server's firewall",
        _ => return None,
    })
}

/// Numbers of temporary errors: another session uses the database, or the one from which new ones are copied.
pub(super) const BUSY: [&str; 6] = ["1205", "1222", "1807", "3702", "5030", "5061"];

/// Returns the number of an error.
pub(super) fn number(error: &ServerError) -> &str {
    error.code.as_deref().and_then(|code| code.split(' ').next()).unwrap_or_default()
}

/// Returns the bytes of the batch that the server means: what its message names, in the line that it gives (lines of
/// the batch count from 1).
pub(super) fn position(refusal: &Refusal, batch: &str, statement: &Statement) -> Option<Range<usize>> {
    let Refusal::Driver(Error::Server(error)) = refusal else { return None };
    let here = error.procedure().is_empty() || defines_module(&statement.words);
    let line = if here { line(batch, error.line()) } else { None };
    let name = if here { named(error.message()) } else { Some(last_part(error.procedure())) };
    name.and_then(|name| find(batch, line.clone(), name)).or(line)
}

/// Returns where a name occurs in a line, or else after it (the server gives a statement's first line), or else
/// anywhere.
fn find(batch: &str, line: Option<Range<usize>>, name: &str) -> Option<Range<usize>> {
    let line = line.unwrap_or(0..batch.len());
    let within = |range: Range<usize>| {
        let place = only_place(&batch[range.clone()], name)?;
        Some(range.start + place.start..range.start + place.end)
    };
    within(line.clone()).or_else(|| within(line.start..batch.len())).or_else(|| within(0..batch.len()))
}

/// Returns the bytes of a line, counted from 1, without surrounding blanks and without its `;`.
fn line(batch: &str, number: u32) -> Option<Range<usize>> {
    let mut start = 0;
    for _ in 1..number {
        start += batch[start..].find('\n')? + 1;
    }
    let end = batch[start..].find(['\r', '\n']).map_or(batch.len(), |end| start + end);
    let text = &batch[start..end];
    let whole = text.trim_end_matches(|c: char| c == ';' || c.is_whitespace());
    let (lead, trail) = (text.len() - text.trim_start().len(), text.len() - whole.len());
    (number > 0 && lead < whole.len()).then(|| start + lead..end - trail)
}

/// Returns what the message names: the last part of the first name in quotes.
fn named(message: &str) -> Option<&str> {
    let opens = |(at, _): &(usize, &str)| !message[..*at].ends_with(char::is_alphanumeric);
    let (open, quote) = message.match_indices(['\'', '"']).find(opens)?;
    message[open + 1..].split(quote).next().map(last_part)
}

/// Returns `nope` for `dbo.nope` or `[dbo].[nope]`.
fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name).trim_matches(['[', ']'])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what `find` finds in a batch for a name that the server gives with a line.
    fn marked<'a>(batch: &'a str, number: u32, name: &str) -> Option<(usize, &'a str)> {
        let place = find(batch, line(batch, number), name)?;
        Some((place.start, &batch[place]))
    }

    #[test]
    fn a_name_is_found_in_its_line_or_behind_it() {
        let batch = "SELECT a\r\n  FROM b\nWHERE nope = 1\nAND b = a";
        assert_eq!(marked(batch, 1, "a"), Some((7, "a")));
        assert_eq!(marked(batch, 2, "b"), Some((17, "b")));
        assert_eq!(marked(batch, 1, "nope"), Some((25, "nope")));
        assert_eq!(marked(batch, 3, "b"), Some((38, "b")));
        assert_eq!(marked(batch, 1, "b"), None);
        assert_eq!(marked(batch, 9, "nope"), Some((25, "nope")));
    }

    #[test]
    fn a_line_is_shown_without_the_blanks_around_it() {
        assert_eq!(line("a\r\n  b c \r\n\r\nd", 2), Some(5..8));
        assert_eq!(line("a\r\n  b c \r\n\r\nd", 4), Some(13..14));
        assert_eq!(line("a;\nb ;;\n", 2), Some(3..4));
        assert_eq!(line("a\n;\nb", 2), None);
        assert_eq!(line("a\n\nb", 2), None);
        assert_eq!(line("a", 2), None);
        assert_eq!(line("a", 0), None);
    }

    #[test]
    fn the_first_name_in_quotes_is_meant() {
        for (message, name) in [
            ("Invalid object name 'dbo.nope'.", Some("nope")),
            ("Incorrect syntax near 'VLAUES'.", Some("VLAUES")),
            ("Incorrect syntax near the keyword 'FROM'.", Some("FROM")),
            ("Cannot open database \"shop\" requested by the login.", Some("shop")),
            ("The object '[dbo].[DF_x]' is dependent on column 'y'.", Some("DF_x")),
            ("Couldn't do it", None),
            ("Divide by zero error encountered.", None),
        ] {
            assert_eq!(named(message), name, "{message}");
        }
    }

    #[test]
    fn the_librarys_advice_for_programmers_is_left_out() {
        let long = "the server's certificate was rejected during the TLS handshake: UnknownIssuer. To connect anyway you can: (1)";
        assert_eq!(short(long), "the server's certificate was rejected during the TLS handshake: UnknownIssuer");
    }
}
