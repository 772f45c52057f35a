//! The lock between runs: an application lock that the run's own session owns. The lock ends with the session.

use super::Mssql;
use super::session::literal;
use crate::engine::NoLock;
use crate::error::{ErrorKind, ServerError};
use crate::script::Checksum;

/// Returns the name of the lock for a journal. Servers show its first 32 characters.
pub(super) fn name(database: &str, journal: &str) -> String {
    let digest = Checksum::of(&format!("{} {}", database.to_lowercase(), journal.to_lowercase())).to_string();
    format!("dbmigrate {}", &digest[7..29])
}

/// Returns the query that returns 1 when no session holds the lock of this name.
pub(super) fn is_free_sql(name: &str) -> String {
    format!("SELECT APPLOCK_TEST('public', {}, 'Exclusive', 'Session')", literal(name))
}

/// The holder of the lock, if the user may not see it.
pub(super) const UNSEEN: &str = "a session that this user may not see (VIEW SERVER STATE shows it)";

impl Mssql {
    pub(super) fn lock_name(&self) -> String {
        name(&self.database, &self.server.journal.table)
    }

    /// Acquires the lock of this name, waiting for a millisecond: to some servers, no time at all is an error. The
    /// procedure's return code is the answer:
    /// <https://learn.microsoft.com/sql/relational-databases/system-stored-procedures/sp-getapplock-transact-sql>.
    pub(super) async fn take_lock(&mut self, name: &str) -> Result<(), NoLock> {
        let take = format!(
            "DECLARE @taken int; EXEC @taken = sp_getapplock @Resource = {}, @LockMode = 'Exclusive', \
             @LockOwner = 'Session', @LockTimeout = 1; SELECT @taken",
            literal(name)
        );
        match self.value(&take).await?.as_deref() {
            Some("0" | "1") => {
                self.lock = Some(name.to_owned());
                Ok(())
            }
            Some("-1") => Err(NoLock::Held(self.lock_holder(name).await.unwrap_or_else(|| UNSEEN.into()))),
            code => {
                let message = format!("sp_getapplock returned {}", code.unwrap_or("nothing"));
                Err(NoLock::Failed(ServerError::new(super::PRODUCT, message, ErrorKind::Plain)))
            }
        }
    }

    /// Returns who holds the lock, as far as the user may see that.
    pub(super) async fn lock_holder(&mut self, name: &str) -> Option<String> {
        let holder = include_str!("holder.sql").replace("{lock}", &literal(&format!("%{name}%")));
        self.value(&holder).await.ok().flatten()
    }

    /// Returns whether no other session holds the lock.
    pub(super) async fn is_free(&mut self, name: &str) -> Result<bool, ServerError> {
        Ok(self.value(&is_free_sql(name)).await?.as_deref() == Some("1"))
    }

    /// Returns an SQL expression for the mode of the lock, or for the expected mode if the run has taken no lock.
    pub(super) fn lock_mode_sql(&self) -> String {
        let mode = |name: &String| format!("APPLOCK_MODE('public', {}, 'Session')", literal(name));
        self.lock.as_ref().map_or_else(|| "'Exclusive'".into(), mode)
    }
}
