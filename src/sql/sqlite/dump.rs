//! What the `.dump` command of `sqlite3` writes around a whole dump.

use crate::sql::Statement;
use crate::sql::dump_wrapper::{DumpWrapper, Taken, is_begin, is_commit};

/// Where in a dump the next statement is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum AroundAll {
    /// Before the first statement.
    #[default]
    First,
    /// After `BEGIN TRANSACTION`, before a `COMMIT` that is to be the last statement.
    Whole,
    /// Not in a dump, or after it.
    Outside,
}

impl DumpWrapper for AroundAll {
    fn looks_ahead(&self, statement: &Statement) -> bool {
        *self == Self::Whole && is_commit(&statement.words)
    }

    fn take(&mut self, statement: &Statement, _text: &str, next: Option<&Statement>) -> Taken {
        let words = &statement.words;
        match self {
            Self::First if words.are(&["PRAGMA", "FOREIGN_KEYS", "=", "OFF"]) => Taken::Omitted,
            Self::First if is_begin(words) => {
                *self = Self::Whole;
                Taken::Opens("BEGIN")
            }
            Self::Whole if is_commit(words) && next.is_none() => {
                *self = Self::Outside;
                Taken::Closes
            }
            Self::First => {
                *self = Self::Outside;
                Taken::Statement
            }
            Self::Whole | Self::Outside => Taken::Statement,
        }
    }
}
