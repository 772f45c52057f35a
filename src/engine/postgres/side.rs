//! Further connections, opened only when they are needed: for the lock, to see who blocks a statement, to cancel one.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::time::{sleep, timeout};

use super::lock::Lock;
use super::{PRODUCT, open, query};
use crate::engine::{Cancel, NoLock, Settings};
use crate::error::{ServerError, Trouble};
use crate::event::{Event, Watcher};

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
            patience: self.patience,
            watcher,
            silent: 0,
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

/// Looks from time to time who blocks the running statement, and whether the server is there at all: a network that is
/// silently gone would leave a statement without an answer for ever.
pub(super) struct Lookout {
    canceller: Canceller,
    connection: Option<PgConnection>,
    blockers: Option<String>,
    patience: Duration,
    watcher: Watcher,
    /// How often in a row the server was not there.
    silent: u32,
}

/// After so many looks at a server that is not there, it is gone.
const SILENT: u32 = 3;

impl Lookout {
    /// Waits for the answer to a statement. Also tells who was last seen to block it.
    pub(super) async fn watch<T>(
        mut self,
        answer: impl Future<Output = Result<T, (usize, sqlx::Error)>>,
    ) -> (Result<T, (usize, sqlx::Error)>, Option<String>) {
        let mut answer = std::pin::pin!(answer);
        loop {
            tokio::select! {
                answer = &mut answer => return (answer, self.blockers),
                () = self.next() => {}
            }
            if self.silent >= SILENT {
                let silence = std::io::Error::new(std::io::ErrorKind::TimedOut, "the server does not answer any more");
                return (Err((0, silence.into())), self.blockers);
            }
        }
    }

    async fn next(&mut self) {
        sleep(self.patience).await;
        match self.look().await {
            Ok(Some(blockers)) if self.blockers.as_ref() != Some(&blockers) => {
                self.watcher.tell(&Event::WaitingForLock { blockers: &blockers });
                self.blockers = Some(blockers);
            }
            Ok(_) => self.silent = 0,
            // a server that refuses is there
            Err(error) if error.trouble == Trouble::Unreachable && error.code.is_none() => self.silent += 1,
            Err(_) => self.connection = None,
        }
    }

    async fn look(&mut self) -> Result<Option<String>, ServerError> {
        let Canceller { options, limit, pid } = &self.canceller;
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(open(options, *limit).await?),
        };
        let pids = format!("pg_blocking_pids({pid})");
        let sql = include_str!("holder.sql").replace("{pids}", &pids).replace("{more}", STATE);
        let silence = |_| ServerError::new(PRODUCT, "no answer", Trouble::Unreachable);
        let rows = timeout(*limit, query(connection, &sql)).await.map_err(silence)??;
        let blockers = rows.into_iter().flatten().flatten().collect::<Vec<_>>().join("; ");
        Ok(Some(blockers).filter(|blockers| !blockers.is_empty()))
    }
}
