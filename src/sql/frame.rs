use std::ops::Range;

use super::{Dialect, Piece, Pieces, Role, SplitError, Words, mysql, split};

/// The pieces of a script that are sent: like [`split`], without what has nothing to send.
///
/// A baseline comes from a dump tool, and the transactions that the tool wrote are left out, for the run has its own:
/// `PRAGMA foreign_keys=OFF; BEGIN TRANSACTION; ... COMMIT;` around a whole `.dump` of `sqlite3`, and `BEGIN; ...
/// COMMIT;` around the large objects of `pg_dump`, `SET autocommit=0; ... COMMIT;` around a table's rows of `mysqldump`
/// (and `SET autocommit=...;` behind them).
#[must_use]
pub fn sendable(dialect: Dialect, text: &str, role: Role) -> Sendable<'_> {
    let frame = match (role, dialect) {
        (Role::Script, _) | (_, Dialect::SqlServer) => Frame::None,
        (Role::Baseline, Dialect::Mysql) => Frame::Tables,
        (Role::Baseline, Dialect::Postgres) => Frame::Between,
        (Role::Baseline, Dialect::Sqlite) => Frame::First,
    };
    Sendable { pieces: split(dialect, text), ahead: None, frame, opened: None }
}

/// The statements to send, in order: what [`sendable`] returns.
#[derive(Debug)]
pub struct Sendable<'a> {
    pieces: Pieces<'a>,
    /// A statement that was looked at to judge the one before it.
    ahead: Option<Result<Piece, SplitError>>,
    frame: Frame,
    /// The `BEGIN` that was left out and whose `COMMIT` has not come yet, and its name.
    opened: Option<(Range<usize>, &'static str)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// Nothing is left out.
    None,
    /// Before the first statement of a `SQLite` dump.
    First,
    /// In a `SQLite` dump whose last statement is to be `COMMIT`.
    Whole,
    /// In a `PostgreSQL` dump, not among large objects.
    Between,
    /// Among the large objects of a `PostgreSQL` dump.
    LargeObjects,
    /// In a dump of MySQL before any rows that stand in a frame.
    Tables,
    /// Among the rows of a table in a dump of MySQL.
    Rows,
    /// Behind such rows.
    BehindRows,
}

impl Iterator for Sendable<'_> {
    type Item = Result<Piece, SplitError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.statement()? {
                Ok(piece) if self.is_frame(&piece) => {}
                other => return Some(other),
            }
        }
    }
}

impl Sendable<'_> {
    /// A `BEGIN` that was left out although its `COMMIT` is missing, and its name: the dump is not whole.
    pub(super) fn unclosed(&self) -> Option<(Range<usize>, &'static str)> {
        self.opened.clone()
    }

    /// Directive comments met so far.
    pub(super) fn directives(&self) -> &[Range<usize>] {
        self.pieces.directives()
    }

    fn statement(&mut self) -> Option<Result<Piece, SplitError>> {
        self.ahead.take().or_else(|| self.next_statement())
    }

    fn next_statement(&mut self) -> Option<Result<Piece, SplitError>> {
        self.pieces.by_ref().find(|piece| piece.as_ref().map_or(true, |piece| !piece.statement.is_empty()))
    }

    fn peek(&mut self) -> Option<&Result<Piece, SplitError>> {
        self.ahead = self.statement();
        self.ahead.as_ref()
    }

    fn is_frame(&mut self, piece: &Piece) -> bool {
        let frame = self.frame;
        match frame {
            Frame::Tables | Frame::Rows | Frame::BehindRows => return self.is_around_rows(piece),
            Frame::First if turns_foreign_keys_off(&piece.words) => return true,
            Frame::First if is_begin(&piece.words) => self.open(piece, "BEGIN", Frame::Whole),
            Frame::First => self.frame = Frame::None,
            Frame::Whole if is_commit(&piece.words) && self.peek().is_none() => self.close(Frame::None),
            Frame::Between if is_begin(&piece.words) && self.large_object_follows() => {
                self.open(piece, "BEGIN", Frame::LargeObjects);
            }
            Frame::LargeObjects if is_commit(&piece.words) => self.close(Frame::Between),
            _ => {}
        }
        frame != self.frame && (is_begin(&piece.words) || is_commit(&piece.words))
    }

    /// Whether the statement belongs to the frame that `--no-autocommit` puts around the rows of a table.
    fn is_around_rows(&mut self, piece: &Piece) -> bool {
        let text = self.pieces.text().get(piece.statement.clone()).unwrap_or_default();
        let switch = piece.words.starts(&["SET"]).then(|| mysql::autocommit(text)).flatten();
        match (self.frame, switch) {
            (Frame::Tables | Frame::BehindRows, Some(mysql::Autocommit::Off)) => {
                self.open(piece, "SET autocommit", Frame::Rows);
            }
            (Frame::Rows, None) if is_commit(&piece.words) => self.close(Frame::BehindRows),
            (Frame::BehindRows, Some(mysql::Autocommit::Back)) => {}
            _ => return false,
        }
        true
    }

    fn open(&mut self, begin: &Piece, name: &'static str, frame: Frame) {
        self.opened = Some((begin.statement.clone(), name));
        self.frame = frame;
    }

    fn close(&mut self, frame: Frame) {
        self.opened = None;
        self.frame = frame;
    }

    fn large_object_follows(&mut self) -> bool {
        matches!(self.peek(), Some(Ok(next)) if next.words.starts(&["SELECT", "LO_OPEN", "("]))
    }
}

fn turns_foreign_keys_off(words: &Words) -> bool {
    words.are(&["PRAGMA", "FOREIGN_KEYS", "=", "OFF"])
}

fn is_begin(words: &Words) -> bool {
    words.are(&["BEGIN"]) || words.are(&["BEGIN", "TRANSACTION"])
}

fn is_commit(words: &Words) -> bool {
    words.are(&["COMMIT"])
}
