//! SQLite, through rusqlite, which compiles the library in.

mod address;
mod dump;
mod error;
mod exercise;
mod file;
mod foreign_keys;
mod guard;
mod lent;
mod lock;
mod parameters;
mod replacement;
mod schema;
mod server;
mod templates;
mod test_host;

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::sync::mpsc::unbounded_channel;

use self::address::Address;
pub(super) use self::address::ENGINE;
use self::file::{File, Opening};
use self::foreign_keys::ForeignKeys;
use self::guard::Guard;
use self::lock::LockFile;
use self::replacement::replacement;
use self::server::server;
use super::supervisor::{Call, Supervisor};
use super::{
    Access, Answer, Cells, Connection, Failure, Fate, Message, NoLock, OnRow, ProofError, Rows, Server, Settings,
    Table, count, literal,
};
use crate::error::{Error, ErrorKind, ServerError};
use crate::plan::Proof;
use crate::sql::tables_beside;

const PRODUCT: &str = "SQLite";

struct Sqlite {
    file: File,
    origin: Origin,
    /// The identity of the file when it was opened.
    identity: Option<(u64, u64)>,
    server: Server,
    /// The journal's table without its schema.
    table: String,
    supervisor: Supervisor<Guard>,
    lock: Option<LockFile>,
    statement_timeout: Option<Duration>,
    busy_timeout: Duration,
    /// What is known about the rows that point nowhere.
    foreign_keys: Option<ForeignKeys>,
    _stop: StopAtTheEnd,
}

/// Where the connection comes from.
enum Origin {
    Opened(Opening),
    /// From the application; without a path if the database is in memory.
    Lent(Option<PathBuf>),
}

impl Origin {
    fn path(&self) -> Option<&Path> {
        match self {
            Self::Opened(opening) => Some(&opening.path),
            Self::Lent(path) => path.as_deref(),
        }
    }

    /// Returns the identity of the file, if there is one.
    fn identity(&self) -> Option<(u64, u64)> {
        self.path().and_then(identity)
    }
}

/// Stops what a run that is dropped still runs on another thread.
struct StopAtTheEnd(Guard);

impl Drop for StopAtTheEnd {
    fn drop(&mut self) {
        self.0.stop_all();
    }
}

async fn connect(address: &Address, settings: &Settings) -> Result<Box<dyn Connection>, Error> {
    let Address { path, read_only, .. } = address;
    if settings.access != Access::Create && !path.exists() {
        return Err(Error::NoFile { path: path.into() });
    }
    checked_journal(settings)?;
    let refused = |error| Error::Connect { target: address.to_string(), error };
    let opening = opening(path, *read_only, settings);
    let file = File::open(&opening).await.map_err(refused)?;
    let mut sqlite = Sqlite::new(file, Origin::Opened(opening), settings);
    sqlite.greet(settings.access).await.map_err(refused)?;
    Ok(Box::new(sqlite))
}

/// Fails if the journal cannot be where the settings say.
fn checked_journal(settings: &Settings) -> Result<(), Error> {
    if settings.journal.schema.as_deref().is_none_or(|schema| schema == "main") {
        return Ok(());
    }
    let reason = "SQLite keeps it in main: remove the journal's schema from the configuration".into();
    Err(Error::Journal { table: settings.journal.name.clone(), reason })
}

fn opening(path: &Path, read_only: bool, settings: &Settings) -> Opening {
    let create = settings.access == Access::Create && !read_only;
    Opening { path: path.into(), read_only, create, busy_timeout: busy_timeout(settings) }
}

/// Returns the identity of the file at a path, without opening it: that would disturb SQLite's locks on the file.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

/// Returns nothing: an open file cannot be replaced on this system.
#[cfg(not(unix))]
fn identity(_: &Path) -> Option<(u64, u64)> {
    None
}

fn busy_timeout(settings: &Settings) -> Duration {
    settings.lock_timeout.unwrap_or(BUSY)
}

/// How long SQLite waits for a lock at a time.
const STEP: Duration = Duration::from_millis(100);

/// How long to wait for another program's transaction by default.
const BUSY: Duration = Duration::from_secs(30);

impl Sqlite {
    fn new(file: File, origin: Origin, settings: &Settings) -> Self {
        let guard = Guard::default();
        Self {
            file,
            identity: origin.identity(),
            origin,
            server: server(settings),
            table: settings.journal.name.clone(),
            _stop: StopAtTheEnd(guard.clone()),
            supervisor: Supervisor::new(guard, settings, None),
            lock: None,
            statement_timeout: settings.statement_timeout,
            busy_timeout: busy_timeout(settings),
            foreign_keys: None,
        }
    }

    async fn reopen(&mut self) -> Result<(), ServerError> {
        let Origin::Opened(opening) = &self.origin else {
            let message = "the connection's file was replaced meanwhile: open it again";
            return Err(ServerError::new(PRODUCT, message, ErrorKind::ConnectionLost));
        };
        self.file = File::open(opening).await?;
        self.identity = self.origin.identity();
        self.greet(Access::Write).await
    }

    async fn greet(&mut self, access: Access) -> Result<(), ServerError> {
        if access == Access::Read {
            self.query("PRAGMA query_only = ON").await?;
        }
        let version = self.value("SELECT sqlite_version()").await?;
        self.server.product = format!("{PRODUCT} {}", version.unwrap_or_default());
        // the first read of the file shows whether it is a database at all
        self.value("SELECT count(*) FROM sqlite_schema").await?;
        let guard = self.supervisor.side.clone();
        let journal = self.table.to_ascii_lowercase();
        self.file.with(move |connection| guard.install(connection, journal)).await
    }

    /// Clears a cancellation, unless a cancelled statement has not answered yet: that one must still stop.
    fn ready(&self) {
        if self.file.is_there() {
            self.supervisor.side.rest();
        }
    }

    async fn call(&mut self, call: Call, sql: &str) -> Result<Vec<Cells>, ServerError> {
        self.ready();
        self.supervisor.call(call, self.file.query(sql), |error| lost(&error)).await.answer
    }

    /// Returns the first cell of the first row.
    async fn value(&mut self, sql: &str) -> Result<Option<String>, ServerError> {
        Ok(self.query(sql).await?.into_iter().flatten().next().flatten())
    }

    /// Runs a function with the connection, supervised because it may take long.
    async fn with<T, F>(&mut self, act: F) -> Result<T, ServerError>
    where
        T: Send + 'static,
        F: FnOnce(&mut rusqlite::Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.ready();
        self.supervisor.call(Call::Own, self.file.with(act), |error| lost(&error)).await.answer
    }

    /// Fails if the touched tables have more rows that point nowhere than before.
    async fn check_foreign_keys(&mut self) -> Result<(), ProofError> {
        let touched = self.supervisor.side.touched();
        let Some(mut keys) = self.foreign_keys.take() else { return Ok(()) };
        let checked = self.with(move |connection| Ok((keys.check(connection, &touched), keys)));
        let (checked, keys) = checked.await?;
        self.foreign_keys = Some(keys);
        checked.map_err(ProofError::Refused)
    }

    /// Begins a transaction. SQLite waits for another program's transaction in small steps, so that an interrupt takes
    /// effect.
    async fn begin_patiently(&mut self) -> Result<(), ServerError> {
        let deadline = Instant::now() + self.busy_timeout;
        self.query(&format!("PRAGMA busy_timeout = {}", STEP.as_millis())).await?;
        let begun = loop {
            match self.query(self.server.journal.dialect.begin).await {
                Err(error) if error.kind == ErrorKind::LockTimeout && self.supervisor.is_cancelled() => {
                    break Err(ServerError { kind: ErrorKind::Cancelled, ..error });
                }
                Err(error) if error.kind == ErrorKind::LockTimeout && Instant::now() < deadline => {}
                answer => break answer.map(drop),
            }
        };
        self.query(&format!("PRAGMA busy_timeout = {}", self.busy_timeout.as_millis())).await?;
        begun
    }

    /// Runs a statement of dbmigrate's own that ends the transaction.
    async fn end(&mut self, sql: &str) -> Result<(), ServerError> {
        self.supervisor.side.allow();
        self.call(Call::End, sql).await.map(drop)
    }
}

#[async_trait]
impl Connection for Sqlite {
    fn server(&self) -> &Server {
        &self.server
    }

    async fn try_lock(&mut self) -> Result<(), NoLock> {
        // no one else can have a database in memory
        let Some(path) = self.origin.path() else { return Ok(()) };
        self.lock = Some(LockFile::acquire(path)?);
        // a rebuild may have replaced the file while this run waited
        if self.origin.identity() != self.identity {
            self.reopen().await?;
        }
        Ok(())
    }

    async fn run_holder(&mut self) -> Result<Option<String>, ServerError> {
        Ok(self.origin.path().and_then(LockFile::holder))
    }

    async fn has_journal(&mut self) -> Result<bool, ServerError> {
        let columns = format!("SELECT 1 FROM pragma_table_info({}) LIMIT 1", literal(&self.table));
        Ok(self.value(&columns).await?.is_some())
    }

    async fn is_occupied(&mut self) -> Result<bool, ServerError> {
        let beside = tables_beside(&self.table).map(|table| literal(&table)).join(", ");
        let others = format!(
            "SELECT 1 FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND tbl_name NOT IN ({}, {beside}) LIMIT 1",
            literal(&self.table)
        );
        Ok(self.value(&others).await?.is_some())
    }

    async fn begin(&mut self) -> Result<(), ServerError> {
        self.begin_patiently().await?;
        self.supervisor.side.begin();
        let known = self.foreign_keys.take();
        self.foreign_keys = Some(self.with(move |connection| ForeignKeys::or_anew(known, connection)).await?);
        drop(self.supervisor.side.touched());
        Ok(())
    }

    async fn send(
        &mut self,
        message: &Message,
        _: Option<&mut dyn Rows>,
        on_row: OnRow<'_>,
    ) -> Result<Answer, Failure> {
        let guard = self.supervisor.side.clone();
        if !guard.is_open() {
            // the rows of a script outside a transaction are not checked
            self.foreign_keys = None;
        }
        self.ready();
        let (tell, mut told) = unbounded_channel();
        let running = self.file.run(message, &guard, self.statement_timeout, &mut self.foreign_keys, tell);
        let mut called =
            pin!(self.supervisor.call(Call::Script, running, |error| Failure::new(guard.part(), lost(&error))));
        let called = loop {
            tokio::select! {
                biased;
                Some(row) = told.recv() => on_row(row),
                called = &mut called => break called,
            }
        };
        while let Ok(row) = told.try_recv() {
            on_row(row);
        }
        called.answer.map_err(|mut failure| {
            let error = &mut failure.error;
            if error.kind == ErrorKind::Cancelled && guard.is_late() {
                error.kind = ErrorKind::StatementTimeout;
                error.message = "the statement took longer than allowed".into();
            }
            let at = failure.at.or_else(|| error::position(&error.message, message, failure.part));
            Failure { at, ..failure }
        })
    }

    async fn query(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        self.call(Call::Own, sql).await
    }

    async fn table(&mut self, sql: &str) -> Result<Table, ServerError> {
        let sql = sql.to_owned();
        self.with(move |connection| {
            let mut statement = connection.prepare(&sql)?;
            let (mut columns, mut rows) = (Vec::new(), Vec::new());
            for name in statement.column_names() {
                columns.push(name.to_owned());
            }
            let mut answer = statement.raw_query();
            while let Some(row) = answer.next()? {
                rows.push(file::cells(row)?);
            }
            Ok((columns, rows))
        })
        .await
    }

    async fn prove(&mut self, proof: Proof) -> Result<Option<u64>, ProofError> {
        if proof != Proof::Transaction {
            return Ok(None);
        }
        if !self.supervisor.side.is_intact() {
            return Err(ProofError::Broken("a statement in the scripts rolled the transaction back".into()));
        }
        self.check_foreign_keys().await?;
        count(self.value(&self.server.journal.count()).await?).map(Some)
    }

    async fn commit(&mut self) -> Result<(), ServerError> {
        self.end("COMMIT").await
    }

    async fn rollback(&mut self) -> Result<(), ServerError> {
        self.foreign_keys = None;
        if self.supervisor.side.is_intact() {
            return self.end("ROLLBACK").await;
        }
        self.supervisor.side.allow();
        Ok(())
    }

    async fn renew(&mut self) -> Result<(), ServerError> {
        self.foreign_keys = None;
        self.reopen().await
    }

    fn ignore_interrupts(&mut self) {
        self.supervisor.ignore_interrupts();
    }

    async fn fate(&mut self) -> Option<Fate> {
        Some(Fate::Ended)
    }

    async fn close(self: Box<Self>) {
        self.file.close().await;
    }
}

/// Returns the error for a statement that was cancelled and whose thread does not answer.
fn lost(error: &std::io::Error) -> ServerError {
    ServerError::new(PRODUCT, error.to_string(), ErrorKind::ConnectionLost)
}
