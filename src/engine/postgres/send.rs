//! Sending statements, and the rows behind one.

use futures_util::TryStreamExt;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Either, raw_sql};

use super::cells;
use crate::engine::{Answer, Cells, Heard, Message, Rows};

/// Sends a message and counts the answers, to know which statement failed: an error comes with its number, from 0. Gives
/// what a query answers that is sent behind it. `text` is what the message says to this server.
pub(super) async fn transmit(
    connection: &mut PgConnection,
    message: &Message,
    text: &str,
    last: Option<String>,
    heard: Heard<'_>,
) -> Result<(Answer, Option<Cells>), (usize, sqlx::Error)> {
    let (mut answered, mut answer, mut last_answer) = (0, Answer::default(), None);
    let last = last.map_or_else(String::new, |last| format!(";\n{last}"));
    let sql = format!("{text}{last}");
    let mut answers = sqlx::Executor::fetch_many(connection, raw_sql(AssertSqlSafe(sql)));
    loop {
        match answers.try_next().await {
            Ok(Some(Either::Left(result))) => {
                answer.add(message.changed(answered, result.rows_affected()));
                answered += 1;
            }
            Ok(Some(Either::Right(row))) => match message.parts().get(answered) {
                Some(part) if part.piece.is_none() => cells(&row).into_iter().for_each(&mut *heard),
                Some(_) => {}
                None => last_answer = cells(&row).ok(),
            },
            Ok(None) => return Ok((answer, last_answer)),
            Err(error) => return Err((answered.min(message.parts().len().saturating_sub(1)), error)),
        }
    }
}

/// `COPY ... FROM stdin` with the lines behind it.
///
/// Nobody reads while the data is being sent: a server that says something for every row (a trigger with
/// `RAISE NOTICE`) would wait for us, and we for it. So the server is silent for as long.
pub(super) async fn copy(
    connection: &mut PgConnection,
    statement: &str,
    rows: &mut dyn Rows,
) -> Result<u64, sqlx::Error> {
    let level: String = sqlx::query_scalar("SELECT current_setting('client_min_messages')")
        .persistent(false)
        .fetch_one(&mut *connection)
        .await?;
    raw_sql("SET client_min_messages = error").execute(&mut *connection).await?;
    let copied = copy_rows(connection, statement, rows).await;
    // in a transaction that has failed, the rollback does this
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
