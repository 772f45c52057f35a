//! The URL of a database, as `libpq` reads it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use async_trait::async_trait;
use regex::Regex;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use url::Url;

use super::parameters::PARAMETERS;
use super::test_host::test_host;
use super::{PRODUCT, dump, greeted, replacement, service};
use crate::engine::Target;
use crate::engine::server_url::{DriverOptions, Grammar, ServerUrl};
use crate::engine::{self, Connection, Engine, OtherForms, Replacement, Settings, TestHost};
use crate::error::Error;
use crate::sql::POSTGRES;
use crate::target::TargetError;
use crate::target::{Found, Parts, from_jdbc, server_url};

pub(in crate::engine) static ENGINE: Engine = Engine {
    name: PRODUCT,
    schemes: &["postgres", "postgresql"],
    forms: &["postgres://user:password@host:port/database"],
    dialect: POSTGRES,
    takes_charset: false,
    takes_collation: false,
    keeps_templates: true,
    default_url: None,
    parse,
    reads: |_| false,
    other_forms: OtherForms { jdbc: &["postgresql"], from_jdbc, odbc: &["postgres"], names, url, find },
};

/// Without a host, `libpq`'s variables decide.
const GRAMMAR: Grammar = Grammar {
    scheme: "postgres",
    host: None,
    port: "5432",
    parameters: PARAMETERS,
    known: "known are libpq's, such as sslmode, sslrootcert, host, connect_timeout, target_session_attrs, service, \
            application_name and options; in a password, write & as %26",
    prefix: Some("options["),
    hosts: &["hostaddr", "host"],
    encryption: "sslmode",
    modes: &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"],
    expected: "it is disable, allow, prefer, require, verify-ca or verify-full",
    example: "add it at the end: postgres://user@host/database",
    own: &[],
};

/// What a session must be to be the right one: `target_session_attrs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SessionAttributes {
    /// Transactions can write.
    ReadWrite,
    ReadOnly,
    /// The server is not a standby.
    Primary,
    Standby,
}

impl SessionAttributes {
    /// Returns nothing if any session will do.
    fn parse(text: &str) -> Result<Option<Self>, TargetError> {
        match text {
            "any" | "prefer-standby" => Ok(None),
            "read-write" => Ok(Some(Self::ReadWrite)),
            "read-only" => Ok(Some(Self::ReadOnly)),
            "primary" => Ok(Some(Self::Primary)),
            "standby" => Ok(Some(Self::Standby)),
            _ => Err(TargetError::InvalidParameter {
                name: "target_session_attrs",
                expected: "it is any, read-write, read-only, primary, standby or prefer-standby",
            }),
        }
    }
}

#[derive(Clone)]
pub(super) struct Address {
    url: ServerUrl,
    /// What the session must be.
    pub(super) session: Option<SessionAttributes>,
    /// The options of an application's pool, instead of those that the URL names.
    pub(super) options: Option<Arc<PgConnectOptions>>,
    /// The tenant's schema.
    pub(super) schema: Option<Arc<str>>,
}

impl Address {
    pub(super) fn parse(text: &str) -> Result<Self, TargetError> {
        let url = ServerUrl::parse(&GRAMMAR, text, service::filled_in)?;
        let session = url.noted("target_session_attrs").map_or(Ok(None), SessionAttributes::parse)?;
        Ok(Self { url, session, options: None, schema: None })
    }

    /// What the driver is given.
    pub(super) const fn url(&self) -> &Url {
        self.url.url()
    }

    pub(super) fn database(&self) -> String {
        self.url.database()
    }

    /// Returns the same server with another database.
    pub(super) fn with_database(&self, name: &str) -> Self {
        Self { url: self.url.with_database(name), ..self.clone() }
    }

    pub(super) fn target(&self) -> Target {
        Target::new(&ENGINE, Arc::new(self.clone()))
    }
}

/// The database of an application's pool. dbmigrate opens connections of its own with the pool's options: one for the run,
/// one for its lock, and others for a moment to see who blocks a statement. What the pool does after it has connected is not
/// done on them.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use dbmigrate::{AtStart, Migrator, Scripts, Target};
///
/// let pool = sqlx::PgPool::connect(&std::env::var("DATABASE_URL")?).await?;
/// let migrator = Migrator::new(Target::try_from(&pool)?, Scripts::from_dir("migrations")?);
/// assert!(migrator.at_start(AtStart::Check).await?.is_ready());
/// # Ok(())
/// # }
/// ```
impl TryFrom<&PgPool> for Target {
    type Error = TargetError;

    fn try_from(pool: &PgPool) -> Result<Self, TargetError> {
        let options = pool.connect_options();
        let (user, host) = (options.get_username(), options.get_host());
        let in_host = host.starts_with('/').then(|| Path::new(host));
        let url = ServerUrl::of_options(
            &GRAMMAR,
            &DriverOptions {
                user,
                host,
                port: options.get_port(),
                socket: options.get_socket().map(PathBuf::as_path).or(in_host),
                // as the server does
                database: options.get_database().or(Some(user)),
            },
        )?;
        let address = Address { url, session: None, options: Some(options), schema: None };
        Ok(address.target())
    }
}

pub(super) fn parse(text: &str) -> Result<Arc<dyn engine::Address>, TargetError> {
    Ok(Arc::new(Address::parse(text)?))
}

/// Returns the URL for what another program's form says.
pub(super) fn url(parts: &Parts) -> Option<String> {
    server_url(GRAMMAR.scheme, parts)
}

/// Recognizes the connection string of Npgsql.
pub(super) fn names(parts: &Parts) -> Option<&'static str> {
    let has = |names: [&str; 2]| names.iter().any(|name| parts.get(name).is_some());
    (has(["host", "username"]) && has(["database", "username"])).then_some("a connection string of Npgsql")
}

/// Recognizes the connection string of `libpq`.
pub(super) fn find(text: &str) -> Option<Found> {
    static WORDS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?:(?:host|hostaddr|port|dbname|user|password|sslmode)=(?:'[^']*'|[^\s';]+)(?:\s+|$)){2,}")
            .expect("the pattern is a constant that the tests compile")
    });
    static WORD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(\w+)=(?:'([^']*)'|(\S+))").expect("the pattern is a constant that the tests compile")
    });
    if !WORDS.is_match(text) {
        return None;
    }
    let pairs = WORD.captures_iter(text).map(|found| {
        let value = found.get(2).or(found.get(3)).map_or("", |value| value.as_str());
        (found[1].to_owned(), value.to_owned())
    });
    Some(("a connection string of libpq", url(&Parts::new(pairs))))
}

#[async_trait]
impl engine::Address for Address {
    fn database(&self) -> String {
        self.url.database()
    }

    fn identity(&self) -> String {
        format!(
            "{}{}",
            self.url.identity(),
            self.schema.as_ref().map_or_else(String::new, |schema| format!(" {schema}"))
        )
    }

    fn is_local(&self) -> bool {
        self.url.is_local()
    }

    fn server(&self) -> Option<String> {
        Some(self.url.server())
    }

    fn with_database(&self, name: &str) -> Option<Arc<dyn engine::Address>> {
        Some(Arc::new(Self::with_database(self, name)))
    }

    fn ignored(&self) -> &[String] {
        self.url.ignored()
    }

    fn connect_timeout(&self) -> Option<Duration> {
        self.url.connect_timeout()
    }

    fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    fn with_schema(&self, name: &str) -> Option<Arc<dyn engine::Address>> {
        Some(Arc::new(Self { schema: Some(name.into()), ..self.clone() }))
    }

    fn url(&self) -> String {
        self.url().to_string()
    }

    async fn test_host(&self, settings: &Settings) -> Result<Box<dyn TestHost>, Error> {
        Box::pin(test_host(self, settings)).await
    }

    async fn connect(&self, settings: &Settings) -> Result<Box<dyn Connection>, Error> {
        Ok(Box::new(Box::pin(greeted(self, settings)).await?))
    }

    async fn replacement(&self, settings: &Settings) -> Result<Box<dyn Replacement>, Error> {
        Box::pin(replacement(self, settings)).await
    }

    fn dump_tools(&self) -> Vec<Command> {
        dump::dump_tools(self.url())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)?;
        self.schema.as_ref().map_or(Ok(()), |schema| write!(f, " schema {schema}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn another_database_of_the_same_server_keeps_the_rest() {
        let address = Address::parse("postgres://u:p@h:1/shop?sslmode=require&dbname=x").expect("a URL");
        let other = address.with_database("a/b c");
        assert_eq!((other.database().as_str(), other.to_string().as_str()), ("a/b c", "postgres://u:***@h:1/a/b c"));
    }

    proptest! {
        #[test]
        fn a_database_of_any_name_can_be_named(name in "[^/]\\PC{0,20}") {
            // to a URL, these are no names
            prop_assume!(name != "." && name != "..");
            let other = Address::parse("postgres://u@h/shop").expect("a URL").with_database(&name);
            prop_assert_eq!(other.database(), name);
        }
    }
}
