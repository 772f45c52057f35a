//! SQLite, through sqlx, which compiles the library in.

mod error;
mod guard;
mod lock;
mod replacement;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _, Row, raw_sql};

use self::error::server_error;
use self::guard::Guard;
use self::lock::LockFile;
pub(super) use self::replacement::replacement;
use super::{
    Access, Cancel, Cells, Connection, Doubt, Failure, Message, NoLock, Server, Settings, literal, quote,
    verbatim::send_counting,
};
use crate::error::{Error, ServerError, Trouble};
use crate::journal::{Flavour, Foreign, JournalSql};
use crate::sql::{Dialect, Mode};

pub(super) const PRODUCT: &str = "SQLite";

/// Statements share a message up to this many bytes. SQLite copies what is left of a message for every statement in it,
/// so a message's cost grows with the square of its length: at this size the copying is lost in the work itself.
const MESSAGE: usize = 4 * 1024;

struct Sqlite {
    connection: SqliteConnection,
    options: SqliteConnectOptions,
    path: PathBuf,
    /// Which file it was when it was opened.
    identity: Option<(u64, u64)>,
    server: Server,
    journal: JournalSql,
    /// The journal's table without its schema.
    table: String,
    guard: Guard,
    lock: Option<LockFile>,
    statement_timeout: Option<Duration>,
    busy_timeout: Duration,
    /// Rows that pointed nowhere before the transaction began.
    dangling: BTreeSet<String>,
}

pub(super) async fn connect(path: &Path, read_only: bool, settings: &Settings) -> Result<Box<dyn Connection>, Error> {
    if settings.access != Access::Create && !path.exists() {
        return Err(Error::NoFile { path: path.into() });
    }
    if settings.journal.schema.as_deref().is_some_and(|schema| schema != "main") {
        let reason = "in SQLite it stands in main: leave the journal's schema out of the configuration".into();
        return Err(Error::Journal { table: settings.journal.name.clone(), reason });
    }
    let refused = |error| Error::Connect { target: format!("sqlite:{}", path.display()), error };
    let options = options(path, settings).read_only(read_only);
    let options = options.create_if_missing(settings.access == Access::Create && !read_only);
    let connection = options.connect().await.map_err(|error| refused(error::connect_error(&error)))?;
    let mut sqlite = Sqlite::new(connection, options, path, settings);
    sqlite.greet(settings.access).await.map_err(refused)?;
    Ok(Box::new(sqlite))
}

fn options(path: &Path, settings: &Settings) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(busy_timeout(settings))
        // rebuilding a table drops it, which must not cascade: prove() checks before the commit
        .foreign_keys(false)
        .statement_cache_capacity(0)
        .disable_statement_logging()
}

/// Which file a path names: not its name, and without opening it, for that would disturb SQLite's locks on it.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

/// An open file is not replaced here.
#[cfg(not(unix))]
fn identity(_: &Path) -> Option<(u64, u64)> {
    None
}

fn busy_timeout(settings: &Settings) -> Duration {
    settings.lock_timeout.unwrap_or(BUSY)
}

/// What undoes a script's settings: <https://www.sqlite.org/pragma.html>. Inside a transaction, `foreign_keys` does
/// nothing, and nothing can have changed it there.
const SESSION: &str = "PRAGMA foreign_keys = OFF; PRAGMA writable_schema = OFF; PRAGMA recursive_triggers = OFF; \
                       PRAGMA ignore_check_constraints = OFF; PRAGMA legacy_alter_table = OFF; PRAGMA query_only = OFF; \
                       PRAGMA case_sensitive_like = OFF; PRAGMA max_page_count = 4294967294";

/// How long SQLite waits at a time.
const STEP: Duration = Duration::from_millis(100);

/// How long to wait for another program's transaction when nothing else is asked for.
const BUSY: Duration = Duration::from_secs(30);

impl Sqlite {
    fn new(connection: SqliteConnection, options: SqliteConnectOptions, path: &Path, settings: &Settings) -> Self {
        let schema = settings.journal.schema.as_deref().unwrap_or("main");
        let table = format!("{}.{}", quote(schema), quote(&settings.journal.name));
        let flavour = Flavour {
            create: include_str!("journal.sql"),
            now: "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
            time: "applied_at",
            literal,
            begin: "BEGIN IMMEDIATE",
            quote,
            foreign: Foreign { table: "SchemaVersions", columns: "ScriptName, Applied" },
        };
        Self {
            connection,
            options,
            path: path.into(),
            identity: identity(path),
            server: Server { context: Dialect::Sqlite.into(), product: PRODUCT.into(), user: None },
            journal: JournalSql { table, create_schema: None, flavour },
            table: settings.journal.name.clone(),
            guard: Guard::default(),
            lock: None,
            statement_timeout: settings.statement_timeout,
            busy_timeout: busy_timeout(settings),
            dangling: BTreeSet::new(),
        }
    }

    async fn reopen(&mut self) -> Result<(), ServerError> {
        self.connection = self.options.connect().await.map_err(|error| error::connect_error(&error))?;
        self.identity = identity(&self.path);
        self.greet(Access::Write).await
    }

    async fn greet(&mut self, access: Access) -> Result<(), ServerError> {
        if access == Access::Read {
            self.execute("PRAGMA query_only = ON").await?;
        }
        let version = self.value("SELECT sqlite_version()").await?;
        self.server.product = format!("{PRODUCT} {}", version.unwrap_or_default());
        // the first look into the file tells whether it is a database at all
        self.value("SELECT count(*) FROM sqlite_schema").await?;
        let mut handle = self.connection.lock_handle().await.map_err(|error| server_error(&error))?;
        self.guard.install(&mut handle);
        Ok(())
    }

    /// The first cell of the first row.
    async fn value(&mut self, sql: &str) -> Result<Option<String>, ServerError> {
        Ok(self.query(sql).await?.into_iter().flatten().next().flatten())
    }

    /// The rows that point nowhere, each as a sentence. A foreign key that is itself wrong is one of them.
    async fn dangling(&mut self) -> Result<BTreeSet<String>, ServerError> {
        let found = self.query("PRAGMA foreign_key_check").await;
        let rows = match found {
            Ok(rows) => rows,
            Err(error) if error.message.contains("foreign key mismatch") => return Ok([error.message].into()),
            Err(error) => return Err(error),
        };
        let sentence = |row: Cells| {
            let mut cells = row.into_iter();
            let mut cell = move || cells.next().flatten();
            let (table, row, parent) = (cell().unwrap_or_default(), cell(), cell().unwrap_or_default());
            let row = row.map_or_else(String::new, |row| format!(" row {row}"));
            format!("{table}{row} points to a row of {parent} that is not there")
        };
        Ok(rows.into_iter().map(sentence).collect())
    }

    /// Begins. SQLite waits for another program's transaction in small steps here, so that an interrupt is heard.
    async fn begin_patiently(&mut self) -> Result<(), ServerError> {
        let deadline = Instant::now() + self.busy_timeout;
        self.execute(&format!("PRAGMA busy_timeout = {}", STEP.as_millis())).await?;
        let begun = loop {
            match self.execute(self.journal.flavour.begin).await {
                Err(error) if error.trouble == Trouble::LockTimeout && Instant::now() < deadline => {}
                answer => break answer,
            }
        };
        self.execute(&format!("PRAGMA busy_timeout = {}", self.busy_timeout.as_millis())).await?;
        begun
    }

    /// A statement of ours that ends the transaction.
    async fn end(&mut self, sql: &str) -> Result<(), ServerError> {
        self.guard.allow();
        self.execute(sql).await
    }
}

/// The cells of a row as text, whatever their type is.
fn cells(row: &SqliteRow) -> Result<Cells, ServerError> {
    (0..row.len()).map(|i| row.try_get_unchecked(i).map_err(|error| server_error(&error))).collect()
}

#[async_trait]
impl Connection for Sqlite {
    fn server(&self) -> &Server {
        &self.server
    }

    fn journal_sql(&self) -> &JournalSql {
        &self.journal
    }

    fn session_sql(&self, _: Mode) -> &str {
        SESSION
    }

    fn message_limit(&self) -> usize {
        // the time limit is one statement's
        if self.statement_timeout.is_some() { 0 } else { MESSAGE }
    }

    fn canceller(&self) -> Box<dyn Cancel> {
        Box::new(self.guard.clone())
    }

    async fn try_lock(&mut self) -> Result<(), NoLock> {
        self.lock = Some(LockFile::acquire(&self.path)?);
        // a rebuild may have replaced the file while we waited
        if identity(&self.path) != self.identity {
            self.reopen().await?;
        }
        Ok(())
    }

    async fn run_holder(&mut self) -> Result<Option<String>, ServerError> {
        Ok(LockFile::holder(&self.path))
    }

    async fn has_journal(&mut self) -> Result<bool, ServerError> {
        let columns = format!("SELECT 1 FROM pragma_table_info({}) LIMIT 1", literal(&self.table));
        Ok(self.value(&columns).await?.is_some())
    }

    async fn is_occupied(&mut self) -> Result<bool, ServerError> {
        let others = format!(
            "SELECT 1 FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND tbl_name <> {} LIMIT 1",
            literal(&self.table)
        );
        Ok(self.value(&others).await?.is_some())
    }

    async fn begin(&mut self) -> Result<(), ServerError> {
        self.begin_patiently().await?;
        self.guard.begin();
        self.dangling = self.dangling().await?;
        Ok(())
    }

    async fn send(&mut self, message: Message<'_>) -> Result<(), Failure> {
        self.guard.start(self.statement_timeout);
        let answer = send_counting(&mut self.connection, message).await;
        let stopped = self.guard.stop();
        answer.map_err(|(piece, error)| {
            let mut error = server_error(&error);
            if error.trouble == Trouble::Cancelled && stopped {
                error.trouble = Trouble::StatementTimeout;
                error.message = "the statement took longer than allowed".into();
            }
            Failure { piece, ours: false, at: error::position(&error.message, message, piece), error, blockers: None }
        })
    }

    async fn execute(&mut self, sql: &str) -> Result<(), ServerError> {
        raw_sql(AssertSqlSafe(sql)).execute(&mut self.connection).await.map(drop).map_err(|error| server_error(&error))
    }

    async fn query(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        let rows = raw_sql(AssertSqlSafe(sql)).fetch_all(&mut self.connection).await;
        rows.map_err(|error| server_error(&error))?.iter().map(cells).collect()
    }

    async fn prove(&mut self) -> Result<(), Doubt> {
        if !self.guard.is_intact() {
            return Err(Doubt::Broken("the transaction was rolled back by a statement of the scripts".into()));
        }
        let dangling = self.dangling().await?;
        let new = dangling.difference(&self.dangling).cloned().collect::<Vec<_>>();
        let Some(first) = new.first() else { return Ok(()) };
        let message = format!("{} would violate a foreign key: {first}", rows(new.len()));
        let mut error = ServerError::new(PRODUCT, message, Trouble::Plain);
        error.detail = (new.len() > 1).then(|| new.iter().skip(1).take(4).cloned().collect::<Vec<_>>().join("; "));
        Err(Doubt::Refused(error))
    }

    async fn commit(&mut self) -> Result<(), ServerError> {
        self.end("COMMIT").await
    }

    async fn rollback(&mut self) -> Result<(), ServerError> {
        if self.guard.is_intact() {
            return self.end("ROLLBACK").await;
        }
        self.guard.allow();
        Ok(())
    }

    async fn close(self: Box<Self>) {
        let _ = self.connection.close().await;
    }
}

fn rows(count: usize) -> String {
    if count == 1 { "a row".into() } else { format!("{count} rows") }
}
