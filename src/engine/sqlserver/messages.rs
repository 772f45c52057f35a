//! What the server says while a script runs: `PRINT`, `RAISERROR` below severity 11, and the errors after the first.
//!
//! tiberius only logs them, and it logs other events for the same target. At the start, a message of dbmigrate's own
//! shows which of its log statements is the one for messages.

use std::sync::{Arc, Mutex, PoisonError};

use tracing::Level;
use tracing::callsite::Identifier;
use tracing::instrument::WithSubscriber;

use super::PRODUCT;
use crate::engine::tracing_tap::{Said, TracingTap};
use crate::event::{Event, Watcher};

/// The target for which tiberius logs what it reads.
const TARGET: &str = "tiberius::tds::stream::token";

/// The message of dbmigrate's own.
pub(super) const MARK: &str = "dbmigrate listens";

/// Captures what the server says.
pub(super) struct Messages {
    watcher: Watcher,
    on_row: Arc<Mutex<OnRow>>,
}

#[derive(Default)]
struct OnRow {
    /// The log statement for messages.
    callsite: Option<Identifier>,
    errors: Vec<String>,
}

impl Messages {
    pub(super) fn new(watcher: Watcher) -> Self {
        Self { watcher, on_row: Arc::default() }
    }

    /// Waits for the answer that contains the message of dbmigrate's own, and learns the log statement from it.
    pub(super) async fn learn<T>(&self, answer: impl Future<Output = T>) -> T {
        let on_row = Arc::clone(&self.on_row);
        let subscriber = TracingTap::subscriber(TARGET, move |said: &Said| {
            if said.message == MARK {
                on_row.lock().unwrap_or_else(PoisonError::into_inner).callsite = Some(said.callsite.clone());
            }
        });
        answer.with_subscriber(subscriber).await
    }

    /// Waits for the answer to a script's batch and passes on what the server says meanwhile.
    pub(super) async fn relay<T>(&self, answer: impl Future<Output = T>) -> T {
        let (watcher, on_row) = (self.watcher.clone(), Arc::clone(&self.on_row));
        let subscriber = TracingTap::subscriber(TARGET, move |said: &Said| {
            let mut on_row = on_row.lock().unwrap_or_else(PoisonError::into_inner);
            if said.level == Level::ERROR {
                let code = said.code.map_or_else(String::new, |code| format!(" {code}"));
                on_row.errors.push(format!("{PRODUCT}{code}: {}", said.message));
            } else if on_row.callsite.as_ref() == Some(&said.callsite) {
                watcher.tell(&Event::Notice { severity: "INFO", message: &said.message });
            }
        });
        answer.with_subscriber(subscriber).await
    }

    /// Returns the errors after the first that have arrived since the last call.
    pub(super) fn take_errors(&self) -> Vec<String> {
        let mut on_row = self.on_row.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut on_row.errors).into_iter().skip(1).collect()
    }
}
