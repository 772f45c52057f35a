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
    pub(super) server: Address,
    /// The target from which the session can be seen without being in its database.
    eyes: Address,
    limit: Duration,
    /// The number of the session.
    id: String,
    monitor: Option<Wire>,
    /// Stops what the session runs.
    stop: Arc<watch::Sender<bool>>,
}

impl SideConnections {
    pub(super) fn new(server: &Address, stop: Arc<watch::Sender<bool>>, settings: &Settings) -> Self {
        let (server, eyes, limit) = (server.clone(), server.clone(), settings.connect_timeout);
        Self { server, eyes, limit, id: String::new(), monitor: None, stop }
    }

    /// Sets the session that this serves. Only on Azure, a user may not enter the server's own database.
    pub(super) fn see(&mut self, id: String, azure: bool) {
        self.id = id;
        self.eyes = if azure { self.server.clone() } else { self.server.with_database("master") };
    }

    async fn observe(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        let wire = match &mut self.monitor {
            Some(wire) => wire,
            none => none.insert(Wire::open(&self.eyes, self.limit).await?),
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
        let mut wire = Wire::open(&self.server, self.limit).await?;
        let answer = answer(&mut wire, sql, self.limit).await;
        wire.close().await;
        answer
    }

    /// Observes the session. The server hides it from a user that may not see other sessions, so it counts as idle only
    /// if it is seen to sleep.
    async fn look(&mut self) -> Result<Observation, ServerError> {
        if self.id.is_empty() {
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
