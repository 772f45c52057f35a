//! Why a text is no database URL, and what to write instead.

use std::borrow::Cow;

/// Why a text is no database URL. No message contains anything after the scheme.
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
    /// The database is the server's own.
    #[error("{0} is a database of the server's own")]
    SystemDatabase(String),
    /// The database would be gone with the run.
    #[error("a database in memory is gone when the run ends")]
    InMemory,
    /// It names several hosts.
    #[error("the {0} URL names several hosts")]
    SeveralHosts(String),
    /// A text in the form that another program uses.
    #[error("this is {form}, not a database URL")]
    OtherForm {
        /// The form, such as `a JDBC URL`.
        form: &'static str,
        /// The URL to write, without the password.
        write: Option<String>,
    },
    /// A parameter after the `?` is not known.
    #[error("the {scheme} URL has an unknown parameter: {}", name.clone().unwrap_or_else(|| format!("number {position} after the ?")))]
    UnknownParameter {
        /// The scheme.
        scheme: String,
        /// Its name, unless it can be a part of a password.
        name: Option<String>,
        /// Which of the parameters, from 1.
        position: usize,
    },
    /// A parameter is given more than once.
    #[error("the {scheme} URL gives {name} twice")]
    Repeated {
        /// The scheme.
        scheme: String,
        /// The parameter.
        name: String,
    },
    /// A service of `libpq`'s service file that cannot be used.
    #[error("the service {name:?} cannot be used: {reason}")]
    Service {
        /// Its name.
        name: String,
        /// Why.
        reason: String,
    },
    /// A connection string (`Server=...;Database=...`) that cannot be used.
    #[error("the connection string {reason}")]
    ConnectionString {
        /// What is wrong with it.
        reason: String,
        /// What to write instead.
        hint: &'static str,
    },
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
    pub fn hint(&self) -> Cow<'static, str> {
        match self {
            Self::OtherForm { write: Some(url), .. } => format!("write {url}").into(),
            other => other.advice().into(),
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Self::Repeated { .. } => "leave one of them out",
            Self::SeveralHosts(_) => "name one of them, the one that takes writes",
            Self::Service { .. } => "correct the service file, or write host, port, user and database into the URL",
            Self::SystemDatabase(_) => "name a database of yours",
            Self::InMemory => "name a file, such as sqlite:app.db",
            Self::InvalidParameter { expected: hint, .. } | Self::ConnectionString { hint, .. } => hint,
            Self::NoScheme | Self::UnknownScheme(_) | Self::OtherForm { .. } => {
                "write sqlite:path/to/file.db, postgres://user:password@host:port/database, mysql://..., sqlserver://... or \
                 Server=host,1433;Database=name;User Id=user;Password=password"
            }
            Self::NotBuilt(_) => "install dbmigrate with that engine's cargo feature",
            Self::Malformed { .. } => {
                "in a user name or a password, write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25"
            }
            Self::NoDatabase(scheme) if scheme == "sqlite" => "name a file, such as sqlite:path/to/file.db",
            Self::NoDatabase(scheme) if scheme == "mysql" => "add it at the end: mysql://user@host/database",
            Self::NoDatabase(scheme) if scheme == "sqlserver" => "add it at the end: sqlserver://user@host/database",
            Self::NoDatabase(_) => "add it at the end: postgres://user@host/database",
            Self::UnknownParameter { scheme, .. } if scheme == "sqlite" => "known is mode: ro, rw or rwc",
            Self::UnknownParameter { scheme, .. } if scheme == "mysql" => {
                "known are ssl-mode, ssl-ca, ssl-cert, ssl-key, socket and connect_timeout; in a password, write & as %26"
            }
            Self::UnknownParameter { scheme, .. } if scheme == "sqlserver" => {
                "known are the keywords of a .NET connection string, such as encrypt, trustServerCertificate and \
                 applicationName; in a password, write & as %26"
            }
            Self::UnknownParameter { .. } => {
                "known are libpq's, such as sslmode, sslrootcert, host, connect_timeout, target_session_attrs, service, \
                 application_name and options; in a password, write & as %26"
            }
        }
    }
}
