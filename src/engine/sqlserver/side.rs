//! Acts on a session from outside: side connections, opened only when they are needed, show who blocks a statement; the
//! attention signal on the session's own connection, which needs no right, stops one.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use tokio::time::timeout;

use super::PRODUCT;
use super::address::Address;
use super::error::server_error;
use super::wire::Wire;
use crate::engine::supervisor::{Observation, SideConnection};
use crate::engine::{Cells, Settings};
use crate::error::{ErrorKind, ServerError};

/// How to open side connections, and which session they serve.
pub(super) struct SideConnections {
    /// The session's database; `None` if its connection is lent: no other can be opened then.
    pub(super) server: Option<Address>,
    limit: Duration,
    /// The number of the session.
    id: String,
    /// Only on Azure, a user may not enter the server's own database, from which the session can always be seen.
    is_azure: bool,
    monitor: Option<Wire>,
    /// Stops what the session runs.
    stop: Arc<watch::Sender<bool>>,
}

impl SideConnections {
    pub(super) fn new(server: Option<&Address>, stop: Arc<watch::Sender<bool>>, settings: &Settings) -> Self {
        let (server, limit) = (server.cloned(), settings.connect_timeout);
        Self { server, limit, id: String::new(), is_azure: false, monitor: None, stop }
    }

    /// Sets the session that this serves.
    pub(super) fn see(&mut self, id: String, is_azure: bool) {
        (self.id, self.is_azure) = (id, is_azure);
    }

    fn server(&self) -> Result<&Address, ServerError> {
        let lent = || ServerError::new(PRODUCT, "a connection that is lent is the only one", ErrorKind::Plain);
        self.server.as_ref().ok_or_else(lent)
    }

    async fn observe(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        let server = self.server()?;
        let eyes = if self.is_azure { server.clone() } else { server.with_database("master") };
        let wire = match &mut self.monitor {
            Some(wire) => wire,
            none => none.insert(Wire::open(&eyes, self.limit).await?),
        };
        answer(wire, sql, self.limit).await
    }
}

async fn answer(wire: &mut Wire, sql: &str, limit: Duration) -> Result<Vec<Cells>, ServerError> {
    let silence = |_| ServerError::new(PRODUCT, "no answer", ErrorKind::Unreachable);
    let answer = timeout(limit, wire.ask(sql)).await.map_err(silence)?;
    answer.map_err(|refusal| server_error(&refusal))
}

#[async_trait]
impl SideConnection for SideConnections {
    async fn cancel(&mut self) -> bool {
        self.stop.send_replace(true);
        true
    }

    async fn ask(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        let mut wire = Wire::open(self.server()?, self.limit).await?;
        let answer = answer(&mut wire, sql, self.limit).await;
        wire.close().await;
        answer
    }

    /// Observes the session. The server hides it from a user that may not see other sessions, so it counts as idle only
    /// if it is seen to sleep.
    async fn look(&mut self) -> Result<Observation, ServerError> {
        if self.id.is_empty() || self.server.is_none() {
            return Ok(Observation::default());
        }
        let sleeps =
            format!("SELECT 1 FROM sys.dm_exec_sessions WHERE session_id = {} AND status = 'sleeping'", self.id);
        let idle = !self.observe(&sleeps).await?.is_empty();
        let blockers = include_str!("blockers.sql").replace("{id}", &self.id);
        let blockers = if idle { Vec::new() } else { self.observe(&blockers).await? };
        let blockers = blockers.into_iter().flatten().flatten().collect::<Vec<_>>().join("; ");
        Ok(Observation { blockers: Some(blockers).filter(|blockers| !blockers.is_empty()), idle })
    }

    fn forget(&mut self) {
        self.monitor = None;
        self.stop.send_replace(false);
    }
}
