//! The URL of a database on a server.

use std::fmt;

use std::time::Duration;

use url::{Position, Url};

use super::parameters::{self, Meaning, Parameters};
use super::{TargetError, decode};

/// What the URLs of one product have of their own.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Grammar {
    /// The scheme in messages.
    pub(super) scheme: &'static str,
    host: Option<&'static str>,
    port: &'static str,
    parameters: Parameters,
    /// A parameter that may bear any name that starts like this.
    prefix: Option<&'static str>,
    /// Parameters that name the server's address or socket, the one that counts first.
    hosts: &'static [&'static str],
    encryption: &'static str,
    modes: &'static [&'static str],
    expected: &'static str,
    /// Databases that hold the server's own tables.
    own: &'static [&'static str],
}

/// Without a host, `libpq`'s variables decide.
pub(super) const POSTGRES: Grammar = Grammar {
    scheme: "postgres",
    host: None,
    port: "5432",
    parameters: parameters::POSTGRES,
    prefix: Some("options["),
    hosts: &["hostaddr", "host"],
    encryption: "sslmode",
    modes: &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"],
    expected: "it is disable, allow, prefer, require, verify-ca or verify-full",
    own: &[],
};

pub(super) const MYSQL: Grammar = Grammar {
    scheme: "mysql",
    host: Some("localhost"),
    port: "3306",
    parameters: parameters::MYSQL,
    prefix: None,
    hosts: &["socket"],
    encryption: "ssl-mode",
    modes: &["disabled", "preferred", "required", "verify_ca", "verify_identity"],
    expected: "it is disabled, preferred, required, verify_ca or verify_identity",
    own: &["mysql", "sys", "information_schema", "performance_schema"],
};

/// The URL that a text is. A user without a host is on `local`, or becomes a parameter.
pub(super) fn parse_url(scheme: &'static str, local: Option<&str>, text: &str) -> Result<Url, TargetError> {
    let malformed = |reason: &str| TargetError::Malformed { scheme: scheme.into(), reason: reason.into() };
    let (before, behind) =
        text.split_once("://").ok_or_else(|| malformed(&format!("it does not start with {scheme}://")))?;
    // a password with one of these in it ends the authority early, and what follows would pass for host and path
    let end = behind.find(['/', '?', '#']).unwrap_or(behind.len());
    let (authority, rest) = behind.split_at(end);
    if rest.contains('@') || rest.contains('#') {
        return Err(malformed("a / or ? or # before the @, or a # at all, must be percent-encoded"));
    }
    let (user, host) = authority.rsplit_once('@').map_or(("", authority), |(user, host)| (user, host));
    if host.contains(',') {
        return Err(TargetError::SeveralHosts(scheme.into()));
    }
    // for the servers' own clients, a + is no blank
    let query = rest.find('?').unwrap_or(rest.len());
    let rest = format!("{}{}", &rest[..query], rest[query..].replace('+', "%2B"));
    let parse = |text: &str| Url::parse(text).map_err(|error| malformed(&error.to_string()));
    if user.is_empty() || !(host.is_empty() || host.starts_with(':')) {
        return parse(&format!("{before}://{authority}{rest}"));
    }
    let named = parse(&format!("{before}://{user}@{}{host}{rest}", local.unwrap_or("localhost")))?;
    if local.is_some() {
        return Ok(named);
    }
    // as in `postgres://user:password@/shop?host=/cloudsql/...`
    let mut url = parse(&format!("{before}://{}", &named[Position::BeforePath..]))?;
    url.query_pairs_mut().append_pair("user", &decode(named.username()));
    if let Some(password) = named.password() {
        url.query_pairs_mut().append_pair("password", &decode(password));
    }
    if let Some(port) = named.port() {
        url.query_pairs_mut().append_pair("port", &port.to_string());
    }
    Ok(url)
}

/// What a session must be to be the right one: `target_session_attrs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionAttributes {
    /// Transactions can write.
    ReadWrite,
    ReadOnly,
    /// The server is not a standby.
    Primary,
    Standby,
}

impl SessionAttributes {
    /// None where any session will do.
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

/// A database on a server.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ServerUrl {
    grammar: &'static Grammar,
    /// Its parameters are those of the driver.
    url: Url,
    connect_timeout: Option<Duration>,
    session: Option<SessionAttributes>,
    /// Parameters of other programs.
    ignored: Vec<String>,
}

impl ServerUrl {
    pub(super) fn parse(grammar: &'static Grammar, text: &str) -> Result<Self, TargetError> {
        let Grammar { scheme, .. } = *grammar;
        let url = parse_url(scheme, grammar.host, text)?;
        #[cfg(feature = "postgres")]
        let url = if *grammar == POSTGRES { super::service::filled_in(url)? } else { url };
        let server = Self { grammar, url, connect_timeout: None, session: None, ignored: Vec::new() }.understood()?;
        match server.database() {
            name if name.is_empty() => Err(TargetError::NoDatabase(scheme.into())),
            name if grammar.own.iter().any(|own| name.eq_ignore_ascii_case(own)) => {
                Err(TargetError::SystemDatabase(name))
            }
            _ => Ok(server),
        }
    }

    /// The same with what its parameters mean; those that are left are the driver's, under its names.
    fn understood(mut self) -> Result<Self, TargetError> {
        let Grammar { scheme, encryption, modes, expected, .. } = *self.grammar;
        let mut kept: Vec<(String, String)> = Vec::new();
        let given = self.url.query_pairs().into_owned().collect::<Vec<_>>();
        for (i, (name, value)) in given.iter().enumerate() {
            let secret = i > 0 && given[i - 1].0 == "password";
            let unknown = || TargetError::UnknownParameter {
                scheme: scheme.into(),
                // it can be the second half of a password that has a & in it
                name: Some(name.clone()).filter(|name| !secret && !value.is_empty() && is_plain(name)),
                position: i + 1,
            };
            if let Some((name, value)) = self.take(name, value, unknown)? {
                if kept.iter().any(|(other, _)| *other == name) {
                    return Err(TargetError::Repeated { scheme: scheme.into(), name });
                }
                kept.push((name, value));
            }
        }
        self.url.set_query(None);
        if !kept.is_empty() {
            self.url.query_pairs_mut().extend_pairs(kept);
        }
        let several = |name: &str| self.parameter(name).is_some_and(|value| value.contains(','));
        if ["host", "hostaddr", "port"].into_iter().any(several) {
            return Err(TargetError::SeveralHosts(scheme.into()));
        }
        match self.parameter(encryption) {
            Some(mode) if !modes.contains(&mode.to_ascii_lowercase().as_str()) => {
                Err(TargetError::InvalidParameter { name: encryption, expected })
            }
            _ => Ok(self),
        }
    }

    /// Takes note of what a parameter means; the driver's are given back.
    fn take(
        &mut self,
        name: &str,
        value: &str,
        unknown: impl Fn() -> TargetError,
    ) -> Result<Option<(String, String)>, TargetError> {
        if self.grammar.prefix.is_some_and(|prefix| name.starts_with(prefix)) {
            return Ok(Some((name.to_owned(), value.to_owned())));
        }
        let (name, meaning) = parameters::meaning(self.grammar.parameters, name).ok_or_else(unknown)?;
        let invalid = |expected| TargetError::InvalidParameter { name, expected };
        let lower = value.to_ascii_lowercase();
        match meaning {
            Meaning::Kept => return Ok(Some((name.into(), value.into()))),
            Meaning::Alias(other) => return Ok(Some((other.into(), value.into()))),
            Meaning::Words { name, words, expected } => {
                let (_, value) = words.iter().find(|(word, _)| *word == lower).ok_or_else(|| invalid(expected))?;
                return Ok(Some((name.into(), (*value).into())));
            }
            Meaning::ConnectTimeout => {
                let seconds = value.parse::<u64>().ok().filter(|seconds| *seconds <= 86400);
                let seconds = seconds.ok_or_else(|| invalid("it is a number of seconds"))?;
                self.connect_timeout = Some(seconds).filter(|seconds| *seconds > 0).map(Duration::from_secs);
            }
            Meaning::SessionAttributes => self.session = SessionAttributes::parse(&lower)?,
            Meaning::Always { values, expected } if !values.contains(&lower.as_str()) => return Err(invalid(expected)),
            Meaning::Always { .. } => {}
            Meaning::Refused(remedy) => return Err(invalid(remedy)),
            Meaning::Ignored => self.ignored.push(name.into()),
        }
        Ok(None)
    }

    pub(super) const fn connect_timeout(&self) -> Option<Duration> {
        self.connect_timeout
    }

    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "only PostgreSQL has them"))]
    pub(crate) const fn session(&self) -> Option<SessionAttributes> {
        self.session
    }

    pub(super) fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// What sqlx is given.
    #[cfg_attr(not(any(feature = "mysql", feature = "postgres")), expect(dead_code, reason = "only servers need it"))]
    pub(crate) const fn url(&self) -> &Url {
        &self.url
    }

    pub(super) fn database(&self) -> String {
        self.parameter("dbname").unwrap_or_else(|| decode(self.url.path().trim_start_matches('/')))
    }

    /// The same server with another database.
    pub(super) fn with_database(&self, name: &str) -> Self {
        let mut url = self.url.clone();
        let others = url.query_pairs().filter(|(key, _)| key != "dbname");
        let others = others.map(|(key, value)| (key.into_owned(), value.into_owned())).collect::<Vec<_>>();
        url.query_pairs_mut().clear().extend_pairs(others);
        url.set_path(&percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string());
        Self { url, ignored: Vec::new(), ..*self }
    }

    /// The address or the socket that is connected to.
    fn host(&self) -> String {
        let host = self.grammar.hosts.iter().find_map(|name| self.parameter(name));
        let host = host.unwrap_or_else(|| decode(self.url.host_str().unwrap_or_default())).to_ascii_lowercase();
        if host.is_empty() { self.grammar.host.unwrap_or_default().into() } else { host }
    }

    fn port(&self) -> Option<String> {
        self.parameter("port").or_else(|| self.url.port().map(|port| port.to_string()))
    }

    pub(super) fn is_local(&self) -> bool {
        let host = self.host();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let address = host.parse::<std::net::IpAddr>();
        host.starts_with('/') || host == "localhost" || address.is_ok_and(|ip| ip.is_loopback())
    }

    pub(super) fn is_same_database(&self, other: &Self) -> bool {
        let address = |server: &Self| (server.host(), server.port().unwrap_or_else(|| server.grammar.port.into()));
        self.grammar == other.grammar && address(self) == address(other) && self.database() == other.database()
    }

    fn parameter(&self, name: &str) -> Option<String> {
        self.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = self.parameter("user").unwrap_or_else(|| decode(self.url.username()));
        let secret = self.url.password().is_some() || self.parameter("password").is_some();
        let host = self.grammar.hosts.iter().rev().find_map(|name| self.parameter(name));
        let host = host.unwrap_or_else(|| decode(self.url.host_str().unwrap_or_default()));
        write!(f, "{}://{user}{}", self.grammar.scheme, if secret { ":***" } else { "" })?;
        f.write_str(if user.is_empty() && !secret { "" } else { "@" })?;
        write!(f, "{host}{}", self.port().map_or_else(String::new, |port| format!(":{port}")))?;
        write!(f, "/{}", self.database())
    }
}

/// The name of a parameter that a program could have: no secret looks like this.
pub(super) fn is_plain(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    name.len() <= 40 && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(inner)
}
