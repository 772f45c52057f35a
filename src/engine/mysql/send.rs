//! Sends a script's statements, with dbmigrate's own between them.

use std::borrow::Cow;

use sqlx::mysql::{MySqlQueryResult, MySqlRow};
use sqlx::{Either, Row};

use super::text_cells;
use crate::engine::{Answer, Message, OnRow, Part};
use crate::sql::MYSQL;

/// What the mark returns: it shows that a statement whose answers cannot be counted has ended.
const MARK: &str = "dbmigrate: the statement before has ended";

/// Returns whether a mark follows a statement: a procedure may answer any number of times, and if more statements
/// follow, the mark shows that it has ended.
fn is_marked(message: &Message, part: usize) -> bool {
    let free = |part: &Part| part.statement.as_ref().is_some_and(|statement| MYSQL.stands_alone(statement));
    part + 1 < message.parts().len() && message.parts().get(part).is_some_and(free)
}

/// Returns the text of a message, with the marks that it needs: it is one packet.
pub(super) fn marked(message: &Message) -> Cow<'_, str> {
    let parts = 0..message.parts().len();
    if !parts.clone().any(|part| is_marked(message, part)) {
        return message.sql().into();
    }
    let mark = |part| if is_marked(message, part) { format!(";\nSELECT '{MARK}'") } else { String::new() };
    let text = |part: usize| message.text(&message.parts()[part]);
    parts.map(|part| format!("{}{}", text(part), mark(part))).collect::<Vec<_>>().join(";\n").into()
}

/// Counts the answers to a message, so that it is known which statement failed.
pub(super) struct Reading<'a, 'h> {
    message: &'a Message,
    on_row: OnRow<'h>,
    current: usize,
    /// The mark has arrived: the next result is the end of its answer.
    marked: bool,
    pub(super) answer: Answer,
}

impl<'a, 'h> Reading<'a, 'h> {
    pub(super) fn new(message: &'a Message, on_row: OnRow<'h>) -> Self {
        Self { message, on_row, current: 0, marked: false, answer: Answer::default() }
    }

    pub(super) fn take(&mut self, answer: &Either<MySqlQueryResult, MySqlRow>) {
        match answer {
            Either::Left(result) => {
                self.answer.add(self.message.changed(self.current, result.rows_affected()));
                if !is_marked(self.message, self.current) || std::mem::take(&mut self.marked) {
                    self.current += 1;
                }
            }
            Either::Right(row) if is_marked(self.message, self.current) => {
                self.marked = row.len() == 1 && row.try_get_unchecked::<&str, _>(0).is_ok_and(|text| text == MARK);
            }
            Either::Right(row) => {
                if self.message.parts().get(self.current).is_some_and(|part| part.statement.is_none()) {
                    (self.on_row)(text_cells(row));
                }
            }
        }
    }

    /// Returns the number of the first statement without an answer, from 0.
    pub(super) fn part(&self) -> usize {
        self.current.min(self.message.parts().len().saturating_sub(1))
    }
}
