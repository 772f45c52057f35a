//! The MySQL or `MariaDB` test server, with its own client and dump program.
//!
//! `DBMIGRATE_TEST_MYSQL_CLIENT` and `DBMIGRATE_TEST_MYSQL_DUMP` name them, if they are not `mariadb` and `mariadb-dump`.

use std::process::Command;
use std::sync::LazyLock;

use url::Url;

use super::{Product, answer, decoded, written};

pub(crate) static PRODUCT: Product = Product {
    server,
    port: 3306,
    ask,
    dump,
    create: "CREATE DATABASE {name} CHARACTER SET utf8mb4",
    create_user: |name, user, password, rights| {
        // in the name of a grant, an underscore matches any character
        let pattern = name.replace('_', "\\_");
        format!("CREATE USER '{user}' IDENTIFIED BY '{password}'; GRANT {rights} ON `{pattern}`.* TO '{user}'")
    },
    remove,
    databases: "SELECT schema_name FROM information_schema.schemata",
    running: "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE '{statement}%'",
    kill: "KILL {session}",
    sleep: "SELECT SLEEP(600)",
};

pub(crate) fn server() -> Url {
    super::server("DBMIGRATE_TEST_MYSQL_URL", "mysql://root:password@127.0.0.1:3306/mysql")
}

static VERSION: LazyLock<String> = LazyLock::new(|| admin("SELECT VERSION()"));

pub(crate) fn is_mariadb() -> bool {
    VERSION.contains("MariaDB")
}

/// Returns one of the server's own programs, ready to connect to the server of this URL.
pub(crate) fn command(program: &str, url: &Url) -> Command {
    let mut command = Command::new(program);
    command.arg("--no-defaults").arg(format!("--host={}", url.host_str().expect("a host")));
    command.arg(format!("--port={}", url.port().unwrap_or(3306))).arg("--protocol=tcp");
    command.arg(format!("--user={}", decoded(url.username()))).arg("--default-character-set=utf8mb4");
    // newer clients of MariaDB refuse the certificates that MySQL makes for itself
    command.arg("--loose-disable-ssl-verify-server-cert");
    command.env("MYSQL_PWD", decoded(url.password().unwrap_or_default()));
    command.env_remove("MYSQL_HOST").env_remove("MYSQL_TCP_PORT").env_remove("MYSQL_UNIX_PORT");
    command
}

fn named(variable: &str, program: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| program.into())
}

/// Without `--comments`, some clients drop comments.
pub(crate) fn ask(url: &Url, sql: &str) -> Result<String, String> {
    let mut command = command(&named("DBMIGRATE_TEST_MYSQL_CLIENT", "mariadb"), url);
    command.args(["--batch", "--skip-column-names", "--comments"]).arg(format!("--database={}", name(url)));
    Ok(answer(&mut command, sql)?.lines().map(row).collect::<Vec<_>>().join("\n"))
}

/// Returns the name of the database of a URL.
fn name(url: &Url) -> String {
    decoded(url.path().trim_start_matches('/'))
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

/// Runs SQL outside the tests' databases.
pub(crate) fn admin(sql: &str) -> String {
    ask(&server(), sql).unwrap_or_else(|error| panic!("the MySQL test server refuses {sql}: {error}"))
}

fn dump(url: &Url, options: &[&str]) -> Vec<u8> {
    let mut command = command(&named("DBMIGRATE_TEST_MYSQL_DUMP", "mariadb-dump"), url);
    written(command.args(options).arg(name(url)), b"")
}

fn remove(server: &Url, name: &str) {
    let like = format!("LIKE '{}%'", name.replace('_', "\\_"));
    let sql = format!(
        "SELECT CONCAT('DROP DATABASE `', REPLACE(schema_name, '`', '``'), '`') FROM information_schema.schemata \
         WHERE schema_name {like} UNION ALL SELECT CONCAT('DROP USER ', QUOTE(user)) FROM mysql.user WHERE user {like}"
    );
    let statements = ask(server, &sql).unwrap_or_default();
    let _ = ask(server, &statements.replace('\n', ";\n"));
}
