//! `PostgreSQL`: a database of its own on the test server.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, raw_sql};
use url::Url;

use super::{Engine, Session, Texts, Wire, client};
use crate::database::Database;

pub(crate) struct Postgres {
    name: String,
}

const TEXTS: Texts = Texts {
    wire: Some(Wire { port: 5432, plain: "sslmode=disable", commit: b"COMMIT\0", queries }),
    no_table_code: "PostgreSQL 42P01",
    no_table: "relation \"nope\" does not exist",
    syntax: "syntax error at or near \"VLAUES\"",
    dangling: &[
        "error: the check after Script-0003.sql failed: insert or update on table \"child\" violates foreign key constraint \"child_parent_fkey\"",
        "note: PostgreSQL 23503",
        "note: detail: Key (parent)=(7) is not present in table \"parent\".",
        "note: constraint: child_parent_fkey",
    ],
    duplicate: "duplicate key value violates unique constraint \"t_pkey\"",
    slow: "SELECT pg_sleep(60)",
    too_slow: "canceling statement due to statement timeout",
    too_slow_code: Some("PostgreSQL 57014"),
    journal_schema: Some("odd \"schema\" 'name'"),
    journal_prefix: "\"odd \"\"schema\"\" 'name'\".",
    hold: "BEGIN; LOCK TABLE t",
    setting: "CREATE SCHEMA other; SET search_path = other; SET ROLE pg_monitor; SET statement_timeout = 5000; \
              SET default_transaction_read_only = on; SET standard_conforming_strings = off; SET DateStyle = 'SQL, DMY'; \
              SET SESSION AUTHORIZATION pg_monitor;",
    quotes: ['"', '"'],
    text: "text",
    separator: ";\n",
    begin: "BEGIN",
    savepoints: ["SAVEPOINT a", "ROLLBACK TO a", "RELEASE SAVEPOINT a"],
    shows_holder: true,
    unseen: "DO $$ BEGIN EXECUTE '{sql}'; END $$;",
    apart: "VACUUM",
    national: "",
    counts_statements: true,
    dbup: "CREATE TABLE \"schemaversions\" (schemaversionsid serial NOT NULL, scriptname character varying(255) NOT NULL, applied timestamp without time zone NOT NULL, CONSTRAINT \"PK_schemaversions_Id\" PRIMARY KEY (schemaversionsid))",
    dbup_row: "insert into \"schemaversions\" (ScriptName, Applied) values ('NAME', '2021-02-03 04:05:06')",
    lose_journal: "ALTER TABLE dbmigrate_journal RENAME TO gone",
    temporary: "CREATE TEMPORARY TABLE dbmigrate_journal (number integer);",
    holder: "pid <n>, user ",
    maintain: "VACUUM",
    transactional_ddl: true,
    rebuild: "atomic (a new database replaces the old one at the end)",
    objects: "CREATE TABLE parent (id integer PRIMARY KEY, name text DEFAULT 'it''s; \\');
              CREATE TABLE child (id integer, parent integer REFERENCES parent (id));
              CREATE INDEX child_parent ON child (parent);
              CREATE VIEW pairs AS SELECT child.id, name FROM child, parent WHERE parent.id = parent;
              INSERT INTO parent VALUES (1, 'one; COMMIT;'), (2, NULL), (3, 'a \\ ''ü'' 	 tab');
              INSERT INTO child VALUES (1, 1), (2, 3);",
};

/// The server's superuser.
pub(crate) fn server() -> Url {
    let url = std::env::var("DBMIGRATE_TEST_POSTGRES_URL").unwrap_or_default();
    url.parse().unwrap_or_else(|_| {
        panic!(
            "DBMIGRATE_TEST_POSTGRES_URL must name a superuser on a test server, \
             such as postgres://postgres:password@127.0.0.1:5432/postgres; scripts/test.sh starts one"
        )
    })
}

fn psql(url: &str, sql: &str) -> Result<String, String> {
    let mut command = Command::new("psql");
    command.args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", url]).env("PGOPTIONS", "-c client_min_messages=warning");
    client(command, sql)
}

/// Runs SQL in the server's maintenance database.
pub(crate) fn admin(sql: &str) -> String {
    psql(server().as_str(), sql).unwrap_or_else(|error| panic!("the PostgreSQL test server refuses {sql}: {error}"))
}

fn unique() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let now = std::time::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.subsec_nanos());
    format!("contract_{}_{now}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

impl Postgres {
    fn parsed_url(&self) -> Url {
        let mut url = server();
        url.set_path(&self.name);
        url
    }
}

/// The name of a scenario's database.
pub(crate) fn name(db: &Database) -> String {
    let url = db.url.parse::<Url>().expect("a URL");
    url.path().trim_start_matches('/').to_owned()
}

/// A new role with these options; dbmigrate connects with it from now on.
pub(crate) fn role(db: &mut Database, options: &str) -> String {
    let role = format!("{}_role", name(db));
    admin(&format!("CREATE ROLE {role} LOGIN PASSWORD 'secret' {options}"));
    let mut url = db.url.parse::<Url>().expect("a URL");
    url.set_username(&role).expect("a URL with a host");
    url.set_password(Some("secret")).expect("a URL with a host");
    db.url = url.into();
    role
}

#[async_trait]
impl Engine for Postgres {
    fn create(_: &Path) -> Self {
        let name = unique();
        admin(&format!("CREATE DATABASE {name}"));
        Self { name }
    }

    fn url(&self) -> String {
        self.parsed_url().into()
    }

    fn texts(&self) -> &'static Texts {
        &TEXTS
    }

    fn client(&self, sql: &str) -> Result<String, String> {
        psql(&self.url(), sql)
    }

    fn dump(&self) -> String {
        let mut command = Command::new("pg_dump");
        command.args(["-d", &self.url()]);
        let dump = client(command, "").expect("pg_dump dumps");
        // newer versions wrapper the dump with a random word
        let lines = dump.lines().filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"));
        lines.collect::<Vec<_>>().join("\n")
    }

    async fn session(&self) -> Box<dyn Session> {
        Box::new(PgConnection::connect(&self.url()).await.expect("the server answers"))
    }

    fn end_sessions(&self) {
        admin(&format!(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = '{}'",
            self.name
        ));
    }

    fn drop_database(&self) {
        admin(&format!("DROP DATABASE {}", self.name));
    }

    fn left_beside(&self) -> Vec<String> {
        let like = self.name.replace('_', "\\_");
        let found = admin(&format!("SELECT datname FROM pg_database WHERE datname LIKE '{like}\\_%'"));
        found.lines().map(ToOwned::to_owned).collect()
    }

    fn exists(&self) -> bool {
        admin(&format!("SELECT count(*) FROM pg_database WHERE datname = '{}'", self.name)) == "1"
    }
}

/// A session of another program in a database.
pub(crate) async fn session_of(url: &str) -> Box<dyn Session> {
    Box::new(PgConnection::connect(url).await.expect("the server answers"))
}

#[async_trait]
impl Session for PgConnection {
    async fn run(&mut self, sql: &str) {
        raw_sql(AssertSqlSafe(sql)).execute(&mut *self).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let like = format!("LIKE '{}%'", self.name.replace('_', "\\_"));
        let sql = format!(
            "SELECT format('DROP DATABASE IF EXISTS %I WITH (FORCE)', datname) FROM pg_database WHERE datname {like} \\gexec\n\
             SELECT format('DROP ROLE IF EXISTS %I', rolname) FROM pg_roles WHERE rolname {like} \\gexec\n"
        );
        let _ = psql(server().as_str(), &sql);
    }
}

/// The queries among a client's messages: a type (the first has none), four bytes of length, a text that ends with a NUL.
/// The rows of a `COPY` are messages, too.
fn queries(sent: &mut Vec<u8>) -> Vec<String> {
    let mut found = Vec::new();
    loop {
        let start = usize::from(sent.first().is_some_and(|first| *first != 0));
        let Some(length) = sent.get(start..start + 4).and_then(|length| length.try_into().ok()) else { break };
        let end = start + u32::from_be_bytes(length) as usize;
        if sent.len() < end {
            break;
        }
        let message = sent.drain(..end).collect::<Vec<_>>();
        if matches!(message[0], b'Q' | b'd') {
            found.push(String::from_utf8_lossy(&message[5..]).trim_end_matches('\0').to_owned());
        }
    }
    found
}
