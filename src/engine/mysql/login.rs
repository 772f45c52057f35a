//! Opens sessions: where, as which user, and how the connection is encrypted, as the servers' own clients do it
//! (<https://dev.mysql.com/doc/refman/8.4/en/connection-options.html#encrypted-connection-options>).

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlSslMode};
use sqlx::{ConnectOptions, Error};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::address::Address;
use super::{Product, error};
use crate::engine::driver;
use crate::engine::supervisor::within;
use crate::engine::tls::{self, Check, Door, Identity, Parameters, Problem, Roots, Stream};
use crate::error::{ErrorKind, ServerError};

/// Opens sessions.
#[derive(Clone)]
pub(super) struct Login {
    driver: MySqlConnectOptions,
    check: Check,
    identity: Result<Option<Identity>, Problem>,
    /// The options are those of an application's pool: the driver does what they say.
    is_given: bool,
}

const PARAMETERS: Parameters = Parameters {
    product: "MySQL or MariaDB",
    authority: "give the certificate of the authority that has signed it: ssl-ca=FILE",
    name: "connect with a host name that is in the certificate, or use ssl-mode=verify_ca",
    client: "check ssl-cert and ssl-key: the server decides which certificates it accepts",
    file: "check ssl-ca, ssl-cert and ssl-key",
    not_offered: "enable TLS on the server, or use ssl-mode=preferred",
};

impl Login {
    pub(super) fn new(address: &Address) -> Result<Self, ServerError> {
        crate::engine::cryptography::choose();
        if let Some(options) = &address.options {
            let (driver, check, identity) =
                (plain(MySqlConnectOptions::clone(options).database(&address.database())), Check::Nothing, Ok(None));
            return Ok(Self { driver, check, identity, is_given: true });
        }
        let url = address.url();
        // sqlx's own error text quotes the URL's parameters
        let invalid = |_| Product::default().error("a parameter of the URL has an invalid value", ErrorKind::Plain);
        let driver = MySqlConnectOptions::from_url(url).map_err(invalid)?;
        // a URL has an IPv6 address in brackets
        let address = url.host_str().and_then(|host| host.strip_prefix('[')?.strip_suffix(']'));
        let driver = address.map_or_else(|| driver.clone(), |address| driver.clone().host(address));
        let driver = plain(driver);

        let parameter =
            |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let file = parameter("ssl-ca").map(|file| Roots::File(file.into()));
        let check = match (driver.get_ssl_mode(), file) {
            (MySqlSslMode::VerifyIdentity, file) => Check::Name(file.unwrap_or(Roots::System)),
            (MySqlSslMode::VerifyCa, file) => Check::Chain(file.unwrap_or(Roots::System)),
            // an authority that the URL names must have signed the certificate
            (MySqlSslMode::Preferred | MySqlSslMode::Required, Some(file)) => Check::Chain(file),
            _ => Check::Nothing,
        };
        Ok(Self { driver, check, identity: identity(parameter("ssl-cert"), parameter("ssl-key")), is_given: false })
    }

    /// Returns the login for a database.
    pub(super) fn database(self, name: &str) -> Self {
        Self { driver: self.driver.database(name), ..self }
    }

    /// Opens a session within a time limit.
    pub(super) async fn open(&self, product: Product, limit: Duration) -> Result<MySqlConnection, ServerError> {
        within(product.name(), limit, self.connect(product)).await
    }

    pub(super) async fn connect(&self, product: Product) -> Result<MySqlConnection, ServerError> {
        let failed = |error| driver::connect_error(product.name(), error, |error| error::said(product, error));
        if self.is_given {
            return self.driver.connect().await.map_err(failed);
        }
        let identity = match &self.identity {
            _ if matches!(self.driver.get_ssl_mode(), MySqlSslMode::Disabled) => None,
            Ok(identity) => identity.as_ref(),
            Err(problem) => return Err(problem.error(&PARAMETERS)),
        };
        // if nothing is verified, the driver's own encryption is enough, unless it cannot read the certificate
        if self.check == Check::Nothing && identity.is_none() {
            match self.driver.connect().await {
                Err(Error::Io(error)) if driver::is_of_tls(&error) => {}
                Err(Error::Tls(_)) => return Err(Problem::NotOffered.error(&PARAMETERS)),
                answer => return answer.map_err(failed),
            }
        }
        let unreachable = |error: std::io::Error| product.error(error.to_string(), ErrorKind::Unreachable);
        let server = self.dial().await.map_err(unreachable)?;
        let door = Door::open("mysql").map_err(unreachable)?;
        let driver = match self.driver.get_ssl_mode() {
            MySqlSslMode::Preferred => self.driver.clone(),
            _ => self.driver.clone().ssl_mode(MySqlSslMode::Required),
        };
        #[cfg(unix)]
        let driver = driver.socket(door.folder.join("mysql"));
        #[cfg(not(unix))]
        let driver = driver.host("127.0.0.1").port(door.port);
        let relay = async {
            let local = door.accept().await.map_err(|error| Problem::Lost(error.to_string()))?;
            self.relay(local, server, identity).await
        };
        let (connection, relayed) = tokio::join!(driver.connect(), relay);
        connection.map_err(|error| match (relayed, error) {
            (Err(problem), _) => problem.error(&PARAMETERS),
            (Ok(_), Error::Tls(_)) => Problem::NotOffered.error(&PARAMETERS),
            (Ok(noted), Error::Io(error)) => {
                noted.get().map_or_else(|| failed(Error::Io(error)), |problem| problem.error(&PARAMETERS))
            }
            (Ok(_), error) => failed(error),
        })
    }

    async fn dial(&self) -> std::io::Result<Box<dyn Stream>> {
        #[cfg(unix)]
        if let Some(socket) = self.driver.get_socket() {
            return Ok(Box::new(tokio::net::UnixStream::connect(socket).await?));
        }
        let stream = TcpStream::connect((self.driver.get_host(), self.driver.get_port())).await?;
        let _ = stream.set_nodelay(true);
        Ok(Box::new(stream))
    }

    /// Passes on the server's greeting and the driver's answer. If the answer asks for encryption, both sides are
    /// encrypted separately. The driver's side must be, too: the driver sends some passwords only over an encrypted
    /// connection.
    async fn relay(
        &self,
        mut local: impl Stream + 'static,
        mut server: Box<dyn Stream>,
        identity: Option<&Identity>,
    ) -> Result<Arc<std::sync::OnceLock<Problem>>, Problem> {
        let lost = |error: std::io::Error| Problem::Lost(error.to_string());
        let greeting = packet(&mut server).await.map_err(lost)?;
        let is_error = greeting.get(4) == Some(&0xFF);
        if !is_error && !offers_encryption(&greeting) {
            // never continue without encryption if the URL requires it, however the driver interprets the greeting
            if !matches!(self.driver.get_ssl_mode(), MySqlSslMode::Preferred) || greeting.get(4) != Some(&10) {
                return Err(Problem::NotOffered);
            }
            local.write_all(&greeting).await.map_err(lost)?;
            return Ok(tls::relay(local, server));
        }
        local.write_all(&greeting).await.map_err(lost)?;
        if is_error {
            return Ok(Arc::default());
        }
        let request = packet(&mut local).await.map_err(lost)?;
        if request.len() != 36 || request[5] & CLIENT_SSL == 0 {
            return Err(Problem::Other("the driver does not ask for TLS".into()));
        }
        server.write_all(&request).await.map_err(lost)?;
        let encrypted = tls::encrypt(server, self.driver.get_host(), &self.check, identity).await?;
        let local = acceptor().map_err(Problem::Other)?.accept(local).await.map_err(lost)?;
        Ok(tls::relay(local, encrypted))
    }
}

/// Returns the driver's options as a run needs them.
fn plain(driver: MySqlConnectOptions) -> MySqlConnectOptions {
    // a script means what it means in the server's own client; statements can contain secrets, so they never reach a log
    let driver = driver.pipes_as_concat(false).no_engine_substitution(false).timezone(None);
    driver.statement_cache_capacity(0).disable_statement_logging()
}

/// Returns the client's certificate and its key.
fn identity(certificate: Option<String>, key: Option<String>) -> Result<Option<Identity>, Problem> {
    match (certificate.map(PathBuf::from), key.map(PathBuf::from)) {
        (Some(certificate), Some(key)) => Ok(Some(Identity { certificate, key })),
        (Some(file), None) => Err(Problem::File(file, "this certificate needs its key: ssl-key=FILE".into())),
        (None, Some(file)) => Err(Problem::File(file, "this key needs its certificate: ssl-cert=FILE".into())),
        (None, None) => Ok(None),
    }
}

/// Reads a packet with its header: three bytes of length and a number.
async fn packet(stream: &mut (impl Stream + ?Sized)) -> std::io::Result<Vec<u8>> {
    let mut packet = vec![0; 4];
    stream.read_exact(&mut packet).await?;
    let length = usize::from(packet[0]) | usize::from(packet[1]) << 8 | usize::from(packet[2]) << 16;
    packet.resize(4 + length, 0);
    stream.read_exact(&mut packet[4..]).await?;
    Ok(packet)
}

/// The flag for TLS in the second byte of the capability flags.
const CLIENT_SSL: u8 = 0x08;

/// Returns whether a greeting has the capability flag for TLS
/// (<https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html>).
fn offers_encryption(greeting: &[u8]) -> bool {
    let version = greeting.get(5..).unwrap_or_default();
    let end = version.iter().position(|byte| *byte == 0);
    // number of the connection, first part of the challenge, a filler
    let flags = end.and_then(|end| version.get(end + 1 + 4 + 8 + 1 + 1));
    greeting.get(4) == Some(&10) && flags.is_some_and(|flags| flags & CLIENT_SSL != 0)
}

/// Returns the other end of the driver's encryption, with a certificate of this process.
fn acceptor() -> Result<TlsAcceptor, String> {
    static ACCEPTOR: LazyLock<Result<TlsAcceptor, String>> = LazyLock::new(|| {
        let own = rcgen::generate_simple_self_signed([]).map_err(|error| error.to_string())?;
        let key = rustls::pki_types::PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| {
                builder.with_no_client_auth().with_single_cert(vec![own.cert.der().clone()], key.into())
            });
        config.map(|config| TlsAcceptor::from(Arc::new(config))).map_err(|error| error.to_string())
    });
    ACCEPTOR.clone()
}
