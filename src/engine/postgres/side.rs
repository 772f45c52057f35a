//! Further connections, opened only when they are needed: for the lock, to see who blocks a statement, to cancel one.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::time::{Instant, sleep_until};

use super::lock::Lock;
use super::{open, query};
use crate::engine::{Cancel, NoLock, Settings};
use crate::event::Watcher;

/// How to open further connections.
pub(super) struct Side {
    options: PgConnectOptions,
    limit: Duration,
    /// How long a statement may take before somebody asks whether it is blocked.
    patience: Duration,
}

impl Side {
    pub(super) fn new(options: PgConnectOptions, settings: &Settings) -> Self {
        // a lock timeout ends the wait: the question must come before
        let patience = settings.lock_timeout.map_or(PATIENCE, |limit| (limit / 3).min(PATIENCE));
        Self { options, limit: settings.connect_timeout, patience }
    }

    pub(super) async fn lock(&self, name: &str) -> Result<Lock, NoLock> {
        Lock::take(&self.options, self.limit, name).await
    }

    pub(super) fn canceller(&self, pid: &str) -> Canceller {
        Canceller { options: self.options.clone(), limit: self.limit, pid: pid.to_owned() }
    }

    pub(super) fn lookout(&self, pid: &str, watcher: Watcher) -> Lookout {
        Lookout {
            canceller: self.canceller(pid),
            connection: None,
            blockers: None,
            due: Instant::now() + self.patience,
            patience: self.patience,
            watcher,
        }
    }
}

/// A blocker that is idle in its transaction was probably forgotten there.
const STATE: &str = "COALESCE(', ' || state, '')";

const PATIENCE: Duration = Duration::from_secs(1);

/// Cancels the statement of another connection.
pub(super) struct Canceller {
    options: PgConnectOptions,
    limit: Duration,
    pid: String,
}

#[async_trait]
impl Cancel for Canceller {
    async fn cancel(&self) {
        if let Ok(mut connection) = open(&self.options, self.limit).await {
            let cancel = format!("SELECT pg_cancel_backend({})", self.pid);
            // whoever waits for the statement sees whether this worked
            let _ = query(&mut connection, &cancel).await;
        }
    }
}

/// Looks from time to time who blocks the running statement.
pub(super) struct Lookout {
    canceller: Canceller,
    connection: Option<PgConnection>,
    blockers: Option<String>,
    due: Instant,
    patience: Duration,
    watcher: Watcher,
}

impl Lookout {
    /// Waits until it is time to look, and looks.
    pub(super) async fn next(&mut self) {
        sleep_until(self.due).await;
        self.due = Instant::now() + self.patience;
        if let Some(blockers) = self.look().await
            && self.blockers.as_ref() != Some(&blockers)
        {
            self.watcher.waiting(&blockers);
            self.blockers = Some(blockers);
        }
    }

    /// Who was last seen to block.
    pub(super) fn blockers(self) -> Option<String> {
        self.blockers
    }

    async fn look(&mut self) -> Option<String> {
        if self.connection.is_none() {
            self.connection = open(&self.canceller.options, self.canceller.limit).await.ok();
        }
        let pids = format!("pg_blocking_pids({})", self.canceller.pid);
        let sql = include_str!("holder.sql").replace("{pids}", &pids).replace("{more}", STATE);
        let rows = query(self.connection.as_mut()?, &sql).await.ok()?;
        let blockers = rows.into_iter().flatten().flatten().collect::<Vec<_>>().join("; ");
        (!blockers.is_empty()).then_some(blockers)
    }
}
