//! Opens sessions: where, as which user, and how the connection is encrypted, as `libpq` does it
//! (<https://www.postgresql.org/docs/current/libpq-ssl.html>).

use std::path::PathBuf;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{ConnectOptions, Error};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::address::Address;
use super::session::UNLIMITED;
use super::{PRODUCT, error, query};
use crate::engine::driver;
use crate::engine::supervisor::within;
use crate::engine::tls::{self, Check, Door, Identity, Parameters, Problem, Roots};
use crate::error::{ErrorKind, ServerError};

/// Opens sessions.
#[derive(Clone)]
pub(super) struct Login {
    driver: PgConnectOptions,
    mode: PgSslMode,
    /// What is verified about the certificate, or why it cannot be verified.
    check: Result<Check, Problem>,
    /// The client's certificate, or why it cannot be used.
    identity: Result<Option<Identity>, Problem>,
    /// The user names a certificate or a key: the driver would read them, too, but with another rule for missing files.
    names_files: bool,
    /// The options are those of an application's pool: the driver does what they say.
    is_given: bool,
    /// The name that the certificate must have; an address alone is not a name.
    host: Option<String>,
}

const PARAMETERS: Parameters = Parameters {
    product: PRODUCT,
    authority: "give the certificate of the authority that has signed it: sslrootcert=FILE, or sslrootcert=system for \
                those that this machine trusts",
    name: "connect with a host name that is in the certificate (hostaddr=ADDRESS keeps the address), or use \
           sslmode=verify-ca",
    client: "check sslcert and sslkey: the server decides which certificates it accepts",
    file: "check sslrootcert, sslcert and sslkey; sslrootcert=system trusts the authorities that this machine trusts, \
           and sslmode=require verifies nothing without sslrootcert",
    not_offered: "enable TLS on the server, or use sslmode=prefer",
};

impl Login {
    /// Returns the login for a URL and `libpq`'s environment variables.
    pub(super) fn new(address: &Address) -> Result<Self, ServerError> {
        crate::engine::cryptography::choose();
        if let Some(options) = &address.options {
            return Ok(Self::given(PgConnectOptions::clone(options).database(&address.database())));
        }
        let url = address.url();
        // sqlx's own error text quotes the URL's parameters
        let invalid = |_| ServerError::new(PRODUCT, "a parameter of the URL has an invalid value", ErrorKind::Plain);
        let driver = PgConnectOptions::from_url(url).map_err(invalid)?.database(&address.database());
        let driver = quiet(driver);

        let parameter =
            |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let given = |name: &str, variable: &str| {
            parameter(name).or_else(|| std::env::var(variable).ok()).filter(|value| !value.is_empty())
        };
        // a URL has an IPv6 address in brackets
        let host = driver.get_host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let named = parameter("host").or_else(|| Some(url.host_str()?.trim_matches(['[', ']']).to_owned()));
        let named = named.filter(|host| !host.is_empty());
        let variable = |name: &str| std::env::var(name).ok().filter(|_| named.is_none());
        let address = parameter("hostaddr").or_else(|| variable("PGHOSTADDR"));
        let name = if address.is_some() { named.clone().or_else(|| variable("PGHOST")) } else { Some(host.clone()) };
        let driver = driver.host(address.as_deref().unwrap_or(&host));

        let roots = given("sslrootcert", "PGSSLROOTCERT");
        let mode = mode(given("sslmode", "PGSSLMODE"), roots.as_deref())?;
        let is_strict = matches!(mode, PgSslMode::VerifyCa | PgSslMode::VerifyFull);
        let check = roots_of(roots, is_strict).map(|roots| match (roots, mode) {
            (None, _) => Check::Nothing,
            (Some(roots), PgSslMode::VerifyFull) => Check::Name(roots),
            (Some(roots), _) => Check::Chain(roots),
        });
        let (certificate, key) = (given("sslcert", "PGSSLCERT"), given("sslkey", "PGSSLKEY"));
        let names_files = certificate.is_some() || key.is_some();
        Ok(Self { driver, mode, check, identity: identity(certificate, key), names_files, is_given: false, host: name })
    }

    /// Returns the login of an application.
    fn given(options: PgConnectOptions) -> Self {
        let (driver, mode) = (quiet(options), PgSslMode::Disable);
        let (check, identity) = (Ok(Check::Nothing), Ok(None));
        Self { driver, mode, check, identity, names_files: false, is_given: true, host: None }
    }

    /// Opens a session within a time limit.
    pub(super) async fn open(&self, limit: Duration) -> Result<PgConnection, ServerError> {
        within(PRODUCT, limit, self.connect()).await
    }

    /// Opens a side connection, which no limit of the server ends.
    pub(super) async fn open_apart(&self, limit: Duration) -> Result<PgConnection, ServerError> {
        let mut connection = self.open(limit).await?;
        query(&mut connection, UNLIMITED).await?;
        Ok(connection)
    }

    pub(super) async fn connect(&self) -> Result<PgConnection, ServerError> {
        let is_socket = self.driver.get_socket().is_some() || self.driver.get_host().starts_with('/');
        match self.mode {
            _ if self.is_given => self.driver.connect().await.map_err(connect_error),
            _ if is_socket => self.plain().await,
            PgSslMode::Disable => self.plain().await,
            PgSslMode::Allow => match self.plain().await {
                Err(first) if is_refused(&first) => self.encrypted().await.map_err(|second| both(first, second)),
                answer => answer,
            },
            PgSslMode::Prefer => match self.encrypted().await {
                Err(first) if first.kind == ErrorKind::Certificate || is_refused(&first) => {
                    self.plain().await.map_err(|second| both(first, second))
                }
                answer => answer,
            },
            PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull => self.encrypted().await,
        }
    }

    async fn plain(&self) -> Result<PgConnection, ServerError> {
        self.driver.clone().ssl_mode(PgSslMode::Disable).connect().await.map_err(connect_error)
    }

    /// Connects with encryption. If nothing is verified, the driver's own is enough, unless it cannot read the
    /// certificate.
    async fn encrypted(&self) -> Result<PgConnection, ServerError> {
        let problem = |problem: Problem| problem.error(&PARAMETERS);
        let check = self.check.as_ref().map_err(|error| problem(error.clone()))?;
        let identity = self.identity.as_ref().map_err(|error| problem(error.clone()))?;
        if *check == Check::Nothing && identity.is_none() && !self.names_files {
            let mode = if matches!(self.mode, PgSslMode::Prefer) { PgSslMode::Prefer } else { PgSslMode::Require };
            match self.driver.clone().ssl_mode(mode).connect().await {
                Err(Error::Io(error)) if driver::is_of_tls(&error) => {}
                Err(Error::Tls(_)) => return Err(problem(Problem::NotOffered)),
                answer => return answer.map_err(connect_error),
            }
        }
        self.relayed(check, identity.as_ref()).await
    }

    /// Connects through dbmigrate's own encryption.
    async fn relayed(&self, check: &Check, identity: Option<&Identity>) -> Result<PgConnection, ServerError> {
        const REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
        let problem = |problem: Problem| problem.error(&PARAMETERS);
        let unreachable = |error: std::io::Error| ServerError::new(PRODUCT, error.to_string(), ErrorKind::Unreachable);
        if matches!(check, Check::Name(_)) && self.host.is_none() {
            let message = "sslmode=verify-full needs the host's name, but the URL has only its address";
            return Err(ServerError::new(PRODUCT, message, ErrorKind::Certificate));
        }
        let (host, port) = (self.driver.get_host(), self.driver.get_port());
        let mut stream = TcpStream::connect((host, port)).await.map_err(unreachable)?;
        let _ = stream.set_nodelay(true);
        // <https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL>
        stream.write_all(&REQUEST).await.map_err(unreachable)?;
        match stream.read_u8().await.map_err(unreachable)? {
            b'S' => {}
            b'N' => return Err(problem(Problem::NotOffered)),
            // this answer could come from anyone: do not show it, and do not fall back to a connection without
            // encryption
            _ => return Err(problem(Problem::Other("the server answered the request for TLS with an error".into()))),
        }
        let host = self.host.as_deref().unwrap_or(host);
        let encrypted = tls::encrypt(stream, host, check, identity).await.map_err(problem)?;
        let door = Door::open(&format!(".s.PGSQL.{port}")).map_err(unreachable)?;
        let driver = self.driver.clone().ssl_mode(PgSslMode::Disable);
        #[cfg(unix)]
        let driver = driver.socket(&door.folder);
        #[cfg(not(unix))]
        let driver = driver.host("127.0.0.1").port(door.port);
        let relay = async { door.accept().await.map(|local| tls::relay(local, encrypted)) };
        let (connection, noted) = tokio::join!(driver.connect(), relay);
        let noted = noted.ok().and_then(|noted| noted.get().cloned());
        connection.map_err(|error| match (error, noted) {
            // with TLS 1.3, the server checks the client's certificate after the handshake: it is a part of the login
            (Error::Io(_), Some(noted)) => ServerError { kind: ErrorKind::Login, ..problem(noted) },
            (error, _) => connect_error(error),
        })
    }
}

/// Returns the driver's options as a run needs them.
fn quiet(driver: PgConnectOptions) -> PgConnectOptions {
    let name = driver.get_application_name().is_none().then(|| format!("dbmigrate {}", crate::VERSION));
    let driver = match name {
        Some(name) => driver.application_name(&name),
        None => driver,
    };
    // statements can contain secrets: they never reach a log. A pooler refuses start-up parameters that it does not know.
    driver.disable_statement_logging().statement_cache_capacity(0).extra_float_digits(None)
}

fn connect_error(error: Error) -> ServerError {
    driver::connect_error(PRODUCT, error, error::said)
}

/// Returns whether the server refuses a session because it is, or is not, encrypted: SQLSTATE class 28 without wrong
/// passwords.
fn is_refused(error: &ServerError) -> bool {
    error.code.as_deref() == Some("28000")
}

/// Returns the error after both attempts failed: the first attempt is the preferred one.
fn both(first: ServerError, second: ServerError) -> ServerError {
    ServerError { also: vec![second.message], ..first }
}

/// Returns the mode. `sslrootcert=system` means `verify-full`, and nothing weaker.
fn mode(given: Option<String>, roots: Option<&str>) -> Result<PgSslMode, ServerError> {
    let is_system = roots == Some("system");
    let Some(text) = given else { return Ok(if is_system { PgSslMode::VerifyFull } else { PgSslMode::Prefer }) };
    let invalid = |_| {
        let remedy = Some("use disable, allow, prefer, require, verify-ca or verify-full");
        ServerError { remedy, ..ServerError::new(PRODUCT, format!("sslmode {text:?} is not known"), ErrorKind::Plain) }
    };
    let mode = text.parse::<PgSslMode>().map_err(invalid)?;
    if is_system && !matches!(mode, PgSslMode::VerifyFull) {
        let message = format!(
            "sslmode={text} is too weak for sslrootcert=system: anyone can get a certificate from a public authority"
        );
        let remedy = Some("write sslmode=verify-full");
        return Err(ServerError { remedy, ..ServerError::new(PRODUCT, message, ErrorKind::Certificate) });
    }
    Ok(mode)
}

/// Returns the authorities. A missing file is an error only if it is needed.
fn roots_of(given: Option<String>, is_strict: bool) -> Result<Option<Roots>, Problem> {
    if given.as_deref() == Some("system") {
        return Ok(Some(Roots::System));
    }
    match given.map(PathBuf::from).or_else(|| own_file("root.crt")) {
        Some(file) if file.exists() => Ok(Some(Roots::File(file))),
        Some(file) if is_strict => {
            Err(Problem::File(file, "the file with the trusted authorities does not exist".into()))
        }
        None if is_strict => Err(Problem::Other("no trusted authorities are given".into())),
        _ => Ok(None),
    }
}

/// Returns the client's certificate and its key.
fn identity(certificate: Option<String>, key: Option<String>) -> Result<Option<Identity>, Problem> {
    let certificate = certificate.map(PathBuf::from).or_else(|| own_file("postgresql.crt"));
    let Some(certificate) = certificate.filter(|file| file.exists()) else { return Ok(None) };
    let Some(key) = key.map(PathBuf::from).or_else(|| own_file("postgresql.key")) else { return Ok(None) };
    if !key.exists() {
        return Err(Problem::File(key, format!("the key of the certificate {} does not exist", certificate.display())));
    }
    if !tls::is_private(&key) {
        return Err(Problem::File(key, "others can read this key: chmod 600".into()));
    }
    Ok(Some(Identity { certificate, key }))
}

/// Returns the file that `libpq` uses if the user names none.
fn own_file(name: &str) -> Option<PathBuf> {
    if cfg!(windows) {
        return std::env::var_os("APPDATA").map(|folder| PathBuf::from(folder).join("postgresql").join(name));
    }
    std::env::home_dir().map(|home| home.join(".postgresql").join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_one_that_the_url_means() {
        for (url, address, name) in [
            ("postgres://u@[::1]:5433/shop", "::1", Some("::1")),
            ("postgres://u@db/shop?hostaddr=10.0.0.1", "10.0.0.1", Some("db")),
            ("postgres://u@/shop?hostaddr=::1&host=db", "::1", Some("db")),
            ("postgres://u@db/shop?host=other", "other", Some("other")),
            ("postgres:///shop?hostaddr=10.0.0.1", "10.0.0.1", None),
            ("postgres://u@db/shop", "db", Some("db")),
        ] {
            let login = Login::new(&Address::parse(url).expect("a URL")).expect("it is valid");
            assert_eq!((login.driver.get_host(), login.host.as_deref()), (address, name), "{url}");
        }
    }
}
