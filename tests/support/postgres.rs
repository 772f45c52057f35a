//! The `PostgreSQL` test server, with `psql` and `pg_dump`.

use std::process::Command;

use url::Url;

use super::{Product, answer, written};

pub(crate) static PRODUCT: Product = Product {
    server,
    port: 5432,
    ask,
    dump,
    create: "CREATE DATABASE {name}",
    create_user: |_, user, password, options| format!("CREATE ROLE {user} LOGIN PASSWORD '{password}' {options}"),
    remove,
    databases: "SELECT datname FROM pg_database",
    // a rebuild runs in a database beside this one; of a long message, the server shows only the beginning
    running: "SELECT pid FROM pg_stat_activity WHERE datname LIKE current_database() || '%' AND state = 'active' \
              AND (query LIKE '%{statement}%' OR wait_event = 'PgSleep') AND pid <> pg_backend_pid()",
    kill: "SELECT pg_terminate_backend({session})",
    sleep: "SELECT pg_sleep(600)",
};

pub(crate) fn server() -> Url {
    super::server("DBMIGRATE_TEST_POSTGRES_URL", "postgres://postgres:password@127.0.0.1:5432/postgres")
}

fn ask(url: &Url, sql: &str) -> Result<String, String> {
    let mut command = Command::new("psql");
    command.args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", url.as_str()]);
    answer(command.env("PGOPTIONS", "-c client_min_messages=warning"), sql)
}

/// Runs SQL in the server's maintenance database.
pub(crate) fn admin(sql: &str) -> String {
    ask(&server(), sql).unwrap_or_else(|error| panic!("the PostgreSQL test server refuses {sql}: {error}"))
}

fn dump(url: &Url, options: &[&str]) -> Vec<u8> {
    written(Command::new("pg_dump").args(options).args(["-d", url.as_str()]), b"")
}

/// Returns a dump without the words that differ in every dump of newer versions.
pub(crate) fn comparable(dump: &str) -> String {
    let varies = |line: &&str| line.starts_with("\\restrict") || line.starts_with("\\unrestrict");
    dump.split_inclusive('\n').filter(|line| !varies(line)).collect()
}

fn remove(server: &Url, name: &str) {
    let like = format!("LIKE '{}%'", name.replace('_', "\\_"));
    let sql = format!(
        "SELECT format('DROP DATABASE IF EXISTS %I WITH (FORCE)', datname) FROM pg_database WHERE datname {like} \\gexec\n\
         SELECT format('DROP ROLE IF EXISTS %I', rolname) FROM pg_roles WHERE rolname {like} \\gexec\n"
    );
    let _ = ask(server, &sql);
}
