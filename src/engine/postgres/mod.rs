//! PostgreSQL, through sqlx.

mod alias;
mod dump;
mod error;
mod failure;
mod lock;
mod login;
mod notice;
mod repertoire;
mod replacement;
mod send;
mod session;
mod side;

use std::time::Duration;

use async_trait::async_trait;
use futures_util::TryFutureExt;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection as _, Row, raw_sql};
use tokio::time::timeout;
use tracing::instrument::WithSubscriber;

use self::alias::Alias;
pub(super) use self::dump::dump_tools;
use self::error::server_error;
use self::lock::Lock;
use self::login::Login;
use self::notice::notices;
use self::repertoire::Repertoire;
pub(super) use self::replacement::replacement;
use self::session::LIMITS;
use self::side::Side;
use super::{
    Access, Cancel, Cells, Connection, Doubt, Failure, Heard, Message, NoLock, RehearsalSql, Rows, Server, SessionSql,
    Settings, count, literal, quote,
};
use crate::error::{Error, ServerError, Trouble};
use crate::event::Watcher;
use crate::journal::{Catalog, Flavour, Foreign, JournalSql};
use crate::plan::{Batching, Checkpoints};
use crate::sql::Dialect;
use crate::target::{ServerUrl, SessionAttributes, Target};

pub(super) const PRODUCT: &str = "PostgreSQL";

/// Statements share a message up to this many bytes. The server holds the parsed form of a whole message.
const MESSAGE: usize = 1024 * 1024;

struct Postgres {
    connection: PgConnection,
    server: Server,
    /// A script's settings outside a transaction were taken back: what stays with the session may be another limit.
    leaves_settings: bool,
    lock: Option<Lock>,
    transaction: Option<String>,
    /// What the last message has said of the transaction and of the lock. Nothing has run since.
    proof: Option<Cells>,
    /// Whether the journal is there, and without it something else, where that has been asked already.
    seen: Option<(bool, bool)>,
    pid: String,
    /// The database has another name at present than the one that statements mean.
    alias: Option<Alias>,
    side: Side,
    watcher: Watcher,
    wanted: Option<SessionAttributes>,
    /// The journal's own schema.
    schema: Option<String>,
    /// What the database can store, and the name of its encoding until something is said of it.
    repertoire: Repertoire,
    encoding: Option<String>,
}

pub(super) async fn connect(
    target: &Target,
    url: &ServerUrl,
    settings: &Settings,
) -> Result<Box<dyn Connection>, Error> {
    Ok(Box::new(greeted(target, url, settings).await?))
}

async fn greeted(target: &Target, url: &ServerUrl, settings: &Settings) -> Result<Postgres, Error> {
    let refused = |error| Error::Connect { target: target.to_string(), error };
    let login = Login::new(url.url(), target).map_err(refused)?;
    let connection = match login.open(settings.connect_timeout).await {
        Err(error) if error.trouble == Trouble::NoDatabase && settings.access == Access::Create => {
            replacement::create_database(target, settings).await?;
            login.open(settings.connect_timeout).await
        }
        answer => answer,
    };
    let mut postgres = Postgres::new(connection.map_err(refused)?, login, settings);
    postgres.wanted = url.session();
    postgres.greet(settings).await.map_err(refused)?;
    Ok(postgres)
}

/// How long a session that ends may take to clean up.
const FAREWELL: Duration = Duration::from_secs(5);

/// The journal's name, with its schema, quoted.
fn journal_table(settings: &Settings) -> String {
    let schema = settings.journal.schema.as_deref().unwrap_or("public");
    format!("{}.{}", quote(schema), quote(&settings.journal.name))
}

impl Postgres {
    fn new(connection: PgConnection, login: Login, settings: &Settings) -> Self {
        let table = journal_table(settings);
        let schema = settings.journal.schema.as_deref();
        let create_schema = schema.map(|name| format!("CREATE SCHEMA IF NOT EXISTS {}", quote(name)));
        let flavour = Flavour {
            create: include_str!("journal.sql"),
            repairs: include_str!("repairs.sql"),
            now: "clock_timestamp()",
            time: r#"to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"#,
            literal: escaped,
            begin: "BEGIN",
            // a script that takes the rows before its own out of the journal is found out at the end
            elapsed: "COALESCE(CAST(extract(epoch FROM clock_timestamp() - {since}) * 1000 AS bigint), 0)",
            begun: "transaction_timestamp()",
            restart: None,
            returning: Some("RETURNING duration_ms"),
            quote,
            foreign: Foreign {
                table: "schemaversions",
                columns: "scriptname, to_char(applied, 'YYYY-MM-DD HH24:MI:SS')",
            },
            catalog: Catalog { tables: include_str!("tables.sql"), columns: include_str!("columns.sql"), text: "text" },
        };
        let locks = include_str!("locks.sql").replace("{journal}", &literal(&table));
        let rehearsal =
            RehearsalSql { settle: Some("SET CONSTRAINTS ALL IMMEDIATE"), locks: Some(locks), untransactional: None };
        let server = Server {
            context: Dialect::Postgres.into(),
            product: PRODUCT.into(),
            user: None,
            batching: Batching::Run,
            checkpoints: Checkpoints::Aside,
            message_limit: MESSAGE,
            stores_to_the_end: false,
            session: SessionSql::default(),
            rehearsal,
            journal: JournalSql { table, create_schema, flavour },
        };
        Self {
            connection,
            server,
            lock: None,
            leaves_settings: false,
            transaction: None,
            proof: None,
            seen: None,
            pid: String::new(),
            alias: None,
            side: Side::new(login, settings),
            watcher: settings.watcher.clone(),
            wanted: None,
            schema: settings.journal.schema.clone(),
            repertoire: Repertoire::default(),
            encoding: None,
        }
    }

    /// Asks who is there.
    async fn greet(&mut self, settings: &Settings) -> Result<(), ServerError> {
        let limits = LIMITS.map(|name| format!("current_setting('{name}', true)")).join(", ");
        let server = format!(
            "SELECT pg_backend_pid(), session_user, current_setting('server_version'), pg_is_in_recovery(), \
             current_setting('transaction_read_only'), current_setting('server_encoding'), {limits}"
        );
        let rows = match self.query(&format!("{server}; {}", self.presence_sql())).await {
            // whoever reads the journal is told why it cannot be seen
            Err(error) if error.trouble == Trouble::Denied => self.query(&server).await?,
            rows => rows?,
        };
        let mut rows = rows.into_iter();
        let mut cells = rows.next().unwrap_or_default().into_iter();
        self.pid = cells.next().flatten().unwrap_or_default();
        self.server.user = cells.next().flatten();
        // Debian writes `15.4 (Debian 15.4-1)`
        let version = cells.next().flatten().unwrap_or_default();
        self.server.product = format!("{PRODUCT} {}", version.split(' ').next().unwrap_or_default());
        let (standby, read_only) = (cells.next().flatten(), cells.next().flatten());
        self.is_the_right_one(standby.as_deref() == Some("t"), read_only.as_deref() == Some("on"))?;
        self.encoding = cells.next().flatten();
        self.repertoire = Repertoire::of(self.encoding.as_deref().unwrap_or_default());
        let set = LIMITS.into_iter().zip(cells).filter(|(_, limit)| limit.as_ref().is_some_and(|limit| limit != "0"));
        let set = set.map(|(name, _)| name).collect::<Vec<_>>();
        self.server.session = session::session_sql(settings, &set);
        self.seen = rows.next().map(|row| presence(&row));
        // another run may be waited for
        if set.contains(&"idle_session_timeout") {
            self.query("SET idle_session_timeout = 0").await?;
        }
        Ok(())
    }

    /// Makes sure that the session is what the URL's `target_session_attrs` wants.
    fn is_the_right_one(&self, standby: bool, read_only: bool) -> Result<(), ServerError> {
        let (met, is) = match self.wanted {
            None => return Ok(()),
            Some(SessionAttributes::ReadWrite) => (!read_only && !standby, "read-only"),
            Some(SessionAttributes::ReadOnly) => (read_only || standby, "not read-only"),
            Some(SessionAttributes::Primary) => (!standby, "a standby"),
            Some(SessionAttributes::Standby) => (standby, "not a standby"),
        };
        if met {
            return Ok(());
        }
        let message = format!("the server is {is}: target_session_attrs wants another");
        Err(ServerError::new(PRODUCT, message, Trouble::Plain))
    }

    /// Asks whether the journal is there, and without it something else.
    fn presence_sql(&self) -> String {
        let table = literal(&self.server.journal.table);
        let occupied = self.occupied_sql();
        let occupied = occupied.split_once('\n').map_or("", |(_, sql)| sql);
        format!("SELECT to_regclass({table}) IS NOT NULL, CASE WHEN to_regclass({table}) IS NULL THEN ({occupied}) END")
    }

    /// Asks whether something else than the journal is there.
    fn occupied_sql(&self) -> String {
        let (table, repairs) = (literal(&self.server.journal.table), literal(&self.server.journal.repairs()));
        include_str!("occupied.sql").replace("{table}", &table).replace("{repairs}", &repairs)
    }

    /// What proves, at the end of a message, that all is as it should be. The journal can be read where the settings of a
    /// script have been taken back.
    fn proof_sql(&self, counts: bool) -> String {
        let is_held = self.lock.as_ref().map_or("true", |lock| &lock.is_held);
        let rows = if counts { format!(", ({})", self.server.journal.count()) } else { String::new() };
        format!("SELECT txid_current_if_assigned(), {is_held}{rows}")
    }

    /// The first cell of the first row.
    async fn value(&mut self, sql: &str) -> Result<Option<String>, ServerError> {
        Ok(self.query(sql).await?.into_iter().flatten().next().flatten())
    }

    async fn transmit(&mut self, message: &Message, heard: Heard<'_>) -> Result<(), Failure> {
        // outside a transaction, a statement may have to be alone
        let is_ours = message.parts().last().is_some_and(|part| part.piece.is_none());
        let proof = self.transaction.is_some().then(|| self.proof_sql(is_ours));
        let fitted = self.repertoire.message(message);
        if fitted.as_ref().is_some_and(|(_, ours)| *ours) {
            self.say_what_is_lacking();
        }
        let text = fitted.as_ref().map_or(message.sql(), |(text, _)| text);
        let sending = send::transmit(&mut self.connection, message, text, proof, heard);
        let sending = sending.with_subscriber(notices(&self.watcher));
        let lookout = self.side.lookout(&self.pid, self.transaction.is_some(), self.lock.as_mut());
        let (answer, blockers) = lookout.watch(sending, lost).await;
        match answer {
            Ok(proof) => self.proof = proof,
            Err((answered, error)) => {
                return Err(Failure { blockers, ..self.failure(message, answered, &error).await });
            }
        }
        self.invalid_index(message).await.map_or(Ok(()), |error| Err(Failure::new(0, error)))
    }

    async fn is_true(&mut self, sql: &str) -> Result<bool, ServerError> {
        Ok(self.value(sql).await?.as_deref() == Some("t"))
    }
}

/// The answer to [`Postgres::presence_sql`].
fn presence(row: &Cells) -> (bool, bool) {
    let is_true = |cell: usize| row.get(cell).is_some_and(|cell| cell.as_deref() == Some("t"));
    (is_true(0), is_true(1))
}

/// No answer can come any more: whichever of a message's statements it is.
fn lost(error: std::io::Error) -> (usize, sqlx::Error) {
    (0, error.into())
}

/// A literal that means the same whatever `standard_conforming_strings` is.
fn escaped(text: &str) -> String {
    if text.contains('\\') { format!("E{}", literal(&text.replace('\\', "\\\\"))) } else { literal(text) }
}

/// The cells of a row; answers to plain queries are text already.
fn cells(row: &PgRow) -> Result<Cells, ServerError> {
    (0..row.len()).map(|i| row.try_get_unchecked(i).map_err(|error| server_error(&error))).collect()
}

async fn query(connection: &mut PgConnection, sql: &str) -> Result<Vec<Cells>, ServerError> {
    let rows = raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await;
    rows.map_err(|error| server_error(&error))?.iter().map(cells).collect()
}

#[async_trait]
impl Connection for Postgres {
    fn server(&self) -> &Server {
        &self.server
    }

    fn canceller(&self) -> Box<dyn Cancel> {
        Box::new(self.side.canceller(&self.pid))
    }

    async fn try_lock(&mut self) -> Result<(), NoLock> {
        self.lock = Some(self.side.lock(&self.server.journal.table).await?);
        Ok(())
    }

    async fn run_holder(&mut self) -> Result<Option<String>, ServerError> {
        Lock::holder(&mut self.connection, &self.server.journal.table).await
    }

    async fn has_journal(&mut self) -> Result<bool, ServerError> {
        let seen = match self.seen.take() {
            Some(seen) => seen,
            None => presence(&self.query(&self.presence_sql()).await?.pop().unwrap_or_default()),
        };
        self.seen = (!seen.0).then_some(seen);
        Ok(seen.0)
    }

    async fn is_occupied(&mut self) -> Result<bool, ServerError> {
        if let Some((_, occupied)) = self.seen.take() {
            return Ok(occupied);
        }
        self.is_true(&self.occupied_sql()).await
    }

    async fn begin(&mut self) -> Result<(), ServerError> {
        // behind a pooler, the session is ours from here on to the end of the transaction
        let begin = format!("{}; SELECT pg_backend_pid(), txid_current()", self.server.session.begin.join("; "));
        let mut cells = self.query(&begin).await?.into_iter().flatten();
        self.pid = cells.next().flatten().unwrap_or_default();
        self.transaction = cells.next().flatten();
        Ok(())
    }

    async fn send(&mut self, message: &Message, heard: Heard<'_>) -> Result<(), Failure> {
        match self.alias.as_ref().and_then(|alias| alias.rename(message)) {
            None => self.transmit(message, heard).await,
            Some(renamed) => {
                let sent = self.transmit(&renamed.message, heard).await;
                sent.map_err(|failure| renamed.put_back(failure, message))
            }
        }
    }

    async fn send_rows(&mut self, message: &Message, rows: &mut dyn Rows) -> Result<(), Failure> {
        self.proof = None;
        let sending = send::copy(&mut self.connection, message.sql(), rows).with_subscriber(notices(&self.watcher));
        let lookout = self.side.lookout(&self.pid, self.transaction.is_some(), self.lock.as_mut());
        let (answer, blockers) = lookout.watch(sending.map_err(|error| (0, error)), lost).await;
        answer.map(|rows| message.answered(0, rows)).map_err(|(_, error)| {
            let (part, at) = error::place(&error, message, 0);
            Failure { at, row: error::row(&error), blockers, ..Failure::new(part, server_error(&error)) }
        })
    }

    async fn execute(&mut self, sql: &str) -> Result<(), ServerError> {
        self.proof = None;
        self.leaves_settings |= self.transaction.is_none();
        let sql = self.fitted(sql);
        let sending = raw_sql(AssertSqlSafe(sql)).execute(&mut self.connection).map_err(|error| (0, error));
        let lookout = self.side.lookout(&self.pid, self.transaction.is_some(), self.lock.as_mut());
        let (answer, _) = lookout.watch(sending, lost).await;
        answer.map(drop).map_err(|(_, error)| server_error(&error))
    }

    async fn execute_apart(&mut self, sql: &str) -> Result<(), ServerError> {
        let sql = self.fitted(sql);
        self.side.execute(&sql).await
    }

    async fn query(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        let asking = raw_sql(AssertSqlSafe(sql)).fetch_all(&mut self.connection).map_err(|error| (0, error));
        let lookout = self.side.lookout(&self.pid, self.transaction.is_some(), self.lock.as_mut());
        let (rows, _) = lookout.watch(asking, lost).await;
        rows.map_err(|(_, error)| server_error(&error))?.iter().map(cells).collect()
    }

    async fn prove(&mut self) -> Result<u64, Doubt> {
        let proof = match self.proof.take().filter(|proof| proof.len() == 3) {
            Some(proof) => proof,
            None => self.query(&self.proof_sql(true)).await?.pop().unwrap_or_default(),
        };
        let mut cells = proof.into_iter();
        let (now, is_held) = (cells.next().flatten(), cells.next().flatten().as_deref() == Some("t"));
        match () {
            () if !is_held => Err(Doubt::Broken("the run's lock is not held any more".into())),
            () if now != self.transaction => Err(Doubt::Broken("the transaction is not the one that was begun".into())),
            () => count(cells.next().flatten()),
        }
    }

    async fn commit(&mut self) -> Result<(), ServerError> {
        self.execute("COMMIT").await?;
        self.transaction = None;
        Ok(())
    }

    fn fate_sql(&self) -> Option<String> {
        self.transaction.as_ref().map(|transaction| format!("SELECT txid_status({transaction})"))
    }

    async fn rollback(&mut self) -> Result<(), ServerError> {
        (self.proof, self.transaction) = (None, None);
        self.query("ROLLBACK").await.map(drop)
    }

    async fn close(mut self: Box<Self>) {
        if self.leaves_settings {
            let _ = timeout(FAREWELL, self.query("RESET ALL")).await;
        }
        // the server rolls back by itself when this does not arrive
        let _ = self.connection.close().await;
        if let Some(lock) = self.lock {
            lock.release().await;
        }
    }
}
