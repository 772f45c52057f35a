//! A database on SQL Server: a URL, or the connection string that .NET programs have.

mod given;
mod keyword;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use self::given::Given;
use self::keyword::Keyword;
use super::test_host::test_host;
use super::{PRODUCT, connect, replacement};
use crate::engine::Target;
use crate::engine::parameters::is_plain;
use crate::engine::server_url::parse_url;
use crate::engine::{self, Connection, Engine, OtherForms, Replacement, Settings, TestHost};
use crate::error::Error;
use crate::sql::SQLSERVER;
use crate::target::pairs;
use crate::target::{Parts, server_url};
use crate::target::{TargetError, decode};

pub(in crate::engine) static ENGINE: Engine = Engine {
    name: PRODUCT,
    schemes: &["sqlserver", "mssql"],
    forms: &[
        "sqlserver://user:password@host:port/database",
        "Server=host,1433;Database=name;User Id=user;Password=password",
    ],
    dialect: SQLSERVER,
    takes_charset: false,
    takes_collation: true,
    keeps_templates: false,
    default_url: None,
    parse,
    reads: is_connection_string,
    other_forms: OtherForms {
        jdbc: &["sqlserver", "jtds:sqlserver"],
        from_jdbc,
        odbc: &["sql server", "freetds"],
        names: |_| None,
        url,
        find: |_| None,
    },
};

/// What a connection needs, under the names of ADO.NET.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) host: String,
    pub(super) port: Option<u16>,
    pub(super) instance: Option<String>,
    pub(super) database: String,
    pub(super) login: Login,
    pub(super) encrypt: Encrypt,
    /// The certificate of the server is not looked at.
    pub(super) trusts: bool,
    /// A file with the certificate of an authority that is trusted, too.
    pub(super) authority: Option<PathBuf>,
    /// The name that the certificate must have, where that is not the host's.
    pub(super) certified: Option<String>,
    pub(super) application: Option<String>,
    pub(super) workstation: Option<String>,
    pub(super) reads_only: bool,
    pub(super) multi_subnet: bool,
    pub(super) packet_size: Option<u32>,
    pub(super) connect_timeout: Option<Duration>,
    pub(super) language: Option<String>,
    /// The tenant's schema.
    pub(super) schema: Option<Arc<str>>,
}

/// Who connects.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Login {
    Password {
        user: String,
        password: String,
    },
    /// An access token of Microsoft Entra ID (Azure AD), in the environment variable of this name.
    Token {
        variable: String,
    },
}

/// The environment variable with the access token, unless another is named.
const TOKEN: &str = "DBMIGRATE_ACCESS_TOKEN";

/// How much of the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encrypt {
    /// The login alone, unless the server wants more.
    Optional,
    /// Everything.
    Mandatory,
    /// Everything, from the first byte on (TDS 8.0).
    Strict,
}

impl Encrypt {
    const fn name(self) -> &'static str {
        match self {
            Self::Optional => "false",
            Self::Mandatory => "true",
            Self::Strict => "strict",
        }
    }
}

/// Databases that hold the server's own tables.
const OWN: [&str; 4] = ["master", "model", "msdb", "tempdb"];

/// What is wrong with a text, whichever of the two forms it has.
#[derive(Debug)]
enum Wrong {
    /// It cannot be read at all.
    Malformed(&'static str),
    /// The parameter of this number, from 0.
    Unknown(usize),
    Twice(Keyword),
    /// A parameter, and the values that it can have.
    Invalid(&'static str, &'static str),
    NoDatabase,
    Own(String),
}

/// Whether the text is a connection string: it starts with a keyword of one.
pub(super) fn is_connection_string(text: &str) -> bool {
    let first = text.trim_start_matches([';', ' ', '\t']).split('=').next().unwrap_or_default();
    first.len() < text.len() && Keyword::find(first).is_some()
}

impl Address {
    /// `sqlserver://user:password@host:port/database?encrypt=strict`. With a parameter `database`, the path is the name of
    /// an instance.
    fn from_url(text: &str) -> Result<Self, TargetError> {
        let url = parse_url(SCHEME, Some("localhost"), text)?;
        let mut pairs = Vec::new();
        let mut give = |keyword, value: &str| {
            if !value.is_empty() {
                pairs.push((Some(keyword), decode(value)));
            }
        };
        let path = url.path().trim_start_matches('/');
        let names_instance = url.query_pairs().any(|(name, _)| Keyword::find(&name) == Some(Keyword::Database));
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let instance = if names_instance && !path.is_empty() { format!("\\{path}") } else { String::new() };
        let port = url.port().map_or_else(String::new, |port| format!(",{port}"));
        give(Keyword::Server, &format!("{host}{instance}{port}"));
        give(Keyword::Database, if names_instance { "" } else { path });
        give(Keyword::User, url.username());
        give(Keyword::Password, url.password().unwrap_or_default());
        let given = pairs.len();
        let names = url.query_pairs().map(|(name, _)| name.into_owned()).collect::<Vec<_>>();
        pairs.extend(url.query_pairs().map(|(name, value)| (Keyword::find(&name), value.into_owned())));
        Self::from_pairs(pairs).map_err(|wrong| match wrong {
            Wrong::Malformed(reason) => TargetError::Malformed { scheme: SCHEME, reason: reason.into() },
            Wrong::Unknown(index) => {
                let (name, position) = unknown(&names, index.saturating_sub(given));
                TargetError::UnknownParameter { scheme: SCHEME, name, position, known: KNOWN }
            }
            Wrong::Twice(keyword) => TargetError::Repeated { scheme: SCHEME, name: keyword.name().into() },
            Wrong::Invalid(name, expected) => TargetError::InvalidParameter { name, expected },
            Wrong::NoDatabase => {
                TargetError::NoDatabase { scheme: SCHEME, hint: "add it at the end: sqlserver://user@host/database" }
            }
            Wrong::Own(name) => TargetError::SystemDatabase(name),
        })
    }

    /// `Server=tcp:host,1433;Database=shop;User Id=...;Password=...`.
    fn from_connection_string(text: &str) -> Result<Self, TargetError> {
        let read = pairs::read(text).map_err(Wrong::Malformed);
        let find = |(name, value): (String, String)| (Keyword::find(&name), value);
        let names = read.iter().flatten().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        let server = read.and_then(|pairs| Self::from_pairs(pairs.into_iter().map(find).collect()));
        server.map_err(|wrong| match wrong {
            Wrong::Malformed(reason) => TargetError::ConnectionString { reason: reason.into(), hint: QUOTING },
            Wrong::Unknown(index) => {
                let (name, position) = unknown(&names, index);
                let keyword = name.unwrap_or_else(|| format!("number {position}"));
                let reason = format!("has an unknown keyword: {keyword}");
                TargetError::ConnectionString { reason, hint: QUOTING }
            }
            Wrong::Twice(keyword) => {
                let reason = format!("gives {} twice", keyword.name());
                TargetError::ConnectionString { reason, hint: "leave one of them out" }
            }
            Wrong::Invalid(name, expected) => {
                TargetError::ConnectionString { reason: format!("has an invalid value for {name}"), hint: expected }
            }
            Wrong::NoDatabase => {
                let reason = "names no database".into();
                TargetError::ConnectionString { reason, hint: "add Database=name" }
            }
            Wrong::Own(name) => TargetError::SystemDatabase(name),
        })
    }

    fn from_pairs(pairs: Vec<(Option<Keyword>, String)>) -> Result<Self, Wrong> {
        let unknown = pairs.iter().position(|(keyword, _)| keyword.is_none());
        if let Some(index) = unknown {
            return Err(Wrong::Unknown(index));
        }
        let given = Given(pairs.into_iter().filter_map(|(keyword, value)| Some((keyword?, value))).collect());
        if let Some(keyword) = given.twice() {
            return Err(Wrong::Twice(keyword));
        }
        let (host, instance, port) = address(&given.text(Keyword::Server).unwrap_or_default())?;
        let database = given.text(Keyword::Database).ok_or(Wrong::NoDatabase)?;
        if OWN.iter().any(|own| database.eq_ignore_ascii_case(own)) {
            return Err(Wrong::Own(database));
        }
        Ok(Self {
            host,
            port,
            // with a port, the instance need not be looked up
            instance: instance.filter(|_| port.is_none()),
            database,
            login: given.login()?,
            encrypt: given.encrypt()?,
            trusts: given.flag(Keyword::Trust, "TrustServerCertificate")?,
            authority: given.text(Keyword::Authority).map(PathBuf::from),
            certified: given.text(Keyword::Certified),
            application: given.text(Keyword::Application),
            workstation: given.text(Keyword::Workstation),
            reads_only: given.reads_only()?,
            multi_subnet: given.flag(Keyword::MultiSubnet, "MultiSubnetFailover")?,
            packet_size: given.number(Keyword::PacketSize, "Packet Size", 512..=32767, "it is from 512 to 32767")?,
            connect_timeout: given
                .number(Keyword::ConnectTimeout, "Connect Timeout", 0..=86400, "it is a number of seconds")?
                .filter(|seconds| *seconds > 0)
                .map(|seconds| Duration::from_secs(seconds.into())),
            language: given.text(Keyword::Language),
            schema: None,
        })
    }

    /// Returns the same server with another database.
    /// Returns the host and the port, or the instance.
    fn own_server(&self) -> String {
        let instance = self.instance.as_ref().map(|name| name.to_lowercase());
        let port = instance.unwrap_or_else(|| self.port.unwrap_or(PORT).to_string());
        format!("{}:{port}", self.host.to_lowercase())
    }

    pub(super) fn with_database(&self, name: &str) -> Self {
        Self { database: name.into(), ..self.clone() }
    }

    /// Whether the server is this machine.
    pub(super) fn is_local(&self) -> bool {
        self.host == "localhost" || self.host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// Returns the connection string, as .NET and the drivers of other languages read it.
    fn connection_string(&self) -> String {
        let quoted = |value: &str| format!("\"{}\"", value.replace('"', "\"\""));
        let instance = self.instance.as_ref().map_or_else(String::new, |name| format!("\\{name}"));
        let port = self.port.map_or_else(String::new, |port| format!(",{port}"));
        let mut pairs = vec![
            ("Server", format!("tcp:{}{instance}{port}", self.host)),
            ("Database", quoted(&self.database)),
            ("Encrypt", self.encrypt.name().into()),
        ];
        if let Login::Password { user, password } = &self.login {
            pairs.extend([("User Id", quoted(user)), ("Password", quoted(password))]);
        }
        let trusts = self.trusts.then(|| "true".to_owned());
        let others = [("TrustServerCertificate", trusts), ("HostNameInCertificate", self.certified.clone())];
        pairs.extend(others.into_iter().filter_map(|(name, value)| Some((name, value?))));
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(";")
    }

    pub(super) fn target(&self) -> Target {
        Target::new(&ENGINE, Arc::new(self.clone()))
    }
}

pub(super) fn parse(text: &str) -> Result<Arc<dyn engine::Address>, TargetError> {
    let read = if is_connection_string(text) { Address::from_connection_string } else { Address::from_url };
    Ok(Arc::new(read(text)?))
}

/// Takes apart what follows `jdbc:sqlserver:`, as in `//host:1433;databaseName=shop;user=sa`.
pub(super) fn from_jdbc(rest: &str) -> Option<Parts> {
    let (address, properties) = rest.strip_prefix("//")?.split_once(';')?;
    let (host, path) = address.split_once('/').unwrap_or((address, ""));
    let mut parts = Parts::new(pairs::read(properties).ok()?);
    parts.set("host", host);
    if !path.is_empty() {
        parts.set("database", path);
    }
    Some(parts)
}

/// Returns the URL for what another program's form says.
pub(super) fn url(parts: &Parts) -> Option<String> {
    server_url(SCHEME, parts)
}

#[async_trait]
impl engine::Address for Address {
    fn database(&self) -> String {
        self.database.clone()
    }

    fn identity(&self) -> String {
        let schema = self.schema.as_ref().map_or_else(String::new, |schema| format!(" {}", schema.to_lowercase()));
        format!("{}/{}{schema}", self.own_server(), self.database.to_lowercase())
    }

    fn server(&self) -> Option<String> {
        Some(self.own_server())
    }

    fn with_database(&self, name: &str) -> Option<Arc<dyn engine::Address>> {
        Some(Arc::new(Self::with_database(self, name)))
    }

    fn is_local(&self) -> bool {
        self.is_local()
    }

    fn connect_timeout(&self) -> Option<Duration> {
        self.connect_timeout
    }

    fn relative_to(&self, base: &Path) -> Option<Arc<dyn engine::Address>> {
        let authority = self.authority.as_ref().map(|file| base.join(file));
        Some(Arc::new(Self { authority, ..self.clone() }))
    }

    fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    fn with_schema(&self, name: &str) -> Option<Arc<dyn engine::Address>> {
        Some(Arc::new(Self { schema: Some(name.into()), ..self.clone() }))
    }

    fn url(&self) -> String {
        self.connection_string()
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
}

const SCHEME: &str = "sqlserver";

const PORT: u16 = 1433;

const KNOWN: &str = "known are the keywords of a .NET connection string, such as encrypt, trustServerCertificate and \
                     applicationName; in a password, write & as %26";

const QUOTING: &str = "it reads Server=host,1433;Database=name;User Id=user;Password=password; a value with ; or quotes in it \
                       stands in quotes";

/// The name of an unknown keyword, unless it may be a part of a password, and its number from 1.
fn unknown(names: &[String], index: usize) -> (Option<String>, usize) {
    let is_secret = index.checked_sub(1).is_some_and(|before| Keyword::find(&names[before]) == Some(Keyword::Password));
    let plain = |name: &String| !is_secret && name.split(' ').all(is_plain);
    (names.get(index).cloned().filter(plain), index + 1)
}

/// The host, the instance and the port of a data source: `tcp:host\instance,port`.
fn address(source: &str) -> Result<(String, Option<String>, Option<u16>), Wrong> {
    const EXPECTED: &str =
        "it is a host with TCP, such as tcp:host,1433 or host\\instance; LocalDB and named pipes cannot be used";
    let invalid = || Wrong::Invalid("Server", EXPECTED);
    let source = source.trim();
    let source = source.get(..4).filter(|start| start.eq_ignore_ascii_case("tcp:")).map_or(source, |_| &source[4..]);
    let (server, port) = match source.split_once(',') {
        Some((server, port)) => (server.trim(), Some(port.trim().parse::<u16>().map_err(|_| invalid())?)),
        None => (source, None),
    };
    let (host, instance) = server.split_once('\\').map_or((server, None), |(host, name)| (host, Some(name)));
    let host = match host.to_ascii_lowercase().as_str() {
        "" | "." | "(local)" | "localhost" => "localhost".into(),
        host if host.starts_with("(localdb)") => return Err(invalid()),
        host if host.contains(['/', ' ']) || host.starts_with("np:") || host.starts_with("lpc:") => {
            return Err(invalid());
        }
        host if host.starts_with("admin:") => return Err(invalid()),
        _ => host.to_owned(),
    };
    // the default instance goes by this name, too
    let instance = instance.filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("mssqlserver"));
    Ok((host, instance.map(ToOwned::to_owned), port))
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}://")?;
        match &self.login {
            Login::Password { user, password } if !user.is_empty() || !password.is_empty() => {
                write!(f, "{user}{}@", if password.is_empty() { "" } else { ":***" })?;
            }
            _ => {}
        }
        let brackets = if self.host.contains(':') { ["[", "]"] } else { ["", ""] };
        write!(f, "{}{}{}", brackets[0], self.host, brackets[1])?;
        write!(f, "{}", self.instance.as_ref().map_or_else(String::new, |name| format!("\\{name}")))?;
        write!(f, "{}", self.port.map_or_else(String::new, |port| format!(":{port}")))?;
        write!(f, "/{}", self.database)?;
        self.schema.as_ref().map_or(Ok(()), |schema| write!(f, " schema {schema}"))
    }
}

#[cfg(test)]
mod tests;
