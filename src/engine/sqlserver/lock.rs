//! The lock between runs: an application lock that the run's own session owns, with which it ends.

use super::Mssql;
use super::session::literal;
use crate::engine::NoLock;
use crate::error::{ServerError, Trouble};
use crate::script::Checksum;

/// The name of the lock for a journal. Servers show its first 32 characters.
pub(super) fn name(database: &str, journal: &str) -> String {
    let digest = Checksum::of(&format!("{} {}", database.to_lowercase(), journal.to_lowercase())).to_string();
    format!("dbmigrate {}", &digest[7..29])
}

/// Answers 1 when nobody has the lock of this name.
pub(super) fn is_free_sql(name: &str) -> String {
    format!("SELECT APPLOCK_TEST('public', {}, 'Exclusive', 'Session')", literal(name))
}

/// Who has the lock, where nobody may see it.
pub(super) const SOMEBODY: &str = "a session that this user may not see (VIEW SERVER STATE shows it)";

impl Mssql {
    pub(super) fn lock_name(&self) -> String {
        name(&self.database, &self.server.journal.table)
    }

    /// Takes the lock of this name, waiting for a millisecond: no time at all is an error to some servers. The
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
            Some("-1") => Err(NoLock::Held(self.lock_holder(name).await.unwrap_or_else(|| SOMEBODY.into()))),
            code => {
                let message = format!("sp_getapplock answered {}", code.unwrap_or("nothing"));
                Err(NoLock::Failed(ServerError::new(super::PRODUCT, message, Trouble::Plain)))
            }
        }
    }

    /// Who has the lock, as far as the user may see that.
    pub(super) async fn lock_holder(&mut self, name: &str) -> Option<String> {
        let holder = include_str!("holder.sql").replace("{lock}", &literal(&format!("%{name}%")));
        self.value(&holder).await.ok().flatten()
    }

    /// Nobody else has it.
    pub(super) async fn is_free(&mut self, name: &str) -> Result<bool, ServerError> {
        Ok(self.value(&is_free_sql(name)).await?.as_deref() == Some("1"))
    }

    /// How the lock is held. Nothing to say when there is none.
    pub(super) fn lock_mode_sql(&self) -> String {
        let mode = |name: &String| format!("APPLOCK_MODE('public', {}, 'Session')", literal(name));
        self.lock.as_ref().map_or_else(|| "'Exclusive'".into(), mode)
    }
}
