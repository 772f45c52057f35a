//! Messages that are sent as they stand in the script.

use std::ops::Range;

#[cfg(any(feature = "postgres", feature = "sqlite"))]
use futures_util::TryStreamExt;

use super::Message;

impl<'a> Message<'a> {
    /// The bytes of the script that are sent.
    pub(crate) fn range(&self) -> Range<usize> {
        let first = self.pieces.first().map_or(0, |piece| piece.statement.start);
        first..self.pieces.last().map_or(first, |piece| piece.statement.end)
    }

    pub(crate) fn sql(&self) -> &'a str {
        &self.text[self.range()]
    }
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
/// Sends a message and counts the answers, to know which statement failed: an error comes with its number, from 0.
pub(super) async fn send_counting<'e, DB, E>(connection: E, message: Message<'_>) -> Result<(), (usize, sqlx::Error)>
where
    DB: sqlx::Database,
    E: sqlx::Executor<'e, Database = DB>,
{
    let mut answered = 0;
    let mut answers = connection.fetch_many(sqlx::raw_sql(sqlx::AssertSqlSafe(message.sql())));
    loop {
        match answers.try_next().await {
            Ok(Some(sqlx::Either::Left(_))) => answered += 1,
            Ok(Some(sqlx::Either::Right(_))) => {}
            Ok(None) => return Ok(()),
            Err(error) => return Err((answered.min(message.pieces.len() - 1), error)),
        }
    }
}
