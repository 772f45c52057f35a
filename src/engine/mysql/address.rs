//! The URL of a database.

use std::fmt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use async_trait::async_trait;
use regex::Regex;
use sqlx::MySqlPool;
use sqlx::mysql::MySqlConnectOptions;
use url::Url;

use super::parameters::PARAMETERS;
use super::test_host::test_host;
use super::{connect, dump, replacement};
use crate::engine::Target;
use crate::engine::server_url::{DriverOptions, Grammar, ServerUrl};
use crate::engine::{self, Connection, Engine, OtherForms, Replacement, Settings, TestHost};
use crate::error::Error;
use crate::sql::MYSQL;
use crate::target::TargetError;
use crate::target::{Found, Parts, from_jdbc, server_url};

pub(in crate::engine) static ENGINE: Engine = Engine {
    name: "MySQL and MariaDB",
    schemes: &["mysql", "mariadb"],
    forms: &["mysql://user:password@host:port/database"],
    dialect: MYSQL,
    takes_charset: true,
    takes_collation: true,
    keeps_templates: false,
    default_url: None,
    parse,
    reads: |_| false,
    other_forms: OtherForms { jdbc: &["mysql", "mariadb"], from_jdbc, odbc: &["mysql", "maria"], names, url, find },
};

const GRAMMAR: Grammar = Grammar {
    scheme: "mysql",
    host: Some("localhost"),
    port: "3306",
    parameters: PARAMETERS,
    known: "known are ssl-mode, ssl-ca, ssl-cert, ssl-key, socket and connect_timeout; in a password, write & as %26",
    prefix: None,
    hosts: &["socket"],
    encryption: "ssl-mode",
    modes: &["disabled", "preferred", "required", "verify_ca", "verify_identity"],
    expected: "it is disabled, preferred, required, verify_ca or verify_identity",
    example: "add it at the end: mysql://user@host/database",
    own: &["mysql", "sys", "information_schema", "performance_schema"],
};

#[derive(Clone)]
pub(super) struct Address {
    url: ServerUrl,
    /// The options of an application's pool, instead of those that the URL names.
    pub(super) options: Option<Arc<MySqlConnectOptions>>,
}

impl Address {
    pub(super) fn parse(text: &str) -> Result<Self, TargetError> {
        ServerUrl::parse(&GRAMMAR, text, Ok).map(|url| Self { url, options: None })
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
/// and others for a moment to see who blocks a statement. What the pool does after it has connected is not done on them.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use dbmigrate::{AtStart, Migrator, Scripts, Target};
///
/// let pool = sqlx::MySqlPool::connect(&std::env::var("DATABASE_URL")?).await?;
/// let migrator = Migrator::new(Target::try_from(&pool)?, Scripts::from_dir("migrations")?);
/// assert!(migrator.at_start(AtStart::Check).await?.is_ready());
/// # Ok(())
/// # }
/// ```
impl TryFrom<&MySqlPool> for Target {
    type Error = TargetError;

    fn try_from(pool: &MySqlPool) -> Result<Self, TargetError> {
        let options = pool.connect_options();
        let url = ServerUrl::of_options(
            &GRAMMAR,
            &DriverOptions {
                user: options.get_username(),
                host: options.get_host(),
                port: options.get_port(),
                socket: options.get_socket().map(PathBuf::as_path),
                database: options.get_database(),
            },
        )?;
        let address = Address { url, options: Some(options) };
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

/// Recognizes the connection string of the drivers for .NET by a keyword that SQL Server's do not have.
pub(super) fn names(parts: &Parts) -> Option<&'static str> {
    const OWN: [&str; 8] = [
        "port",
        "sslmode",
        "charset",
        "allowuservariables",
        "allowpublickeyretrieval",
        "convertzerodatetime",
        "treattinyasboolean",
        "allowloadlocalinfile",
    ];
    let has = |names: &[&str]| names.iter().any(|name| parts.get(name).is_some());
    (has(&["server", "datasource"]) && has(&OWN)).then_some("a connection string of MySQL's .NET driver")
}

/// Recognizes the data source name of Go's driver: `shop:password@tcp(localhost:3306)/shop?parseTime=true`.
pub(super) fn find(text: &str) -> Option<Found> {
    static GO: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?:([^:@/()]*)(?::(.*))?@)?(tcp|unix)\(([^()]*)\)/([^?/]*)(?:\?.*)?$")
            .expect("the pattern is a constant that the tests compile")
    });
    let found = GO.captures(text)?;
    let is_socket = &found[3] == "unix";
    let part = |i: usize| found.get(i).map(|part| part.as_str());
    let host = if is_socket { Some("localhost") } else { part(4) };
    let given = [("user", part(1)), ("password", part(2)), ("host", host), ("database", part(5))];
    let given = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    let socket = if is_socket { format!("?socket={}", &found[4]) } else { String::new() };
    Some(("a data source name of Go's MySQL driver", url(&Parts::new(given)).map(|url| url + &socket)))
}

#[async_trait]
impl engine::Address for Address {
    fn database(&self) -> String {
        self.url.database()
    }

    fn identity(&self) -> String {
        self.url.identity()
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

    /// The server cannot rename a database, so a scratch database has another name from the start.
    fn scratch(&self) -> Option<Arc<dyn engine::Address>> {
        Some(Arc::new(self.with_database(&format!("{}_dbmigrate_scratch", self.database()))))
    }

    fn url(&self) -> String {
        self.url().to_string()
    }

    async fn test_host(&self, settings: &Settings) -> Result<Box<dyn TestHost>, Error> {
        Box::pin(test_host(self, settings)).await
    }

    async fn connect(&self, settings: &Settings) -> Result<Box<dyn Connection>, Error> {
        Box::pin(connect(self, settings)).await
    }

    async fn replacement(&self, settings: &Settings) -> Result<Box<dyn Replacement>, Error> {
        Box::pin(replacement(self, settings)).await
    }

    fn dump_tools(&self) -> Vec<Command> {
        dump::dump_tools(self.url(), &self.database())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn another_database_of_the_same_server_keeps_the_rest() {
        let url = "mariadb://u:p@h:1/shop?ssl-mode=required&socket=/run/mysqld.sock";
        let other = Address::parse(url).expect("a URL").with_database("a/b c");
        let shown = "mysql://u:***@/run/mysqld.sock:1/a/b c";
        assert_eq!((other.database().as_str(), other.to_string().as_str()), ("a/b c", shown));
        assert_eq!(other.url().query(), Some("ssl-mode=required&socket=%2Frun%2Fmysqld.sock"));
        assert_eq!(other.url().path(), "/a%2Fb%20c");
    }

    proptest! {
        #[test]
        fn a_database_of_any_name_can_be_named(name in "[^/]\\PC{0,20}") {
            // to a URL, these are no names
            prop_assume!(name != "." && name != "..");
            let other = Address::parse("mysql://u@h/shop").expect("a URL").with_database(&name);
            prop_assert_eq!(other.database(), name);
        }
    }
}
