//! The database that a URL names. The URL is parsed once, and shown without its password.

use std::fmt;
use std::path::Path;
use std::process::Command;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::forms;
use super::{Address, Connection, Engine, Replacement, Settings, TestHost};
use crate::error::Error;
use crate::sql::Context;
use crate::target::TargetError;

/// The database that a URL names. `Display` and `Debug` never show the password.
///
/// ```
/// use dbmigrate::Target;
///
/// let target: Target = "postgres://shop:s3cret@db.example.org/shop".parse()?;
/// assert_eq!(target.to_string(), "postgres://shop:***@db.example.org/shop");
/// assert_eq!(target.database(), "shop");
/// # Ok::<(), dbmigrate::error::TargetError>(())
/// ```
#[derive(Clone)]
pub struct Target {
    engine: &'static Engine,
    address: Arc<dyn Address>,
}

impl Target {
    pub(crate) fn new(engine: &'static Engine, address: Arc<dyn Address>) -> Self {
        Self { engine, address }
    }

    /// Returns the database in a file.
    pub(crate) fn in_file(path: &Path) -> Result<Self, TargetError> {
        let path = utf8_percent_encode(&path.to_string_lossy(), NON_ALPHANUMERIC).to_string();
        format!("sqlite:{path}").parse()
    }

    /// Returns the engine of the database.
    #[must_use]
    pub const fn engine(&self) -> &'static Engine {
        self.engine
    }

    /// Whether a database that is created there can be given a character set.
    #[must_use]
    pub const fn takes_charset(&self) -> bool {
        self.engine.takes_charset
    }

    /// Whether a database that is created there can be given a collation.
    #[must_use]
    pub const fn takes_collation(&self) -> bool {
        self.engine.takes_collation
    }

    /// Returns what the checks of scripts must know about the database, as far as the URL tells.
    pub(crate) fn context(&self) -> Context {
        Context { database: Some(self.database()), ..Context::new(self.engine.dialect) }
    }

    /// Whether the text is a connection string (`Server=...;Database=...`) and not a URL, as far as its start tells.
    #[must_use]
    pub fn is_connection_string(text: &str) -> bool {
        Engine::reading(text).is_some()
    }

    /// Whether two targets are the same database, whatever the user and the parameters are: the same file, or the same
    /// name on the same host and port.
    #[must_use]
    pub fn is_same_database(&self, other: &Self) -> bool {
        self.engine == other.engine && self.address.identity() == other.address.identity()
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.address.is_read_only()
    }

    /// Returns the database's own name. For a file, it is the file's name.
    #[must_use]
    pub fn database(&self) -> String {
        self.address.database()
    }

    /// Returns the file, if the database is a file on this machine.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.address.file()
    }

    /// Returns the server on which the database is, if it is on one: its host and port.
    pub(crate) fn server(&self) -> Option<String> {
        self.address.server()
    }

    /// Returns another database on the same server, if there is one.
    pub(crate) fn with_database(&self, name: &str) -> Option<Self> {
        self.address.with_database(name).map(|address| Self { address, ..*self })
    }

    /// Returns one schema of the database, as if it were a database of its own: its journal is in it, unqualified names are
    /// found in it first, and nothing else in the database counts. Runs on several schemas of a database do not wait for
    /// each other.
    ///
    /// ```
    /// use dbmigrate::Target;
    ///
    /// let target: Target = "postgres://shop@db.example.org/shop".parse()?;
    /// let tenant = target.with_schema("acme")?;
    /// assert_eq!((tenant.schema(), tenant.database().as_str()), (Some("acme"), "shop"));
    /// assert!(Target::sqlite("shop.db").with_schema("acme").is_err());
    /// # Ok::<(), dbmigrate::error::TargetError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TargetError::NoSchemas`] if databases of this kind have no schemas.
    pub fn with_schema(&self, name: &str) -> Result<Self, TargetError> {
        let address = self.address.with_schema(name).ok_or(TargetError::NoSchemas(self.engine.name()))?;
        Ok(Self { address, ..*self })
    }

    /// Returns the schema, if the target is one schema of a database.
    #[must_use]
    pub fn schema(&self) -> Option<&str> {
        self.address.schema()
    }

    /// Returns the URL's parameters that belong to other programs and have no effect here, such as `pool_size`.
    #[must_use]
    pub fn ignored(&self) -> &[String] {
        self.address.ignored()
    }

    /// Returns how long connecting may take, if the URL says so.
    pub(crate) fn connect_timeout(&self) -> Option<Duration> {
        self.address.connect_timeout()
    }

    /// Whether the database is on this machine: a loopback address, a socket or a file.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.address.is_local()
    }

    /// Returns the target with its relative paths resolved against the folder `base`.
    #[must_use]
    pub fn relative_to(self, base: &Path) -> Self {
        let address = self.address.relative_to(base).unwrap_or(self.address);
        Self { address, ..self }
    }

    /// Returns where a scratch database can be built: beside this one if the server can do that, otherwise
    /// under a different name.
    pub(crate) fn scratch(&self) -> Self {
        let address = self.address.scratch().unwrap_or_else(|| Arc::clone(&self.address));
        Self { address, ..*self }
    }

    pub(crate) async fn connect(&self, settings: &Settings) -> Result<Box<dyn Connection>, Error> {
        self.address.connect(&settings.within(self.schema())).await
    }

    /// Returns the text that programs connect with, with its password.
    pub(crate) fn url(&self) -> String {
        self.address.url()
    }

    /// Returns what tells the database from all others that use the same templates.
    pub(crate) fn user(&self) -> String {
        self.file().map_or_else(|| self.database(), |_| self.address.identity())
    }

    /// Returns the database in whose name templates for tests are built.
    pub(crate) fn test_base(self, settings: &Settings) -> Self {
        let address = self.address.test_base(settings).unwrap_or(self.address);
        Self { address, ..self }
    }

    /// Opens the server's session, or the folder, in which a test gets a database.
    pub(crate) async fn test_host(&self, settings: &Settings) -> Result<Box<dyn TestHost>, Error> {
        self.address.test_host(settings).await
    }

    /// Prepares an empty database beside the target's.
    pub(crate) async fn replacement(&self, settings: &Settings) -> Result<Box<dyn Replacement>, Error> {
        self.address.replacement(&settings.within(self.schema())).await
    }

    /// Returns the programs that dump the database, any of which is enough; none if the engine has no such program.
    pub(crate) fn dump_tools(&self) -> Vec<Command> {
        self.address.dump_tools()
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let text = text.trim();
        if let Some(form) = forms::find(text) {
            return Err(form);
        }
        if let Some(engine) = Engine::reading(text) {
            return (engine.parse)(text).map(|address| Self { engine, address });
        }
        let none = || TargetError::NoScheme { forms: forms::all() };
        let (scheme, rest) = text.split_once(':').ok_or_else(none)?;
        if scheme.is_empty() || !scheme.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(none());
        }
        if let Some(engine) = Engine::of(text) {
            return (engine.parse)(text).map(|address| Self { engine, address });
        }
        let scheme = scheme.to_ascii_lowercase();
        match Engine::not_built(&scheme) {
            Some(name) => Err(TargetError::NotBuilt(name)),
            // the text before the first colon may be a user name or a secret: only plain words are shown
            None if scheme.len() > 12 || !rest.starts_with("//") => Err(none()),
            None => Err(TargetError::UnknownScheme { scheme, forms: forms::all() }),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
