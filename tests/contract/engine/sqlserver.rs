//! SQL Server: a database of its own on the test server.
//!
//! The server may be another product that speaks the same protocol. What its errors say, and which of the statements that
//! the scenarios are about it knows, is asked of the server itself.

use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tiberius::error::{Error, TokenError};
use tiberius::{AuthMethod, Client, ColumnData, Config, EncryptionLevel, QueryItem};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt as _};
use url::Url;

use super::{Engine, Session, Texts, Wire};
use crate::database::Database;

pub(crate) struct SqlServer {
    name: String,
}

/// `COMMIT TRANSACTION` as it travels.
const COMMIT: &[u8] = b"C\0O\0M\0M\0I\0T\0 \0T\0R\0A\0N\0S\0A\0C\0T\0I\0O\0N\0";

/// Who may do everything on the server.
pub(crate) fn server() -> Url {
    let url = std::env::var("DBMIGRATE_TEST_MSSQL_URL").unwrap_or_default();
    url.parse().unwrap_or_else(|_| {
        panic!(
            "DBMIGRATE_TEST_MSSQL_URL must name a user with all privileges on a SQL Server for tests, such as \
             sqlserver://sa:password@127.0.0.1:1433"
        )
    })
}

type Connection = Client<Compat<TcpStream>>;

async fn connect(database: &str) -> Result<Connection, Error> {
    let url = server();
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut config = Config::new();
    config.host(url.host_str().expect("a host"));
    config.port(url.port().unwrap_or(1433));
    config.database(database);
    config.authentication(AuthMethod::sql_server(decoded(url.username()), decoded(url.password().unwrap_or_default())));
    config.encryption(EncryptionLevel::Off);
    config.trust_cert();
    config.command_timeout(None);
    let stream = TcpStream::connect(config.get_addr()).await.expect("the server listens");
    Client::connect(config, stream.compat_write()).await
}

/// Runs batches; the rows of all answers, `|` between the columns.
async fn run(connection: &mut Connection, sql: &str) -> Result<Vec<String>, Error> {
    use futures_util::TryStreamExt as _;
    let mut rows = Vec::new();
    for batch in sql.split("\nGO\n") {
        let mut answer = connection.simple_query(batch.trim_end_matches("\nGO")).await?;
        while let Some(item) = answer.try_next().await? {
            if let QueryItem::Row(row) = item {
                rows.push(row.cells().map(|(_, cell)| text(cell)).collect::<Vec<_>>().join("|"));
            }
        }
    }
    Ok(rows)
}

fn text(cell: &ColumnData<'_>) -> String {
    let number = |number: Option<i64>| number.map_or_else(String::new, |number| number.to_string());
    match cell {
        ColumnData::String(text) => text.as_ref().map(ToString::to_string).unwrap_or_default(),
        ColumnData::U8(n) => number(n.map(Into::into)),
        ColumnData::I16(n) => number(n.map(Into::into)),
        ColumnData::I32(n) => number(n.map(Into::into)),
        ColumnData::I64(n) => number(*n),
        ColumnData::Bit(bit) => number(bit.map(Into::into)),
        other => format!("{other:?}"),
    }
}

/// The same for code that is not async.
fn ask(database: &str, sql: &str) -> Result<Vec<String>, Error> {
    let asking = async {
        let mut connection = connect(database).await?;
        let rows = run(&mut connection, sql).await;
        let _ = connection.close().await;
        rows
    };
    std::thread::scope(|scope| {
        let asked = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(asking)
        });
        asked.join().expect("no panic")
    })
}

/// Runs SQL in no scenario's database.
pub(crate) fn admin(sql: &str) -> Vec<String> {
    ask("master", sql).unwrap_or_else(|error| panic!("the SQL Server for tests refuses {sql}: {error}"))
}

/// What the server says of a batch that it refuses.
pub(crate) fn refusal(sql: &str) -> TokenError {
    match ask("master", sql) {
        Err(Error::Server(error)) => error,
        other => panic!("the SQL Server for tests does not refuse {sql}: {other:?}"),
    }
}

/// The server knows what this is about.
pub(crate) fn knows(sql: &str) -> bool {
    ask("master", sql).is_ok()
}

/// A lock timeout has an error of its own, and the blockers can be seen.
pub(crate) static SHOWS_LOCKS: LazyLock<bool> =
    LazyLock::new(|| knows("SELECT 1 FROM sys.dm_tran_locks") && knows("SELECT 1 FROM sys.dm_exec_requests"));

fn leaked(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn code(error: &TokenError) -> String {
    format!("SQL Server {} (severity {}, state {})", error.code(), error.class(), error.state())
}

static TEXTS: LazyLock<Texts> = LazyLock::new(|| {
    let no_table = refusal("INSERT INTO nope VALUES (1)");
    let syntax = refusal("SELECT 1;\nINSERT INTO t VLAUES (7);");
    let twice = refusal("CREATE TABLE #t (id integer PRIMARY KEY);\nINSERT INTO #t VALUES (1), (1);");
    Texts {
        wire: Some(Wire { port: 1433, plain: "encrypt=false", commit: COMMIT, queries: |_| Vec::new() }),
        no_table_code: leaked(code(&no_table)),
        no_table: leaked(no_table.message().to_owned()),
        syntax: leaked(bare(syntax.message())),
        dangling: &[],
        duplicate: leaked(bare(twice.message()).replace("#t", "t")),
        slow: "DECLARE @i bigint = 0 WHILE @i < 100000000000 SET @i = @i + 1",
        too_slow: "the statement took longer than allowed",
        too_slow_code: None,
        journal_schema: Some("ops"),
        journal_prefix: "[ops].",
        quotes: ['[', ']'],
        text: "nvarchar(100)",
        separator: "\nGO\n",
        begin: "BEGIN TRANSACTION",
        savepoints: ["SAVE TRANSACTION a", "ROLLBACK TRANSACTION a", ""],
        hold: "BEGIN TRANSACTION; SELECT * FROM t WITH (TABLOCKX, HOLDLOCK); INSERT INTO t VALUES (1)",
        setting: "SET ANSI_NULLS, QUOTED_IDENTIFIER, XACT_ABORT OFF; SET ROWCOUNT 1; SET DATEFORMAT dmy; SET NOCOUNT ON; \
                  SET IMPLICIT_TRANSACTIONS ON; SET LOCK_TIMEOUT 1;",
        holder: if *SHOWS_LOCKS { "session <n>, user " } else { "a session that this user may not see" },
        shows_holder: *SHOWS_LOCKS,
        maintain: "CHECKPOINT",
        unseen: "EXEC ('{sql}')",
        apart: "RECONFIGURE",
        national: "N",
        counts_statements: false,
        dbup: "create table [SchemaVersions] ([Id] int identity(1,1) not null constraint [PK_SchemaVersions_Id] primary key, [ScriptName] nvarchar(255) not null, [Applied] datetime not null)",
        dbup_row: "insert into [SchemaVersions] (ScriptName, Applied) values ('NAME', '2021-02-03T04:05:06')",
        old_types: ["datetime2", "bit", "varbinary(100)", "1", "0", "0x{1}", "0x{2}"],
        lose_journal: "DROP TABLE dbmigrate_journal",
        temporary: "CREATE TABLE #dbmigrate_journal (number integer);",
        transactional_ddl: true,
        rebuild: "atomic (a new database replaces the old one at the end)",
        view: "IF OBJECT_ID('{name}', 'V') IS NOT NULL DROP VIEW {name}\nGO\nCREATE VIEW {name} AS {query}\nGO\n",
        routine: "IF OBJECT_ID('{name}', 'P') IS NOT NULL DROP PROCEDURE {name}\nGO\nCREATE PROCEDURE {name} AS SELECT {value}\nGO\n",
        objects: "CREATE TABLE parent (id integer PRIMARY KEY, name nvarchar(50) DEFAULT 'it''s; \\')
GO
CREATE TABLE child (id integer, parent integer REFERENCES parent (id))
GO
CREATE VIEW pairs AS SELECT child.id, name FROM child, parent WHERE parent.id = parent
GO
INSERT INTO parent VALUES (1, 'one; COMMIT;'), (2, NULL), (3, N'a \\ ''ü'' \t tab');
INSERT INTO child VALUES (1, 1), (2, 3);
",
    }
});

/// A message without what is new each time: the ends of names that the server gives.
fn bare(message: &str) -> String {
    let key = regex::Regex::new("(PK__\\w+?__)[0-9A-F]{8,16}").expect("it is a constant");
    let place = regex::Regex::new(" at line \\d+ and character position \\d+").expect("it is a constant");
    // what a script is split into has another name here, as the transcripts show
    let batch = regex::Regex::new(r"\bbatch(es)?( ran| [0-9]+| again)").expect("it is a constant");
    let message = batch.replace_all(message, |found: &regex::Captures<'_>| {
        format!("statement{}{}", if found.get(1).is_some() { "s" } else { "" }, &found[2])
    });
    place.replace(&key.replace_all(&message, "${1}x"), "").into_owned()
}

/// The name of a scenario's database.
pub(crate) fn name(db: &Database) -> String {
    db.target().database()
}

fn unique() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let now = std::time::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.subsec_nanos());
    format!("ct_{}_{now}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

fn databases() -> Vec<String> {
    admin("SELECT name FROM sys.databases")
}

/// Ends the sessions of a database.
pub(crate) fn end_sessions(name: &str) {
    let found = format!("SELECT session_id FROM sys.dm_exec_sessions WHERE database_id = DB_ID('{name}')");
    for session in admin(&found) {
        // it may have ended by itself
        let _ = ask("master", &format!("KILL {session}"));
    }
}

fn drop_database(name: &str) {
    let mut tries = 50;
    while ask("master", &format!("DROP DATABASE IF EXISTS [{name}]")).is_err() && tries > 0 {
        end_sessions(name);
        std::thread::sleep(Duration::from_millis(100));
        tries -= 1;
    }
}

const TABLES: &str = "SELECT CONCAT(SCHEMA_NAME(schema_id), '.', name) FROM sys.tables ORDER BY name";
const COLUMNS: &str = "SELECT CONCAT('CREATE TABLE ', OBJECT_NAME(object_id), ' (', name, ' ', TYPE_NAME(user_type_id), ' ', \
                       max_length, ' ', is_nullable, ')') FROM sys.columns WHERE object_id IN (SELECT object_id FROM sys.tables) \
                       ORDER BY 1";
const MODULES: &str = "SELECT definition FROM sys.sql_modules ORDER BY 1";
const SCHEMAS: &str = "SELECT CONCAT('CREATE SCHEMA ', name) FROM sys.schemas ORDER BY 1";

#[async_trait]
impl Engine for SqlServer {
    fn create(_: &Path) -> Self {
        let name = unique();
        // some servers create one at a time only
        let create = format!("CREATE DATABASE [{name}]");
        while ask("master", &create).is_err() && !databases().contains(&name) {
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { name }
    }

    fn another(&self, folder: &Path) -> Box<dyn Engine> {
        Box::new(Self::create(folder))
    }

    fn url(&self) -> String {
        let mut url = server();
        url.set_path(&self.name);
        url.set_query(Some("encrypt=false"));
        url.into()
    }

    fn texts(&self) -> &'static Texts {
        &TEXTS
    }

    fn client(&self, sql: &str) -> Result<String, String> {
        ask(&self.name, sql).map(|rows| rows.join("\n")).map_err(|error| error.to_string())
    }

    fn dump(&self) -> String {
        let ask = |sql: &str| ask(&self.name, sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let mut dump = [COLUMNS, MODULES, SCHEMAS].iter().flat_map(|sql| ask(sql)).collect::<Vec<_>>();
        for table in ask(TABLES) {
            let mut rows = ask(&format!("SELECT * FROM {table}"));
            rows.sort();
            dump.extend(rows.into_iter().map(|row| format!("INSERT INTO {table} VALUES ({row})")));
        }
        dump.join("\n")
    }

    async fn session(&self) -> Box<dyn Session> {
        Box::new(connect(&self.name).await.expect("the server answers"))
    }

    fn end_sessions(&self) {
        end_sessions(&self.name);
    }

    fn drop_database(&self) {
        drop_database(&self.name);
    }

    fn left_beside(&self) -> Vec<String> {
        databases().into_iter().filter(|name| name.starts_with(&format!("{}_", self.name))).collect()
    }

    fn exists(&self) -> bool {
        databases().contains(&self.name)
    }

    fn bare(&self, text: &str) -> String {
        bare(text)
    }
}

#[async_trait]
impl Session for Connection {
    async fn run(&mut self, sql: &str) {
        run(self, sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

impl Drop for SqlServer {
    fn drop(&mut self) {
        for name in self.left_beside().iter().chain([&self.name]) {
            drop_database(name);
        }
    }
}
