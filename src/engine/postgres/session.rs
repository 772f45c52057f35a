//! What a session is set to before each script, and what takes a script's own settings back.

use crate::engine::Settings;

/// The statements that set a session up.
pub(super) struct Session {
    /// For the transaction alone: behind a pooler, the next client of the session must not inherit our limits.
    pub(super) within: Vec<String>,
    /// For a script outside a transaction.
    pub(super) apart: Vec<String>,
    has_limits: bool,
}

/// What undoes a script's settings: <https://www.postgresql.org/docs/current/sql-reset.html> leaves the role alone, and
/// a session authorization resets the role.
const RESET: [&str; 6] = [
    "RESET SESSION AUTHORIZATION",
    "RESET ROLE",
    "RESET ALL",
    "DEALLOCATE ALL",
    "DISCARD TEMP",
    "SET standard_conforming_strings = on",
];

impl Session {
    pub(super) fn new(settings: &Settings) -> Self {
        let limits = [("lock_timeout", settings.lock_timeout), ("statement_timeout", settings.statement_timeout)];
        // 0 means no limit to the server
        let limits = limits.iter().filter_map(|(name, limit)| Some((name, limit.as_ref()?.as_millis().max(1))));
        let session = |set: &str| {
            let limits = limits.clone().map(|(name, limit)| format!("{set} {name} = {limit}"));
            RESET.into_iter().map(ToOwned::to_owned).chain(limits).collect::<Vec<_>>()
        };
        let (within, apart) = (session("SET LOCAL"), session("SET"));
        Self { has_limits: apart.len() > RESET.len(), within, apart }
    }

    /// What takes the limits back that stay with a session, where there are any.
    pub(super) const fn farewell(&self) -> Option<&'static str> {
        if self.has_limits { Some("RESET ALL") } else { None }
    }
}
