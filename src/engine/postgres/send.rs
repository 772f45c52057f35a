//! Sending a script's statements, data among them.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, raw_sql};

use super::MESSAGE;
use crate::engine::Message;
use crate::engine::verbatim::send_counting;

/// Sends a message. An error comes with the number of the statement in it, from 0.
pub(super) async fn transmit(connection: &mut PgConnection, message: Message<'_>) -> Result<(), (usize, sqlx::Error)> {
    match message.pieces {
        [piece] if piece.data.is_some() => {
            let data = &message.text[piece.data.clone().unwrap_or_default()];
            copy(connection, message.sql(), data).await.map_err(|error| (0, error))
        }
        _ => send_counting(connection, message).await,
    }
}

/// `COPY ... FROM stdin` with the lines behind it.
///
/// Nobody reads while the data is being sent: a server that says something for every row (a trigger with
/// `RAISE NOTICE`) would wait for us, and we for it. So the server is silent for as long.
async fn copy(connection: &mut PgConnection, statement: &str, data: &str) -> Result<(), sqlx::Error> {
    let level: String = sqlx::query_scalar("SELECT current_setting('client_min_messages')")
        .persistent(false)
        .fetch_one(&mut *connection)
        .await?;
    raw_sql("SET client_min_messages = error").execute(&mut *connection).await?;
    let copied = copy_data(connection, statement, data).await;
    // in a transaction that has failed, the rollback does this
    let restored = format!("SET client_min_messages = {level}");
    let restored = raw_sql(AssertSqlSafe(restored)).execute(connection).await;
    copied.and(restored.map(drop))
}

async fn copy_data(connection: &mut PgConnection, statement: &str, data: &str) -> Result<(), sqlx::Error> {
    let mut copy = connection.copy_in_raw(statement).await?;
    for chunk in data.as_bytes().chunks(MESSAGE) {
        copy.send(chunk).await?;
    }
    copy.finish().await.map(drop)
}
