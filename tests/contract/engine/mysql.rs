//! MySQL and `MariaDB`: a database of its own on the test server.

use std::path::Path;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use sqlx::mysql::MySqlConnection;
use sqlx::{AssertSqlSafe, Connection as _, raw_sql};
use url::Url;

use super::{Engine, Session, Texts, Wire};
use crate::database::Database;
pub(crate) use crate::support::mysql::{admin, ask, is_mariadb};
use crate::support::{self, mysql::PRODUCT};

pub(crate) struct Mysql {
    database: support::Database,
    texts: &'static Texts,
}

/// A query that the servers do not answer when it is stopped; a bare `SLEEP` just wakes up.
const SLOW: &str = "SELECT SLEEP(60) FROM (SELECT 1 UNION ALL SELECT 2) AS twice";

const MARIADB: Texts = Texts {
    wire: Some(Wire {
        port: 3306,
        plain: "ssl-mode=disabled",
        commit: b"RELEASE SAVEPOINT dbmigrate_transaction;\nCOMMIT",
        queries,
    }),
    no_table_code: "MariaDB 1146 (42S02)",
    no_table: "Table 'db.nope' doesn't exist",
    syntax: "You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for \
             the right syntax to use near 'VLAUES (7)' at line 2",
    dangling: &[],
    duplicate: "Duplicate entry '1' for key 'PRIMARY'",
    slow: SLOW,
    too_slow: "the statement took longer than allowed",
    too_slow_code: Some("MariaDB 1317 (70100)"),
    journal_schema: None,
    journal_prefix: "",
    quotes: ['`', '`'],
    text: "text",
    separator: ";\n",
    begin: "BEGIN",
    savepoints: ["SAVEPOINT a", "ROLLBACK TO a", "RELEASE SAVEPOINT a"],
    shows_holder: true,
    unseen: "PREPARE unseen FROM '{sql}'; EXECUTE unseen; DEALLOCATE PREPARE unseen;",
    apart: "VACUUM",
    national: "",
    counts_statements: true,
    dbup: "CREATE TABLE `schemaversions` (`schemaversionid` INT NOT NULL AUTO_INCREMENT, `scriptname` VARCHAR(255) NOT NULL, `applied` TIMESTAMP NOT NULL, PRIMARY KEY (`schemaversionid`))",
    dbup_row: "insert into `schemaversions` (ScriptName, Applied) values ('NAME', '2021-02-03 04:05:06')",
    old_types: ["timestamp(6) NULL", "boolean", "blob", "true", "false", "x'{1}'", "x'{2}'"],
    lose_journal: "ALTER TABLE dbmigrate_journal RENAME TO gone",
    temporary: "CREATE TEMPORARY TABLE dbmigrate_journal (number integer);",
    hold: "BEGIN; SELECT * FROM t FOR UPDATE",
    setting: "SET NAMES latin1; SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES', sql_safe_updates = 1, time_zone = '-05:00', \
              sql_select_limit = 0, foreign_key_checks = 0; SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED;",
    holder: "connection <n>, user ",
    maintain: "ANALYZE TABLE t",
    transactional_ddl: false,
    rebuild: "not atomic (the old database is dropped first)",
    view: "CREATE OR REPLACE VIEW {name} AS {query};\n",
    routine: "DROP PROCEDURE IF EXISTS {name};\nDELIMITER //\nCREATE PROCEDURE {name}()\nBEGIN\n  SELECT {value};\nEND//\nDELIMITER ;\n",
    objects: "CREATE TABLE parent (id integer PRIMARY KEY, name varchar(20) DEFAULT 'it''s; \\\\');
              CREATE TABLE child (id integer, parent integer, FOREIGN KEY (parent) REFERENCES parent (id));
              CREATE VIEW pairs AS SELECT child.id, name FROM child, parent WHERE parent.id = parent;
              INSERT INTO parent VALUES (1, 'one; COMMIT;'), (2, NULL), (3, 'a \\\\ ''ü'' 	 tab');
              INSERT INTO child VALUES (1, 1), (2, 3);",
};

const MYSQL: Texts = Texts {
    no_table_code: "MySQL 1146 (42S02)",
    syntax: "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for \
             the right syntax to use near 'VLAUES (7)' at line 2",
    duplicate: "Duplicate entry '1' for key 't.PRIMARY'",
    too_slow: "the statement took longer than allowed",
    too_slow_code: Some("MySQL 1317 (70100)"),
    ..MARIADB
};

/// `MySQL` or `MariaDB`.
pub(crate) fn product() -> &'static str {
    if is_mariadb() { "MariaDB" } else { "MySQL" }
}

/// The name of a scenario's database.
pub(crate) fn name(db: &Database) -> String {
    db.target().database()
}

/// A new user with these rights on the scenario's database and on nothing else; dbmigrate connects as that user from now
/// on.
pub(crate) fn user(db: &mut Database, rights: &str) -> String {
    let user = format!("{}_user", name(db));
    admin(&(PRODUCT.create_user)(&name(db), &user, "secret", rights));
    let mut url = db.url.parse::<Url>().expect("a URL");
    url.set_username(&user).expect("a URL with a host");
    url.set_password(Some("secret")).expect("a URL with a host");
    db.url = url.into();
    user
}

/// The numbers of the connections to a database.
fn connections(name: &str) -> Vec<String> {
    let found = admin(&format!("SELECT id FROM information_schema.processlist WHERE db = '{name}'"));
    found.lines().map(ToOwned::to_owned).collect()
}

/// Ends every connection to a database.
pub(crate) fn kill_connections(name: &str) {
    let started = Instant::now();
    while let found = connections(name)
        && !found.is_empty()
    {
        assert!(started.elapsed() < Duration::from_mins(1), "connections do not end: {found:?}");
        for id in found {
            // it may have ended by itself
            let _ = ask(&support::mysql::server(), &format!("KILL {id}"));
        }
    }
}

/// A statement of a scenario's connections is in this state, or is doing this.
pub(crate) fn is_doing(name: &str, what: &str) -> bool {
    let found = format!(
        "SELECT count(*) FROM information_schema.processlist WHERE db = '{name}' AND (state LIKE '{what}%' OR info LIKE '{what}%')"
    );
    admin(&found) != "0"
}

/// Everything in a scenario's database but the journal.
pub(crate) fn objects(db: &Database) -> String {
    let url = db.url.parse::<Url>().expect("a URL");
    let [journal, schema] =
        ["dbmigrate_journal", "dbmigrate_journal_schema"].map(|table| format!("--ignore-table={}.{table}", name(db)));
    dump(&url, &[&journal, &schema])
}

fn dump(url: &Url, options: &[&str]) -> String {
    let all = ["--single-transaction", "--no-tablespaces", "--skip-comments", "--routines", "--events"];
    String::from_utf8((PRODUCT.dump)(url, &[&all, options].concat())).expect("UTF-8")
}

impl Mysql {
    /// A new database on a server.
    pub(crate) fn on(server: Url) -> Self {
        let database = support::Database::on(&PRODUCT, server);
        database.create();
        let texts = if database.ask("SELECT VERSION()").contains("MariaDB") { &MARIADB } else { &MYSQL };
        Self { database, texts }
    }
}

#[async_trait]
impl Engine for Mysql {
    fn create(_: &Path) -> Self {
        Self::on(support::mysql::server())
    }

    fn another(&self, folder: &Path) -> Box<dyn Engine> {
        Box::new(Self::create(folder))
    }

    fn url(&self) -> String {
        self.database.url().into()
    }

    fn texts(&self) -> &'static Texts {
        self.texts
    }

    fn client(&self, sql: &str) -> Result<String, String> {
        ask(&self.database.url(), sql)
    }

    fn dump(&self) -> String {
        dump(&self.database.url(), &[])
    }

    async fn session(&self) -> Box<dyn Session> {
        Box::new(MySqlConnection::connect(&self.url()).await.expect("the server answers"))
    }

    fn end_sessions(&self) {
        kill_connections(&self.database.name);
    }

    fn drop_database(&self) {
        self.database.admin(&format!("DROP DATABASE {}", self.database.name));
    }

    fn left_beside(&self) -> Vec<String> {
        self.database.left_beside()
    }

    fn exists(&self) -> bool {
        self.database.exists()
    }

    fn bare(&self, text: &str) -> String {
        text.replace(&format!("'{}.", self.database.name), "'db.")
    }
}

#[async_trait]
impl Session for MySqlConnection {
    async fn run(&mut self, sql: &str) {
        raw_sql(AssertSqlSafe(sql)).execute(&mut *self).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

/// The queries among a client's packets: three bytes of length, a number, and 3 for a query.
fn queries(sent: &mut Vec<u8>) -> Vec<String> {
    let mut found = Vec::new();
    while sent.len() >= 4 {
        let length = usize::from(sent[0]) | usize::from(sent[1]) << 8 | usize::from(sent[2]) << 16;
        if sent.len() < 4 + length {
            break;
        }
        let packet = sent.drain(..4 + length).collect::<Vec<_>>();
        if packet[3] == 0 && packet.get(4) == Some(&3) {
            found.push(String::from_utf8_lossy(&packet[5..]).into_owned());
        }
    }
    found
}
