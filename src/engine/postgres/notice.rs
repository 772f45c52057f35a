//! The server's notices while statements run.

use tracing::{Dispatch, Level};

use crate::engine::tracing_tap::TracingTap;
use crate::event::{Event, Watcher};

/// Returns a subscriber that passes the server's notices to the watcher.
pub(super) fn notices(watcher: &Watcher) -> Dispatch {
    let watcher = watcher.clone();
    TracingTap::subscriber("sqlx::postgres::notice", move |said| {
        watcher.tell(&Event::Notice { severity: severity(said.level), message: &said.message });
    })
}

/// Returns the severity from which sqlx made this level.
const fn severity(level: Level) -> &'static str {
    match level {
        Level::ERROR => "ERROR",
        Level::WARN => "WARNING",
        Level::INFO => "NOTICE",
        Level::DEBUG => "DEBUG",
        Level::TRACE => "INFO",
    }
}
