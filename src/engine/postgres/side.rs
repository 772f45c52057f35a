//! Further connections, opened only when they are needed: for the lock, to see who blocks a statement, to cancel one.

use std::time::{Duration, Instant};

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
    watcher: Watcher,
    /// Writes the journal between the statements of a script.
    scribe: Option<PgConnection>,
}

impl Side {
    pub(super) fn new(options: PgConnectOptions, settings: &Settings) -> Self {
        // a lock timeout ends the wait: the question must come before
        let patience = settings.lock_timeout.map_or(PATIENCE, |limit| (limit / 3).clamp(HASTE, PATIENCE));
        Self { options, limit: settings.connect_timeout, patience, watcher: settings.watcher.clone(), scribe: None }
    }

    pub(super) const fn limit(&self) -> Duration {
        self.limit
    }

    /// Sends a statement on a connection that no script has touched.
    pub(super) async fn execute(&mut self, sql: &str) -> Result<(), ServerError> {
        let scribe = match &mut self.scribe {
            Some(scribe) => scribe,
            none => none.insert(open(&self.options, self.limit).await?),
        };
        let silence = |_| ServerError::new(PRODUCT, "no answer within a minute", Trouble::ConnectionLost);
        timeout(NOTE, query(scribe, sql)).await.map_err(silence)?.map(drop)
    }

    pub(super) async fn lock(&self, name: &str) -> Result<Lock, NoLock> {
        Lock::take(&self.options, self.limit, name).await
    }

    pub(super) fn canceller(&self, pid: &str) -> Canceller {
        Canceller { options: self.options.clone(), limit: self.limit, pid: pid.to_owned() }
    }

    /// Looks after a statement. `pinned`: the session of this pid is known to be the one that runs it.
    pub(super) fn lookout<'a>(&self, pid: &str, pinned: bool, lock: Option<&'a mut Lock>) -> Lookout<'a> {
        Lookout {
            canceller: self.canceller(pid),
            connection: None,
            blockers: None,
            patience: self.patience,
            watcher: self.watcher.clone(),
            pinned,
            lock,
            proved: Instant::now(),
            silent: 0,
            since: Instant::now(),
        }
    }
}

/// A blocker that is idle in its transaction was probably forgotten there.
const STATE: &str = "COALESCE(', ' || state, '')";

/// How long a note in the journal may take: somebody can hold a lock on it.
const NOTE: Duration = Duration::from_mins(1);

const PATIENCE: Duration = Duration::from_secs(1);

/// The shortest time between two looks.
const HASTE: Duration = Duration::from_millis(100);

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
            let _ = timeout(self.limit, query(&mut connection, &cancel)).await;
        }
    }
}

/// Looks after a running statement: who blocks it, whether the run's lock is still held, and whether an answer can come
/// at all. A network that has silently dropped the connection would leave us waiting for ever.
pub(super) struct Lookout<'a> {
    canceller: Canceller,
    connection: Option<PgConnection>,
    blockers: Option<String>,
    patience: Duration,
    watcher: Watcher,
    pinned: bool,
    lock: Option<&'a mut Lock>,
    proved: Instant,
    /// How often in a row, and since when, no answer can be expected.
    silent: u32,
    since: Instant,
}

/// So many looks in a row, and at least so long, must have found that no answer can come.
const SILENT: (u32, Duration) = (3, Duration::from_secs(10));

/// How often the lock's connection is used, so that nothing between takes it for abandoned.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

impl Lookout<'_> {
    /// Waits for the answer to a statement. Also tells who was last seen to block it.
    pub(super) async fn watch<T>(
        mut self,
        answer: impl Future<Output = Result<T, (usize, sqlx::Error)>>,
    ) -> (Result<T, (usize, sqlx::Error)>, Option<String>) {
        let mut answer = std::pin::pin!(answer);
        loop {
            let looked = tokio::select! {
                answer = &mut answer => return (answer, self.blockers),
                looked = self.next() => looked,
            };
            if let Err(lost) = looked {
                let lost = std::io::Error::new(std::io::ErrorKind::TimedOut, lost);
                return (Err((0, lost.into())), self.blockers);
            }
        }
    }

    /// Waits until it is time to look, and looks. An error means that waiting any longer is in vain.
    async fn next(&mut self) -> Result<(), &'static str> {
        sleep(self.patience).await;
        self.keep_lock().await?;
        match self.look().await {
            Ok(Seen { blockers: Some(blockers), .. }) if self.blockers.as_ref() != Some(&blockers) => {
                self.watcher.tell(&Event::WaitingForLock { blockers: &blockers });
                self.blockers = Some(blockers);
                self.silent = 0;
            }
            // the server has answered long ago, and nothing has arrived
            Ok(Seen { idle: true, .. }) => self.count_silence(),
            Ok(_) => self.silent = 0,
            Err(error) if error.trouble == Trouble::Unreachable && error.code.is_none() => self.count_silence(),
            // a server that refuses is there
            Err(_) => self.connection = None,
        }
        let lost = self.silent >= SILENT.0 && self.since.elapsed() >= SILENT.1;
        if lost { Err("the server's answer never came") } else { Ok(()) }
    }

    fn count_silence(&mut self) {
        if self.silent == 0 {
            self.since = Instant::now();
        }
        self.silent += 1;
    }

    async fn keep_lock(&mut self) -> Result<(), &'static str> {
        let Some(lock) = self.lock.as_mut().filter(|_| self.proved.elapsed() >= KEEP_ALIVE) else { return Ok(()) };
        self.proved = Instant::now();
        lock.prove(self.canceller.limit).await.map_err(|_| "the connection that holds the run's lock is gone")
    }

    async fn look(&mut self) -> Result<Seen, ServerError> {
        let Canceller { options, limit, pid } = &self.canceller;
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(open(options, *limit).await?),
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
}

/// What a look has seen.
struct Seen {
    blockers: Option<String>,
    /// The session runs nothing.
    idle: bool,
}
