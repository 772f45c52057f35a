//! The lock between runs: an advisory lock in a transaction on a connection of its own.
//!
//! A transaction stays on one server connection whatever a pooler in between does, so the lock holds behind PgBouncer,
//! too; and it ends with the connection. The transaction is idle and has no snapshot, so that `CREATE INDEX
//! CONCURRENTLY` of the same run does not wait for it. A run polls for the lock, because a session that *waits* for an
//! advisory lock holds a snapshot.

use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use tokio::time::timeout;

use super::login::Login;
use super::{PRODUCT, query};
use crate::engine::NoLock;
use crate::error::{ErrorKind, ServerError};
use crate::script::Checksum;

/// The lock, while it is held.
pub(super) struct Lock {
    connection: PgConnection,
    /// An SQL condition that holds while the lock is held, for another connection to the same database.
    pub(super) is_held: String,
}

/// Begins a transaction without the limits that would end an idle one (which limits exist depends on the version).
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT set_config(name, '0', true) FROM pg_settings \
                     WHERE name IN ('idle_in_transaction_session_timeout', 'transaction_timeout', 'lock_timeout', \
                     'statement_timeout')";

impl Lock {
    /// Acquires the lock of this name in the database, or says who holds it. Each database has names of its own.
    pub(super) async fn take(login: &Login, limit: Duration, name: &str) -> Result<Self, NoLock> {
        let mut connection = login.open(limit).await?;
        let take = format!("{BEGIN}; SELECT pg_try_advisory_xact_lock({}), pg_backend_pid()", key(name));
        let taken = query(&mut connection, &take).await?.pop().unwrap_or_default();
        if let [Some(taken), Some(pid)] = taken.as_slice()
            && taken == "t"
        {
            let is_held = format!("EXISTS (SELECT FROM pg_locks WHERE pid = {pid} AND {})", condition(name));
            return Ok(Self { connection, is_held });
        }
        let holder = query(&mut connection, &holder_sql(name)).await?.into_iter().flatten().next().flatten();
        let _ = connection.close().await;
        Err(NoLock::Held(holder.unwrap_or_else(|| "a session that has just ended".into())))
    }

    /// Fails if the lock is no longer held. `SHOW` takes no snapshot, so `CREATE INDEX CONCURRENTLY` does not wait for
    /// it.
    pub(super) async fn prove(&mut self, limit: Duration) -> Result<(), ServerError> {
        let silence = |_| ServerError::new(PRODUCT, "the lock's connection does not answer", ErrorKind::ConnectionLost);
        timeout(limit, query(&mut self.connection, "SHOW transaction_isolation")).await.map_err(silence)?.map(drop)
    }

    pub(super) async fn release(self) {
        // if this does not arrive, the server releases the lock by itself
        let _ = self.connection.close().await;
    }
}

/// Returns the query for the holder of the lock of this name in the connection's database.
pub(super) fn holder_sql(name: &str) -> String {
    let pids = format!("ARRAY(SELECT pid FROM pg_locks WHERE {})", condition(name));
    include_str!("holder.sql").replace("{pids}", &pids).replace("{more}", "''")
}

/// Returns the SQL condition for the lock of this name among the held locks.
fn condition(name: &str) -> String {
    let key = key(name);
    // pg_locks shows a bigint key as two halves, with objsubid 1
    let (high, low) = (key >> 32 & 0xffff_ffff, key & 0xffff_ffff);
    format!(
        "locktype = 'advisory' AND granted AND objsubid = 1 AND classid = {high} AND objid = {low} \
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
}

fn key(name: &str) -> i64 {
    let digest = Checksum::of(&format!("dbmigrate {name}")).bytes();
    i64::from_be_bytes(digest.first_chunk().copied().unwrap_or_default())
}
