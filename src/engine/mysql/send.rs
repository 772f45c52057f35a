//! Sending a script's statements and our own between them.

use std::borrow::Cow;

use futures_util::TryStreamExt;
use sqlx::mysql::{MySqlConnection, MySqlRow};
use sqlx::{AssertSqlSafe, Either, Executor, Row, raw_sql};

use super::text_cells;
use crate::engine::{Answer, Heard, Message, Part};
use crate::sql::Dialect;

/// What the mark answers: it tells that a statement has ended whose answers cannot be counted.
const MARK: &str = "dbmigrate: the statement before has ended";

/// Sends a message in one packet and reads every answer. An error comes with the number of the statement, from 0.
pub(super) async fn transmit(
    connection: &mut MySqlConnection,
    message: &Message,
    heard: Heard<'_>,
) -> Result<Answer, (usize, sqlx::Error)> {
    let mut answer = Answer::default();
    let mut count = Count { message, current: 0, marked: false };
    let sql = marked(message);
    let mut answers = connection.fetch_many(raw_sql(AssertSqlSafe(&*sql)));
    loop {
        match answers.try_next().await {
            Ok(Some(Either::Left(result))) => {
                answer.add(message.changed(count.current, result.rows_affected()));
                count.answer();
            }
            Ok(Some(Either::Right(row))) => {
                if count.row(&row) {
                    heard(text_cells(&row));
                }
            }
            Ok(None) => return Ok(answer),
            Err(error) => return Err((count.current.min(message.parts().len().saturating_sub(1)), error)),
        }
    }
}

/// A procedure may answer any number of times: a mark behind it tells that it has ended, where more follows.
fn is_marked(message: &Message, part: usize) -> bool {
    let free = |part: &Part| part.piece.as_ref().is_some_and(|piece| piece.stands_alone(Dialect::Mysql));
    part + 1 < message.parts().len() && message.parts().get(part).is_some_and(free)
}

/// The message with the marks that it needs.
fn marked(message: &Message) -> Cow<'_, str> {
    let parts = 0..message.parts().len();
    if !parts.clone().any(|part| is_marked(message, part)) {
        return message.sql().into();
    }
    let mark = |part| if is_marked(message, part) { format!(";\nSELECT '{MARK}'") } else { String::new() };
    let text = |part: usize| message.text(&message.parts()[part]);
    parts.map(|part| format!("{}{}", text(part), mark(part))).collect::<Vec<_>>().join(";\n").into()
}

/// Counts the answers, to know which part is being answered.
struct Count<'a> {
    message: &'a Message,
    current: usize,
    /// The mark has come: what answers next is the end of its answer.
    marked: bool,
}

impl Count<'_> {
    fn answer(&mut self) {
        if !is_marked(self.message, self.current) || std::mem::take(&mut self.marked) {
            self.current += 1;
        }
    }

    /// Takes note of a row and tells whether one of our own statements answers it.
    fn row(&mut self, row: &MySqlRow) -> bool {
        if is_marked(self.message, self.current) {
            self.marked = row.len() == 1 && row.try_get_unchecked::<&str, _>(0).is_ok_and(|text| text == MARK);
            return false;
        }
        self.message.parts().get(self.current).is_some_and(|part| part.piece.is_none())
    }
}
