//! The settings of a session before each script, and the statements that reset a script's own settings.

use super::server::escaped;
use crate::engine::{SessionSql, Settings, quote};

/// The statements that undo a script's settings: `RESET ALL`
/// (<https://www.postgresql.org/docs/current/sql-reset.html>) leaves the role alone, and a session authorization resets
/// the role.
const RESET: [&str; 10] = [
    "CLOSE ALL",
    "RESET SESSION AUTHORIZATION",
    "RESET ROLE",
    "RESET ALL",
    "DEALLOCATE ALL",
    "UNLISTEN *",
    "SELECT pg_advisory_unlock_all()",
    "DISCARD SEQUENCES",
    "DISCARD TEMP",
    "SET standard_conforming_strings = on",
];

/// Runs the checks that wait for the commit. The server has no statement that restores which constraints wait, so the
/// second statement does that.
const SETTLE: [&str; 2] = ["SET CONSTRAINTS ALL IMMEDIATE", include_str!("defer.sql").trim_ascii()];

/// The limits that a database or a role can set, if the server's version has them. A run has its own limits, or none.
pub(super) const LIMITS: [&str; 4] =
    ["statement_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout", "transaction_timeout"];

/// Removes the limits of a connection that runs no script.
pub(super) const UNLIMITED: &str = "SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('statement_timeout', \
     'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout', 'lock_timeout') AND setting <> '0'";

/// Returns how a run's session and its transaction are controlled in a database that sets these limits (`set`).
/// Settings in a transaction are for that transaction only: behind a pooler, the session's next client must not inherit
/// the run's limits.
pub(super) fn session_sql(settings: &Settings, set: &[&'static str], has_plpgsql: bool) -> SessionSql {
    let given = [("lock_timeout", settings.lock_timeout), ("statement_timeout", settings.statement_timeout)];
    // to the server, 0 means no limit
    let given = given.iter().filter_map(|(name, limit)| Some((*name, limit.as_ref()?.as_millis().max(1))));
    let given = given.collect::<Vec<_>>();
    let lifted = set.iter().filter(|name| !given.iter().any(|(other, _)| other == *name));
    let limits = lifted.map(|name| (*name, 0)).chain(given.iter().copied()).collect::<Vec<_>>();
    let session = |set: &str, is_local: bool| {
        let limits = limits.iter().map(|(name, limit)| format!("{set} {name} = {limit}"));
        let path = settings.schema.as_deref().map(|schema| path_sql(schema, is_local));
        RESET.into_iter().map(ToOwned::to_owned).chain(limits).chain(path).collect::<Vec<_>>()
    };
    let within = session("SET LOCAL", true);
    let begin = std::iter::once("BEGIN".to_owned()).chain(within.iter().cloned()).collect();
    let settle = SETTLE.into_iter().filter(|_| has_plpgsql).map(ToOwned::to_owned).collect();
    SessionSql { begin, within, apart: session("SET", false), settle, commit: "COMMIT", ..SessionSql::default() }
}

/// Returns the statement that puts a schema before the rest of the session's own search path.
fn path_sql(schema: &str, is_local: bool) -> String {
    format!(
        "SELECT set_config('search_path', concat_ws(', ', {}, nullif(current_setting('search_path'), '')), {is_local})",
        escaped(&quote(schema))
    )
}
