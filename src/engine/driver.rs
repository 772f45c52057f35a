//! Converts sqlx's errors: into the server's own words, or into dbmigrate's if the server said nothing.

use std::io::ErrorKind;

use sqlx::Error;
use sqlx::error::DatabaseError;

use crate::error::{ServerError, Trouble};

/// Returns what the server said, as `said` puts it, or what happened to the connection.
pub(super) fn driver_error(
    product: &'static str,
    error: &Error,
    said: impl FnOnce(&dyn DatabaseError) -> ServerError,
) -> ServerError {
    let (message, trouble) = match error {
        Error::Database(error) => return said(&**error),
        // the libraries describe this in terms of bytes and TLS
        Error::Io(error) if error.kind() == ErrorKind::UnexpectedEof => {
            ("the connection was lost: it was closed at the other end".into(), Trouble::ConnectionLost)
        }
        Error::Io(error) => (format!("the connection was lost: {error}"), Trouble::ConnectionLost),
        Error::Protocol(_) | Error::WorkerCrashed => (error.to_string(), Trouble::ConnectionLost),
        error => (error.to_string(), Trouble::Plain),
    };
    ServerError::new(product, message, trouble)
}

/// Returns the error for a failed attempt to connect, where no connection was lost yet.
pub(super) fn connect_error(
    product: &'static str,
    error: Error,
    said: impl FnOnce(&dyn DatabaseError) -> ServerError,
) -> ServerError {
    let (message, trouble) = match error {
        Error::Io(error) if is_of_tls(&error) => (format!("no secure connection: {error}"), Trouble::Certificate),
        Error::Io(error) => (error.to_string(), Trouble::Unreachable),
        Error::Tls(error) => (format!("no secure connection: {error}"), Trouble::Certificate),
        Error::Configuration(_) => ("a parameter of the URL has an invalid value".into(), Trouble::Plain),
        error => {
            let error = driver_error(product, &error, said);
            let lost = error.trouble == Trouble::ConnectionLost;
            return ServerError { trouble: if lost { Trouble::Unreachable } else { error.trouble }, ..error };
        }
    };
    ServerError::new(product, message, trouble)
}

/// Returns whether the encryption failed, and not the network.
pub(super) fn is_of_tls(error: &std::io::Error) -> bool {
    error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).is_some()
}
