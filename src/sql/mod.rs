//! SQL text: splits a script into statements, and checks it before anything runs.
//!
//! Everything here is pure: text in, ranges and findings out. [`split`] splits exactly where the database's own client
//! would, [`sendable`] leaves out what a dump tool wrote for itself, and [`inspect`] finds what would break the run's
//! transaction. What only one product has is in its folder and implements [`Dialect`].

mod context;
mod cursor;
mod dialect;
mod dump;
mod dump_wrapper;
mod edits;
mod error;
mod finding;
mod inspect;
mod marker;
mod mysql;
mod object;
mod open;
pub(crate) mod postgres;
mod rules;
mod session_state;
mod source;
mod sqlite;
pub(crate) mod sqlserver;
mod statement;
mod tenants;
mod tokens;
mod variables;
mod words;

pub use context::Context;
pub(crate) use context::tables_beside;
pub(crate) use cursor::{Comments, Token};
pub use dbmigrate_files::Role;
pub(crate) use dialect::Dialect;
pub(crate) use dump::is_dump;
pub(crate) use dump_wrapper::{Sendable, own, sendable};
pub(crate) use edits::Edits;
pub use error::{SplitError, SplitErrorKind};
pub use finding::{Finding, FindingKind};
pub(crate) use inspect::Names;
pub use inspect::{Inspection, Mode};
pub(crate) use inspect::{Inspector, inspect};
pub(crate) use marker::{LineMarkers, meant};
pub use marker::{Marker, MarkerRole};
pub use object::Repeat;
pub(crate) use object::{Created, ObjectText, same_class};
pub(crate) use session_state::{MissingState, SessionState};
pub(crate) use source::{SlidingBuffer, Source, SourceError, TextSource};
pub(crate) use statement::{Defers, split};
pub use statement::{Split, Statement};
pub(crate) use tenants::Tenants;
pub(crate) use tokens::{blanks, tokens};
pub(crate) use variables::Sent;
pub use variables::{VariableError, Variables};
pub use words::Words;

pub(crate) const MYSQL: &dyn Dialect = &mysql::Mysql;
pub(crate) const POSTGRES: &dyn Dialect = &postgres::Postgres;
pub(crate) const SQLITE: &dyn Dialect = &sqlite::Sqlite;
pub(crate) const SQLSERVER: &dyn Dialect = &sqlserver::SqlServer;

/// All dialects.
pub(crate) const DIALECTS: [&dyn Dialect; 4] = [MYSQL, POSTGRES, SQLITE, SQLSERVER];
