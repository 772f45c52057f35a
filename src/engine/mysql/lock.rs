//! The lock between runs: `GET_LOCK` on the run's own connection, with which it ends.
//!
//! A server goes on with a message whose client is gone, and the connection, with its lock, lives on until it has
//! finished: whoever comes next finds a database that nobody works on any more.

use super::Mysql;
use crate::engine::{NoLock, literal};
use crate::error::{ServerError, Trouble};
use crate::script::Checksum;

/// The lock, held.
pub(super) struct Lock {
    name: String,
}

/// The name of the lock for a journal. The server has one space of names for all its databases and allows 64 characters.
fn name(database: &str, journal: &str) -> String {
    let digest = Checksum::of(journal).to_string();
    let start = database.chars().take(24).collect::<String>();
    format!("dbmigrate {start} {}", &digest[7..31])
}

/// How long the server waits at a time. `-1` is no way to say for ever: MariaDB answers NULL to it and locks nothing.
const WAIT: u32 = 1;

impl Mysql {
    pub(super) fn lock_name(&self) -> String {
        let folded = |text: &str| if self.folds_case { text.to_lowercase() } else { text.to_owned() };
        name(&folded(&self.database), &folded(&self.server.journal.table))
    }

    pub(super) async fn take_lock(&mut self) -> Result<(), NoLock> {
        let name = self.lock_name();
        match self.value(&format!("SELECT GET_LOCK({}, {WAIT})", literal(&name))).await?.as_deref() {
            Some("1") => {
                self.server.session.is_locked = Some(format!("IS_USED_LOCK({}) = CONNECTION_ID()", literal(&name)));
                self.lock = Some(Lock { name });
                Ok(())
            }
            Some("0") => {
                let holder = self.holder(&name).await?;
                Err(NoLock::Held(holder.unwrap_or_else(|| "a session that has just ended".into())))
            }
            _ => Err(NoLock::Failed(self.product.error("GET_LOCK gave no lock and no reason", Trouble::Plain))),
        }
    }

    /// Who has the lock. Without the PROCESS privilege, the server shows a user only the connections of its own.
    pub(super) async fn holder(&mut self, name: &str) -> Result<Option<String>, ServerError> {
        self.value(&include_str!("holder.sql").replace("{lock}", &literal(name))).await
    }

    pub(super) async fn release_lock(&mut self) {
        if let Some(lock) = self.lock.take() {
            // the server lets go of it by itself when this does not arrive
            let _ = self.execute_sql(&format!("DO RELEASE_LOCK({})", literal(&lock.name))).await;
        }
    }
}
