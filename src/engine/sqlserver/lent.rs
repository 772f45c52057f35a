//! A client of the application.

use std::fmt;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use tiberius::Client;
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_util::compat::Compat;

use super::address::ENGINE;
use super::error::server_error;
use super::session::literal;
use super::side::SideConnections;
use super::wire::{Driver, Wire, drain};
use super::{FAREWELL, Mssql, PRODUCT, ROLLBACK};
use crate::engine::lent::{Lent, Slot, not_beside};
use crate::engine::supervisor::connecting;
use crate::engine::{self, Connection, Replacement, Settings, Target};
use crate::error::{Error, ErrorKind, ServerError};

/// Lends a client of `tiberius`, in the database that it is in.
///
/// The client must not be in a transaction. It is given back with the settings of a new session of SSMS: `SET` options, language
/// and lock timeout of the application are gone. A run that is dropped while an answer is due loses it. The client's own `command_timeout` limits
/// each batch of a script: 30 seconds, unless the application has set another; a batch that takes longer loses the client, too.
///
/// Without a second connection, no one is named who blocks a statement, and what became of a commit whose answer was lost is not
/// found out.
///
/// ```no_run
/// # async fn run(config: tiberius::Config) -> Result<(), Box<dyn std::error::Error>> {
/// use dbmigrate::{Lent, Migrator, Scripts};
/// use tokio_util::compat::TokioAsyncWriteCompatExt;
///
/// let stream = tokio::net::TcpStream::connect(config.get_addr()).await?;
/// let lent = Lent::from(tiberius::Client::connect(config, stream.compat_write()).await?);
/// Migrator::new(lent.target(), Scripts::from_dir("migrations")?).upgrade().await?;
/// let client = lent.take_back().await?;
/// # Ok(())
/// # }
/// ```
impl From<Client<Compat<TcpStream>>> for Lent<Client<Compat<TcpStream>>> {
    fn from(client: Client<Compat<TcpStream>>) -> Self {
        let slot = Slot::new(client);
        let address = Address { slot: Arc::clone(&slot), database: OnceLock::new() };
        Self::new(slot, Target::new(&ENGINE, Arc::new(address)))
    }
}

/// The database of a client that is lent.
struct Address {
    slot: Arc<Slot<Driver>>,
    /// Its name, once the server was asked for it.
    database: OnceLock<String>,
}

/// What a session must be in before a run: its database, and no transaction.
const PLACE: &str = "SELECT DB_NAME(), CAST(@@TRANCOUNT AS nvarchar(10))";

impl Address {
    async fn open(&self, settings: &Settings) -> Result<Mssql, ServerError> {
        let refused = |why: &str| ServerError::new(PRODUCT, why, ErrorKind::Plain);
        let client = self.slot.take().map_err(|place| refused(place.why()))?;
        let mut wire = Wire::lent(client, Home { slot: Arc::clone(&self.slot), end: String::new() });
        let place = async { wire.ask(PLACE).await.map_err(|refusal| server_error(&refusal)) };
        let place = connecting(PRODUCT, settings, place).await?;
        let [database, transactions] = place.into_iter().next().unwrap_or_default().try_into().unwrap_or_default();
        if transactions.as_deref() != Some("0") {
            return Err(refused("the client is in a transaction: end it first"));
        }
        let database = self.database.get_or_init(|| database.unwrap_or_default());
        let beside = SideConnections::new(None, Arc::clone(&wire.stop), settings);
        let mut mssql = Mssql::new(wire, database, beside, settings);
        mssql.greet(None).await?;
        let end = mssql.end();
        if let Some(home) = &mut mssql.wire.home {
            home.end = end;
        }
        Ok(mssql)
    }
}

impl Mssql {
    /// Returns the batch that ends whatever a run has in its session.
    fn end(&self) -> String {
        let lock = literal(&self.lock_name());
        format!(
            "{ROLLBACK}; IF APPLOCK_MODE('public', {lock}, 'Session') <> 'NoLock' \
             EXEC sp_releaseapplock @Resource = {lock}, @LockOwner = 'Session'; \
             IF OBJECT_ID('tempdb..#dbmigrate') IS NOT NULL DROP TABLE #dbmigrate; {}",
            self.reset()
        )
    }
}

/// Where a client goes at the end of a run.
pub(super) struct Home {
    slot: Arc<Slot<Driver>>,
    /// What ends the run in the session; empty as long as nothing was changed there.
    end: String,
}

impl Home {
    /// Ends the run in the session, and gives the client back. Without a client, it is lost.
    pub(super) async fn receive(self, client: Option<Driver>) {
        let Some(mut client) = client else { return self.slot.put(None) };
        let ended = if self.end.is_empty() {
            Ok(Ok(()))
        } else {
            timeout(FAREWELL, drain(&mut client, &self.end, |_| ())).await
        };
        // without an answer, it is unknown where the next one starts
        let is_in_step = matches!(ended, Ok(Ok(()) | Err(tiberius::error::Error::Server(_))));
        self.slot.put(Some(client).filter(|_| is_in_step));
    }

    /// The same for a run that is dropped.
    pub(super) fn receive_later(self, client: Option<Driver>) {
        match (client, Handle::try_current()) {
            (Some(client), Ok(runtime)) => drop(runtime.spawn(self.receive(Some(client)))),
            _ => self.slot.put(None),
        }
    }
}

#[async_trait]
impl engine::Address for Address {
    fn database(&self) -> String {
        self.database.get().cloned().unwrap_or_default()
    }

    fn identity(&self) -> String {
        format!("lent {:p}", Arc::as_ptr(&self.slot))
    }

    fn is_local(&self) -> bool {
        false
    }

    async fn connect(&self, settings: &Settings) -> Result<Box<dyn Connection>, Error> {
        let opened = self.open(settings).await;
        opened.map(|mssql| Box::new(mssql) as _).map_err(|error| Error::Connect { target: self.to_string(), error })
    }

    async fn replacement(&self, _: &Settings) -> Result<Box<dyn Replacement>, Error> {
        Err(not_beside())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.database.get() {
            Some(database) => write!(f, "the database {database} of a client that is lent"),
            None => f.write_str("the database of a client that is lent"),
        }
    }
}
