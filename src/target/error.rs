//! Why a text is no database URL, and what to write instead.

use std::borrow::Cow;

/// Why a text is no database URL. No message contains anything after the scheme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// There is no `scheme:` at its start.
    #[error("the database URL has no scheme")]
    NoScheme {
        /// How databases are written.
        forms: String,
    },
    /// The scheme is not one of a known engine.
    #[error("the database URL's scheme {scheme:?} is not known")]
    UnknownScheme {
        /// The scheme.
        scheme: String,
        /// How databases are written.
        forms: String,
    },
    /// The engine is not part of this build.
    #[error("this build of dbmigrate has no support for {0}")]
    NotBuilt(&'static str),
    /// It cannot be parsed.
    #[error("the {scheme} URL cannot be parsed: {reason}")]
    Malformed {
        /// The scheme.
        scheme: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// It names no database.
    #[error("the {scheme} URL names no database")]
    NoDatabase {
        /// The scheme.
        scheme: &'static str,
        /// What to do about it.
        hint: &'static str,
    },
    /// The database is the server's own.
    #[error("{0} is a database of the server's own")]
    SystemDatabase(String),
    /// The database would be gone with the run.
    #[error("a database in memory is gone when the run ends")]
    InMemory {
        /// What to do about it.
        hint: &'static str,
    },
    /// It names several hosts.
    #[error("the {0} URL names several hosts")]
    SeveralHosts(&'static str),
    /// A text in the form that another program uses.
    #[error("this is {form}, not a database URL")]
    OtherForm {
        /// The form, such as `a JDBC URL`.
        form: &'static str,
        /// The URL to write, without the password; or how databases are written.
        write: String,
    },
    /// A parameter after the `?` is not known.
    #[error("the {scheme} URL has an unknown parameter: {}", name.clone().unwrap_or_else(|| format!("number {position} after the ?")))]
    UnknownParameter {
        /// The scheme.
        scheme: &'static str,
        /// Its name, unless it can be a part of a password.
        name: Option<String>,
        /// Which of the parameters, from 1.
        position: usize,
        /// The known parameters, as advice.
        known: &'static str,
    },
    /// A parameter is given more than once.
    #[error("the {scheme} URL gives {name} twice")]
    Repeated {
        /// The scheme.
        scheme: &'static str,
        /// The parameter.
        name: String,
    },
    /// The databases of this engine have no schemas that tenants could have.
    #[error("a database of {0} has no schemas")]
    NoSchemas(&'static str),
    /// A named set of parameters that cannot be used.
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
        let advice = match self {
            Self::OtherForm { write, .. }
            | Self::NoScheme { forms: write }
            | Self::UnknownScheme { forms: write, .. } => {
                return format!("write {write}").into();
            }
            Self::NotBuilt(_) => "install dbmigrate with that engine's cargo feature",
            Self::Malformed { .. } => {
                "in a user name or a password, write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25"
            }
            Self::SystemDatabase(_) => "name a database of yours",
            Self::NoSchemas(_) => "give each tenant a database",
            Self::SeveralHosts(_) => "name one of them, the one that takes writes",
            Self::Repeated { .. } => "leave one of them out",
            Self::Service { .. } => "correct the service file, or write host, port, user and database into the URL",
            Self::InvalidParameter { expected: hint, .. }
            | Self::ConnectionString { hint, .. }
            | Self::NoDatabase { hint, .. }
            | Self::InMemory { hint }
            | Self::UnknownParameter { known: hint, .. } => hint,
        };
        advice.into()
    }
}
