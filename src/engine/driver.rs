//! Converts sqlx's errors: into the server's own words, or into dbmigrate's if the server said nothing.

use std::io::ErrorKind as IoErrorKind;

use sqlx::Error;
use sqlx::error::DatabaseError;

use crate::error::{ErrorKind, ServerError};

/// Returns what the server said, as `said` puts it, or what happened to the connection.
pub(super) fn driver_error(
    product: &'static str,
    error: &Error,
    said: impl FnOnce(&dyn DatabaseError) -> ServerError,
) -> ServerError {
    let (message, kind) = match error {
        Error::Database(error) => return said(&**error),
        // the libraries describe this in terms of bytes and TLS
        Error::Io(error) if error.kind() == IoErrorKind::UnexpectedEof => {
            ("the connection was lost: it was closed at the other end".into(), ErrorKind::ConnectionLost)
        }
        Error::Io(error) => (format!("the connection was lost: {error}"), ErrorKind::ConnectionLost),
        Error::Protocol(said) => {
            (format!("the answer does not follow the protocol: {}", without_place(said)), ErrorKind::ConnectionLost)
        }
        Error::WorkerCrashed => (error.to_string(), ErrorKind::ConnectionLost),
        error => (error.to_string(), ErrorKind::Plain),
    };
    ServerError::new(product, message, kind)
}

/// Returns a text of sqlx without the line of its source: `unexpected message (sqlx_postgres::connection:95)`.
fn without_place(said: &str) -> &str {
    let place = said.rfind(" (").filter(|at| said[*at..].contains("::") && said.ends_with(')'));
    place.map_or(said, |at| &said[..at])
}

/// Returns the error for a failed attempt to connect, where no connection was lost yet.
pub(super) fn connect_error(
    product: &'static str,
    error: Error,
    said: impl FnOnce(&dyn DatabaseError) -> ServerError,
) -> ServerError {
    let (message, kind) = match error {
        Error::Io(error) if is_of_tls(&error) => (format!("no secure connection: {error}"), ErrorKind::Certificate),
        Error::Io(error) => (error.to_string(), ErrorKind::Unreachable),
        Error::Tls(error) => (format!("no secure connection: {error}"), ErrorKind::Certificate),
        Error::Configuration(_) => ("a parameter of the URL has an invalid value".into(), ErrorKind::Plain),
        error => {
            let error = driver_error(product, &error, said);
            let lost = error.kind == ErrorKind::ConnectionLost;
            return ServerError { kind: if lost { ErrorKind::Unreachable } else { error.kind }, ..error };
        }
    };
    ServerError::new(product, message, kind)
}

/// Returns whether the encryption failed, and not the network.
pub(super) fn is_of_tls(error: &std::io::Error) -> bool {
    error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).is_some()
}

#[cfg(test)]
mod tests {
    use super::without_place;

    #[test]
    fn the_source_of_a_library_is_not_shown() {
        assert_eq!(without_place("unexpected 0x48 (sqlx_postgres::connection::tls:95)"), "unexpected 0x48");
        assert_eq!(without_place("unexpected (message)"), "unexpected (message)");
    }
}
