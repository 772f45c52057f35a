//! `PostgreSQL`: a database of its own on the test server.

use std::path::Path;

use async_trait::async_trait;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, raw_sql};
use url::Url;

use super::{Engine, Session, Texts, Wire};
use crate::database::Database;
pub(crate) use crate::support::postgres::{admin, server};
use crate::support::{self, postgres::PRODUCT};

pub(crate) struct Postgres {
    database: support::Database,
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
    old_types: ["timestamp", "boolean", "bytea", "true", "false", "'\\x{1}'", "'\\x{2}'"],
    lose_journal: "ALTER TABLE dbmigrate_journal RENAME TO gone",
    temporary: "CREATE TEMPORARY TABLE dbmigrate_journal (number integer);",
    holder: "pid <n>, user ",
    maintain: "VACUUM",
    transactional_ddl: true,
    rebuild: "atomic (a new database replaces the old one at the end)",
    view: "CREATE OR REPLACE VIEW {name} AS {query};\n",
    routine: "CREATE OR REPLACE FUNCTION {name}() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RETURN {value}; END $$;\n",
    objects: "CREATE TABLE parent (id integer PRIMARY KEY, name text DEFAULT 'it''s; \\');
              CREATE TABLE child (id integer, parent integer REFERENCES parent (id));
              CREATE INDEX child_parent ON child (parent);
              CREATE VIEW pairs AS SELECT child.id, name FROM child, parent WHERE parent.id = parent;
              INSERT INTO parent VALUES (1, 'one; COMMIT;'), (2, NULL), (3, 'a \\ ''ü'' 	 tab');
              INSERT INTO child VALUES (1, 1), (2, 3);",
};

/// The name of a scenario's database.
pub(crate) fn name(db: &Database) -> String {
    let url = db.url.parse::<Url>().expect("a URL");
    url.path().trim_start_matches('/').to_owned()
}

/// A new role with these options; dbmigrate connects with it from now on.
pub(crate) fn role(db: &mut Database, options: &str) -> String {
    let role = format!("{}_role", name(db));
    admin(&(PRODUCT.create_user)(&name(db), &role, "secret", options));
    let mut url = db.url.parse::<Url>().expect("a URL");
    url.set_username(&role).expect("a URL with a host");
    url.set_password(Some("secret")).expect("a URL with a host");
    db.url = url.into();
    role
}

#[async_trait]
impl Engine for Postgres {
    fn create(_: &Path) -> Self {
        Self { database: support::Database::new(&PRODUCT) }
    }

    fn copy(&self) -> Option<Box<dyn Engine>> {
        // before PostgreSQL 15, there was no other
        let copies = self.database.ask("SELECT current_setting('server_version_num')::integer >= 150000") == "t";
        let strategy = if copies { " STRATEGY file_copy" } else { "" };
        let database = support::Database::missing(&PRODUCT);
        database.admin(&format!("CREATE DATABASE {} TEMPLATE {}{strategy}", database.name, self.database.name));
        Some(Box::new(Self { database }))
    }

    fn another(&self, folder: &Path) -> Box<dyn Engine> {
        Box::new(Self::create(folder))
    }

    fn url(&self) -> String {
        self.database.url().into()
    }

    fn texts(&self) -> &'static Texts {
        &TEXTS
    }

    fn client(&self, sql: &str) -> Result<String, String> {
        (PRODUCT.ask)(&self.database.url(), sql)
    }

    fn dump(&self) -> String {
        support::postgres::comparable(&self.database.dump(&[]))
    }

    async fn session(&self) -> Box<dyn Session> {
        session_of(&self.url()).await
    }

    fn end_sessions(&self) {
        admin(&format!(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = '{}'",
            self.database.name
        ));
    }

    fn drop_database(&self) {
        admin(&format!("DROP DATABASE {}", self.database.name));
    }

    fn left_beside(&self) -> Vec<String> {
        self.database.left_beside()
    }

    fn exists(&self) -> bool {
        self.database.exists()
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
