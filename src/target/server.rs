//! The URL of a database on a server.

use std::fmt;

use url::Url;

use super::{TargetError, decode};

/// What the URLs of one product have of their own.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Grammar {
    /// The scheme in messages.
    pub(super) scheme: &'static str,
    host: Option<&'static str>,
    port: &'static str,
    parameters: &'static [&'static str],
    /// A parameter that may bear any name that starts like this.
    prefix: Option<&'static str>,
    /// Parameters that name the server's address or socket, the one that counts first.
    hosts: &'static [&'static str],
    /// Names that mean the same parameter.
    synonyms: &'static [[&'static str; 2]],
    encryption: &'static [&'static str],
    modes: &'static [&'static str],
    expected: &'static str,
    /// Databases that hold the server's own tables.
    own: &'static [&'static str],
}

/// The parameters that `libpq` and sqlx know for a PostgreSQL URL. Without a host, `libpq`'s variables decide.
pub(super) const POSTGRES: Grammar = Grammar {
    scheme: "postgres",
    host: None,
    port: "5432",
    parameters: &[
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
    ],
    prefix: Some("options["),
    hosts: &["hostaddr", "host"],
    synonyms: &[["hostaddr", "host"]],
    encryption: &["sslmode"],
    modes: &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"],
    expected: "it is disable, allow, prefer, require, verify-ca or verify-full",
    own: &[],
};

/// The parameters that sqlx knows for a MySQL URL, without those by which the session would read scripts differently.
pub(super) const MYSQL: Grammar = Grammar {
    scheme: "mysql",
    host: Some("localhost"),
    port: "3306",
    parameters: &["ssl-mode", "ssl-ca", "ssl-cert", "ssl-key", "sslmode", "sslca", "sslcert", "sslkey", "socket"],
    prefix: None,
    hosts: &["socket"],
    synonyms: &[["sslmode", "ssl-mode"], ["sslca", "ssl-ca"], ["sslcert", "ssl-cert"], ["sslkey", "ssl-key"]],
    encryption: &["ssl-mode", "sslmode"],
    modes: &["disabled", "preferred", "required", "verify_ca", "verify_identity"],
    expected: "it is disabled, preferred, required, verify_ca or verify_identity",
    own: &["mysql", "sys", "information_schema", "performance_schema"],
};

/// The URL that a text is.
pub(super) fn parse_url(scheme: &'static str, text: &str) -> Result<Url, TargetError> {
    let malformed = |reason: &str| TargetError::Malformed { scheme: scheme.into(), reason: reason.into() };
    let url = Url::parse(text).map_err(|error| malformed(&error.to_string()))?;
    let unslashed = || malformed(&format!("it does not start with {scheme}://"));
    let behind = text.split_once("://").ok_or_else(unslashed)?.1;
    // a password with one of these in it ends the authority early, and what follows would pass for host and path
    let authority = behind.find(['/', '?', '#']).map_or(behind, |end| &behind[..end]);
    if url.fragment().is_some() || behind[authority.len()..].contains('@') {
        return Err(malformed("a / or ? or # before the @, or a # at all, must be percent-encoded"));
    }
    Ok(url)
}

/// A database on a server.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ServerUrl {
    grammar: &'static Grammar,
    url: Url,
}

impl ServerUrl {
    pub(super) fn parse(grammar: &'static Grammar, text: &str) -> Result<Self, TargetError> {
        let Grammar { scheme, .. } = *grammar;
        let server = Self { grammar, url: parse_url(scheme, text)? };
        server.check_parameters()?;
        match server.database() {
            name if name.is_empty() => Err(TargetError::NoDatabase(scheme.into())),
            name if grammar.own.iter().any(|own| name.eq_ignore_ascii_case(own)) => {
                Err(TargetError::SystemDatabase(name))
            }
            _ => Ok(server),
        }
    }

    fn check_parameters(&self) -> Result<(), TargetError> {
        let Grammar { scheme, parameters, prefix, synonyms, encryption, modes, expected, .. } = *self.grammar;
        let known = |name: &str| parameters.contains(&name) || prefix.is_some_and(|prefix| name.starts_with(prefix));
        if let Some(i) = self.url.query_pairs().position(|(name, _)| !known(&name)) {
            return Err(TargetError::UnknownParameter { scheme: scheme.into(), position: i + 1 });
        }
        let one_name =
            |name: &str| synonyms.iter().find(|pair| pair[0] == name).map_or(name, |pair| pair[1]).to_owned();
        let mut names = self.url.query_pairs().map(|(name, _)| one_name(&name)).collect::<Vec<_>>();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(TargetError::Repeated(scheme.into()));
        }
        let mode = encryption.iter().find_map(|name| Some((*name, self.parameter(name)?)));
        match mode {
            Some((name, mode)) if !modes.contains(&mode.to_ascii_lowercase().as_str()) => {
                Err(TargetError::InvalidParameter { name, expected })
            }
            _ => Ok(()),
        }
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
        Self { url, ..*self }
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
