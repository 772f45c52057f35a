//! What a session is set to before each script, and what takes a script's own settings back.

use crate::engine::{SessionSql, Settings};

/// What undoes a script's settings: <https://www.postgresql.org/docs/current/sql-reset.html> leaves the role alone, and
/// a session authorization resets the role.
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

/// Checks what waits for the commit. The server has no statement that makes wait again what did so at the beginning.
const SETTLE: [&str; 2] = ["SET CONSTRAINTS ALL IMMEDIATE", include_str!("defer.sql").trim_ascii()];

/// Limits that a database or a role can set, as far as the server's version has them. A run has its own, or none.
pub(super) const LIMITS: [&str; 4] =
    ["statement_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout", "transaction_timeout"];

/// What takes the limits from a connection that runs no script.
pub(super) const UNLIMITED: &str = "SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('statement_timeout', \
     'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout', 'lock_timeout') AND setting <> '0'";

/// How a run's session and its transaction are controlled in a database that sets these of the limits. In a transaction,
/// settings are for it alone: behind a pooler, the next client of the session must not inherit our limits.
pub(super) fn session_sql(settings: &Settings, set: &[&'static str], has_plpgsql: bool) -> SessionSql {
    let given = [("lock_timeout", settings.lock_timeout), ("statement_timeout", settings.statement_timeout)];
    // 0 means no limit to the server
    let given = given.iter().filter_map(|(name, limit)| Some((*name, limit.as_ref()?.as_millis().max(1))));
    let given = given.collect::<Vec<_>>();
    let lifted = set.iter().filter(|name| !given.iter().any(|(other, _)| other == *name));
    let limits = lifted.map(|name| (*name, 0)).chain(given.iter().copied()).collect::<Vec<_>>();
    let session = |set: &str| {
        let limits = limits.iter().map(|(name, limit)| format!("{set} {name} = {limit}"));
        RESET.into_iter().map(ToOwned::to_owned).chain(limits).collect::<Vec<_>>()
    };
    let within = session("SET LOCAL");
    let begin = std::iter::once("BEGIN".to_owned()).chain(within.iter().cloned()).collect();
    let settle = SETTLE.into_iter().filter(|_| has_plpgsql).map(ToOwned::to_owned).collect();
    SessionSql { begin, within, apart: session("SET"), settle, commit: "COMMIT", ..SessionSql::default() }
}
