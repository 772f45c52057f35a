//! MySQL and `MariaDB`: a database of its own on the test server.

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use sqlx::mysql::MySqlConnection;
use sqlx::{AssertSqlSafe, Connection as _, raw_sql};
use url::Url;

use super::{Engine, Session, Texts, Wire, client};
use crate::database::Database;

pub(crate) struct Mysql {
    server: Url,
    name: String,
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
    lose_journal: "ALTER TABLE dbmigrate_journal RENAME TO gone",
    temporary: "CREATE TEMPORARY TABLE dbmigrate_journal (number integer);",
    hold: "BEGIN; SELECT * FROM t FOR UPDATE",
    setting: "SET NAMES latin1; SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES', sql_safe_updates = 1, time_zone = '-05:00', \
              sql_select_limit = 0, foreign_key_checks = 0; SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED;",
    holder: "connection <n>, user ",
    maintain: "ANALYZE TABLE t",
    transactional_ddl: false,
    rebuild: "not atomic (the old database is dropped first)",
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

/// Who may do everything on the server.
pub(crate) fn server() -> Url {
    let url = std::env::var("DBMIGRATE_TEST_MYSQL_URL").unwrap_or_default();
    url.parse().unwrap_or_else(|_| {
        panic!(
            "DBMIGRATE_TEST_MYSQL_URL must name somebody who may do everything on a MySQL or MariaDB test server, \
             such as mysql://root:password@127.0.0.1:3306/mysql; scripts/test.sh starts one"
        )
    })
}

static VERSION: LazyLock<String> = LazyLock::new(|| admin("SELECT VERSION()"));

pub(crate) fn is_mariadb() -> bool {
    VERSION.contains("MariaDB")
}

/// `MySQL` or `MariaDB`.
pub(crate) fn product() -> &'static str {
    if is_mariadb() { "MariaDB" } else { "MySQL" }
}

/// One of the server's own clients: the one that the variable names, or the usual one.
fn command(variable: &str, program: &str, url: &Url) -> Command {
    let program = std::env::var(variable).unwrap_or_else(|_| program.into());
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut command = Command::new(program);
    command.arg("--no-defaults").arg(format!("--host={}", url.host_str().expect("a host")));
    command.arg(format!("--port={}", url.port().unwrap_or(3306)));
    command.arg(format!("--user={}", decoded(url.username()))).arg("--default-character-set=utf8mb4");
    // newer clients of MariaDB refuse the certificates that MySQL makes for itself
    command.arg("--loose-disable-ssl-verify-server-cert");
    command.env("MYSQL_PWD", decoded(url.password().unwrap_or_default()));
    command.env_remove("MYSQL_HOST").env_remove("MYSQL_TCP_PORT").env_remove("MYSQL_UNIX_PORT");
    command
}

pub(crate) fn mariadb(url: &Url, sql: &str) -> Result<String, String> {
    let name = percent_encoding::percent_decode_str(url.path().trim_start_matches('/')).decode_utf8_lossy();
    let mut command = command("DBMIGRATE_TEST_MYSQL_CLIENT", "mariadb", url);
    command.args(["--batch", "--skip-column-names", "--comments"]).arg(format!("--database={name}"));
    Ok(client(command, sql)?.lines().map(row).collect::<Vec<_>>().join("\n"))
}

/// A row as the other clients write it: `|` between the cells, nothing for NULL, and nothing escaped.
fn row(line: &str) -> String {
    let cell = |cell: &str| {
        if cell == "NULL" {
            String::new()
        } else {
            cell.replace("\\\\", "\0").replace("\\t", "\t").replace("\\n", "\n")
        }
    };
    line.split('\t').map(cell).collect::<Vec<_>>().join("|").replace('\0', "\\")
}

fn ask(server: &Url, sql: &str) -> String {
    mariadb(server, sql).unwrap_or_else(|error| panic!("the MySQL test server refuses {sql}: {error}"))
}

/// Runs SQL in no scenario's database.
pub(crate) fn admin(sql: &str) -> String {
    ask(&server(), sql)
}

/// Short: the name of a user has at most 32 characters.
fn unique() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let now = std::time::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.subsec_nanos());
    format!("ct_{}_{now}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// The name of a scenario's database.
pub(crate) fn name(db: &Database) -> String {
    db.target().database()
}

/// A new user with these rights on the scenario's database and on nothing else; dbmigrate connects as that user from now
/// on.
pub(crate) fn user(db: &mut Database, rights: &str) -> String {
    let user = format!("{}_user", name(db));
    // in the name of a grant, an underscore stands for any character
    let database = name(db).replace('_', "\\_");
    admin(&format!("CREATE USER '{user}' IDENTIFIED BY 'secret'; GRANT {rights} ON `{database}`.* TO '{user}'"));
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
            let _ = mariadb(&server(), &format!("KILL {id}"));
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
    let journal = format!("--ignore-table={}.dbmigrate_journal", name(db));
    dump(&url, &[&journal, &name(db)])
}

fn dump(url: &Url, arguments: &[&str]) -> String {
    let mut command = command("DBMIGRATE_TEST_MYSQL_DUMP", "mariadb-dump", url);
    command.args(["--single-transaction", "--no-tablespaces", "--skip-comments", "--routines", "--events"]);
    client(
        {
            command.args(arguments);
            command
        },
        "",
    )
    .unwrap_or_else(|error| panic!("the dump fails: {error}"))
}

impl Mysql {
    /// A new database on a server.
    pub(crate) fn on(server: Url) -> Self {
        let name = unique();
        let version = ask(&server, &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4; SELECT VERSION()"));
        let texts = if version.contains("MariaDB") { &MARIADB } else { &MYSQL };
        Self { server, name, texts }
    }

    fn parsed_url(&self) -> Url {
        let mut url = self.server.clone();
        url.set_path(&self.name);
        url
    }
}

#[async_trait]
impl Engine for Mysql {
    fn create(_: &Path) -> Self {
        Self::on(server())
    }

    fn url(&self) -> String {
        self.parsed_url().into()
    }

    fn texts(&self) -> &'static Texts {
        self.texts
    }

    fn client(&self, sql: &str) -> Result<String, String> {
        mariadb(&self.parsed_url(), sql)
    }

    fn dump(&self) -> String {
        dump(&self.parsed_url(), &[&self.name])
    }

    async fn session(&self) -> Box<dyn Session> {
        Box::new(MySqlConnection::connect(&self.url()).await.expect("the server answers"))
    }

    fn end_sessions(&self) {
        kill_connections(&self.name);
    }

    fn drop_database(&self) {
        ask(&self.server, &format!("DROP DATABASE {}", self.name));
    }

    fn left_beside(&self) -> Vec<String> {
        let like = self.name.replace('_', "\\_");
        let found = ask(
            &self.server,
            &format!("SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE '{like}\\_%'"),
        );
        found.lines().map(ToOwned::to_owned).collect()
    }

    fn exists(&self) -> bool {
        let found = format!("SELECT count(*) FROM information_schema.schemata WHERE schema_name = '{}'", self.name);
        ask(&self.server, &found) == "1"
    }

    fn bare(&self, text: &str) -> String {
        text.replace(&format!("'{}.", self.name), "'db.")
    }
}

#[async_trait]
impl Session for MySqlConnection {
    async fn run(&mut self, sql: &str) {
        raw_sql(AssertSqlSafe(sql)).execute(&mut *self).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

impl Drop for Mysql {
    fn drop(&mut self) {
        let like = format!("LIKE '{}%'", self.name.replace('_', "\\_"));
        let sql = format!(
            "SELECT CONCAT('DROP DATABASE `', REPLACE(schema_name, '`', '``'), '`') FROM information_schema.schemata \
             WHERE schema_name {like} UNION ALL SELECT CONCAT('DROP USER ', QUOTE(user)) FROM mysql.user WHERE user {like}"
        );
        let statements = mariadb(&self.server, &sql).unwrap_or_default();
        let _ = mariadb(&self.server, &statements.replace('\n', ";\n"));
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
