//! The URL of a database on a server.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{Position, Url};

use super::parameters::{self, Meaning, Parameters, is_plain};
use crate::target::{Parts, TargetError, decode, server_url};

/// What the URLs of one product have of their own.
#[derive(Debug)]
pub(crate) struct Grammar {
    /// The scheme in messages.
    pub(crate) scheme: &'static str,
    /// The host of a URL without one; `None` where the driver knows.
    pub(crate) host: Option<&'static str>,
    pub(crate) port: &'static str,
    pub(crate) parameters: Parameters,
    /// Some of the parameters, for the advice about an unknown one.
    pub(crate) known: &'static str,
    /// A parameter that may bear any name that starts like this.
    pub(crate) prefix: Option<&'static str>,
    /// Parameters that name the server's address or socket, the one that counts first.
    pub(crate) hosts: &'static [&'static str],
    pub(crate) encryption: &'static str,
    pub(crate) modes: &'static [&'static str],
    pub(crate) expected: &'static str,
    /// The advice about a URL that names no database.
    pub(crate) example: &'static str,
    /// Databases that hold the server's own tables.
    pub(crate) own: &'static [&'static str],
}

/// The URL that a text is. A user without a host is on `local`, or becomes a parameter.
pub(crate) fn parse_url(scheme: &'static str, local: Option<&str>, text: &str) -> Result<Url, TargetError> {
    let malformed = |reason: &str| TargetError::Malformed { scheme, reason: reason.into() };
    let (before, after) =
        text.split_once("://").ok_or_else(|| malformed(&format!("it does not start with {scheme}://")))?;
    // a password with one of these in it ends the authority early, and what follows would pass for host and path
    let end = after.find(['/', '?', '#']).unwrap_or(after.len());
    let (authority, rest) = after.split_at(end);
    if rest.contains('@') || rest.contains('#') {
        return Err(malformed("a / or ? or # before the @, or a # at all, must be percent-encoded"));
    }
    let (user, host) = authority.rsplit_once('@').map_or(("", authority), |(user, host)| (user, host));
    if host.contains(',') {
        return Err(TargetError::SeveralHosts(scheme));
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

/// The characters that are encoded in the name of a database. Programs of other people read the URL, too: names stay
/// readable.
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-');

/// What the options of a driver say about the database.
pub(crate) struct DriverOptions<'a> {
    pub(crate) user: &'a str,
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    pub(crate) socket: Option<&'a Path>,
    pub(crate) database: Option<&'a str>,
}

/// A database on a server.
#[derive(Clone)]
pub(crate) struct ServerUrl {
    grammar: &'static Grammar,
    /// Its parameters are those of the driver.
    url: Url,
    connect_timeout: Option<Duration>,
    /// Parameters for the engine.
    noted: Vec<(&'static str, String)>,
    /// Parameters of other programs.
    ignored: Vec<String>,
}

impl ServerUrl {
    /// Parses a text. `fill_in` adds what the URL leaves to other sources.
    pub(crate) fn parse(
        grammar: &'static Grammar,
        text: &str,
        fill_in: impl Fn(Url) -> Result<Url, TargetError>,
    ) -> Result<Self, TargetError> {
        let Grammar { scheme, .. } = *grammar;
        let url = fill_in(parse_url(scheme, grammar.host, text)?)?;
        let server =
            Self { grammar, url, connect_timeout: None, noted: Vec::new(), ignored: Vec::new() }.understood()?;
        match server.database() {
            name if name.is_empty() => Err(TargetError::NoDatabase { scheme, hint: grammar.example }),
            name if grammar.own.iter().any(|own| name.eq_ignore_ascii_case(own)) => {
                Err(TargetError::SystemDatabase(name))
            }
            _ => Ok(server),
        }
    }

    /// Returns the URL of the database that the options of a driver name. It has no password.
    pub(crate) fn of_options(grammar: &'static Grammar, options: &DriverOptions<'_>) -> Result<Self, TargetError> {
        let host = if options.host.contains(':') { format!("[{}]", options.host) } else { options.host.to_owned() };
        let host = if options.socket.is_some() { "localhost".into() } else { host };
        let parts = [("user", options.user), ("host", &host), ("database", options.database.unwrap_or_default())];
        let mut parts = Parts::new(parts.map(|(name, value)| (name.to_owned(), value.to_owned())));
        parts.set("port", &options.port.to_string());
        let url = server_url(grammar.scheme, &parts).unwrap_or_default();
        let socket = options.socket.zip(grammar.hosts.last()).map_or_else(String::new, |(socket, parameter)| {
            format!("?{parameter}={}", utf8_percent_encode(&socket.to_string_lossy(), NON_ALPHANUMERIC))
        });
        Self::parse(grammar, &(url + &socket), Ok)
    }

    /// The same with what its parameters mean; those that are left are the driver's, under its names.
    fn understood(mut self) -> Result<Self, TargetError> {
        let Grammar { scheme, encryption, modes, expected, .. } = *self.grammar;
        let mut kept: Vec<(String, String)> = Vec::new();
        let given = self.url.query_pairs().into_owned().collect::<Vec<_>>();
        for (i, (name, value)) in given.iter().enumerate() {
            let secret = i > 0 && given[i - 1].0 == "password";
            let unknown = || TargetError::UnknownParameter {
                scheme,
                // it can be the second half of a password that has a & in it
                name: Some(name.clone()).filter(|name| !secret && !value.is_empty() && is_plain(name)),
                position: i + 1,
                known: self.grammar.known,
            };
            if let Some((name, value)) = self.take(name, value, unknown)? {
                if kept.iter().any(|(other, _)| *other == name) {
                    return Err(TargetError::Repeated { scheme, name });
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
            return Err(TargetError::SeveralHosts(scheme));
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
            Meaning::Noted if self.noted(name).is_some() => {
                return Err(TargetError::Repeated { scheme: self.grammar.scheme, name: name.into() });
            }
            Meaning::Noted => self.noted.push((name, lower)),
            Meaning::Always { values, expected } if !values.contains(&lower.as_str()) => return Err(invalid(expected)),
            Meaning::Always { .. } => {}
            Meaning::Refused(remedy) => return Err(invalid(remedy)),
            Meaning::Ignored => self.ignored.push(name.into()),
        }
        Ok(None)
    }

    pub(crate) const fn connect_timeout(&self) -> Option<Duration> {
        self.connect_timeout
    }

    /// Returns the value of a parameter for the engine, in lower case.
    pub(crate) fn noted(&self, name: &str) -> Option<&str> {
        self.noted.iter().find(|(noted, _)| *noted == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// What sqlx is given.
    pub(crate) const fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn database(&self) -> String {
        self.parameter("dbname").unwrap_or_else(|| decode(self.url.path().trim_start_matches('/')))
    }

    /// The same server with another database.
    pub(crate) fn with_database(&self, name: &str) -> Self {
        let mut url = self.url.clone();
        let others = url.query_pairs().filter(|(key, _)| key != "dbname");
        let others = others.map(|(key, value)| (key.into_owned(), value.into_owned())).collect::<Vec<_>>();
        url.query_pairs_mut().clear().extend_pairs(others);
        url.set_path(&utf8_percent_encode(name, NAME).to_string());
        Self { url, ignored: Vec::new(), ..self.clone() }
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

    pub(crate) fn is_local(&self) -> bool {
        let host = self.host();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let address = host.parse::<std::net::IpAddr>();
        host.starts_with('/') || host == "localhost" || address.is_ok_and(|ip| ip.is_loopback())
    }

    /// Returns what tells this database from every other of the product.
    pub(crate) fn identity(&self) -> String {
        format!("{}/{}", self.server(), self.database())
    }

    /// Returns the host and the port.
    pub(crate) fn server(&self) -> String {
        let port = self.port().unwrap_or_else(|| self.grammar.port.into());
        format!("{}:{port}", self.host())
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
