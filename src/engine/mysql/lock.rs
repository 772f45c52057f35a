//! The lock between runs: `GET_LOCK` on the run's own connection. The lock ends with the connection.
//!
//! A server finishes a message even after its client is gone, and the connection, with its lock, lives until then: when
//! the next run acquires the lock, nothing works on the database any longer.
//!
//! A run that continues in a new session cannot pass the old session's lock on to it. During the handover, a second
//! lock on a side connection shows that the run is still active, and no other run begins while that lock is held.

use sqlx::Connection as _;
use sqlx::mysql::MySqlConnection;

use super::Mysql;
use crate::engine::supervisor::Call;
use crate::engine::{NoLock, literal};
use crate::error::{ErrorKind, ServerError};
use crate::script::Checksum;

/// Returns the name of the lock for a journal. All databases of a server share one namespace; names have at most 64
/// characters.
fn name(database: &str, journal: &str) -> String {
    let digest = Checksum::of(journal).to_string();
    let start = database.chars().take(24).collect::<String>();
    format!("dbmigrate {start} {}", &digest[7..31])
}

/// Returns the name of the second lock.
fn second(name: &str) -> String {
    format!("{name} +")
}

/// How many seconds the server waits at a time. `-1` does not mean indefinitely: MariaDB returns NULL for it and locks
/// nothing.
const WAIT: u32 = 1;

/// How many seconds the old session may take to end, and other runs to notice that it is not their turn.
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
            _ => Err(NoLock::Failed(self.product.error("GET_LOCK gave neither a lock nor a reason", ErrorKind::Plain))),
        }
    }

    async fn held(&mut self, name: &str) -> Result<(), NoLock> {
        let holder = self.holder(name).await?;
        Err(NoLock::Held(holder.unwrap_or_else(|| "a session that has just ended".into())))
    }

    /// Returns who holds the lock. Without the PROCESS privilege, the server shows a user only that user's own
    /// connections.
    pub(super) async fn holder(&mut self, name: &str) -> Result<Option<String>, ServerError> {
        self.value(&include_str!("holder.sql").replace("{lock}", &literal(name))).await
    }

    /// Continues with a new connection, which takes over the lock.
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
        // if this does not arrive, the server releases the locks by itself
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
        Err(product.error("a new session could not acquire the run's lock again", ErrorKind::Plain))
    }

    /// Returns a connection that holds the second lock.
    async fn take_second(&mut self) -> Result<MySqlConnection, ServerError> {
        let take = format!("SELECT GET_LOCK({}, {WAIT})", literal(&second(&self.lock_name())));
        let mut connection = self.supervisor.side.open().await?;
        let taken = self.supervisor.side.ask_on(&mut connection, &take).await?;
        if taken.into_iter().flatten().next().flatten().as_deref() == Some("1") {
            return Ok(connection);
        }
        Err(self.product.error("another session holds the run's second lock", ErrorKind::Plain))
    }

    pub(super) async fn release_lock(&mut self) {
        if let Some(name) = self.lock.take() {
            // if this does not arrive, the server releases the lock by itself
            let _ = self.call(Call::Own, &format!("DO RELEASE_LOCK({})", literal(&name))).await;
        }
    }
}
