//! Proves that the transaction is the one that was begun, and that the session is as it should be.

use super::Mssql;
use crate::engine::supervisor::Call;
use crate::engine::{ProofError, count};

/// Queries the state that shows whether the transaction is the one that was begun, in the run's own database.
const WHOLE: &str = "SELECT CONCAT(@@TRANCOUNT, ' ', XACT_STATE()), DB_NAME(), SUSER_SNAME(), ({number})";

impl Mssql {
    /// Fails if the session is not as it should be, or if the server does not run what it receives.
    pub(super) async fn prove_session(&mut self) -> Result<(), ProofError> {
        let number = if self.transaction.is_some() { self.transaction_sql() } else { "SELECT NULL" };
        let rows = self.call(Call::End, &WHOLE.replace("{number}", number)).await?;
        let [state, database, user, number] =
            rows.into_iter().next().unwrap_or_default().try_into().unwrap_or_default();
        let same =
            |one: &Option<String>, other: &str| one.as_deref().is_some_and(|one| one.eq_ignore_ascii_case(other));
        let why = match (state.as_deref(), self.in_transaction) {
            (None, _) => {
                self.asleep = true;
                return Err(ProofError::NotRunning);
            }
            (Some("1 1"), true) if number != self.transaction => {
                "the open transaction is not the one that was begun".into()
            }
            (Some("1 1"), true) | (Some("0 0"), false) => match () {
                () if !same(&database, &self.database) => {
                    format!("the session is in the database {}", database.unwrap_or_default())
                }
                () if user != self.server.user => "the session runs as another user (EXECUTE AS without REVERT)".into(),
                () => return Ok(()),
            },
            (Some("0 0"), true) => "the transaction has ended".into(),
            (Some("1 -1"), _) => "the transaction can only be rolled back".into(),
            (Some(_), true) => "a transaction is open within the one that was begun".into(),
            (Some(_), false) => "a transaction is still open, and its work is rolled back".into(),
        };
        Err(ProofError::Broken(why))
    }

    pub(super) async fn prove_transaction(&mut self) -> Result<u64, ProofError> {
        let rows = self.server.journal.count();
        let proof = format!("SELECT {}, ({rows})", self.lock_mode_sql());
        let mut cells = self.query_sql(&proof).await?.into_iter().flatten();
        if cells.next().flatten().as_deref() != Some("Exclusive") {
            return Err(ProofError::Broken("the run no longer holds its lock".into()));
        }
        self.prove_session().await?;
        count(cells.next().flatten())
    }
}
