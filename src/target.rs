//! The database URL: parsed once, shown without its password.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use url::Url;

use crate::sql::Dialect;

/// One database: what a URL names. `Display` and `Debug` never show the password.
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
    Sqlite { path: PathBuf, read_only: bool },
    Postgres(Url),
}

/// Why a text is no database URL. No message holds any part of it behind the scheme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// There is no `scheme:` at its start.
    #[error("the database URL has no scheme")]
    NoScheme,
    /// The scheme is not one of a known engine.
    #[error("the database URL's scheme {0:?} is not known")]
    UnknownScheme(String),
    /// The engine is not part of this build.
    #[error("this build of dbmigrate has no support for {0}")]
    NotBuilt(&'static str),
    /// It cannot be parsed.
    #[error("the {scheme} URL cannot be parsed: {reason}")]
    Malformed {
        /// The scheme.
        scheme: String,
        /// What is wrong.
        reason: String,
    },
    /// It names no database.
    #[error("the {0} URL names no database")]
    NoDatabase(String),
    /// The database would be gone with the run.
    #[error("a database in memory is gone when the run ends")]
    InMemory,
    /// A parameter behind the `?` is not known. It is not shown: it can be the second half of a password.
    #[error("the {scheme} URL has an unknown parameter: number {position} behind the ?")]
    UnknownParameter {
        /// The scheme.
        scheme: String,
        /// Which of the parameters, from 1.
        position: usize,
    },
    /// A parameter stands twice, or two say the same thing: which one counts is nobody's guess.
    #[error("the {0} URL says one thing twice: a parameter, or host and hostaddr")]
    Repeated(String),
    /// A parameter has a value that it cannot have.
    #[error("the URL's parameter {name} has an invalid value")]
    InvalidParameter {
        /// The parameter.
        name: &'static str,
        /// The values that it can have.
        expected: &'static str,
    },
}

impl TargetError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Repeated(_) => "leave one of them out",
            Self::InMemory => "name a file, such as sqlite:app.db",
            Self::InvalidParameter { expected, .. } => expected,
            Self::NoScheme | Self::UnknownScheme(_) => {
                "write sqlite:path/to/file.db or postgres://user:password@host:port/database"
            }
            Self::NotBuilt(_) => "install dbmigrate with that engine's cargo feature",
            Self::Malformed { .. } => {
                "in a user name or a password, write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25"
            }
            Self::NoDatabase(scheme) if scheme == "sqlite" => "name a file, such as sqlite:path/to/file.db",
            Self::NoDatabase(_) => "add it at the end: postgres://user@host/database",
            Self::UnknownParameter { scheme, .. } if scheme == "sqlite" => "known is mode: ro, rw or rwc",
            Self::UnknownParameter { .. } => {
                "known are sslmode, sslrootcert, sslcert, sslkey, host, hostaddr, port, user, password, dbname, \
                 application_name and options; in a password, write & as %26"
            }
        }
    }
}

impl Target {
    /// A SQLite database in a file.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self(Place::Sqlite { path: path.into(), read_only: false })
    }

    pub(crate) const fn place(&self) -> &Place {
        &self.0
    }

    /// How its scripts are cut into statements.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        match self.0 {
            Place::Sqlite { .. } => Dialect::Sqlite,
            Place::Postgres(_) => Dialect::Postgres,
        }
    }

    /// The dialect of a URL, as far as its scheme tells it; the rest may be anything.
    #[must_use]
    pub fn dialect_of(url: &str) -> Option<Dialect> {
        match url.split(':').next()? {
            "sqlite" | "sqlite3" => Some(Dialect::Sqlite),
            "postgres" | "postgresql" => Some(Dialect::Postgres),
            _ => None,
        }
    }

    /// The same database, whoever connects and how: the same file, or the same name on the same host and port.
    #[must_use]
    pub fn is_same_database(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Place::Sqlite { path, .. }, Place::Sqlite { path: other, .. }) => resolved(path) == resolved(other),
            (Place::Postgres(url), Place::Postgres(behind)) => {
                let port = |url: &Url| parameter(url, "port").or(url.port().map(|port| port.to_string()));
                let port = |url: &Url| port(url).unwrap_or_else(|| "5432".into());
                (host(url), port(url), self.database()) == (host(behind), port(behind), other.database())
            }
            _ => false,
        }
    }

    pub(crate) const fn is_read_only(&self) -> bool {
        matches!(self.0, Place::Sqlite { read_only: true, .. })
    }

    /// The database's own name: what `rebuild --allow-drop` wants to hear. For a file, the file's name.
    #[must_use]
    pub fn database(&self) -> String {
        match &self.0 {
            Place::Sqlite { path, .. } => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
            Place::Postgres(url) => {
                parameter(url, "dbname").unwrap_or_else(|| decode(url.path().trim_start_matches('/')))
            }
        }
    }

    /// The database is a file of this machine.
    #[must_use]
    pub const fn file(&self) -> Option<&PathBuf> {
        if let Place::Sqlite { path, .. } = &self.0 { Some(path) } else { None }
    }

    /// The server is this machine: a loopback address or a socket. A file is, too.
    #[must_use]
    pub fn is_local(&self) -> bool {
        let Place::Postgres(url) = &self.0 else { return true };
        let host = host(url);
        // without any host, libpq's variables decide: not known to be this machine
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let address = host.parse::<std::net::IpAddr>();
        host.starts_with('/') || host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|ip| ip.is_loopback())
    }

    /// The same target, a relative file of it taken from the folder `base`.
    #[must_use]
    pub fn relative_to(self, base: &Path) -> Self {
        match self.0 {
            Place::Sqlite { path, read_only } => Self(Place::Sqlite { path: base.join(path), read_only }),
            place @ Place::Postgres(_) => Self(place),
        }
    }

    /// The same server with another database.
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "only servers need it"))]
    pub(crate) fn with_database(&self, name: &str) -> Self {
        let Place::Postgres(url) = &self.0 else { return self.clone() };
        let mut url = url.clone();
        let others = url.query_pairs().filter(|(key, _)| key != "dbname");
        let others = others.map(|(key, value)| (key.into_owned(), value.into_owned())).collect::<Vec<_>>();
        url.query_pairs_mut().clear().extend_pairs(others);
        url.set_path(&percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string());
        Self(Place::Postgres(url))
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let text = text.trim();
        let (scheme, rest) = text.split_once(':').ok_or(TargetError::NoScheme)?;
        if scheme.is_empty() || !scheme.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(TargetError::NoScheme);
        }
        match scheme.to_ascii_lowercase().as_str() {
            "sqlite" | "sqlite3" if cfg!(feature = "sqlite") => sqlite(rest),
            "postgres" | "postgresql" if cfg!(feature = "postgres") => postgres(text),
            "sqlite" | "sqlite3" => Err(TargetError::NotBuilt("SQLite")),
            "postgres" | "postgresql" => Err(TargetError::NotBuilt("PostgreSQL")),
            // whatever stands before the first colon may be a user name or a secret: only plain words are shown
            _ if scheme.len() > 12 || rest.is_empty() => Err(TargetError::NoScheme),
            _ if !rest.starts_with("//") => Err(TargetError::NoScheme),
            scheme => Err(TargetError::UnknownScheme(scheme.into())),
        }
    }
}

fn sqlite(rest: &str) -> Result<Target, TargetError> {
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let (path, query) = rest.split_once('?').map_or((rest, ""), |(path, query)| (path, query));
    let mut read_only = false;
    for (i, (key, value)) in url::form_urlencoded::parse(query.as_bytes()).enumerate() {
        match (&*key, &*value) {
            ("mode", "ro") => read_only = true,
            ("mode", "rw" | "rwc") => {}
            ("mode", _) => return Err(TargetError::InvalidParameter { name: "mode", expected: "it is ro, rw or rwc" }),
            _ => return Err(TargetError::UnknownParameter { scheme: "sqlite".into(), position: i + 1 }),
        }
    }
    let path = decode(path);
    if path == ":memory:" {
        return Err(TargetError::InMemory);
    }
    if path.is_empty() || path.ends_with(['/', '\\']) {
        return Err(TargetError::NoDatabase("sqlite".into()));
    }
    Ok(Target(Place::Sqlite { path: path.into(), read_only }))
}

/// The parameters that `libpq` and sqlx know for a PostgreSQL URL.
const POSTGRES_PARAMETERS: [&str; 12] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "hostaddr",
    "port",
    "user",
    "password",
    "dbname",
    "application_name",
    "options",
];

const SSL_MODES: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

fn postgres(text: &str) -> Result<Target, TargetError> {
    let malformed = |reason: &str| TargetError::Malformed { scheme: "postgres".into(), reason: reason.into() };
    let url = Url::parse(text).map_err(|error| malformed(&error.to_string()))?;
    let behind = text.split_once("://").ok_or_else(|| malformed("it does not start with postgres://"))?.1;
    // a password with one of these in it ends the authority early, and what follows would pass for host and path
    let authority = behind.find(['/', '?', '#']).map_or(behind, |end| &behind[..end]);
    if url.fragment().is_some() || behind[authority.len()..].contains('@') {
        return Err(malformed("a / or ? or # before the @, or a # at all, must be percent-encoded"));
    }
    let known = |name: &str| POSTGRES_PARAMETERS.contains(&name) || name.starts_with("options[");
    if let Some(i) = url.query_pairs().position(|(name, _)| !known(&name)) {
        return Err(TargetError::UnknownParameter { scheme: "postgres".into(), position: i + 1 });
    }
    let mut names = url.query_pairs().map(|(name, _)| name.replace("hostaddr", "host")).collect::<Vec<_>>();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(TargetError::Repeated("postgres".into()));
    }
    if parameter(&url, "sslmode").is_some_and(|mode| !SSL_MODES.contains(&mode.as_str())) {
        let expected = "it is disable, allow, prefer, require, verify-ca or verify-full";
        return Err(TargetError::InvalidParameter { name: "sslmode", expected });
    }
    let target = Target(Place::Postgres(url));
    if target.database().is_empty() { Err(TargetError::NoDatabase("postgres".into())) } else { Ok(target) }
}

fn resolved(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.into())
}

fn host(url: &Url) -> String {
    let host = parameter(url, "hostaddr").or_else(|| parameter(url, "host"));
    host.unwrap_or_else(|| decode(url.host_str().unwrap_or_default())).to_ascii_lowercase()
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8().map_or_else(|_| text.to_owned(), Cow::into_owned)
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Sqlite { path, .. } => write!(f, "sqlite:{}", path.display()),
            Place::Postgres(url) => {
                let user = parameter(url, "user").unwrap_or_else(|| decode(url.username()));
                let secret = url.password().is_some() || parameter(url, "password").is_some();
                let host = parameter(url, "host").or_else(|| parameter(url, "hostaddr"));
                let host = host.unwrap_or_else(|| decode(url.host_str().unwrap_or_default()));
                let port = parameter(url, "port").or_else(|| url.port().map(|port| port.to_string()));
                write!(f, "postgres://{user}{}", if secret { ":***" } else { "" })?;
                f.write_str(if user.is_empty() && !secret { "" } else { "@" })?;
                write!(f, "{host}{}", port.map_or_else(String::new, |port| format!(":{port}")))?;
                write!(f, "/{}", self.database())
            }
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(all(test, feature = "postgres", feature = "sqlite"))]
mod tests;
