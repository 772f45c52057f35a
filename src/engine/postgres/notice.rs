//! What the server says while statements run.

use tracing::{Dispatch, Level};

use crate::engine::overheard::Overheard;
use crate::event::{Event, Watcher};

/// Tells what the server says while statements run.
pub(super) fn notices(watcher: &Watcher) -> Dispatch {
    let watcher = watcher.clone();
    Overheard::subscriber("sqlx::postgres::notice", move |said| {
        watcher.tell(&Event::Notice { severity: severity(said.level), message: &said.message });
    })
}

/// The severity that sqlx made this level from.
const fn severity(level: Level) -> &'static str {
    match level {
        Level::ERROR => "ERROR",
        Level::WARN => "WARNING",
        Level::INFO => "NOTICE",
        Level::DEBUG => "DEBUG",
        Level::TRACE => "INFO",
    }
}
