//! A connection of the application.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::Connection;

use super::address::{ENGINE, resolved};
use super::file::{File, Home};
use super::guard::Guard;
use super::{Origin, PRODUCT, Sqlite, checked_journal, dump};
use crate::engine::lent::{Lent, Slot, not_beside};
use crate::engine::{self, Replacement, Settings, Target};
use crate::error::{Error, ErrorKind, ServerError};

/// Lends a connection of `rusqlite`, to a file or to a database in memory.
///
/// The connection must not be in a transaction. A run sets the commit, rollback and progress hooks and the authorizer of the
/// connection, and removes them at its end: those of the application are gone, and are set again after
/// [`Lent::take_back`]. `foreign_keys`, `busy_timeout` and the other pragmas that a run or a script sets are restored, except
/// `case_sensitive_like`, which cannot be read. Temporary tables and attached files stay. A dropped run is rolled back.
///
/// The lock between runs is a file beside the database. A database in memory has none: no one else can have it.
///
/// ```
/// use dbmigrate::{Lent, Migrator, Scripts};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let scripts = Scripts::from_files([("Script-0001.sql", b"CREATE TABLE item (id integer PRIMARY KEY);")]);
/// let lent = Lent::from(rusqlite::Connection::open_in_memory()?);
/// Migrator::new(lent.target(), scripts).upgrade().await?;
/// let connection = lent.take_back().await?;
/// connection.execute("INSERT INTO item VALUES (1)", [])?;
/// # Ok(())
/// # }
/// ```
impl From<Connection> for Lent<Connection> {
    fn from(connection: Connection) -> Self {
        let path = connection.path().filter(|path| !path.is_empty()).map(PathBuf::from);
        let read_only = connection.is_readonly("main").unwrap_or(false);
        let slot = Slot::new(connection);
        let address = Address { slot: Arc::clone(&slot), path, read_only };
        Self::new(slot, Target::new(&ENGINE, Arc::new(address)))
    }
}

/// The database of a connection that is lent.
struct Address {
    slot: Arc<Slot<Connection>>,
    /// `None` for a database in memory.
    path: Option<PathBuf>,
    read_only: bool,
}

/// The settings that a run or a script changes and that are restored.
const PRAGMAS: [&str; 8] = [
    "busy_timeout",
    "foreign_keys",
    "ignore_check_constraints",
    "legacy_alter_table",
    "max_page_count",
    "query_only",
    "recursive_triggers",
    "writable_schema",
];

impl Address {
    async fn open(&self, settings: &Settings) -> Result<Sqlite, ServerError> {
        let refused = |why: &str| ServerError::new(PRODUCT, why, ErrorKind::Plain);
        let connection = self.slot.take().map_err(|place| refused(place.why()))?;
        if !connection.is_autocommit() {
            self.slot.put(Some(connection));
            return Err(refused("the connection is in a transaction: end it first"));
        }
        let mut file = File::lent(connection, Home { slot: Arc::clone(&self.slot), restore: String::new() });
        let mut restore = String::new();
        for pragma in PRAGMAS {
            let value = file.query(&format!("PRAGMA {pragma}")).await?.into_iter().flatten().flatten().next();
            restore.extend(value.map(|value| format!("PRAGMA {pragma} = {value};")));
        }
        file.restores(restore);
        let busy = super::busy_timeout(settings);
        file.with(move |connection| super::file::prepare(connection, busy)).await?;
        let mut sqlite = Sqlite::new(file, Origin::Lent(self.path.clone()), settings);
        sqlite.greet(settings.access).await?;
        Ok(sqlite)
    }
}

#[async_trait]
impl engine::Address for Address {
    fn database(&self) -> String {
        let name = self.path.as_deref().and_then(Path::file_name);
        name.map_or_else(|| ":memory:".into(), |name| name.to_string_lossy().into_owned())
    }

    fn identity(&self) -> String {
        let path = self.path.as_deref().map(|path| resolved(path).to_string_lossy().into_owned());
        path.unwrap_or_else(|| format!(":memory: {:p}", Arc::as_ptr(&self.slot)))
    }

    fn is_local(&self) -> bool {
        true
    }

    fn file(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    fn is_read_only(&self) -> bool {
        self.read_only
    }

    async fn connect(&self, settings: &Settings) -> Result<Box<dyn engine::Connection>, Error> {
        checked_journal(settings)?;
        let opened = self.open(settings).await;
        opened.map(|sqlite| Box::new(sqlite) as _).map_err(|error| Error::Connect { target: self.to_string(), error })
    }

    async fn replacement(&self, _: &Settings) -> Result<Box<dyn Replacement>, Error> {
        Err(not_beside())
    }

    fn dump_tools(&self) -> Vec<Command> {
        self.path.as_deref().map(dump::dump_tools).unwrap_or_default()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "sqlite:{}", path.display()),
            None => f.write_str("sqlite::memory:"),
        }
    }
}

impl Home {
    /// Gives a connection back as it was.
    pub(super) fn receive(&self, mut connection: Connection) {
        // what fails here leaves the application a connection that says so at its next use
        let _ = Guard::remove(&mut connection);
        if !connection.is_autocommit() {
            let _ = connection.execute_batch("ROLLBACK");
        }
        let _ = connection.execute_batch(&self.restore);
        self.slot.put(Some(connection));
    }
}
