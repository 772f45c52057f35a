//! The database URL, which is parsed once and shown without its password.

mod error;
mod forms;
mod parameters;
mod server;
#[cfg(feature = "postgres")]
mod service;
mod sqlserver;

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use percent_encoding::percent_decode_str;

pub use self::error::TargetError;
use self::parameters::Meaning;
pub(crate) use self::server::ServerUrl;
#[cfg(feature = "postgres")]
pub(crate) use self::server::SessionAttributes;
use self::server::{MYSQL, POSTGRES};
pub(crate) use self::sqlserver::SqlServer;
#[cfg(feature = "sqlserver")]
pub(crate) use self::sqlserver::{Encrypt, Login};
use crate::sql::{self, Context, Dialect};

/// The database that a URL names. `Display` and `Debug` never show the password.
///
/// ```
/// use dbmigrate::Target;
///
/// let target: Target = "postgres://shop:s3cret@db.example.org/shop".parse()?;
/// assert_eq!(target.to_string(), "postgres://shop:***@db.example.org/shop");
/// assert_eq!(target.database(), "shop");
/// # Ok::<(), dbmigrate::TargetError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Target(Place);

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Sqlite { path: PathBuf, read_only: bool, ignored: Vec<String> },
    Postgres(ServerUrl),
    Mysql(ServerUrl),
    SqlServer(Box<SqlServer>),
}

impl Target {
    /// Returns a SQLite database in a file.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self(Place::Sqlite { path: path.into(), read_only: false, ignored: Vec::new() })
    }

    pub(crate) const fn place(&self) -> &Place {
        &self.0
    }

    /// Returns the dialect of its scripts, by which they are split into statements.
    #[must_use]
    pub(crate) const fn dialect(&self) -> &'static dyn Dialect {
        match self.0 {
            Place::Sqlite { .. } => sql::SQLITE,
            Place::Postgres(_) => sql::POSTGRES,
            Place::Mysql(_) => sql::MYSQL,
            Place::SqlServer(_) => sql::SQLSERVER,
        }
    }

    /// Whether a database that is created there can be given a character set.
    #[must_use]
    pub const fn takes_charset(&self) -> bool {
        matches!(self.0, Place::Mysql(_))
    }

    /// Whether a database that is created there can be given a collation.
    #[must_use]
    pub const fn takes_collation(&self) -> bool {
        matches!(self.0, Place::Mysql(_) | Place::SqlServer(_))
    }

    /// Returns what the checks of scripts must know about the database, as far as the URL tells.
    #[must_use]
    pub fn context(&self) -> Context {
        Context { database: Some(self.database()), ..Context::new(self.dialect()) }
    }

    /// Returns what the checks of scripts must know about the databases of a URL, as far as its scheme tells it; the rest
    /// may be anything.
    #[must_use]
    pub fn context_of(url: &str) -> Option<Context> {
        Self::dialect_of(url).map(Context::new)
    }

    fn dialect_of(url: &str) -> Option<&'static dyn Dialect> {
        if Self::is_connection_string(url) {
            return Some(sql::SQLSERVER);
        }
        match url.split(':').next()?.to_ascii_lowercase().as_str() {
            "sqlite" | "sqlite3" => Some(sql::SQLITE),
            "postgres" | "postgresql" => Some(sql::POSTGRES),
            "mysql" | "mariadb" => Some(sql::MYSQL),
            "sqlserver" | "mssql" => Some(sql::SQLSERVER),
            _ => None,
        }
    }

    /// Whether the text is a .NET connection string (`Server=...;Database=...`) and not a URL, as far as its start
    /// tells.
    #[must_use]
    pub fn is_connection_string(text: &str) -> bool {
        sqlserver::is_connection_string(text)
    }

    /// Whether two targets are the same database, whatever the user and the parameters are: the same file, or the same
    /// name on the same host and port.
    #[must_use]
    pub fn is_same_database(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Place::Sqlite { path, .. }, Place::Sqlite { path: other, .. }) => resolved(path) == resolved(other),
            (Place::Postgres(url), Place::Postgres(other)) | (Place::Mysql(url), Place::Mysql(other)) => {
                url.is_same_database(other)
            }
            (Place::SqlServer(server), Place::SqlServer(other)) => server.is_same_database(other),
            _ => false,
        }
    }

    pub(crate) const fn is_read_only(&self) -> bool {
        matches!(self.0, Place::Sqlite { read_only: true, .. })
    }

    /// Returns the database's own name, which `rebuild --allow-drop` expects. For a file, it is the file's name.
    #[must_use]
    pub fn database(&self) -> String {
        match &self.0 {
            Place::Sqlite { path, .. } => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
            Place::Postgres(url) | Place::Mysql(url) => url.database(),
            Place::SqlServer(server) => server.database.clone(),
        }
    }

    /// Returns the file, if the database is a file on this machine.
    #[must_use]
    pub const fn file(&self) -> Option<&PathBuf> {
        if let Place::Sqlite { path, .. } = &self.0 { Some(path) } else { None }
    }

    /// Returns the URL's parameters that belong to other programs and have no effect here, such as `pool_size`.
    #[must_use]
    pub fn ignored(&self) -> &[String] {
        match &self.0 {
            Place::Sqlite { ignored, .. } => ignored,
            Place::Postgres(url) | Place::Mysql(url) => url.ignored(),
            Place::SqlServer(_) => &[],
        }
    }

    /// Returns how long connecting may take, if the URL says so.
    pub(crate) fn connect_timeout(&self) -> Option<Duration> {
        match &self.0 {
            Place::Sqlite { .. } => None,
            Place::Postgres(url) | Place::Mysql(url) => url.connect_timeout(),
            Place::SqlServer(server) => server.connect_timeout,
        }
    }

    /// Whether the database is on this machine: a loopback address, a socket or a file.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match &self.0 {
            Place::Sqlite { .. } => true,
            Place::Postgres(url) | Place::Mysql(url) => url.is_local(),
            Place::SqlServer(server) => server.is_local(),
        }
    }

    /// Returns the target with its relative paths resolved against the folder `base`.
    #[must_use]
    pub fn relative_to(self, base: &Path) -> Self {
        match self.0 {
            Place::Sqlite { path, read_only, ignored } => {
                Self(Place::Sqlite { path: base.join(path), read_only, ignored })
            }
            Place::SqlServer(server) => Self(Place::SqlServer(Box::new(server.relative_to(base)))),
            place @ (Place::Postgres(_) | Place::Mysql(_)) => Self(place),
        }
    }

    /// Returns where a scratch database can be built: beside this one if the server can do that, otherwise
    /// under a different name.
    pub(crate) fn scratch(&self) -> Self {
        match &self.0 {
            Place::Mysql(_) => self.with_database(&format!("{}_dbmigrate_squash", self.database())),
            _ => self.clone(),
        }
    }

    /// Returns the same server with another database.
    pub(crate) fn with_database(&self, name: &str) -> Self {
        match &self.0 {
            Place::Sqlite { .. } => self.clone(),
            Place::Postgres(url) => Self(Place::Postgres(url.with_database(name))),
            Place::Mysql(url) => Self(Place::Mysql(url.with_database(name))),
            Place::SqlServer(server) => Self(Place::SqlServer(Box::new(server.with_database(name)))),
        }
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let text = text.trim();
        if let Some(form) = forms::find(text) {
            return Err(form);
        }
        if Self::is_connection_string(text) {
            return sql_server(SqlServer::from_connection_string(text));
        }
        let (scheme, rest) = text.split_once(':').ok_or(TargetError::NoScheme)?;
        if scheme.is_empty() || !scheme.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(TargetError::NoScheme);
        }
        match scheme.to_ascii_lowercase().as_str() {
            "sqlite" | "sqlite3" if cfg!(feature = "sqlite") => sqlite(rest),
            "postgres" | "postgresql" if cfg!(feature = "postgres") => {
                ServerUrl::parse(&POSTGRES, text).map(|url| Self(Place::Postgres(url)))
            }
            "mysql" | "mariadb" if cfg!(feature = "mysql") => {
                ServerUrl::parse(&MYSQL, text).map(|url| Self(Place::Mysql(url)))
            }
            "sqlserver" | "mssql" => sql_server(SqlServer::from_url(text)),
            "sqlite" | "sqlite3" => Err(TargetError::NotBuilt("SQLite")),
            "mysql" | "mariadb" => Err(TargetError::NotBuilt("MySQL and MariaDB")),
            "postgres" | "postgresql" => Err(TargetError::NotBuilt("PostgreSQL")),
            // the text before the first colon may be a user name or a secret: only plain words are shown
            _ if scheme.len() > 12 || rest.is_empty() => Err(TargetError::NoScheme),
            _ if !rest.starts_with("//") => Err(TargetError::NoScheme),
            scheme => Err(TargetError::UnknownScheme(scheme.into())),
        }
    }
}

fn sql_server(server: Result<SqlServer, TargetError>) -> Result<Target, TargetError> {
    if cfg!(feature = "sqlserver") {
        server.map(|server| Target(Place::SqlServer(Box::new(server))))
    } else {
        Err(TargetError::NotBuilt("SQL Server"))
    }
}

fn sqlite(rest: &str) -> Result<Target, TargetError> {
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let (path, query) = rest.split_once('?').map_or((rest, ""), |(path, query)| (path, query));
    let (mut read_only, mut ignored) = (false, Vec::new());
    for (i, (name, value)) in url::form_urlencoded::parse(query.as_bytes()).enumerate() {
        match parameters::meaning(parameters::SQLITE, &name) {
            Some((name, Meaning::Kept)) => match &*value {
                "ro" => read_only = true,
                "rw" | "rwc" => {}
                "memory" => return Err(TargetError::InMemory),
                _ => return Err(TargetError::InvalidParameter { name, expected: "it is ro, rw or rwc" }),
            },
            Some((name, Meaning::Refused(expected))) => return Err(TargetError::InvalidParameter { name, expected }),
            Some((name, _)) => ignored.push(name.to_owned()),
            None => {
                let name = Some(name.into_owned()).filter(|name| server::is_plain(name));
                return Err(TargetError::UnknownParameter { scheme: "sqlite".into(), name, position: i + 1 });
            }
        }
    }
    let path = decode(path);
    if path == ":memory:" {
        return Err(TargetError::InMemory);
    }
    if path.is_empty() || path.ends_with(['/', '\\']) {
        return Err(TargetError::NoDatabase("sqlite".into()));
    }
    Ok(Target(Place::Sqlite { path: path.into(), read_only, ignored }))
}

fn resolved(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.into())
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8().map_or_else(|_| text.to_owned(), Cow::into_owned)
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Sqlite { path, .. } => write!(f, "sqlite:{}", path.display()),
            Place::Postgres(url) | Place::Mysql(url) => url.fmt(f),
            Place::SqlServer(server) => server.fmt(f),
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(all(test, feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod tests;
