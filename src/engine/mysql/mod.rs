//! MySQL and MariaDB, through sqlx.

mod address;
mod dump;
mod error;
mod keep;
mod lock;
mod login;
mod parameters;
mod product;
mod replacement;
mod schema;
mod send;
mod session;
mod side;
mod test_host;

use std::time::Duration;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use sqlx::mysql::{MySqlConnection, MySqlRow};
use sqlx::{AssertSqlSafe, Column, Connection as _, Either, Executor, Row, raw_sql};
use tokio::time::timeout;

use self::address::Address;
pub(super) use self::address::ENGINE;
use self::error::{NO_SAVEPOINT, NOT_ROLLED_BACK, server_error};
use self::keep::{EXERCISE, KEEP};
use self::login::Login;
use self::product::Product;
use self::replacement::replacement;
use self::schema::schema_sql;
use self::send::{Reading, marked};
use self::side::SideConnections;
use super::connection::each;
use super::supervisor::{Call, Supervisor, connecting};
use super::{
    Access, Answer, Cells, Connection, Failure, Fate, Message, NoLock, ObjectsSql, OnRow, ProofError, RehearsalSql,
    Rows, Server, SessionSql, Settings, Table, count,
};
use crate::error::{Error, ErrorKind, ServerError};
use crate::journal::{Catalog, Foreign, JournalDialect, JournalSql};
use crate::plan::{Batching, Checkpoints, Proof};
use crate::sql::{Context, MYSQL, tables_beside};

/// Statements share a message up to this many bytes, and up to the server's own limit.
const MESSAGE: usize = 1024 * 1024;

/// The transaction's mark: the savepoint is gone once the transaction has ended, however it ended.
const SAVEPOINT: &str = "dbmigrate_transaction";

/// Lists some of the tables whose engine has no transactions.
const UNTRANSACTIONAL: &str = "SELECT table_name FROM information_schema.tables \
    JOIN information_schema.engines USING (engine) WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' \
    AND COALESCE(transactions, 'NO') <> 'YES' ORDER BY table_name LIMIT 3";

/// Records the time from which the duration of the transaction's next script counts.
const BEGUN: &str = "SET @dbmigrate_begun = UTC_TIMESTAMP(6)";

fn too_slow(error: ServerError) -> ServerError {
    let message = "the statement took longer than allowed".into();
    ServerError { message, kind: ErrorKind::StatementTimeout, ..error }
}

struct Mysql {
    connection: MySqlConnection,
    product: Product,
    server: Server,
    database: String,
    /// The journal's table without its database.
    table: String,
    supervisor: Supervisor<SideConnections>,
    /// The statement that resets a session's settings, whichever database the session is in.
    reset: String,
    lock: Option<String>,
    /// The statement that sets up a session when it begins.
    opening: String,
    /// The server ignores the case of database names: the names of locks must ignore it, too.
    folds_case: bool,
    /// Whether the journal exists, as the server said when the session began.
    seen: Option<bool>,
}

/// The query whether the journal exists.
const JOURNAL: &str = "SELECT EXISTS (SELECT 1 FROM information_schema.tables \
                       WHERE table_schema = {database} AND table_name = {table})";

async fn connect(address: &Address, settings: &Settings) -> Result<Box<dyn Connection>, Error> {
    let database = address.database();
    if settings.journal.schema.as_ref().is_some_and(|schema| *schema != database) {
        let reason = "it belongs in the database itself: remove the journal's schema from the configuration".into();
        return Err(Error::Journal { table: settings.journal.name.clone(), reason });
    }
    let refused = |error| Error::Connect { target: address.to_string(), error };
    let login = Login::new(address).map_err(refused)?.database(&database);
    let mysql = match Mysql::open(&login, &database, settings).await {
        Err(error) if error.kind == ErrorKind::NoDatabase && settings.access == Access::Create => {
            replacement::create_database(address, settings).await?;
            Mysql::open(&login, &database, settings).await
        }
        answer => answer,
    };
    Ok(Box::new(mysql.map_err(refused)?))
}

/// For how many seconds the server keeps an idle connection: the highest value that every platform accepts.
const LONGEST_WAIT: u32 = 2_147_483;

/// How long the cleanup of a session may take when it ends.
const FAREWELL: Duration = Duration::from_secs(5);

/// Quotes a name in backticks.
fn quote(identifier: &str) -> String {
    format!("`{}`", identifier.replace('`', "``"))
}

/// Returns a literal for sessions in which a backslash escapes.
fn literal(text: &str) -> String {
    super::literal(&text.replace('\\', "\\\\"))
}

impl Mysql {
    async fn open(login: &Login, database: &str, settings: &Settings) -> Result<Self, ServerError> {
        let product = Product::default();
        let connection = connecting(product.name(), settings, login.connect(product)).await?;
        let mut mysql = Self::new(connection, login.clone(), database, settings);
        mysql.greet(settings).await.map(|()| mysql)
    }

    fn new(connection: MySqlConnection, login: Login, database: &str, settings: &Settings) -> Self {
        let dialect = JournalDialect {
            create: include_str!("journal.sql"),
            repairs: include_str!("repairs.sql"),
            snapshots: include_str!("snapshots.sql"),
            objects: include_str!("objects.sql"),
            exists: "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = {name}",
            now: "UTC_TIMESTAMP(3)",
            time: "CONCAT(LEFT(DATE_FORMAT(applied_at, '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z')",
            literal,
            moment: |at| literal(&at.replace('T', " ").replace('Z', "")),
            begin: "START TRANSACTION",
            elapsed: "TIMESTAMPDIFF(MICROSECOND, {since}, UTC_TIMESTAMP(6)) DIV 1000",
            begun: "@dbmigrate_begun",
            restart: Some(BEGUN),
            // an overflow is the one error that both servers raise when they evaluate a branch, and not earlier
            guard: "SELECT 'journal', IF({condition}, 1, ({count}) + 1 + ~0)",
            returning: None,
            quote,
            foreign: Foreign {
                table: "schemaversions",
                columns: "scriptname, DATE_FORMAT(applied, '%Y-%m-%d %H:%i:%s')",
            },
            catalog: Catalog {
                tables: include_str!("tables.sql").into(),
                columns: include_str!("columns.sql").into(),
                cell: "CAST({column} AS CHAR)",
                hex: "LOWER(HEX({column}))",
            },
        };
        let table = format!("{}.{}", quote(database), quote(&settings.journal.name));
        let context = Context { database: Some(database.into()), ..Context::new(MYSQL) };
        Self {
            connection,
            product: Product::default(),
            server: Server {
                context,
                product: String::new(),
                user: None,
                batching: Batching::Run,
                checkpoints: Checkpoints::InBand,
                // the time limit is for each statement
                message_limit: if settings.statement_timeout.is_some() { 0 } else { MESSAGE },
                stores_to_the_end: false,
                session: SessionSql::default(),
                rehearsal: RehearsalSql { untransactional: Some(UNTRANSACTIONAL), ..RehearsalSql::default() },
                journal: JournalSql { name: settings.journal.name.clone(), table, create_schema: None, dialect },
                schema: Some(schema_sql(Product::default())),
                objects: Some(ObjectsSql {
                    existing: include_str!("existing.sql").into(),
                    retries: true,
                    drop_first: None,
                    keep: Some(KEEP),
                    exercise: Some(EXERCISE),
                }),
                databases: Some(|like| {
                    format!(
                        "SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name LIKE {} AND \
                         schema_name NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')",
                        literal(like)
                    )
                }),
                schemas: None,
                unlike_new: Some(unlike_new_sql(database, settings)),
            },
            database: database.into(),
            table: settings.journal.name.clone(),
            // the server's own limit covers only queries (MySQL), or has another name and meaning (MariaDB)
            supervisor: Supervisor::new(SideConnections::new(login, settings), settings, settings.statement_timeout),
            reset: String::new(),
            lock: None,
            opening: String::new(),
            folds_case: false,
            seen: None,
        }
    }

    /// Asks the server about itself, and sets up the session.
    async fn greet(&mut self, settings: &Settings) -> Result<(), ServerError> {
        let rows = self.query(include_str!("greeting.sql")).await?;
        let mut cells = rows.into_iter().flatten().map(Option::unwrap_or_default);
        let mut next = move || cells.next().unwrap_or_default();
        let (version, id, user, packet, folds, mode) = (next(), next(), next(), next(), next(), next());
        self.product = if version.contains("MariaDB") { Product::Mariadb } else { Product::Mysql };
        let number = version.split('-').next().unwrap_or_default();
        self.server.product = format!("{} {number}", self.product.name());
        self.server.user = Some(user);
        let longest = packet.parse().ok();
        self.server.context.longest = longest;
        // in a message, statements are longer than in the script
        self.server.message_limit =
            longest.map_or(MESSAGE, |longest: usize| longest / 2).min(self.server.message_limit);
        // verified by experiment: a trigger's action_statement ends with the `;` that separates it from the next
        // statement
        self.server.stores_to_the_end = self.product == Product::Mysql;
        self.server.schema = Some(schema_sql(self.product));
        (self.supervisor.side.product, self.supervisor.side.id) = (self.product, id);
        self.folds_case = folds != "0";
        // the run has its own limits: those of the server or the user do not apply
        let limit = match self.product {
            Product::Mariadb => "max_statement_time",
            Product::Mysql | Product::Unknown => "max_execution_time",
        };
        let unlimited = format!("SET SESSION wait_timeout = {LONGEST_WAIT}, SESSION {limit} = 0");
        let settings_sql = session::settings_sql();
        let mut variables = self.query(&format!("{unlimited}; {settings_sql}; {}", self.of_database(JOURNAL))).await?;
        let journal = variables.pop().into_iter().flatten().flatten().next();
        self.seen = journal.map(|exists| exists == "1");
        self.opening = unlimited;
        let reset = session::reset_sql(variables, &mode, settings);
        let stay = format!("USE {}", quote(&self.database));
        // a procedure can leave a transaction open
        let apart = vec!["UNLOCK TABLES".into(), format!("{reset}, autocommit = 1"), "COMMIT".into(), stay.clone()];
        let begin = self.server.journal.dialect.begin.to_owned();
        let begin_group = vec![begin, format!("SAVEPOINT {SAVEPOINT}"), BEGUN.into()];
        // discard what an earlier attempt has left
        self.server.session = SessionSql {
            begin: [vec!["ROLLBACK".into()], apart.clone(), begin_group.clone()].concat(),
            begin_group,
            within: vec![reset.clone(), stay],
            apart,
            proven: Some(format!("RELEASE SAVEPOINT {SAVEPOINT}")),
            commit: "COMMIT",
            ..SessionSql::default()
        };
        self.reset = reset;
        if settings.access == Access::Read {
            self.execute_sql("SET SESSION TRANSACTION READ ONLY").await?;
        }
        Ok(())
    }
}

/// Returns the query for what would differ in a new database of this name: this one's character set and collation, and
/// the collation of a new one. It returns no row where they are the same.
fn unlike_new_sql(database: &str, settings: &Settings) -> String {
    let charset = settings.charset.as_deref().or_else(|| settings.collation.as_ref()?.split('_').next());
    let charset = literal(charset.unwrap_or(replacement::CHARSET));
    let collation = settings.collation.as_deref().map_or_else(|| "NULL".into(), literal);
    let sql = include_str!("charsets.sql").replace("{database}", &literal(database));
    sql.replace("{charset}", &charset).replace("{collation}", &collation)
}

async fn query(product: Product, connection: &mut MySqlConnection, sql: &str) -> Result<Vec<Cells>, ServerError> {
    Ok(answers(product, connection, sql).await?.concat())
}

/// Returns the rows of each statement.
async fn answers(
    product: Product,
    connection: &mut MySqlConnection,
    sql: &str,
) -> Result<Vec<Vec<Cells>>, ServerError> {
    let (mut answers, mut rows) = (Vec::new(), Vec::new());
    let mut stream = connection.fetch_many(raw_sql(AssertSqlSafe(sql)));
    while let Some(answer) = stream.try_next().await.map_err(|error| server_error(product, &error))? {
        match answer {
            Either::Left(_) => answers.push(std::mem::take(&mut rows)),
            Either::Right(row) => rows.push(cells(product, &row)?),
        }
    }
    Ok(answers)
}

/// Returns the cells of a row from one of dbmigrate's own statements.
fn text_cells(row: &MySqlRow) -> Cells {
    (0..row.len()).map(|i| row.try_get_unchecked(i).ok().flatten()).collect()
}

/// Returns the cells of a row; answers to plain queries are already text.
fn cells(product: Product, row: &MySqlRow) -> Result<Cells, ServerError> {
    (0..row.len()).map(|i| row.try_get_unchecked(i).map_err(|error| server_error(product, &error))).collect()
}

impl Mysql {
    /// Returns the first cell of the first row.
    async fn value(&mut self, sql: &str) -> Result<Option<String>, ServerError> {
        Ok(self.query(sql).await?.into_iter().flatten().next().flatten())
    }

    async fn is_true(&mut self, sql: &str) -> Result<bool, ServerError> {
        Ok(self.value(&self.of_database(sql)).await?.as_deref() == Some("1"))
    }

    /// Returns a query with the names of the database, the journal and the tables beside it.
    fn of_database(&self, sql: &str) -> String {
        let beside = tables_beside(&self.table).map(|table| literal(&table)).join(", ");
        let sql = sql.replace("{database}", &literal(&self.database)).replace("{table}", &literal(&self.table));
        sql.replace("{beside}", &beside)
    }

    async fn execute_sql(&mut self, sql: &str) -> Result<(), ServerError> {
        self.call(Call::Own, sql).await.map(drop)
    }

    async fn call(&mut self, call: Call, sql: &str) -> Result<Vec<Cells>, ServerError> {
        Ok(self.answers(call, sql).await?.concat())
    }

    /// Sends dbmigrate's own statements and returns the rows of each.
    async fn answers(&mut self, call: Call, sql: &str) -> Result<Vec<Vec<Cells>>, ServerError> {
        let product = self.product;
        let lost = |error: std::io::Error| server_error(product, &error.into());
        self.supervisor.call(call, answers(product, &mut self.connection, sql), lost).await.answer
    }
}

#[async_trait]
impl Connection for Mysql {
    fn server(&self) -> &Server {
        &self.server
    }

    async fn try_lock(&mut self) -> Result<(), NoLock> {
        // another run may have made the journal while this one waited
        self.seen = None;
        self.take_lock().await
    }

    async fn run_holder(&mut self) -> Result<Option<String>, ServerError> {
        let name = self.lock_name();
        self.holder(&name).await
    }

    async fn has_journal(&mut self) -> Result<bool, ServerError> {
        match self.seen.take() {
            Some(seen) => Ok(seen),
            None => self.is_true(JOURNAL).await,
        }
    }

    async fn is_occupied(&mut self) -> Result<bool, ServerError> {
        self.is_true(include_str!("occupied.sql")).await
    }

    async fn begin(&mut self) -> Result<(), ServerError> {
        let begin = self.server.session.begin.join("; ");
        self.execute_sql(&begin).await
    }

    async fn send(
        &mut self,
        message: &Message,
        _: Option<&mut dyn Rows>,
        on_row: OnRow<'_>,
    ) -> Result<Answer, Failure> {
        let product = self.product;
        let mut reading = Reading::new(message, on_row);
        let sending = async {
            let text = marked(message);
            let mut answers = self.connection.fetch_many(raw_sql(AssertSqlSafe(&*text)));
            while let Some(answer) = answers.try_next().await.map_err(|error| (reading.part(), error))? {
                reading.take(&answer);
            }
            Ok(())
        };
        let called = self.supervisor.call(Call::Script, sending, |error| (usize::MAX, error.into())).await;
        called.answer.map(|()| reading.answer).map_err(|(part, error)| {
            // if no answer came, the failed statement is the first without an answer
            let part = part.min(reading.part());
            let (error, at) = match message.parts().get(part).filter(|part| part.statement.is_some()) {
                Some(part) => error::statement_error(product, &error, message.sql(), &part.at),
                None => (server_error(product, &error), None),
            };
            let late = called.is_late && error.kind == ErrorKind::Cancelled;
            let error = if late { too_slow(error) } else { error };
            Failure { at, blockers: called.blockers, ..Failure::new(part, error) }
        })
    }

    async fn query(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        self.call(Call::Own, sql).await
    }

    async fn table(&mut self, sql: &str) -> Result<Table, ServerError> {
        let product = self.product;
        let asking = raw_sql(AssertSqlSafe(sql)).fetch_all(&mut self.connection);
        let rows = self.supervisor.call(Call::Own, asking, Into::into).await.answer;
        let rows: Vec<MySqlRow> = rows.map_err(|error: sqlx::Error| server_error(product, &error))?;
        let names = |row: &MySqlRow| row.columns().iter().map(|column| column.name().to_owned()).collect();
        let columns = rows.first().map(names).unwrap_or_default();
        Ok((columns, rows.iter().map(|row| cells(product, row)).collect::<Result<_, _>>()?))
    }

    async fn query_each(&mut self, queries: &[&str]) -> Result<Vec<Vec<Cells>>, ServerError> {
        let answers = self.answers(Call::Own, &queries.join(";\n")).await?;
        Ok(each(answers, queries.len()))
    }

    async fn prove(&mut self, proof: Proof) -> Result<Option<u64>, ProofError> {
        if proof != Proof::Transaction {
            return Ok(None);
        }
        let is_locked = self.server.session.is_locked.as_deref().unwrap_or("1");
        let proof = format!("SELECT {is_locked}, ({})", self.server.journal.count());
        let mut cells = self.query(&proof).await?.into_iter().flatten();
        if cells.next().flatten().as_deref() != Some("1") {
            return Err(ProofError::Broken("the run no longer holds its lock".into()));
        }
        let rows = count(cells.next().flatten())?;
        let release = self.server.session.proven.clone().unwrap_or_default();
        match self.execute_sql(&release).await {
            Err(error) if error.code.as_deref().is_some_and(|code| code.starts_with(NO_SAVEPOINT)) => {
                Err(ProofError::Broken("the transaction is not the one that was begun".into()))
            }
            answer => answer.map(|()| Some(rows)).map_err(ProofError::Refused),
        }
    }

    async fn commit(&mut self) -> Result<(), ServerError> {
        self.call(Call::End, "COMMIT").await.map(drop)
    }

    async fn renew(&mut self) -> Result<(), ServerError> {
        let connection = self.supervisor.side.open().await?;
        self.hand_over(connection).await
    }

    fn ignore_interrupts(&mut self) {
        self.supervisor.ignore_interrupts();
    }

    async fn fate(&mut self) -> Option<Fate> {
        let id = &self.supervisor.side.id;
        let busy = format!("id = {id} AND id <> CONNECTION_ID() AND command <> 'Sleep'");
        let busy = format!("EXISTS (SELECT 1 FROM information_schema.processlist WHERE {busy})");
        self.supervisor.fate(&format!("SELECT CASE WHEN {busy} THEN 'in progress' ELSE 'ended' END")).await
    }

    async fn rollback(&mut self) -> Result<(), ServerError> {
        if self.product == Product::Mariadb {
            // a script may have turned the warning off; the rollback itself does not depend on this
            let _ = self.call(Call::End, "SET max_error_count = DEFAULT").await;
        }
        self.call(Call::End, "ROLLBACK").await?;
        let warnings = self.call(Call::End, "SHOW WARNINGS").await?.into_iter();
        // level, number, message
        let left = warnings.filter(|row| row.get(1).is_some_and(|code| code.as_deref() == Some(NOT_ROLLED_BACK)));
        match left.flatten().flatten().nth(2) {
            None => Ok(()),
            Some(message) => Err(self.product.error(message, ErrorKind::NotRolledBack)),
        }
    }

    async fn close(mut self: Box<Self>) {
        let _ = timeout(FAREWELL, self.release_lock()).await;
        let _ = self.connection.close().await;
    }
}
