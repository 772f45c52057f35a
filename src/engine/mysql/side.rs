//! The side connections of a session, opened only when they are needed: to see who blocks a statement, and to cancel
//! one.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::mysql::MySqlConnection;
use tokio::time::timeout;

use super::login::Login;
use super::{Product, query};
use crate::engine::supervisor::{Observation, SideConnection};
use crate::engine::{Cells, Settings};
use crate::error::{ErrorKind, ServerError};

/// How to open side connections, and which session they serve.
pub(super) struct SideConnections {
    pub(super) product: Product,
    login: Login,
    limit: Duration,
    /// The number of the session's connection.
    pub(super) id: String,
    monitor: Option<MySqlConnection>,
}

/// Describes a session in the list of sessions.
const PERSON: &str = "CONCAT('connection ', person.id, ', user ', person.user, ', host ', person.host, ', ', \
                      LOWER(person.command))";

impl SideConnections {
    pub(super) fn new(login: Login, settings: &Settings) -> Self {
        let (product, limit) = (Product::default(), settings.connect_timeout);
        Self { product, login, limit, id: String::new(), monitor: None }
    }

    /// Opens another connection of the same user.
    pub(super) async fn open(&self) -> Result<MySqlConnection, ServerError> {
        self.login.open(self.product, self.limit).await
    }

    /// Sends a query on such a connection.
    pub(super) async fn ask_on(&self, connection: &mut MySqlConnection, sql: &str) -> Result<Vec<Cells>, ServerError> {
        let silence = |_| self.product.error("no answer", ErrorKind::Unreachable);
        timeout(self.limit, query(self.product, connection, sql)).await.map_err(silence)?
    }

    /// Returns who blocks the statement, as far as the user may see that.
    async fn blockers(&mut self) -> Option<String> {
        let sql = match self.product {
            Product::Mysql | Product::Unknown => include_str!("blockers_mysql.sql"),
            Product::Mariadb => include_str!("blockers_mariadb.sql"),
        };
        let sql = sql.replace("{person}", PERSON).replace("{id}", &self.id);
        let rows = self.ask(&sql).await.ok()?;
        let blockers = rows.into_iter().flatten().flatten().collect::<Vec<_>>().join("; ");
        Some(blockers).filter(|blockers| !blockers.is_empty())
    }
}

#[async_trait]
impl SideConnection for SideConnections {
    async fn cancel(&mut self) -> bool {
        // the monitor may be the one that does not answer
        self.monitor = None;
        let kill = format!("KILL QUERY {}", self.id);
        // the caller that waits for the statement sees whether this worked
        let _ = self.ask(&kill).await;
        true
    }

    async fn ask(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        let mut connection = match self.monitor.take() {
            Some(connection) => connection,
            None => self.open().await?,
        };
        let answer = self.ask_on(&mut connection, sql).await;
        self.monitor = Some(connection);
        answer
    }

    async fn look(&mut self) -> Result<Observation, ServerError> {
        if self.id.is_empty() {
            return Ok(Observation::default());
        }
        let busy = "SELECT 1 FROM information_schema.processlist WHERE command <> 'Sleep' AND id = ";
        let idle = self.ask(&format!("{busy}{}", self.id)).await?.is_empty();
        let blockers = if idle { None } else { self.blockers().await };
        Ok(Observation { blockers, idle })
    }

    fn forget(&mut self) {
        self.monitor = None;
    }
}
