//! One connection of tiberius: batches in, rows out, every answer read to its end.

use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use socket2::{SockRef, TcpKeepalive};
use tiberius::error::{Error, IoErrorKind};
use tiberius::{AuthMethod, Client, ColumnData, Config, EncryptionLevel, QueryItem, Row, SqlBrowser};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

use super::{PRODUCT, error};
use crate::engine::Cells;
use crate::error::{ServerError, Trouble};
use crate::target::{Encrypt, Login, SqlServer};

/// Why a batch has no answer.
#[derive(Debug)]
pub(super) enum Refusal {
    Driver(Error),
    /// It was stopped from outside: all of its transaction, if it has one, is rolled back.
    Stopped,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Driver(error)
    }
}

/// A connection.
pub(super) struct Wire {
    /// Nothing, once it cannot be told any more which answer belongs to which batch.
    client: Option<Client<Compat<TcpStream>>>,
    /// What runs is to be stopped.
    pub(super) stop: Arc<watch::Sender<bool>>,
}

impl Wire {
    /// Connects and logs in, within a time.
    pub(super) async fn open(server: &SqlServer, limit: Duration) -> Result<Self, ServerError> {
        let config = config(server, limit)?;
        let client = timeout(limit, connect(config, server)).await.map_err(|_| {
            let message = format!("no answer within {}", humantime::format_duration(limit));
            ServerError::new(PRODUCT, message, Trouble::Unreachable)
        })?;
        let client = client.map_err(|error| error::connect_error(&error, server))?;
        Ok(Self { client: Some(client), stop: Arc::default() })
    }

    /// Sends a query of our own.
    pub(super) async fn ask(&mut self, batch: &str) -> Result<Vec<Cells>, Refusal> {
        let mut rows = Vec::new();
        self.exchange(batch, |row| rows.push(cells(&row))).await?;
        Ok(rows)
    }

    /// Sends a batch of a script: the rows that it selects, nobody needs.
    pub(super) async fn tell(&mut self, batch: &str) -> Result<(), Refusal> {
        self.exchange(batch, |_| ()).await
    }

    /// Sends a batch and reads the whole answer: an error can hide behind rows.
    async fn exchange(&mut self, batch: &str, keep: impl FnMut(Row) + Send) -> Result<(), Refusal> {
        let mut stop = self.stop.subscribe();
        let Some(client) = &mut self.client else { return Err(closed()) };
        tokio::select! {
            answer = drain(client, batch, keep) => {
                if !matches!(answer, Ok(()) | Err(Error::Server(_))) {
                    // nobody knows where the next answer starts
                    self.client = None;
                }
                return Ok(answer?);
            }
            _ = stop.wait_for(|stop| *stop) => {}
        }
        // where the acknowledgement does not come as it should, it would pass for the next batch's answer
        if !matches!(timeout(ATTENTION, client.cancel_query()).await, Ok(Ok(()))) {
            self.client = None;
        }
        Err(Refusal::Stopped)
    }

    pub(super) async fn close(self) {
        if let Some(client) = self.client {
            let _ = client.close().await;
        }
    }
}

/// How long the server may take to stop a batch: not as long as its answer is waited for after that.
const ATTENTION: Duration = Duration::from_secs(8);

fn closed() -> Refusal {
    Error::Io { kind: IoErrorKind::NotConnected, message: "it was closed to stop a statement".into() }.into()
}

async fn drain(
    client: &mut Client<Compat<TcpStream>>,
    batch: &str,
    mut keep: impl FnMut(Row) + Send,
) -> Result<(), Error> {
    let mut answer = client.simple_query(batch).await?;
    while let Some(item) = answer.try_next().await? {
        if let QueryItem::Row(row) = item {
            keep(row);
        }
    }
    Ok(())
}

fn cells(row: &Row) -> Cells {
    row.cells().map(|(_, cell)| text(cell)).collect()
}

/// A cell as text. Our own queries ask for texts and whole numbers only.
fn text(cell: &ColumnData<'_>) -> Option<String> {
    match cell {
        ColumnData::String(text) => text.as_ref().map(ToString::to_string),
        ColumnData::U8(number) => number.map(|number| number.to_string()),
        ColumnData::I16(number) => number.map(|number| number.to_string()),
        ColumnData::I32(number) => number.map(|number| number.to_string()),
        ColumnData::I64(number) => number.map(|number| number.to_string()),
        ColumnData::Bit(bit) => bit.map(|bit| u8::from(bit).to_string()),
        _ => None,
    }
}

fn config(server: &SqlServer, limit: Duration) -> Result<Config, ServerError> {
    let mut config = Config::new();
    config.host(&server.host);
    config.database(&server.database);
    config.application_name(server.application.clone().unwrap_or_else(|| format!("dbmigrate {}", crate::VERSION)));
    config.encryption(match server.encrypt {
        Encrypt::Optional => EncryptionLevel::Off,
        Encrypt::Mandatory => EncryptionLevel::Required,
        Encrypt::Strict => EncryptionLevel::Strict,
    });
    config.readonly(server.reads_only);
    config.multi_subnet_failover(server.multi_subnet);
    config.authentication(authentication(&server.login)?);
    // no limit that nobody has asked for: behind one of the driver's own, the connection is lost
    config.command_timeout(None);
    config.handshake_timeout(Some(limit));
    // half a character in a script's own rows is no reason to lose the answer
    config.lossy_utf16_decoding(true);
    if let Some(port) = server.port {
        config.port(port);
    }
    if let Some(instance) = &server.instance {
        config.instance_name(instance);
    }
    if let Some(workstation) = &server.workstation {
        config.client_name(workstation);
    }
    if let Some(size) = server.packet_size {
        config.packet_size(size);
    }
    trust(&mut config, server);
    Ok(config)
}

/// As .NET does it, a login alone is encrypted without a look at the certificate.
fn trust(config: &mut Config, server: &SqlServer) {
    let optional = server.encrypt == Encrypt::Optional;
    match &server.authority {
        Some(file) if !server.trusts => config.trust_cert_ca(file.display()),
        _ if server.trusts || optional => config.trust_cert(),
        _ => {}
    }
    if let Some(name) = &server.certified {
        config.hostname_in_certificate(name);
    }
}

fn authentication(login: &Login) -> Result<AuthMethod, ServerError> {
    match login {
        Login::Password { user, password } => Ok(AuthMethod::sql_server(user, password)),
        Login::Token { variable } => match std::env::var(variable) {
            Ok(token) if !token.trim().is_empty() => Ok(AuthMethod::aad_token(token.trim())),
            _ => {
                let message = format!("the environment variable {variable} holds no access token");
                let hint = format!(
                    "{variable}=$(az account get-access-token --resource https://database.windows.net/ \
                     --query accessToken --output tsv)"
                );
                Err(ServerError { hint: Some(hint), ..ServerError::new(PRODUCT, message, Trouble::NoToken) })
            }
        },
    }
}

/// So many times, a server may send us to another.
const ROUTES: usize = 5;

async fn connect(mut config: Config, server: &SqlServer) -> Result<Client<Compat<TcpStream>>, Error> {
    let mut answer = attempt(config.clone()).await;
    if server.encrypt == Encrypt::Optional
        && server.is_local()
        && matches!(answer, Err(Error::Io { .. } | Error::Tls(_)))
    {
        // perhaps it cannot encrypt at all; no password travels any further than this machine
        config.encryption(EncryptionLevel::NotSupported);
        answer = attempt(config.clone()).await;
    }
    for _ in 0..ROUTES {
        // Azure names the node that has the database
        let Err(Error::Routing { host, port }) = answer else { break };
        config.host(host);
        config.port(port);
        answer = attempt(config.clone()).await;
    }
    answer
}

/// How long nothing may travel before the other end is asked whether it is there.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

async fn attempt(config: Config) -> Result<Client<Compat<TcpStream>>, Error> {
    let stream = TcpStream::connect_named(&config).await?;
    // where the other end is gone without a word, a statement that takes long would be waited for without end
    let _ = SockRef::from(&stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEP_ALIVE));
    Client::connect(config, stream.compat_write()).await
}
