//! Further connections, opened only when they are needed: to write the journal while a script's settings are in force, and
//! to see who blocks a statement.

use std::time::Duration;

use async_trait::async_trait;
use tokio::time::timeout;

use super::PRODUCT;
use super::error::server_error;
use super::wire::Wire;
use crate::engine::lookout::{self, Lookout, Seen, Witness};
use crate::engine::{Cells, Settings};
use crate::error::{ServerError, Trouble};
use crate::event::Watcher;
use crate::target::SqlServer;

/// How to open further connections, and which session they are about.
#[derive(Clone)]
pub(super) struct Side {
    server: SqlServer,
    /// From where the session can be seen without being in its database.
    eyes: SqlServer,
    limit: Duration,
    patience: Duration,
    watcher: Watcher,
    /// The number of the session.
    id: String,
}

impl Side {
    pub(super) fn new(server: &SqlServer, settings: &Settings) -> Self {
        Self {
            server: server.clone(),
            eyes: server.clone(),
            limit: settings.connect_timeout,
            patience: lookout::patience(settings),
            watcher: settings.watcher.clone(),
            id: String::new(),
        }
    }

    /// The session that this is about. Only on Azure may a user not enter the server's own database.
    pub(super) fn see(&mut self, id: String, azure: bool) {
        self.id = id;
        self.eyes = if azure { self.server.clone() } else { self.server.with_database("master") };
    }

    /// Sends a statement on a connection that no script has touched. It does not stay: an idle one would keep a script from
    /// whatever needs the database for itself.
    pub(super) async fn write(&self, sql: &str) -> Result<(), ServerError> {
        let mut wire = Wire::open(&self.server, self.limit).await?;
        let silence = |_| ServerError::new(PRODUCT, "no answer within a minute", Trouble::ConnectionLost);
        let answer = timeout(NOTE, wire.ask(sql)).await.map_err(silence)?;
        wire.close().await;
        answer.map(drop).map_err(|refusal| server_error(&refusal))
    }

    pub(super) fn lookout(&self) -> Lookout<Eye> {
        let eye = Eye { side: self.clone(), wire: None };
        Lookout::new(eye, self.patience, self.watcher.clone())
    }
}

/// How long a note in the journal may take: somebody can hold a lock on it.
const NOTE: Duration = Duration::from_mins(1);

/// Sees a session of this server from another connection.
pub(super) struct Eye {
    side: Side,
    wire: Option<Wire>,
}

impl Eye {
    async fn ask(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        let Side { eyes: server, limit, .. } = &self.side;
        let wire = match &mut self.wire {
            Some(wire) => wire,
            none => none.insert(Wire::open(server, *limit).await?),
        };
        let silence = |_| ServerError::new(PRODUCT, "no answer", Trouble::Unreachable);
        let answer = timeout(*limit, wire.ask(sql)).await.map_err(silence)?;
        answer.map_err(|refusal| server_error(&refusal))
    }
}

#[async_trait]
impl Witness for Eye {
    /// Who may not see other sessions is told nothing of them: only a session that is seen at rest is known to be idle.
    async fn look(&mut self) -> Result<Seen, ServerError> {
        let sleeps =
            format!("SELECT 1 FROM sys.dm_exec_sessions WHERE session_id = {} AND status = 'sleeping'", self.side.id);
        let idle = !self.ask(&sleeps).await?.is_empty();
        let blockers = include_str!("blockers.sql").replace("{id}", &self.side.id);
        let blockers = if idle { Vec::new() } else { self.ask(&blockers).await? };
        let blockers = blockers.into_iter().flatten().flatten().collect::<Vec<_>>().join("; ");
        Ok(Seen { blockers: Some(blockers).filter(|blockers| !blockers.is_empty()), idle })
    }

    fn forget(&mut self) {
        self.wire = None;
    }
}
