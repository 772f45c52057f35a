//! An open database, used on a thread that may block.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::types::ValueRef;
use rusqlite::{Batch, Connection, OpenFlags, Row};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::spawn_blocking;

use super::error::{self, server_error};
use super::foreign_keys::ForeignKeys;
use super::guard::Guard;
use crate::engine::lent::Slot;
use crate::engine::{Answer, Cells, Failure, Message, Part};
use crate::error::ServerError;
use crate::sql::Statement;

/// How to open a database.
#[derive(Debug, Clone)]
pub(super) struct Opening {
    pub(super) path: PathBuf,
    pub(super) read_only: bool,
    pub(super) create: bool,
    pub(super) busy_timeout: Duration,
}

/// A database. A caller that drops an answer before it has come loses the connection.
pub(super) struct File(Option<Handle>);

/// A connection, which is closed at the end or goes home.
struct Handle {
    connection: Option<Connection>,
    home: Option<Home>,
}

/// Where a connection goes that was lent.
pub(super) struct Home {
    pub(super) slot: Arc<Slot<Connection>>,
    /// The statements that restore its settings.
    pub(super) restore: String,
}

impl Drop for Handle {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        match &self.home {
            Some(home) => home.receive(connection),
            // SQLite rolls back while it closes, and would call a hook that rusqlite has already freed
            None => drop(Guard::remove(&mut connection)),
        }
    }
}

impl File {
    pub(super) async fn open(opening: &Opening) -> Result<Self, ServerError> {
        let opening = opening.clone();
        let opened = spawn_blocking(move || open(&opening)).await.map_err(|_| error::lost())?;
        let opened = opened.map_err(|error| error::connect_error(&error))?;
        Ok(Self(Some(Handle { connection: Some(opened), home: None })))
    }

    /// Returns the database of a connection that is lent.
    pub(super) const fn lent(connection: Connection, home: Home) -> Self {
        Self(Some(Handle { connection: Some(connection), home: Some(home) }))
    }

    /// Sets what restores the settings of a connection that is lent.
    pub(super) fn restores(&mut self, restore: String) {
        if let Some(home) = self.0.as_mut().and_then(|handle| handle.home.as_mut()) {
            home.restore = restore;
        }
    }

    /// Returns whether the connection is free: everything that ran has answered.
    pub(super) const fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// Runs a function with the connection, on a thread that may block.
    pub(super) async fn with<T, F>(&mut self, act: F) -> Result<T, ServerError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.lend(act).await?.map_err(|error| server_error(&error))
    }

    /// Runs dbmigrate's own statements and returns every row.
    pub(super) async fn query(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        let sql = sql.to_owned();
        self.with(move |connection| {
            let (mut rows, mut batch) = (Vec::new(), Batch::new(connection, &sql));
            while let Some(mut statement) = batch.next()? {
                let mut answer = statement.raw_query();
                while let Some(row) = answer.next()? {
                    rows.push(cells(row)?);
                }
            }
            Ok(rows)
        })
        .await
    }

    /// Runs a message statement by statement: SQLite would copy the rest of a text for each statement in it. `tell`
    /// receives the rows that dbmigrate's own statements return.
    pub(super) async fn run(
        &mut self,
        message: &Message,
        guard: &Guard,
        limit: Option<Duration>,
        keys: &mut Option<ForeignKeys>,
        tell: UnboundedSender<Cells>,
    ) -> Result<Answer, Failure> {
        let (sql, guard) = (message.sql().to_owned(), guard.clone());
        let mut known = keys.take();
        let writes_schema = |statement: &Statement| statement.words.starts(&["PRAGMA", "WRITABLE_SCHEMA"]);
        let part = |part: &Part| (part.at.clone(), part.statement.as_ref().map(writes_schema));
        let parts = message.parts().iter().map(part).collect::<Vec<_>>();
        let run = move |connection: &mut Connection| {
            let mut changed = 0;
            for (part, (at, writes_schema)) in parts.into_iter().enumerate() {
                let (text, ours) = (&sql[at.clone()], writes_schema.is_none());
                guard.begin_part(part);
                guard.stop_if_cancelled().map_err(|error| Failure::new(part, error))?;
                if ours && text == REREAD && !guard.wrote_schema() {
                    continue;
                }
                if ours && text == CHECK {
                    let refused = |error| Failure::new(part, error);
                    if let Some(known) = &mut known {
                        known.check(connection, &guard.touched()).map_err(refused)?;
                    }
                    continue;
                }
                guard.start(limit, writes_schema == Some(true));
                let before = connection.total_changes();
                // a PRAGMA returns its new value
                let on_row = ours && !text.starts_with("PRAGMA");
                let answer = run_one(connection, text, on_row.then_some(&tell));
                guard.stop();
                if let Err(error) = answer {
                    let place = error::place(&error, &sql[at.clone()]);
                    let at = place.map(|place| at.start + place.start..at.start + place.end);
                    return Err(Failure { at, ..Failure::new(part, error::statement_error(&error, text)) });
                }
                changed += if ours { 0 } else { connection.total_changes().saturating_sub(before) };
            }
            Ok((known, changed))
        };
        let (known, changed) = self.lend(run).await.map_err(|error| Failure::new(0, error))??;
        *keys = known;
        Ok(Answer { changed: Some(changed) })
    }

    async fn lend<T: Send + 'static>(
        &mut self,
        act: impl FnOnce(&mut Connection) -> T + Send + 'static,
    ) -> Result<T, ServerError> {
        let mut handle = self.0.take().ok_or_else(error::lost)?;
        let acted = spawn_blocking(move || {
            let answer = handle.connection.as_mut().map(act);
            (handle, answer)
        });
        let (handle, answer) = acted.await.map_err(|_| error::lost())?;
        self.0 = Some(handle);
        answer.ok_or_else(error::lost)
    }

    pub(super) async fn close(mut self) {
        let handle = self.0.take();
        // closing may write the contents of a write-ahead log
        let _ = spawn_blocking(move || drop(handle)).await;
    }
}

fn open(opening: &Opening) -> rusqlite::Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
    flags |= if opening.read_only { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
    flags.set(OpenFlags::SQLITE_OPEN_CREATE, opening.create);
    let connection = Connection::open_with_flags(&opening.path, flags)?;
    prepare(&connection, opening.busy_timeout)?;
    Ok(connection)
}

/// Makes the settings of a run.
pub(super) fn prepare(connection: &Connection, busy_timeout: Duration) -> rusqlite::Result<()> {
    connection.busy_timeout(busy_timeout)?;
    // rebuilding a table drops it, which must not cascade: after each script, the tables that it has touched are
    // checked
    connection.execute_batch("PRAGMA foreign_keys = OFF")
}

/// Makes SQLite read its schema again. The larger the schema, the longer this takes: it runs only when it is needed.
pub(super) const REREAD: &str = "PRAGMA writable_schema = RESET";

/// Marks where a message checks the foreign keys, as far as that is needed: checking all of them would take long.
pub(super) const CHECK: &str = "PRAGMA foreign_key_check";

fn run_one(connection: &Connection, sql: &str, tell: Option<&UnboundedSender<Cells>>) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(sql)?;
    let mut answer = statement.raw_query();
    let Some(tell) = tell else {
        while answer.next()?.is_some() {}
        return Ok(());
    };
    while let Some(row) = answer.next()? {
        // a receiver that no longer listens has lost the connection
        let _ = tell.send(cells(row)?);
    }
    Ok(())
}

/// Returns the cells of a row as text, whatever their type is.
pub(super) fn cells(row: &Row<'_>) -> rusqlite::Result<Cells> {
    let columns = row.as_ref().column_count();
    let cell = |value: ValueRef<'_>| match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    };
    (0..columns).map(|column| row.get_ref(column).map(cell)).collect()
}
