//! A supervised session of PostgreSQL, and its side connections: one for the run's lock, and one to see who blocks a
//! statement and to cancel it.

use std::time::Duration;

use async_trait::async_trait;
use futures_util::{TryFutureExt, TryStreamExt};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Either, raw_sql};
use tokio::time::{Instant, timeout};

use super::error::server_error;
use super::lock::Lock;
use super::login::Login;
use super::server::escaped;
use super::session::UNLIMITED;
use super::{PRODUCT, cells, lost, query};
use crate::engine::supervisor::{Call, Observation, SideConnection, Supervisor, connecting};
use crate::engine::{Cells, Settings};
use crate::error::{ErrorKind, ServerError};

/// A session whose every call is supervised.
pub(super) struct Session {
    pub(super) connection: PgConnection,
    pub(super) supervisor: Supervisor<SideConnections>,
    used: Instant,
}

/// How long a side session may be idle before the next use first checks that it is still alive.
const IDLE: Duration = Duration::from_secs(1);

impl Session {
    pub(super) async fn open(login: &Login, settings: &Settings) -> Result<Self, ServerError> {
        let connection = connecting(PRODUCT, settings, login.connect()).await?;
        let supervisor = Supervisor::new(SideConnections::new(login.clone(), settings), settings, None);
        Ok(Self { connection, supervisor, used: Instant::now() })
    }

    /// Opens a side session, which no limit of the server ends.
    pub(super) async fn open_apart(login: &Login, settings: &Settings) -> Result<Self, ServerError> {
        let mut session = Self::open(login, settings).await?;
        session.be_apart().await?;
        Ok(session)
    }

    async fn be_apart(&mut self) -> Result<(), ServerError> {
        let rows = self.query(Call::Own, &format!("SELECT pg_backend_pid(); {UNLIMITED}")).await?;
        self.supervisor.side.pid = rows.into_iter().flatten().flatten().next().unwrap_or_default();
        Ok(())
    }

    /// Sends dbmigrate's own statements.
    pub(super) async fn query(&mut self, call: Call, sql: &str) -> Result<Vec<Cells>, ServerError> {
        Ok(self.answers(call, sql).await?.concat())
    }

    /// Sends dbmigrate's own statements and returns the rows of each.
    pub(super) async fn answers(&mut self, call: Call, sql: &str) -> Result<Vec<Vec<Cells>>, ServerError> {
        self.supervisor.side.sends(sql);
        let asking = answers(&mut self.connection, sql).map_err(|error| (0, error));
        let answers = self.supervisor.call(call, asking, lost).await.answer;
        self.used = Instant::now();
        answers.map_err(|(_, error)| server_error(&error))
    }

    /// Sends dbmigrate's own statements on a session that may have been idle for a long time: a session that has died
    /// meanwhile is opened again.
    pub(super) async fn query_anew(&mut self, call: Call, sql: &str) -> Result<Vec<Cells>, ServerError> {
        let limit = self.supervisor.side.limit;
        if self.used.elapsed() >= IDLE && !matches!(timeout(limit, self.connection.ping()).await, Ok(Ok(()))) {
            self.connection = self.supervisor.side.login.open(limit).await?;
            self.be_apart().await?;
        }
        self.query(call, sql).await
    }
}

/// Returns the rows of each statement.
async fn answers(connection: &mut PgConnection, sql: &str) -> Result<Vec<Vec<Cells>>, sqlx::Error> {
    let (mut answers, mut rows) = (Vec::new(), Vec::new());
    let mut stream = raw_sql(AssertSqlSafe(sql)).fetch_many(connection);
    while let Some(answer) = stream.try_next().await? {
        match answer {
            Either::Left(_) => answers.push(std::mem::take(&mut rows)),
            Either::Right(row) => rows.push(cells(&row)?),
        }
    }
    Ok(answers)
}

/// The side connections of a session.
pub(super) struct SideConnections {
    login: Login,
    limit: Duration,
    pub(super) pid: String,
    /// The session with this pid is known to run the statement.
    pub(super) pinned: bool,
    /// The beginning of the last message.
    sent: String,
    pub(super) lock: Option<Lock>,
    proved: Instant,
    monitor: Option<PgConnection>,
}

/// A blocker that is idle in its transaction was probably forgotten there.
const STATE: &str = "COALESCE(', ' || state, '')";

/// How many characters of a message the server shows at least: `track_activity_query_size` is at least 100 bytes.
const SHOWN: usize = 25;

/// How often the lock's connection is used, so that nothing in between considers it abandoned.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

impl SideConnections {
    fn new(login: Login, settings: &Settings) -> Self {
        let (limit, proved) = (settings.connect_timeout, Instant::now());
        Self { login, limit, pid: String::new(), pinned: false, sent: String::new(), lock: None, proved, monitor: None }
    }

    /// Remembers the beginning of the message that is about to be sent, as much as servers show at least.
    pub(super) fn sends(&mut self, sql: &str) {
        self.sent = sql.chars().take(SHOWN).collect();
    }
}

#[async_trait]
impl SideConnection for SideConnections {
    async fn cancel(&mut self) -> bool {
        // the monitor may be the one that does not answer
        self.monitor = None;
        // behind a pooler, the backend may serve another client by now
        let start = format!("left(query, {}) = {}", self.sent.chars().count(), escaped(&self.sent));
        let cancel = format!(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = {} AND ({start} OR state = 'disabled')",
            self.pid
        );
        // the caller that waits for the statement sees whether this worked
        self.ask(&cancel).await.is_ok_and(|rows| !rows.is_empty())
    }

    async fn ask(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        let connection = match &mut self.monitor {
            Some(connection) => connection,
            none => none.insert(self.login.open_apart(self.limit).await?),
        };
        let silence = |_| ServerError::new(PRODUCT, "no answer", ErrorKind::Unreachable);
        timeout(self.limit, query(connection, sql)).await.map_err(silence)?
    }

    async fn look(&mut self) -> Result<Observation, ServerError> {
        if self.pid.is_empty() {
            return Ok(Observation::default());
        }
        let pids = format!("pg_blocking_pids({})", self.pid);
        let blockers = include_str!("holder.sql").replace("{pids}", &pids).replace("{more}", STATE);
        let state = format!("SELECT 1 FROM pg_stat_activity WHERE pid = {} AND state NOT LIKE 'idle%'", self.pid);
        let blockers = self.ask(&blockers).await?.into_iter().flatten().flatten().collect::<Vec<_>>().join("; ");
        let idle = self.ask(&state).await?.is_empty() && self.pinned;
        Ok(Observation { blockers: Some(blockers).filter(|blockers| !blockers.is_empty()), idle })
    }

    async fn keep_alive(&mut self) -> Result<(), &'static str> {
        let Some(lock) = self.lock.as_mut().filter(|_| self.proved.elapsed() >= KEEP_ALIVE) else { return Ok(()) };
        self.proved = Instant::now();
        lock.prove(self.limit).await.map_err(|_| "the connection that holds the run's lock is gone")
    }

    fn forget(&mut self) {
        self.monitor = None;
    }
}
