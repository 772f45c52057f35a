//! Further connections, opened only when they are needed: for the lock, to see who blocks a statement, to cancel one.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use sqlx::postgres::PgConnection;
use tokio::time::timeout;

use super::lock::Lock;
use super::login::Login;
use super::{PRODUCT, query};
use crate::engine::lookout::{self, Lookout, Seen, Witness};
use crate::engine::{Cancel, NoLock, Settings};
use crate::error::{ServerError, Trouble};
use crate::event::Watcher;

/// How to open further connections.
pub(super) struct Side {
    login: Login,
    limit: Duration,
    /// How long a statement may take before somebody asks whether it is blocked.
    patience: Duration,
    watcher: Watcher,
    /// Writes the journal between the statements of a script.
    scribe: Option<PgConnection>,
}

impl Side {
    pub(super) fn new(login: Login, settings: &Settings) -> Self {
        let patience = lookout::patience(settings);
        Self { login, limit: settings.connect_timeout, patience, watcher: settings.watcher.clone(), scribe: None }
    }

    /// Sends a statement on a connection that no script has touched.
    pub(super) async fn execute(&mut self, sql: &str) -> Result<(), ServerError> {
        let scribe = match &mut self.scribe {
            Some(scribe) => scribe,
            none => none.insert(self.login.open_apart(self.limit).await?),
        };
        let silence = |_| ServerError::new(PRODUCT, "no answer within a minute", Trouble::ConnectionLost);
        timeout(NOTE, query(scribe, sql)).await.map_err(silence)?.map(drop)
    }

    pub(super) async fn lock(&self, name: &str) -> Result<Lock, NoLock> {
        Lock::take(&self.login, self.limit, name).await
    }

    pub(super) fn canceller(&self, pid: &str) -> Canceller {
        Canceller { login: self.login.clone(), limit: self.limit, pid: pid.to_owned() }
    }

    /// Looks after a statement. `pinned`: the session of this pid is known to be the one that runs it.
    pub(super) fn lookout<'a>(&self, pid: &str, pinned: bool, lock: Option<&'a mut Lock>) -> Lookout<Eye<'a>> {
        let eye = Eye { canceller: self.canceller(pid), connection: None, pinned, lock, proved: Instant::now() };
        Lookout::new(eye, self.patience, self.watcher.clone())
    }
}

/// A blocker that is idle in its transaction was probably forgotten there.
const STATE: &str = "COALESCE(', ' || state, '')";

/// How long a note in the journal may take: somebody can hold a lock on it.
const NOTE: Duration = Duration::from_mins(1);

/// Cancels the statement of another connection.
pub(super) struct Canceller {
    login: Login,
    limit: Duration,
    pid: String,
}

#[async_trait]
impl Cancel for Canceller {
    async fn cancel(&self) {
        if let Ok(mut connection) = self.login.open(self.limit).await {
            let cancel = format!("SELECT pg_cancel_backend({})", self.pid);
            // whoever waits for the statement sees whether this worked
            let _ = timeout(self.limit, query(&mut connection, &cancel)).await;
        }
    }
}

/// Sees a session of this server from another connection.
pub(super) struct Eye<'a> {
    canceller: Canceller,
    connection: Option<PgConnection>,
    /// The session of this pid is known to be the one that runs the statement.
    pinned: bool,
    lock: Option<&'a mut Lock>,
    proved: Instant,
}

/// How often the lock's connection is used, so that nothing between takes it for abandoned.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

#[async_trait]
impl Witness for Eye<'_> {
    async fn look(&mut self) -> Result<Seen, ServerError> {
        let Canceller { login, limit, pid } = &self.canceller;
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(login.open_apart(*limit).await?),
        };
        let pids = format!("pg_blocking_pids({pid})");
        let blockers = include_str!("holder.sql").replace("{pids}", &pids).replace("{more}", STATE);
        let state = format!("SELECT 1 FROM pg_stat_activity WHERE pid = {pid} AND state NOT LIKE 'idle%'");
        let silence = |_| ServerError::new(PRODUCT, "no answer", Trouble::Unreachable);
        let rows = timeout(*limit, query(connection, &blockers)).await.map_err(silence)??;
        let blockers = rows.into_iter().flatten().flatten().collect::<Vec<_>>().join("; ");
        let busy = timeout(*limit, query(connection, &state)).await.map_err(silence)??;
        let idle = self.pinned && busy.is_empty();
        Ok(Seen { blockers: Some(blockers).filter(|blockers| !blockers.is_empty()), idle })
    }

    async fn keep_up(&mut self) -> Result<(), &'static str> {
        let Some(lock) = self.lock.as_mut().filter(|_| self.proved.elapsed() >= KEEP_ALIVE) else { return Ok(()) };
        self.proved = Instant::now();
        lock.prove(self.canceller.limit).await.map_err(|_| "the connection that holds the run's lock is gone")
    }

    fn forget(&mut self) {
        self.connection = None;
    }
}
