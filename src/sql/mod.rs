//! SQL text: splits a script into statements, and checks it before anything runs.
//!
//! Everything here is pure: text in, ranges and findings out. [`split`] splits exactly where the database's own client
//! would, [`sendable`] leaves out what a dump tool wrote for itself, and [`inspect`] finds what would break the run's
//! transaction.

mod context;
mod cursor;
mod dump;
mod dump_wrapper;
mod edits;
mod error;
mod finding;
mod inspect;
mod marker;
mod mysql;
mod open;
mod piece;
mod postgres;
mod rules;
mod session_state;
mod source;
mod sqlite;
mod sqlserver;
mod tokens;
mod undo;
mod units;
mod variables;
mod words;

pub use context::Context;
pub(crate) use context::repairs_name;
pub(crate) use cursor::Comments;
pub(crate) use dump::is_dump;
pub use dump_wrapper::sendable;
pub(crate) use dump_wrapper::{Sendable, own};
#[cfg(feature = "postgres")]
pub(crate) use edits::Edits;
pub use error::{SplitError, SplitErrorKind};
pub use finding::{Finding, FindingKind};
pub(crate) use inspect::Inspector;
pub use inspect::{Inspection, Mode, Role, inspect};
pub(crate) use marker::{LineMarkers, meant};
pub use marker::{Marker, MarkerRole};
pub(crate) use piece::Defers;
pub use piece::{Piece, Pieces, split};
#[cfg(feature = "postgres")]
pub(crate) use postgres::database_names;
pub(crate) use rules::suspending;
pub(crate) use session_state::{MissingState, SessionState};
pub(crate) use source::{Cut, SlidingBuffer, Source, TextSource};
#[cfg(feature = "postgres")]
pub(crate) use tokens::blanks;
pub(crate) use undo::undo;
pub(crate) use units::{asks_back, commits_at_once, commits_before, leaves_nothing};
pub(crate) use variables::Sent;
pub use variables::{VariableError, Variables};
pub use words::Words;

/// How a text is split into statements: one dialect per database product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// As the `mysql` client splits it.
    Mysql,
    /// As `psql` splits it.
    Postgres,
    /// As the `sqlite3` shell splits it.
    Sqlite,
    /// As `sqlcmd` and SSMS split it: a statement is a batch.
    SqlServer,
}

impl Dialect {
    /// The words for what a script is split into, singular and plural.
    pub(crate) const fn units(self) -> (&'static str, &'static str) {
        if matches!(self, Self::SqlServer) { ("batch", "batches") } else { ("statement", "statements") }
    }

    /// Whether a statement that changes a schema commits the transaction that it runs in, and cannot be rolled back.
    ///
    /// ```
    /// use dbmigrate::sql::Dialect;
    ///
    /// assert!(Dialect::Mysql.commits_at_ddl());
    /// assert!(!Dialect::Postgres.commits_at_ddl());
    /// ```
    #[must_use]
    pub const fn commits_at_ddl(self) -> bool {
        matches!(self, Self::Mysql)
    }

    /// Whether a long transaction costs less than many short ones: it holds no lock on each object that it creates, and
    /// each commit waits for the disk.
    pub(crate) const fn favours_long_transactions(self) -> bool {
        matches!(self, Self::Sqlite)
    }

    /// The schema of unqualified names, in a product whose databases have several schemas.
    pub(crate) const fn default_schema(self) -> Option<&'static str> {
        match self {
            Self::Mysql => None,
            Self::Postgres => Some("public"),
            Self::Sqlite => Some("main"),
            Self::SqlServer => Some("dbo"),
        }
    }

    /// The text that ends a statement for the database's own client.
    pub(crate) const fn terminator(self) -> &'static str {
        match self {
            Self::SqlServer => "\nGO",
            Self::Mysql | Self::Postgres | Self::Sqlite => ";",
        }
    }
}
