//! What sqlx says of a server's connection, in words of our own where they are not the server's.

use std::io::ErrorKind;
use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::{ConnectOptions, Error};
use tokio::time::timeout;

use crate::error::{ServerError, Trouble};

/// What the server said, which `said` puts into words, or what became of the connection.
pub(super) fn driver_error(
    product: &'static str,
    error: &Error,
    said: impl FnOnce(&dyn DatabaseError) -> ServerError,
) -> ServerError {
    let (message, trouble) = match error {
        Error::Database(error) => return said(&**error),
        // the libraries' own words for it are about bytes and TLS
        Error::Io(error) if error.kind() == ErrorKind::UnexpectedEof => {
            ("the connection was lost: it was closed at the other end".into(), Trouble::ConnectionLost)
        }
        Error::Io(error) => (format!("the connection was lost: {error}"), Trouble::ConnectionLost),
        Error::Protocol(_) | Error::WorkerCrashed => (error.to_string(), Trouble::ConnectionLost),
        error => (error.to_string(), Trouble::Plain),
    };
    ServerError::new(product, message, trouble)
}

/// Connects within a time. There, nothing was lost yet.
pub(super) async fn connect<O>(
    product: &'static str,
    options: &O,
    limit: Duration,
    said: impl FnOnce(&dyn DatabaseError) -> ServerError,
) -> Result<O::Connection, ServerError>
where
    O: ConnectOptions,
    O::Connection: Sized,
{
    let (message, trouble) = match timeout(limit, options.connect()).await {
        Ok(Ok(connection)) => return Ok(connection),
        Ok(Err(Error::Io(error))) => (error.to_string(), Trouble::Unreachable),
        Ok(Err(Error::Tls(error))) => (format!("no secure connection: {error}"), Trouble::Plain),
        Ok(Err(Error::Configuration(_))) => ("a parameter of the URL has an invalid value".into(), Trouble::Plain),
        Ok(Err(error)) => {
            let error = driver_error(product, &error, said);
            let lost = error.trouble == Trouble::ConnectionLost;
            return Err(ServerError { trouble: if lost { Trouble::Unreachable } else { error.trouble }, ..error });
        }
        Err(_) => (format!("no answer within {}", humantime::format_duration(limit)), Trouble::Unreachable),
    };
    Err(ServerError::new(product, message, trouble))
}
