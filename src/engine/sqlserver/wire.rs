//! A connection of tiberius: it sends batches and reads every answer to its end.

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

use super::address::{Address, Encrypt, Login};
use super::lent::Home;
use super::{PRODUCT, error};
use crate::engine::{Cells, Table};
use crate::error::{ErrorKind, ServerError};

/// Why a batch failed.
#[derive(Debug)]
pub(super) enum Refusal {
    Driver(Error),
    /// The batch was stopped from outside: the whole transaction, if there is one, is rolled back.
    Stopped,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Driver(error)
    }
}

/// The driver's client.
pub(super) type Driver = Client<Compat<TcpStream>>;

/// One connection to the server.
pub(super) struct Wire {
    /// The driver's client; `None` while an answer is due, and once it is unknown which answer belongs to which batch.
    client: Option<Driver>,
    /// Where the client goes at the end, if it is lent.
    pub(super) home: Option<Home>,
    /// Stops the running batch.
    pub(super) stop: Arc<watch::Sender<bool>>,
}

impl Wire {
    /// Connects and logs in, within a time limit.
    pub(super) async fn open(server: &Address, limit: Duration) -> Result<Self, ServerError> {
        crate::engine::cryptography::choose();
        let config = config(server, limit)?;
        let client = timeout(limit, connect(config, server)).await.map_err(|_| {
            let message = format!("no answer within {}", humantime::format_duration(limit));
            ServerError::new(PRODUCT, message, ErrorKind::Unreachable)
        })?;
        let client = client.map_err(|error| error::connect_error(&error, server))?;
        Ok(Self { client: Some(client), home: None, stop: Arc::default() })
    }

    /// Returns the connection of a client that is lent.
    pub(super) fn lent(client: Driver, home: Home) -> Self {
        Self { client: Some(client), home: Some(home), stop: Arc::default() }
    }

    /// Sends a query of dbmigrate's own.
    pub(super) async fn ask(&mut self, batch: &str) -> Result<Vec<Cells>, Refusal> {
        let mut rows = Vec::new();
        self.exchange(batch, |row| rows.push(cells(&row))).await?;
        Ok(rows)
    }

    /// Sends queries of dbmigrate's own and returns the rows of each.
    pub(super) async fn ask_each(&mut self, batch: &str) -> Result<Vec<Vec<Cells>>, Refusal> {
        let mut answers = Vec::<Vec<Cells>>::new();
        let keep = |row: Row| {
            answers.resize(answers.len().max(row.result_index() + 1), Vec::new());
            answers[row.result_index()].push(cells(&row));
        };
        self.exchange(batch, keep).await?;
        Ok(answers)
    }

    /// Sends a query of the user's, and returns the names of its columns and its rows.
    pub(super) async fn table(&mut self, batch: &str) -> Result<Table, Refusal> {
        let (mut columns, mut rows) = (Vec::new(), Vec::new());
        let keep = |row: Row| {
            if columns.is_empty() {
                columns = row.columns().iter().map(|column| column.name().to_owned()).collect();
            }
            rows.push(cells(&row));
        };
        self.exchange(batch, keep).await?;
        Ok((columns, rows))
    }

    /// Sends a batch of a script and ignores the rows that it selects.
    pub(super) async fn tell(&mut self, batch: &str) -> Result<(), Refusal> {
        self.exchange(batch, |_| ()).await
    }

    /// Sends a batch and reads the whole answer: an error can follow rows.
    async fn exchange(&mut self, batch: &str, keep: impl FnMut(Row) + Send) -> Result<(), Refusal> {
        let mut stop = self.stop.subscribe();
        let Some(mut client) = self.client.take() else { return Err(closed()) };
        tokio::select! {
            answer = drain(&mut client, batch, keep) => {
                // otherwise, it is unknown where the next answer starts
                if matches!(answer, Ok(()) | Err(Error::Server(_))) {
                    self.client = Some(client);
                }
                return Ok(answer?);
            }
            _ = stop.wait_for(|stop| *stop) => {}
        }
        // an acknowledgement that does not come as it should would be taken for the next batch's answer
        if matches!(timeout(ATTENTION, client.cancel_query()).await, Ok(Ok(()))) {
            self.client = Some(client);
        }
        Err(Refusal::Stopped)
    }

    pub(super) async fn close(mut self) {
        match (self.home.take(), self.client.take()) {
            (Some(home), client) => home.receive(client).await,
            (None, Some(client)) => drop(client.close().await),
            (None, None) => {}
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if let Some(home) = self.home.take() {
            home.receive_later(self.client.take());
        }
    }
}

/// How long the server may take to stop a batch: less than the supervisor waits for an answer after a cancellation.
const ATTENTION: Duration = Duration::from_secs(8);

fn closed() -> Refusal {
    Error::Io { kind: IoErrorKind::NotConnected, message: "it was closed to stop a statement".into() }.into()
}

/// Sends a batch and reads the whole answer.
pub(super) async fn drain(client: &mut Driver, batch: &str, mut keep: impl FnMut(Row) + Send) -> Result<(), Error> {
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

/// Returns a cell as text. dbmigrate's own queries select only texts and whole numbers.
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

fn config(server: &Address, limit: Duration) -> Result<Config, ServerError> {
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
    // set no limit that the user has not asked for: after the driver's own limit, the connection is lost
    config.command_timeout(None);
    config.handshake_timeout(Some(limit));
    // half a character in a script's own rows must not lose the answer
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

/// Decides how the certificate is checked. As in .NET, it is not checked if only the login is encrypted.
fn trust(config: &mut Config, server: &Address) {
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
                Err(ServerError { hint: Some(hint), ..ServerError::new(PRODUCT, message, ErrorKind::NoToken) })
            }
        },
    }
}

/// How many times a server may redirect the connection to another.
const ROUTES: usize = 5;

async fn connect(mut config: Config, server: &Address) -> Result<Driver, Error> {
    let mut answer = attempt(config.clone()).await;
    if server.encrypt == Encrypt::Optional
        && server.is_local()
        && matches!(answer, Err(Error::Io { .. } | Error::Tls(_)))
    {
        // perhaps the server cannot encrypt at all; no password leaves this machine
        config.encryption(EncryptionLevel::NotSupported);
        answer = attempt(config.clone()).await;
    }
    for _ in 0..ROUTES {
        // Azure gives the node that has the database
        let Err(Error::Routing { host, port }) = answer else { break };
        config.host(host);
        config.port(port);
        answer = attempt(config.clone()).await;
    }
    answer
}

/// How long the connection may be silent before a probe asks whether the other end is still alive.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

async fn attempt(config: Config) -> Result<Driver, Error> {
    let stream = TcpStream::connect_named(&config).await?;
    // otherwise, if the other end disappears silently, the run would wait indefinitely for a long statement
    let _ = SockRef::from(&stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEP_ALIVE));
    Client::connect(config, stream.compat_write()).await
}
