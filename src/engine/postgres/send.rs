//! Sends statements, and the rows that follow one.

use sqlx::postgres::{PgConnection, PgQueryResult, PgRow};
use sqlx::{AssertSqlSafe, Either, raw_sql};
use tracing::instrument::WithSubscriber;

use super::error::{self, server_error};
use super::notice::notices;
use super::{Postgres, cells};
use crate::engine::supervisor::Call;
use crate::engine::{Answer, Cells, Failure, Message, OnRow, Rows};

/// Counts the answers to a message, so that it is known which statement failed.
pub(super) struct Reading<'a, 'h> {
    message: &'a Message,
    on_row: OnRow<'h>,
    answered: usize,
    pub(super) answer: Answer,
    /// The answer to a query that is sent after the message's statements.
    pub(super) proof: Option<Cells>,
}

impl<'a, 'h> Reading<'a, 'h> {
    pub(super) fn new(message: &'a Message, on_row: OnRow<'h>) -> Self {
        Self { message, on_row, answered: 0, answer: Answer::default(), proof: None }
    }

    pub(super) fn take(&mut self, answer: Either<PgQueryResult, PgRow>) {
        match answer {
            Either::Left(result) => {
                self.answer.add(self.message.changed(self.answered, result.rows_affected()));
                self.answered += 1;
            }
            Either::Right(row) => match self.message.parts().get(self.answered) {
                Some(part) if part.statement.is_none() => cells(&row).into_iter().for_each(&mut *self.on_row),
                Some(_) => {}
                None => self.proof = cells(&row).ok(),
            },
        }
    }

    /// Returns an error with the number of the first statement without an answer, from 0.
    pub(super) fn failed(&self, error: sqlx::Error) -> (usize, sqlx::Error) {
        (self.answered.min(self.message.parts().len().saturating_sub(1)), error)
    }
}

impl Postgres {
    /// Sends a statement with the rows that follow it.
    pub(super) async fn copy(&mut self, message: &Message, rows: &mut dyn Rows) -> Result<Answer, Failure> {
        self.proof = None;
        self.session.supervisor.side.sends(message.sql());
        let sending = copy(&mut self.session.connection, message.sql(), rows);
        let sending = sending.with_subscriber(notices(&self.settings.watcher));
        let called = self.session.supervisor.call(Call::Script, sending, sqlx::Error::from).await;
        called.answer.map(|rows| Answer { changed: message.changed(0, rows) }).map_err(|error| {
            let (part, at) = error::place(&error, message, 0);
            let (row, blockers) = (error::row(&error), called.blockers);
            Failure { at, row, blockers, ..Failure::new(part, server_error(&error)) }
        })
    }
}

/// Sends `COPY ... FROM stdin` with the lines that follow it.
///
/// dbmigrate does not read while it sends the data. A server that sends a notice for every row (a trigger with
/// `RAISE NOTICE`) would wait for dbmigrate, and dbmigrate for the server. The notices are therefore off meanwhile.
async fn copy(connection: &mut PgConnection, statement: &str, rows: &mut dyn Rows) -> Result<u64, sqlx::Error> {
    let level: String = sqlx::query_scalar("SELECT current_setting('client_min_messages')")
        .persistent(false)
        .fetch_one(&mut *connection)
        .await?;
    raw_sql("SET client_min_messages = error").execute(&mut *connection).await?;
    let copied = copy_rows(connection, statement, rows).await;
    // in a failed transaction, the rollback does this
    let restored = format!("SET client_min_messages = {level}");
    let restored = raw_sql(AssertSqlSafe(restored)).execute(connection).await;
    copied.and_then(|rows| restored.map(|_| rows))
}

async fn copy_rows(connection: &mut PgConnection, statement: &str, rows: &mut dyn Rows) -> Result<u64, sqlx::Error> {
    let mut copy = connection.copy_in_raw(statement).await?;
    loop {
        match rows.next() {
            Ok(Some(lines)) => drop(copy.send(lines.as_bytes()).await?),
            Ok(None) => return copy.finish().await,
            Err(_) => return copy.abort("the rows cannot be read to their end").await.map(|()| 0),
        }
    }
}
