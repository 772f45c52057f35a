//! Sending a script's statements and our own between them.

use futures_util::TryStreamExt;
use sqlx::mysql::{MySqlConnection, MySqlRow};
use sqlx::{AssertSqlSafe, Either, Executor, Row, raw_sql};

use crate::engine::{Message, Ours};
use crate::sql::{Dialect, Piece};

/// Where in a message an error arose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The number of pieces before it.
    pub(super) piece: usize,
    pub(super) ours: bool,
}

/// One statement of a message.
enum Part<'a> {
    Piece(&'a Piece),
    Ours(&'a Ours),
    /// Tells that a piece has ended whose answers cannot be counted.
    Mark,
}

/// What the mark answers.
const MARK: &str = "dbmigrate: the statement before has ended";

impl<'a> Part<'a> {
    fn sql(&self, text: &'a str) -> String {
        match self {
            Self::Piece(piece) => text[piece.statement.clone()].to_owned(),
            Self::Ours(ours) => ours.sql.clone(),
            Self::Mark => format!("SELECT '{MARK}'"),
        }
    }
}

/// Sends a message in one packet and reads every answer.
pub(super) async fn transmit(
    connection: &mut MySqlConnection,
    message: Message<'_>,
) -> Result<(), (Place, sqlx::Error)> {
    let parts = parts(message);
    let sql = parts.iter().map(|part| part.sql(message.text)).collect::<Vec<_>>().join(";\n");
    let mut count = Count { parts: &parts, current: 0 };
    let mut answers = connection.fetch_many(raw_sql(AssertSqlSafe(sql)));
    loop {
        match answers.try_next().await {
            Ok(Some(Either::Left(_))) => count.answer(),
            Ok(Some(Either::Right(row))) => count.row(&row),
            Ok(None) => return Ok(()),
            Err(error) => return Err((count.place(), error)),
        }
    }
}

fn parts(message: Message<'_>) -> Vec<Part<'_>> {
    let mut parts = Vec::with_capacity(message.pieces.len() + message.ours.len());
    let mut ours = message.ours.iter().peekable();
    for (i, piece) in message.pieces.iter().enumerate() {
        parts.extend(std::iter::from_fn(|| ours.next_if(|ours| ours.behind <= i)).map(Part::Ours));
        parts.push(Part::Piece(piece));
        if ours.peek().is_some() && piece.stands_alone(Dialect::Mysql) {
            parts.push(Part::Mark);
        }
    }
    parts.extend(ours.map(Part::Ours));
    parts
}

/// Counts the answers, to know which part is being answered.
struct Count<'a> {
    parts: &'a [Part<'a>],
    current: usize,
}

impl Count<'_> {
    fn answer(&mut self) {
        // a procedure answers as often as it likes
        if !matches!(self.parts.get(self.current + 1), Some(Part::Mark)) {
            self.current += 1;
        }
    }

    fn row(&mut self, row: &MySqlRow) {
        let marks = row.len() == 1 && row.try_get_unchecked::<&str, _>(0).is_ok_and(|text| text == MARK);
        if marks && matches!(self.parts.get(self.current + 1), Some(Part::Mark)) {
            self.current += 1;
        }
    }

    fn place(&self) -> Place {
        let current = self.current.min(self.parts.len().saturating_sub(1));
        let pieces = self.parts[..current].iter().filter(|part| matches!(part, Part::Piece(_))).count();
        Place { piece: pieces, ours: !matches!(self.parts.get(current), Some(Part::Piece(_))) }
    }
}
