//! Connections to databases. Each engine is a module; the code outside does not know which engine it uses.

mod connection;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlserver"))]
mod cryptography;
mod description;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod driver;
mod forms;
mod held_lock;
mod lent;
mod message;
#[cfg(feature = "mysql")]
mod mysql;
mod parameters;
#[cfg(feature = "postgres")]
mod postgres;
mod reading;
mod server;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlserver"))]
mod server_url;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(feature = "sqlserver")]
mod sqlserver;
mod supervisor;
mod target;
mod test_host;
mod text;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod tls;
#[cfg(test)]
mod toy;
#[cfg(any(feature = "postgres", feature = "sqlserver"))]
mod tracing_tap;

use self::connection::count;
pub(crate) use self::connection::{
    Answer, Cells, Connection, Failure, Fate, NoLock, OnRow, ProofError, Replacement, Table,
};
pub(crate) use self::description::Address;
pub use self::description::Engine;
use self::description::OtherForms;
pub use self::held_lock::HeldLock;
pub use self::lent::{Lent, LostConnection};
pub(crate) use self::message::{Message, Part, Rows, RowsError};
pub(crate) use self::reading::{read_bodies, read_journal, read_journal_and, read_schema};
pub(crate) use self::server::{
    Access, Answers, Dependent, DropFirst, Exercise, Keep, Kept, KeptRow, ObjectsSql, RehearsalSql, SchemaSql, Server,
    SessionSql, Settings,
};
pub use self::target::Target;
pub(crate) use self::test_host::{BUILT, TestHost, is_test_name, test_name};
use self::text::{literal, only_place, quote, token};

/// The engines of this build.
static ENGINES: &[&Engine] = &[
    #[cfg(feature = "sqlite")]
    &sqlite::ENGINE,
    #[cfg(feature = "postgres")]
    &postgres::ENGINE,
    #[cfg(feature = "mysql")]
    &mysql::ENGINE,
    #[cfg(feature = "sqlserver")]
    &sqlserver::ENGINE,
    #[cfg(test)]
    &toy::ENGINE,
];

/// The engines that this build lacks: their names and the schemes of their URLs.
static NOT_BUILT: &[(&str, &[&str])] = &[
    #[cfg(not(feature = "sqlite"))]
    ("SQLite", &["sqlite", "sqlite3"]),
    #[cfg(not(feature = "postgres"))]
    ("PostgreSQL", &["postgres", "postgresql"]),
    #[cfg(not(feature = "mysql"))]
    ("MySQL and MariaDB", &["mysql", "mariadb"]),
    #[cfg(not(feature = "sqlserver"))]
    ("SQL Server", &["sqlserver", "mssql"]),
];

#[cfg(all(test, feature = "mysql", feature = "postgres", feature = "sqlite", feature = "sqlserver"))]
mod tests;
