//! Further connections, opened only when they are needed: to see who blocks a statement, to cancel one.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::mysql::MySqlConnection;
use tokio::time::timeout;

use super::login::Login;
use super::{Product, query};
use crate::engine::lookout::{Lookout, Seen, Witness};
use crate::engine::{Cancel, Cells};
use crate::error::{ServerError, Trouble};
use crate::event::Watcher;

/// How to open further connections, and which connection they are about.
#[derive(Clone)]
pub(super) struct Side {
    pub(super) product: Product,
    pub(super) login: Login,
    pub(super) limit: Duration,
    pub(super) patience: Duration,
    pub(super) watcher: Watcher,
    /// The number of the connection.
    pub(super) id: String,
}

impl Side {
    pub(super) fn lookout(&self) -> Lookout<Eye> {
        let eye = Eye { side: self.clone(), connection: None };
        Lookout::new(eye, self.patience, self.watcher.clone())
    }
}

#[async_trait]
impl Cancel for Side {
    async fn cancel(&self) {
        if let Ok(mut connection) = self.login.open(self.product, self.limit).await {
            let kill = format!("KILL QUERY {}", self.id);
            // whoever waits for the statement sees whether this worked
            let _ = timeout(self.limit, query(self.product, &mut connection, &kill)).await;
        }
    }
}

/// Sees a session of this server from another connection.
pub(super) struct Eye {
    side: Side,
    connection: Option<MySqlConnection>,
}

/// A person in the list of sessions.
const PERSON: &str = "CONCAT('connection ', person.id, ', user ', person.user, ', host ', person.host, ', ', \
                      LOWER(person.command))";

impl Eye {
    async fn ask(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        let Side { product, login, limit, .. } = &self.side;
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(login.open(*product, *limit).await?),
        };
        let silence = |_| product.error("no answer", Trouble::Unreachable);
        timeout(*limit, query(*product, connection, sql)).await.map_err(silence)?
    }

    /// Who blocks the statement, as far as the user may know.
    async fn blockers(&mut self) -> Option<String> {
        let sql = match self.side.product {
            Product::Mysql | Product::Unknown => include_str!("blockers_mysql.sql"),
            Product::Mariadb => include_str!("blockers_mariadb.sql"),
        };
        let sql = sql.replace("{person}", PERSON).replace("{id}", &self.side.id);
        let rows = self.ask(&sql).await.ok()?;
        let blockers = rows.into_iter().flatten().flatten().collect::<Vec<_>>().join("; ");
        Some(blockers).filter(|blockers| !blockers.is_empty())
    }
}

#[async_trait]
impl Witness for Eye {
    async fn look(&mut self) -> Result<Seen, ServerError> {
        let busy = "SELECT 1 FROM information_schema.processlist WHERE command <> 'Sleep' AND id = ";
        let idle = self.ask(&format!("{busy}{}", self.side.id)).await?.is_empty();
        let blockers = if idle { None } else { self.blockers().await };
        Ok(Seen { blockers, idle })
    }

    fn forget(&mut self) {
        self.connection = None;
    }
}
