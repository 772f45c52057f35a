//! What is known of a database product before it is connected to.

use std::fmt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::{BUILT, Connection, ENGINES, NOT_BUILT, Replacement, Settings, TestHost, forms};
use crate::error::Error;
use crate::sql::Dialect;
use crate::target::{Found, Parts, TargetError};

/// A database product that this build can connect to.
///
/// ```
/// use dbmigrate::Engine;
///
/// let schemes = Engine::all().iter().map(|engine| engine.schemes()[0]).collect::<Vec<_>>();
/// assert_eq!(schemes, ["sqlite", "postgres", "mysql", "sqlserver"]);
/// ```
pub struct Engine {
    pub(super) name: &'static str,
    pub(super) schemes: &'static [&'static str],
    /// How a database is written.
    pub(super) forms: &'static [&'static str],
    pub(crate) dialect: &'static dyn Dialect,
    /// Whether a new database can be given a character set.
    pub(crate) takes_charset: bool,
    /// Whether a new database can be given a collation.
    pub(crate) takes_collation: bool,
    /// Whether a rebuild can copy a template.
    pub(crate) keeps_templates: bool,
    /// The database of a new project whose user has named none, on an engine that needs no server.
    pub(super) default_url: Option<&'static str>,
    /// Parses a URL, or a text that `reads` accepts.
    pub(crate) parse: fn(&str) -> Result<Arc<dyn Address>, TargetError>,
    /// Whether a text that is no URL is one that `parse` reads.
    pub(super) reads: fn(&str) -> bool,
    pub(crate) other_forms: OtherForms,
}

/// The forms in which other programs write a database of the product.
pub(crate) struct OtherForms {
    /// The names of the product in JDBC URLs.
    pub(crate) jdbc: &'static [&'static str],
    /// Takes a JDBC URL apart, from the text after the product's name.
    pub(crate) from_jdbc: fn(&str) -> Option<Parts>,
    /// Words in the names of its ODBC drivers, in lower case.
    pub(crate) odbc: &'static [&'static str],
    /// Recognizes a connection string of another program by its names, and returns what it is.
    pub(crate) names: fn(&Parts) -> Option<&'static str>,
    /// Returns the URL for what such a form says.
    pub(crate) url: fn(&Parts) -> Option<String>,
    /// Recognizes any other form. Returns what it is, and the URL to write instead.
    pub(crate) find: fn(&str) -> Option<Found>,
}

impl Engine {
    /// Returns the engines of this build.
    #[must_use]
    pub fn all() -> &'static [&'static Self] {
        ENGINES
    }

    /// Returns the engine of a URL, as far as its scheme tells it; the rest may be anything.
    ///
    /// ```
    /// use dbmigrate::Engine;
    ///
    /// assert_eq!(Engine::of("Postgres://${HOST}/shop").map(Engine::name), Some("PostgreSQL"));
    /// ```
    #[must_use]
    pub fn of(url: &str) -> Option<&'static Self> {
        let scheme = url.split(':').next()?.to_ascii_lowercase();
        let has_scheme = |engine: &&Self| engine.schemes.contains(&scheme.as_str());
        Self::reading(url).or_else(|| ENGINES.iter().copied().find(has_scheme))
    }

    /// Returns the engine whose connection string a text is.
    pub(crate) fn reading(text: &str) -> Option<&'static Self> {
        ENGINES.iter().copied().find(|engine| (engine.reads)(text))
    }

    /// Returns the name of an engine that this build lacks, by a scheme in lower case.
    pub(crate) fn not_built(scheme: &str) -> Option<&'static str> {
        NOT_BUILT.iter().find(|(_, schemes)| schemes.contains(&scheme)).map(|(name, _)| *name)
    }

    /// Returns the product's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the schemes of its URLs in lower case, the usual one first.
    #[must_use]
    pub const fn schemes(&self) -> &'static [&'static str] {
        self.schemes
    }

    /// Returns how a database is written: the form of a URL, and other forms if there are any.
    #[must_use]
    pub const fn forms(&self) -> &'static [&'static str] {
        self.forms
    }

    /// Returns how the URLs of all engines are written, as a list.
    #[must_use]
    pub fn urls() -> String {
        forms::urls()
    }

    /// Returns the URL of the database of a new project, for an engine that needs no server.
    #[must_use]
    pub const fn default_url(&self) -> Option<&'static str> {
        self.default_url
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Engine {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Engine {}

/// Where a database is. `Display` never shows the password.
#[async_trait]
pub(crate) trait Address: fmt::Display + Send + Sync {
    /// The database's own name; for a file, the file's name.
    fn database(&self) -> String;

    /// What tells the database from every other of the product, whatever the user and the parameters are.
    fn identity(&self) -> String;

    /// Whether the database is on this machine.
    fn is_local(&self) -> bool;

    /// The file, if the database is a file on this machine.
    fn file(&self) -> Option<&Path> {
        None
    }

    /// Whether the database may only be read.
    fn is_read_only(&self) -> bool {
        false
    }

    /// The parameters that belong to other programs and have no effect here.
    fn ignored(&self) -> &[String] {
        &[]
    }

    /// How long connecting may take, if the address says so.
    fn connect_timeout(&self) -> Option<Duration> {
        None
    }

    /// Returns the address with its relative paths resolved against a folder, if it can have any.
    fn relative_to(&self, _base: &Path) -> Option<Arc<dyn Address>> {
        None
    }

    /// Returns where a scratch database is built, if that cannot be done beside this one.
    fn scratch(&self) -> Option<Arc<dyn Address>> {
        None
    }

    /// The server on which the database is, if it is on one: its host and port.
    fn server(&self) -> Option<String> {
        None
    }

    /// Returns the address of another database on the same server.
    fn with_database(&self, _name: &str) -> Option<Arc<dyn Address>> {
        None
    }

    /// The tenant's schema, if the address is one schema of the database.
    fn schema(&self) -> Option<&str> {
        None
    }

    /// Returns the address of a tenant's schema, which is treated like a database.
    fn with_schema(&self, _name: &str) -> Option<Arc<dyn Address>> {
        None
    }

    /// The text that programs connect with, with its password.
    fn url(&self) -> String {
        self.to_string()
    }

    async fn connect(&self, settings: &Settings) -> Result<Box<dyn Connection>, Error>;

    /// Returns the address in whose name templates for tests are built: no database is there.
    fn test_base(&self, _settings: &Settings) -> Option<Arc<dyn Address>> {
        self.with_database(BUILT)
    }

    /// Opens the server's session, or the folder, in which a test gets a database.
    async fn test_host(&self, _settings: &Settings) -> Result<Box<dyn TestHost>, Error> {
        let why = format!("tests get databases on a server or in a folder, and {self} is neither");
        Err(Error::Guarded { why, remedy: "name the server by a URL".into() })
    }

    /// Prepares an empty database beside this one.
    async fn replacement(&self, settings: &Settings) -> Result<Box<dyn Replacement>, Error>;

    /// Returns the programs that dump the database, any of which is enough.
    fn dump_tools(&self) -> Vec<Command> {
        Vec::new()
    }
}
