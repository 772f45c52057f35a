//! PostgreSQL, through sqlx.

mod address;
mod alias;
mod drop_first;
mod dump;
mod error;
mod exercise;
mod failure;
mod lock;
mod login;
mod maintenance;
mod notice;
mod parameters;
mod repertoire;
mod replacement;
mod schema;
mod schemas;
mod send;
mod server;
mod service;
mod session;
mod side;
mod templates;
mod test_host;

use std::time::Duration;

use async_trait::async_trait;
use futures_util::{TryFutureExt, TryStreamExt};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Column, Connection as _, Executor, Row, raw_sql};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::instrument::WithSubscriber;

pub(super) use self::address::ENGINE;
use self::address::{Address, SessionAttributes};
use self::alias::Alias;
use self::error::server_error;
use self::lock::Lock;
use self::login::Login;
use self::notice::notices;
use self::repertoire::Repertoire;
use self::replacement::replacement;
use self::send::Reading;
use self::server::{escaped, server};
use self::session::LIMITS;
use self::side::Session;
use super::connection::each;
use super::supervisor::Call;
use super::{
    Access, Answer, Cells, Connection, Failure, Fate, Message, NoLock, OnRow, ProofError, Rows, Server, Settings,
    Table, count, literal, quote,
};
use crate::error::{Error, ErrorKind, ServerError};
use crate::plan::Proof;

const PRODUCT: &str = "PostgreSQL";

struct Postgres {
    session: Session,
    /// Writes the journal between the statements of a script.
    journal: Option<Session>,
    login: Login,
    settings: Settings,
    server: Server,
    /// Statements have run outside a transaction: they may have left the session with other limits.
    leaves_settings: bool,
    transaction: Option<String>,
    /// What the last message has proved about the transaction and the lock. Nothing has run since.
    proof: Option<Cells>,
    /// Whether the journal exists, and if not, whether anything else does, once that is known.
    seen: Option<(bool, bool)>,
    /// The present name of the database, if it differs from the one that statements use.
    alias: Option<Alias>,
    wanted: Option<SessionAttributes>,
    /// The characters that the database can store, and the name of its encoding until a warning has mentioned it.
    repertoire: Repertoire,
    encoding: Option<String>,
}

async fn greeted(address: &Address, settings: &Settings) -> Result<Postgres, Error> {
    let refused = |error| Error::Connect { target: address.to_string(), error };
    let login = Login::new(address).map_err(refused)?;
    let session = match Session::open(&login, settings).await {
        Err(error) if error.kind == ErrorKind::NoDatabase && settings.access == Access::Create => {
            replacement::create_database(address, settings).await?;
            Session::open(&login, settings).await
        }
        answer => answer,
    };
    let mut postgres = Postgres::new(session.map_err(refused)?, login, settings);
    postgres.wanted = address.session;
    postgres.greet().await.map_err(refused)?;
    Ok(postgres)
}

/// How long the cleanup of a session may take when it ends.
const FAREWELL: Duration = Duration::from_secs(5);

/// How long a write to the journal may take: another session can hold a lock on it.
const NOTE: Duration = Duration::from_mins(1);

impl Postgres {
    fn new(session: Session, login: Login, settings: &Settings) -> Self {
        Self {
            session,
            journal: None,
            login,
            settings: settings.clone(),
            server: server(settings),
            leaves_settings: false,
            transaction: None,
            proof: None,
            seen: None,
            alias: None,
            wanted: None,
            repertoire: Repertoire::default(),
            encoding: None,
        }
    }

    /// Asks the server about itself, and learns what depends on its answer.
    async fn greet(&mut self) -> Result<(), ServerError> {
        let limits = LIMITS.map(|name| format!("current_setting('{name}', true)")).join(", ");
        let usable = self.settings.schema.as_deref().map_or_else(|| "true".into(), usable_sql);
        let server = format!(
            "SELECT pg_backend_pid(), {usable}, session_user, current_setting('server_version'), pg_is_in_recovery(), \
             current_setting('transaction_read_only'), current_setting('server_encoding'), \
             EXISTS (SELECT 1 FROM pg_catalog.pg_language WHERE lanname = 'plpgsql'), \
             EXISTS (SELECT 1 FROM pg_catalog.pg_constraint WHERE condeferrable), {limits}"
        );
        let rows = match self.query(&format!("{server}; {}", self.presence_sql())).await {
            // the code that reads the journal reports why the user cannot see it
            Err(error) if error.kind == ErrorKind::Denied => self.query(&server).await?,
            rows => rows?,
        };
        let mut rows = rows.into_iter();
        let mut cells = rows.next().unwrap_or_default().into_iter();
        self.session.supervisor.side.pid = cells.next().flatten().unwrap_or_default();
        let is_usable = cells.next().flatten();
        self.server.user = cells.next().flatten();
        // Debian writes `15.4 (Debian 15.4-1)`
        let version = cells.next().flatten().unwrap_or_default();
        self.server.product = format!("{PRODUCT} {}", version.split(' ').next().unwrap_or_default());
        let (standby, read_only) = (cells.next().flatten(), cells.next().flatten());
        self.is_the_right_one(standby.as_deref() == Some("t"), read_only.as_deref() == Some("on"))?;
        self.has_schema(is_usable.as_deref()).await?;
        self.encoding = cells.next().flatten();
        self.repertoire = Repertoire::of(self.encoding.as_deref().unwrap_or_default());
        let (has_plpgsql, defers) = (cells.next().flatten(), cells.next().flatten());
        let set = LIMITS.into_iter().zip(cells).filter(|(_, limit)| limit.as_ref().is_some_and(|limit| limit != "0"));
        let set = set.map(|(name, _)| name).collect::<Vec<_>>();
        self.server.session = session::session_sql(&self.settings, &set, has_plpgsql.as_deref() == Some("t"));
        self.server.session.defers = defers.as_deref() == Some("t");
        self.seen = rows.next().map(|row| presence(&row));
        // the run may have to wait for another one
        if set.contains(&"idle_session_timeout") {
            self.query("SET idle_session_timeout = 0").await?;
        }
        Ok(())
    }

    /// Fails unless the tenant's schema exists and can be used. Without that, unqualified names would
    /// mean objects of other schemas. `is_usable` is NULL if the schema does not exist.
    async fn has_schema(&mut self, is_usable: Option<&str>) -> Result<(), ServerError> {
        let (Some(schema), true) = (self.settings.schema.clone(), is_usable != Some("t")) else { return Ok(()) };
        let (message, kind, remedy) = match is_usable {
            None if self.settings.access == Access::Create => {
                return self.query(&format!("CREATE SCHEMA IF NOT EXISTS {}", quote(&schema))).await.map(drop);
            }
            None => (format!("schema {schema:?} does not exist"), ErrorKind::Plain, "create it, or correct the name"),
            _ => (
                format!("permission denied for schema {schema}"),
                ErrorKind::Denied,
                "grant the user USAGE on the schema",
            ),
        };
        Err(ServerError { remedy: Some(remedy), ..ServerError::new(PRODUCT, message, kind) })
    }

    /// Fails if the server is not what the URL's `target_session_attrs` asks for.
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
        let message = format!("the server is {is}, but target_session_attrs asks for another kind");
        Err(ServerError::new(PRODUCT, message, ErrorKind::Plain))
    }

    /// Returns the query whether the journal exists, and if not, whether anything else does.
    fn presence_sql(&self) -> String {
        let table = literal(&self.server.journal.table);
        let occupied = self.occupied_sql();
        let occupied = occupied.split_once('\n').map_or("", |(_, sql)| sql);
        format!("SELECT to_regclass({table}) IS NOT NULL, CASE WHEN to_regclass({table}) IS NULL THEN ({occupied}) END")
    }

    /// Returns the query whether the database contains anything besides the journal.
    fn occupied_sql(&self) -> String {
        let journal = &self.server.journal;
        let tables = [&journal.table, &journal.repairs(), &journal.schema()].map(|table| literal(table));
        let oids = tables.map(|table| format!("COALESCE(to_regclass({table})::oid, 0)")).join(", ");
        schemas::occupied_sql(self.settings.schema.as_deref(), &oids)
    }

    /// Returns the query that proves, at the end of a message, that the transaction and the lock are as they should be.
    /// It can read the journal only after the settings of a script have been reset.
    fn proof_sql(&self, counts: bool) -> String {
        let is_held = self.session.supervisor.side.lock.as_ref().map_or("true", |lock| &lock.is_held);
        let rows = if counts { format!(", ({})", self.server.journal.count()) } else { String::new() };
        format!("SELECT txid_current_if_assigned(), {is_held}{rows}")
    }

    fn ended(&mut self) {
        (self.transaction, self.session.supervisor.side.pinned) = (None, false);
    }

    /// Returns the first cell of the first row.
    async fn value(&mut self, sql: &str) -> Result<Option<String>, ServerError> {
        Ok(self.query(sql).await?.into_iter().flatten().next().flatten())
    }

    /// Returns the text of the message for this server, with the query at its end that proves the transaction and the
    /// lock.
    fn text(&mut self, message: &Message) -> String {
        // outside a transaction, a statement may have to be the only one in its message
        let is_ours = message.parts().last().is_some_and(|part| part.statement.is_none());
        let proof = self.transaction.is_some().then(|| format!(";\n{}", self.proof_sql(is_ours)));
        let fitted = self.repertoire.message(message);
        if fitted.as_ref().is_some_and(|(_, ours)| *ours) {
            self.say_what_is_lacking();
        }
        let text = fitted.as_ref().map_or(message.sql(), |(text, _)| text);
        format!("{text}{}", proof.unwrap_or_default())
    }

    async fn call(&mut self, call: Call, sql: &str) -> Result<Vec<Cells>, ServerError> {
        self.proof = None;
        let sql = self.fitted(sql);
        self.session.query(call, &sql).await
    }

    async fn note(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        let journal = match &mut self.journal {
            Some(journal) => journal,
            none => none.insert(Session::open_apart(&self.login, &self.settings).await?),
        };
        let silence = |_| ServerError::new(PRODUCT, "no answer within a minute", ErrorKind::ConnectionLost);
        timeout(NOTE, journal.query_anew(Call::Own, sql)).await.map_err(silence)?
    }

    async fn is_true(&mut self, sql: &str) -> Result<bool, ServerError> {
        Ok(self.value(sql).await?.as_deref() == Some("t"))
    }
}

/// Returns the expression for whether the user may use a schema: NULL if the schema does not exist.
fn usable_sql(schema: &str) -> String {
    let schema = escaped(schema);
    format!("(SELECT has_schema_privilege(oid, 'USAGE') FROM pg_catalog.pg_namespace WHERE nspname = {schema})")
}

/// The answer to [`Postgres::presence_sql`].
fn presence(row: &Cells) -> (bool, bool) {
    let is_true = |cell: usize| row.get(cell).is_some_and(|cell| cell.as_deref() == Some("t"));
    (is_true(0), is_true(1))
}

/// Returns the error when no answer can come any longer, whichever of a message's statements it is for.
fn lost(error: std::io::Error) -> (usize, sqlx::Error) {
    (0, error.into())
}

/// Returns the cells of a row; answers to plain queries are already text.
fn cells(row: &PgRow) -> Result<Cells, sqlx::Error> {
    (0..row.len()).map(|i| row.try_get_unchecked(i)).collect()
}

async fn query(connection: &mut PgConnection, sql: &str) -> Result<Vec<Cells>, ServerError> {
    let rows = raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await;
    let cells = rows.and_then(|rows| rows.iter().map(cells).collect());
    cells.map_err(|error| server_error(&error))
}

#[async_trait]
impl Connection for Postgres {
    fn server(&self) -> &Server {
        &self.server
    }

    async fn try_lock(&mut self) -> Result<(), NoLock> {
        // another run may have made the journal while this one waited
        self.seen = None;
        let limit = self.settings.connect_timeout;
        self.session.supervisor.side.lock = Some(Lock::take(&self.login, limit, &self.server.journal.table).await?);
        Ok(())
    }

    async fn run_holder(&mut self) -> Result<Option<String>, ServerError> {
        let holder = lock::holder_sql(&self.server.journal.table);
        self.value(&holder).await
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
        // behind a pooler, the session belongs to this run from here to the end of the transaction
        let begin = format!("{}; SELECT pg_backend_pid(), txid_current()", self.server.session.begin.join("; "));
        // the statements that reset the session return rows, too
        let mut cells = self.query(&begin).await?.pop().into_iter().flatten();
        self.session.supervisor.side.pid = cells.next().flatten().unwrap_or_default();
        self.transaction = cells.next().flatten();
        self.session.supervisor.side.pinned = true;
        Ok(())
    }

    async fn send(
        &mut self,
        message: &Message,
        rows: Option<&mut dyn Rows>,
        on_row: OnRow<'_>,
    ) -> Result<Answer, Failure> {
        if let Some(rows) = rows {
            return self.copy(message, rows).await;
        }
        let renamed = self.alias.as_ref().and_then(|alias| alias.rename(message));
        let sent = renamed.as_ref().map_or(message, |renamed| &renamed.message);
        let text = self.text(sent);
        self.leaves_settings |= self.transaction.is_none();
        self.session.supervisor.side.sends(&text);
        let mut reading = Reading::new(sent, on_row);
        let sending = async {
            let mut answers = self.session.connection.fetch_many(raw_sql(AssertSqlSafe(text)));
            while let Some(answer) = answers.try_next().await.map_err(|error| reading.failed(error))? {
                reading.take(answer);
            }
            Ok(())
        };
        let sending = sending.with_subscriber(notices(&self.settings.watcher));
        let called = self.session.supervisor.call(Call::Script, sending, lost).await;
        let answer = reading.answer;
        self.proof = reading.proof;
        let failure = match called.answer {
            Ok(()) => self.invalid_index(sent).await.map(|error| Failure::new(0, error)),
            Err((answered, error)) => {
                let failure = self.failure(sent, answered, &error).await;
                Some(Failure { blockers: called.blockers, ..failure })
            }
        };
        let put_back = |failure| match &renamed {
            Some(renamed) => renamed.put_back(failure, message),
            None => failure,
        };
        failure.map_or(Ok(answer), |failure| Err(put_back(failure)))
    }

    async fn query(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        self.call(Call::Own, sql).await
    }

    async fn table(&mut self, sql: &str) -> Result<Table, ServerError> {
        self.session.supervisor.side.sends(sql);
        let asking = raw_sql(AssertSqlSafe(sql)).fetch_all(&mut self.session.connection).map_err(|error| (0, error));
        let rows = self.session.supervisor.call(Call::Own, asking, lost).await.answer;
        let rows = rows.map_err(|(_, error)| server_error(&error))?;
        let names = |row: &PgRow| row.columns().iter().map(|column| column.name().to_owned()).collect();
        let columns = rows.first().map(names).unwrap_or_default();
        let rows = rows.iter().map(cells).collect::<Result<_, _>>().map_err(|error| server_error(&error))?;
        Ok((columns, rows))
    }

    async fn query_each(&mut self, queries: &[&str]) -> Result<Vec<Vec<Cells>>, ServerError> {
        self.proof = None;
        let sql = queries.join(";\n");
        let answers = self.session.answers(Call::Own, &sql).await?;
        Ok(each(answers, queries.len()))
    }

    async fn query_aside(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        let sql = self.fitted(sql);
        let answer = self.note(&sql).await;
        if answer.as_ref().is_err_and(|error| error.kind == ErrorKind::ConnectionLost) {
            self.journal = None;
        }
        answer
    }

    async fn prove(&mut self, proof: Proof) -> Result<Option<u64>, ProofError> {
        if proof != Proof::Transaction {
            return Ok(None);
        }
        let proof = match self.proof.take().filter(|proof| proof.len() == 3) {
            Some(proof) => proof,
            None => self.query(&self.proof_sql(true)).await?.pop().unwrap_or_default(),
        };
        let mut cells = proof.into_iter();
        let (now, is_held) = (cells.next().flatten(), cells.next().flatten().as_deref() == Some("t"));
        match () {
            () if !is_held => Err(ProofError::Broken("the run no longer holds its lock".into())),
            () if now != self.transaction => {
                Err(ProofError::Broken("the transaction is not the one that was begun".into()))
            }
            () => count(cells.next().flatten()).map(Some),
        }
    }

    async fn commit(&mut self) -> Result<(), ServerError> {
        self.call(Call::End, "COMMIT").await?;
        self.ended();
        Ok(())
    }

    async fn rollback(&mut self) -> Result<(), ServerError> {
        self.ended();
        self.call(Call::End, "ROLLBACK").await.map(drop)
    }

    fn ignore_interrupts(&mut self) {
        self.session.supervisor.ignore_interrupts();
        self.settings.cancel = CancellationToken::new();
        if let Some(journal) = &mut self.journal {
            journal.supervisor.ignore_interrupts();
        }
    }

    async fn fate(&mut self) -> Option<Fate> {
        let Some(transaction) = &self.transaction else { return Some(Fate::Ended) };
        self.session.supervisor.fate(&format!("SELECT txid_status({transaction})")).await
    }

    async fn close(mut self: Box<Self>) {
        if self.leaves_settings {
            let _ = timeout(FAREWELL, self.call(Call::End, "RESET ALL")).await;
        }
        // if this does not arrive, the server rolls back by itself
        let _ = self.session.connection.close().await;
        if let Some(lock) = self.session.supervisor.side.lock {
            lock.release().await;
        }
    }
}
