//! What a session is set to before each script, and what takes a script's own settings back.

use std::fmt::Write as _;

use crate::engine::Settings;

/// The statements that set a session up.
pub(super) struct Session {
    /// For the transaction alone: behind a pooler, the next client of the session must not inherit our limits.
    pub(super) within: String,
    /// For a script outside a transaction.
    pub(super) apart: String,
    has_limits: bool,
}

/// What undoes a script's settings: <https://www.postgresql.org/docs/current/sql-reset.html> leaves the role alone, and
/// a session authorization resets the role.
const RESET: &str = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; DEALLOCATE ALL; DISCARD TEMP; \
                     SET standard_conforming_strings = on";

impl Session {
    pub(super) fn new(settings: &Settings) -> Self {
        let limits = [("lock_timeout", settings.lock_timeout), ("statement_timeout", settings.statement_timeout)];
        let (mut within, mut apart) = (RESET.to_owned(), RESET.to_owned());
        let mut has_limits = false;
        for (name, limit) in limits {
            let Some(limit) = limit else { continue };
            // 0 means no limit to the server
            let limit = limit.as_millis().max(1);
            let _ = write!(within, "; SET LOCAL {name} = {limit}");
            let _ = write!(apart, "; SET {name} = {limit}");
            has_limits = true;
        }
        Self { within, apart, has_limits }
    }

    /// What takes the limits back that stay with a session, where there are any.
    pub(super) const fn farewell(&self) -> Option<&'static str> {
        if self.has_limits { Some("RESET ALL") } else { None }
    }
}
