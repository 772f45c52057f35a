//! SQL Server and Azure SQL, through tiberius.

mod address;
mod drop_first;
mod error;
mod lent;
mod lock;
mod maintenance;
mod messages;
mod proof;
mod replacement;
mod schema;
mod server;
mod session;
mod side;
mod test_host;
mod wire;

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use self::address::Address;
pub(super) use self::address::ENGINE;
use self::error::server_error;
use self::messages::Messages;
use self::replacement::replacement;
use self::server::in_schemas;
use self::session::{literal, quote, session_sql};
use self::side::SideConnections;
use self::wire::{Refusal, Wire};
use super::connection::each;
use super::supervisor::{Call, Supervisor, connecting};
use super::{
    Access, Answer, Cells, Connection, Failure, Fate, Message, NoLock, OnRow, ProofError, Rows, Server, Settings, Table,
};
use crate::error::{Error, ErrorKind, ServerError};
use crate::plan::Proof;
use crate::sql::sqlserver::only_uses;

const PRODUCT: &str = "SQL Server";

/// One run's connection.
struct Mssql {
    wire: Wire,
    server: Server,
    database: String,
    /// The name that the database will have, if it has another one until then.
    alias: Option<String>,
    supervisor: Supervisor<SideConnections>,
    settings: Settings,
    messages: Messages,
    /// The name of the lock that is held.
    lock: Option<String>,
    /// The number of the transaction that was begun, or what replaces it on a server that does not tell the number.
    transaction: Option<String>,
    in_transaction: bool,
    numbers_transactions: bool,
    /// A setting of a script may keep the server from running what it receives.
    asleep: bool,
    /// The kind of server: 5 is Azure SQL Database.
    edition: String,
}

async fn connect(server: &Address, settings: &Settings) -> Result<Box<dyn Connection>, Error> {
    let refused = |error| Error::Connect { target: server.to_string(), error };
    let mssql = match Mssql::open(server, settings).await {
        Err(error) if error.kind == ErrorKind::NoDatabase && settings.access == Access::Create => {
            replacement::create_database(server, settings).await?;
            created(server, settings).await
        }
        answer => answer,
    };
    Ok(Box::new(mssql.map_err(refused)?))
}

/// Connects to a database that was created just now. If another run creates it, that may not be finished yet.
async fn created(server: &Address, settings: &Settings) -> Result<Mssql, ServerError> {
    let deadline = Instant::now() + settings.connect_timeout;
    loop {
        match Mssql::open(server, settings).await {
            Err(error) if error.kind == ErrorKind::NoDatabase && Instant::now() < deadline => {}
            answer => return answer,
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// How long the cleanup of a session may take when it ends.
const FAREWELL: Duration = Duration::from_secs(5);

/// How long a write to the journal may take: another session can hold a lock on it.
const NOTE: Duration = Duration::from_mins(1);

/// The advice for a user whose unqualified names mean another schema.
const OWN_USER: &str = "connect to each schema as a user of its own, whose default schema it is: ALTER USER name WITH \
                        DEFAULT_SCHEMA = schema";

/// The edition of Azure SQL Database.
const AZURE: &str = "5";

impl Mssql {
    async fn open(server: &Address, settings: &Settings) -> Result<Self, ServerError> {
        let mut mssql = Self::enter(server, settings).await?;
        mssql.greet(server.language.as_deref()).await?;
        mssql.has_schema().await.map(|()| mssql)
    }

    /// Opens a session without any query.
    async fn enter(server: &Address, settings: &Settings) -> Result<Self, ServerError> {
        let limit = settings.connect_timeout;
        let wire = connecting(PRODUCT, settings, Wire::open(server, limit)).await?;
        let beside = SideConnections::new(Some(server), Arc::clone(&wire.stop), settings);
        Ok(Self::new(wire, &server.database, beside, settings))
    }

    fn new(wire: Wire, database: &str, beside: SideConnections, settings: &Settings) -> Self {
        Self {
            wire,
            server: server::server(database, settings),
            database: database.to_owned(),
            alias: None,
            supervisor: Supervisor::new(beside, settings, settings.statement_timeout),
            settings: settings.clone(),
            messages: Messages::new(settings.watcher.clone()),
            lock: None,
            transaction: None,
            in_transaction: false,
            numbers_transactions: false,
            asleep: false,
            edition: String::new(),
        }
    }

    /// Asks the server about itself, and sets up the session.
    async fn greet(&mut self, wanted: Option<&str>) -> Result<(), ServerError> {
        let greeting = include_str!("greeting.sql").replace("{mark}", &literal(messages::MARK));
        let asking = self.messages.learn(self.wire.ask(&greeting));
        let rows = self.supervisor.call(Call::Own, asking, lost).await.answer;
        let rows = rows.map_err(|refusal| server_error(&refusal))?;
        let mut cells = rows.into_iter().flatten().map(Option::unwrap_or_default);
        let mut next = move || cells.next().unwrap_or_default();
        let (id, user, version, edition, language) = (next(), next(), next(), next(), next());
        self.server.user = Some(user);
        self.edition = edition;
        self.supervisor.side.see(id, self.edition == AZURE);
        // from SQL Server 2016 on
        let major = version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0);
        self.numbers_transactions = self.is_azure() || major >= 13;
        let name = if self.is_azure() { "Azure SQL" } else { PRODUCT };
        self.server.product = format!("{name} {version}");
        self.server.session = session_sql(wanted.unwrap_or(&language), &self.settings);
        let reset = self.reset();
        self.execute_sql(&reset).await
    }

    /// Fails unless the tenant's schema exists, and is the one in which the user's unqualified names are
    /// looked for. No statement can change that for a session:
    /// <https://learn.microsoft.com/sql/t-sql/statements/alter-user-transact-sql>.
    async fn has_schema(&mut self) -> Result<(), ServerError> {
        let Some(schema) = self.settings.schema.clone() else { return Ok(()) };
        let error = |message: String, remedy| {
            let error = ServerError::new(PRODUCT, message, ErrorKind::Plain);
            ServerError { remedy: Some(remedy), ..error }
        };
        let mut found = self.find_schema(&schema).await?;
        if found.is_none() && self.settings.access == Access::Create {
            self.execute_sql(&format!("CREATE SCHEMA {}", quote(&schema))).await?;
            found = self.find_schema(&schema).await?;
        }
        match found {
            None => Err(error(format!("schema {schema:?} does not exist"), "create it, or correct the name")),
            Some(default) if default == schema => Ok(()),
            Some(default) => {
                let message =
                    format!("unqualified names of this user mean objects of the schema {default:?}, not of {schema:?}");
                Err(error(message, OWN_USER))
            }
        }
    }

    /// Returns the user's default schema if a schema exists; it has the schema's own name if it is that one.
    async fn find_schema(&mut self, schema: &str) -> Result<Option<String>, ServerError> {
        let name = literal(schema);
        let default = format!("CASE WHEN SCHEMA_ID({name}) = SCHEMA_ID() THEN {name} ELSE SCHEMA_NAME() END");
        self.value(&format!("SELECT {default} WHERE SCHEMA_ID({name}) IS NOT NULL")).await
    }

    /// Returns the statements that reset the session's settings.
    fn reset(&self) -> String {
        self.server.session.within.join("; ")
    }

    fn is_azure(&self) -> bool {
        self.edition == AZURE
    }

    /// Returns the query that tells one transaction from another.
    const fn transaction_sql(&self) -> &'static str {
        if self.numbers_transactions { TRANSACTION } else { OWN_ROW }
    }

    /// Switches off what a script may have left on, so that the server runs what it receives.
    async fn wake(&mut self) -> Result<(), ServerError> {
        if std::mem::take(&mut self.asleep) {
            for switch in AWAKE {
                self.call(Call::End, switch).await?;
            }
        }
        Ok(())
    }

    async fn execute_sql(&mut self, sql: &str) -> Result<(), ServerError> {
        self.query_sql(sql).await.map(drop)
    }

    async fn query_sql(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        self.call(Call::Own, sql).await
    }

    async fn call(&mut self, call: Call, sql: &str) -> Result<Vec<Cells>, ServerError> {
        let answer = self.supervisor.call(call, self.wire.ask(sql), lost).await.answer;
        answer.map_err(|refusal| server_error(&refusal))
    }

    /// Sends a statement on a connection that no script has touched, and closes that connection: an idle one would keep
    /// a script from statements that need the database for themselves.
    async fn note(&self, server: &Address, sql: &str) -> Result<Vec<Cells>, ServerError> {
        let mut mssql = Self::enter(server, &self.settings).await?;
        let silence = |_| ServerError::new(PRODUCT, "no answer within a minute", ErrorKind::ConnectionLost);
        let answer = timeout(NOTE, mssql.query_sql(sql)).await.map_err(silence)?;
        mssql.wire.close().await;
        answer
    }

    /// Returns the first cell of the first row.
    async fn value(&mut self, sql: &str) -> Result<Option<String>, ServerError> {
        Ok(self.query_sql(sql).await?.into_iter().flatten().next().flatten())
    }

    /// Returns the row of the transaction's own, which a rollback removes.
    async fn marked(&mut self) -> Result<Option<String>, ServerError> {
        Ok(self.call(Call::End, MARKED).await?.into_iter().flatten().next().flatten())
    }

    async fn is_true(&mut self, sql: &str) -> Result<bool, ServerError> {
        let journal = &self.server.journal;
        let [table, repairs, schema] =
            [&journal.table, &journal.repairs(), &journal.schema()].map(|table| literal(table));
        let sql = sql.replace("{table}", &table).replace("{repairs}", &repairs).replace("{schema}", &schema);
        Ok(self.value(&sql).await?.as_deref() == Some("1"))
    }

    /// Returns the error for a batch that was stopped. Only a transaction is certain to be rolled back with it: a batch
    /// that commits by itself may just have ended.
    fn stopped(&self, error: ServerError, late: bool) -> ServerError {
        let (message, kind) = match (late, self.in_transaction) {
            (false, true) => return error,
            (true, true) => ("the statement took longer than allowed", ErrorKind::StatementTimeout),
            (true, false) => ("the statement took longer than allowed and was stopped", ErrorKind::ConnectionLost),
            (false, false) => ("the statement was stopped", ErrorKind::ConnectionLost),
        };
        ServerError { message: message.into(), kind, ..error }
    }
}

/// Returns the error when no answer can come any longer.
fn lost(error: std::io::Error) -> Refusal {
    Refusal::Driver(error.into())
}

const TRANSACTION: &str = "SELECT CAST(CURRENT_TRANSACTION_ID() AS nvarchar(20))";

/// Replaces the transaction's number before SQL Server 2016: its own row, which a rollback removes.
const OWN_ROW: &str = "SELECT CAST(COUNT(*) AS nvarchar(20)) FROM #dbmigrate";

const BEGIN: &str = "SET XACT_ABORT ON; BEGIN TRANSACTION";

/// A row of the transaction's own, in a temporary table where it disturbs nothing. If the row still exists after the
/// transaction was rolled back, a script has committed it.
const MARK: &str = "INSERT INTO #dbmigrate VALUES (1)";
const MARKED: &str = "SELECT number FROM #dbmigrate";
const UNMARK: &str =
    "IF OBJECT_ID('tempdb..#dbmigrate') IS NULL CREATE TABLE #dbmigrate (number int); DELETE FROM #dbmigrate";

#[async_trait]
impl Connection for Mssql {
    fn server(&self) -> &Server {
        &self.server
    }

    async fn try_lock(&mut self) -> Result<(), NoLock> {
        let name = self.lock_name();
        self.take_lock(&name).await
    }

    async fn run_holder(&mut self) -> Result<Option<String>, ServerError> {
        let name = self.lock_name();
        if self.is_free(&name).await? {
            return Ok(None);
        }
        Ok(Some(self.lock_holder(&name).await.unwrap_or_else(|| lock::UNSEEN.into())))
    }

    async fn has_journal(&mut self) -> Result<bool, ServerError> {
        if self.is_true("SELECT CASE WHEN OBJECT_ID({table}, 'U') IS NULL THEN 0 ELSE 1 END").await? {
            return Ok(true);
        }
        // OBJECT_ID does not show objects on which the user has no rights
        match self.execute_sql(&format!("SELECT TOP (0) 1 FROM {}", self.server.journal.table)).await {
            Err(error) if error::is_no_such_table(&error) => Ok(false),
            answer => answer.map(|()| true),
        }
    }

    async fn is_occupied(&mut self) -> Result<bool, ServerError> {
        let occupied = in_schemas(include_str!("occupied.sql"), "SCHEMA_NAME(schema_id)", &self.settings);
        self.is_true(&occupied).await
    }

    async fn begin(&mut self) -> Result<(), ServerError> {
        let begin = self.server.session.begin.join("; ");
        self.execute_sql(&begin).await?;
        self.in_transaction = true;
        self.transaction = self.value(self.transaction_sql()).await?;
        Ok(())
    }

    async fn send(&mut self, message: &Message, _: Option<&mut dyn Rows>, _: OnRow<'_>) -> Result<Answer, Failure> {
        let statement = message.parts().first().and_then(|part| part.statement.as_ref());
        if self.alias.is_some() && statement.is_some_and(|batch| only_uses(&batch.words)) {
            // it names the database that this one will become
            return Ok(Answer::default());
        }
        let sending = self.messages.relay(self.wire.tell(message.sql()));
        let called = self.supervisor.call(Call::Script, sending, lost).await;
        let Err(refusal) = called.answer else { return Ok(Answer::default()) };
        let (error, also) = (server_error(&refusal), self.messages.take_errors());
        let at = statement.and_then(|statement| error::position(&refusal, message.sql(), statement));
        let error = if error.kind == ErrorKind::Cancelled { self.stopped(error, called.is_late) } else { error };
        Err(Failure { at, blockers: called.blockers, ..Failure::new(0, ServerError { also, ..error }) })
    }

    async fn query(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        self.query_sql(sql).await
    }

    async fn table(&mut self, sql: &str) -> Result<Table, ServerError> {
        let answer = self.supervisor.call(Call::Own, self.wire.table(sql), lost).await.answer;
        answer.map_err(|refusal| server_error(&refusal))
    }

    async fn query_each(&mut self, queries: &[&str]) -> Result<Vec<Vec<Cells>>, ServerError> {
        let batch = queries.join(";\n");
        let answer = self.supervisor.call(Call::Own, self.wire.ask_each(&batch), lost).await.answer;
        Ok(each(answer.map_err(|refusal| server_error(&refusal))?, queries.len()))
    }

    async fn query_aside(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        if let Some(server) = self.supervisor.side.server.clone() {
            match self.note(&server, sql).await {
                // the database lets no other session in
                Err(error) if matches!(error.kind, ErrorKind::NoDatabase | ErrorKind::Login) => {}
                answer => return answer,
            }
        }
        // settings within EXEC end with it
        let note = literal(&format!("{}; {sql}", self.reset()));
        self.query_sql(&format!("EXEC ({note})")).await
    }

    async fn prove(&mut self, proof: Proof) -> Result<Option<u64>, ProofError> {
        match proof {
            Proof::Statement | Proof::Script => self.prove_session().await.map(|()| None),
            Proof::Transaction => self.prove_transaction().await.map(Some),
            Proof::Journal(_) | Proof::Group(_) => Ok(None),
        }
    }

    async fn commit(&mut self) -> Result<(), ServerError> {
        self.call(Call::End, self.server.session.commit).await?;
        (self.in_transaction, self.transaction) = (false, None);
        Ok(())
    }

    async fn rollback(&mut self) -> Result<(), ServerError> {
        let begun = std::mem::take(&mut self.in_transaction);
        self.transaction = None;
        self.wake().await?;
        self.call(Call::End, ROLLBACK).await?;
        let mut mark = if begun { self.marked().await? } else { None };
        if mark.as_deref().is_some_and(|mark| mark != "1") {
            // the server returned the query's plan, not its answer
            self.asleep = true;
            self.wake().await?;
            self.call(Call::End, ROLLBACK).await?;
            mark = self.marked().await?;
        }
        if mark.is_none() {
            return Ok(());
        }
        let message = "a COMMIT in a script has kept what ran before it";
        Err(ServerError::new(PRODUCT, message, ErrorKind::CommittedByScript))
    }

    fn ignore_interrupts(&mut self) {
        self.supervisor.ignore_interrupts();
        self.settings.cancel = CancellationToken::new();
    }

    async fn fate(&mut self) -> Option<Fate> {
        // the lock ends with the session, and its transaction has then ended, too: no right is needed to see that
        let free = lock::is_free_sql(self.lock.as_ref()?);
        let fate = format!("SELECT CASE ({free}) WHEN 1 THEN 'ended' ELSE 'in progress' END");
        self.supervisor.fate(&fate).await
    }

    async fn close(mut self: Box<Self>) {
        // the session's lock ends with it
        let _ = timeout(FAREWELL, self.wire.close()).await;
    }
}

/// Most errors have already rolled back. A script may have kept the server from running anything.
const ROLLBACK: &str = "SET NOEXEC, PARSEONLY, FMTONLY OFF; IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION";

/// Each of these must be the only statement of its batch.
const AWAKE: [&str; 4] =
    ["SET SHOWPLAN_ALL OFF", "SET SHOWPLAN_TEXT OFF", "SET SHOWPLAN_XML OFF", "SET NOEXEC, PARSEONLY, FMTONLY OFF"];
