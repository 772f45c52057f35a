//! The lock between runs: `GET_LOCK` on the run's own connection, with which it ends.
//!
//! A server goes on with a message whose client is gone, and the connection, with its lock, lives on until it has
//! finished: whoever comes next finds a database that nobody works on any more.
//!
//! A run that goes on in a new session cannot give that the lock of the old one. While it changes hands, a second lock on a
//! connection beside says that the run is still there, and nobody begins while that is held.

use sqlx::Connection as _;
use sqlx::mysql::MySqlConnection;

use super::Mysql;
use crate::engine::supervisor::Call;
use crate::engine::{NoLock, literal};
use crate::error::{ServerError, Trouble};
use crate::script::Checksum;

/// The name of the lock for a journal. The server has one space of names for all its databases and allows 64 characters.
fn name(database: &str, journal: &str) -> String {
    let digest = Checksum::of(journal).to_string();
    let start = database.chars().take(24).collect::<String>();
    format!("dbmigrate {start} {}", &digest[7..31])
}

/// The name of the second lock.
fn second(name: &str) -> String {
    format!("{name} +")
}

/// How long the server waits at a time. `-1` is no way to say for ever: MariaDB answers NULL to it and locks nothing.
const WAIT: u32 = 1;

/// How long the old session may take to end, and others to see that it is not their turn.
const HANDOVER: u32 = 30;

impl Mysql {
    pub(super) fn lock_name(&self) -> String {
        let folded = |text: &str| if self.folds_case { text.to_lowercase() } else { text.to_owned() };
        name(&folded(&self.database), &folded(&self.server.journal.table))
    }

    pub(super) async fn take_lock(&mut self) -> Result<(), NoLock> {
        let name = self.lock_name();
        let (lock, other) = (literal(&name), literal(&second(&name)));
        let take = format!("SELECT GET_LOCK({lock}, {WAIT}), IS_USED_LOCK({other})");
        let taken = self.call(Call::Own, &take).await?;
        let mut cells = taken.into_iter().flatten();
        match (cells.next().flatten().as_deref(), cells.next().flatten()) {
            (Some("1"), None) => {
                self.server.session.is_locked = Some(format!("IS_USED_LOCK({lock}) = CONNECTION_ID()"));
                self.lock = Some(name);
                Ok(())
            }
            (Some("1"), Some(_)) => {
                self.execute_sql(&format!("DO RELEASE_LOCK({lock})")).await?;
                self.held(&second(&name)).await
            }
            (Some("0"), _) => self.held(&name).await,
            _ => Err(NoLock::Failed(self.product.error("GET_LOCK gave no lock and no reason", Trouble::Plain))),
        }
    }

    async fn held(&mut self, name: &str) -> Result<(), NoLock> {
        let holder = self.holder(name).await?;
        Err(NoLock::Held(holder.unwrap_or_else(|| "a session that has just ended".into())))
    }

    /// Who has the lock. Without the PROCESS privilege, the server shows a user only the connections of its own.
    pub(super) async fn holder(&mut self, name: &str) -> Result<Option<String>, ServerError> {
        self.value(&include_str!("holder.sql").replace("{lock}", &literal(name))).await
    }

    /// Goes on with a new connection, which takes the lock over.
    pub(super) async fn hand_over(&mut self, mut new: MySqlConnection) -> Result<(), ServerError> {
        let product = self.product;
        let opening = format!("{}; SELECT CONNECTION_ID()", self.opening);
        let id = self.supervisor.side.ask_on(&mut new, &opening).await?.into_iter().flatten().next().flatten();
        let second = match self.lock {
            Some(_) => Some(self.take_second().await?),
            None => None,
        };
        let old = std::mem::replace(&mut self.connection, new);
        self.supervisor.side.id = id.unwrap_or_default();
        // the server lets go of its locks by itself when this does not arrive
        let _ = old.close().await;
        self.execute_sql(&self.server.session.apart.join("; ")).await?;
        let (Some(name), Some(mut second)) = (&self.lock, second) else { return Ok(()) };
        let take = format!("SELECT GET_LOCK({}, {HANDOVER})", literal(name));
        let release = format!("SELECT RELEASE_LOCK({})", literal(&self::second(name)));
        let taken = self.value(&take).await?;
        let kept = self.supervisor.side.ask_on(&mut second, &release).await?.into_iter().flatten().next().flatten();
        let _ = second.close().await;
        if taken.as_deref() == Some("1") && kept.as_deref() == Some("1") {
            return Ok(());
        }
        Err(product.error("the run's lock was not to be had again in a new session", Trouble::Plain))
    }

    /// A connection that holds the second lock.
    async fn take_second(&mut self) -> Result<MySqlConnection, ServerError> {
        let take = format!("SELECT GET_LOCK({}, {WAIT})", literal(&second(&self.lock_name())));
        let mut connection = self.supervisor.side.open().await?;
        let taken = self.supervisor.side.ask_on(&mut connection, &take).await?;
        if taken.into_iter().flatten().next().flatten().as_deref() == Some("1") {
            return Ok(connection);
        }
        Err(self.product.error("another session holds the second lock of the run", Trouble::Plain))
    }

    pub(super) async fn release_lock(&mut self) {
        if let Some(name) = self.lock.take() {
            // the server lets go of it by itself when this does not arrive
            let _ = self.call(Call::Own, &format!("DO RELEASE_LOCK({})", literal(&name))).await;
        }
    }
}
