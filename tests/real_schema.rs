//! Real input: SQL that PostgreSQL itself ships, and what `pg_dump` writes of it.
#![cfg(feature = "postgres")]

#[allow(dead_code, reason = "each test program uses a part of it")]
#[path = "support/mod.rs"]
mod support;

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::Database;
use crate::support::postgres::{PRODUCT, admin, comparable};

/// Extensions of PostgreSQL's contrib, as plain scripts: functions, types, operators, operator classes, casts.
const EXTENSIONS: [&str; 8] = ["citext", "cube", "hstore", "ltree", "seg", "pg_trgm", "tablefunc", "unaccent"];

/// A schema around them, with triggers, an enum, a domain, views and partitions.
const SCHEMA: &str = r#"
CREATE SCHEMA shop;
CREATE TYPE shop.status AS ENUM ('new', 'it''s paid', 'sent; gone');
CREATE DOMAIN shop.positive AS integer CHECK (VALUE > 0);
CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    -- a comment; with a semicolon
    NEW.touched := now(); RETURN NEW;
END $body$;
CREATE FUNCTION shop.total(amount integer, price numeric) RETURNS numeric LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE WHEN amount > 0 THEN amount * price ELSE 0 END;
END;
CREATE PROCEDURE shop.nothing() LANGUAGE plpgsql AS 'BEGIN NULL; END';
CREATE TABLE shop.orders (
    id integer GENERATED ALWAYS AS IDENTITY, "odd; name" text DEFAULT E'a\\b''c', status shop.status,
    amount shop.positive, tags public.hstore, path public.ltree, touched timestamptz, placed date NOT NULL,
    doubled integer GENERATED ALWAYS AS (amount * 2) STORED, PRIMARY KEY (id, placed)
) PARTITION BY RANGE (placed);
CREATE TABLE shop.orders_2025 PARTITION OF shop.orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.touch();
CREATE TRIGGER touched AFTER DELETE ON shop.orders_2025 FOR EACH ROW EXECUTE FUNCTION shop.touch();
CREATE VIEW shop.open AS SELECT id, shop.total(amount, 2.5) AS total FROM shop.orders WHERE status = 'new';
CREATE RULE keep AS ON DELETE TO shop.open DO INSTEAD (SELECT 1; SELECT 2);
CREATE MATERIALIZED VIEW shop.sums AS SELECT placed, sum(amount) FROM shop.orders GROUP BY placed;
CREATE INDEX ON shop.orders USING gist (path);
COMMENT ON TABLE shop.orders IS 'What; people "ordered"';
INSERT INTO shop.orders ("odd; name", status, amount, tags, path, placed)
    SELECT E'line\none\ttab\\', 'new', n, 'a=>1', 'Top.Sub', '2025-02-01' FROM generate_series(1, 20) AS n;
"#;

/// Schema and data as `pg_dump` writes them, without what differs in every dump.
fn dump(database: &Database) -> String {
    comparable(&database.dump(&["--exclude-table=dbmigrate_journal*"]))
}

fn run(database: &Database, file: &Path) {
    let mut psql = Command::new("psql");
    output(psql.args(["-qX1", "-v", "ON_ERROR_STOP=1", "-f"]).arg(file).arg(database.url().as_str()));
}

fn output(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("the client program is installed");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// An extension's own installation script with what `CREATE EXTENSION` would fill in, read through the server.
fn extension(name: &str) -> String {
    let version = format!(
        "SELECT min(file) FROM pg_ls_dir((SELECT setting FROM pg_config() WHERE name = 'SHAREDIR') || '/extension') AS file \
         WHERE file ~ '^{name}--[0-9.]+[.]sql$'"
    );
    let read = format!(
        "SELECT pg_read_file((SELECT setting FROM pg_config() WHERE name = 'SHAREDIR') || '/extension/' || ({version}))"
    );
    let text = admin(&read).replace("MODULE_PATHNAME", &format!("$libdir/{name}")).replace("@extschema@", "public");
    text.lines().filter(|line| !line.starts_with('\\')).flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn what_postgres_ships_and_pg_dump_writes_runs_as_psql_runs_it() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).expect("written");
    let (first, second) = EXTENSIONS.split_at(5);

    // the baseline is a dump of a database that psql built from one half
    let origin = Database::new(&PRODUCT);
    let mut script = String::new();
    for name in first {
        let _ = writeln!(script, "{}", extension(name));
    }
    write("origin.txt", &(script + SCHEMA));
    run(&origin, &dir.path().join("origin.txt"));
    let baseline = origin.dump(&["--schema-only"]);
    // a pg_dump that is newer than the server sets what the server does not know
    let baseline = baseline.replace("SET transaction_timeout = 0;\n", "");
    let statements = baseline.lines().filter(|line| line.ends_with(';')).count();
    assert!(statements > 500 && baseline.contains("CREATE TRIGGER"), "{statements} statements");
    write("Baseline.sql", &baseline);
    for (i, name) in second.iter().enumerate() {
        write(&format!("Script-{:04}.sql", i + 1), &extension(name));
    }
    write(
        "Script-0004.sql",
        "INSERT INTO shop.orders (amount, placed) VALUES (3, '2025-03-01');\nREFRESH MATERIALIZED VIEW shop.sums;",
    );

    let expected = Database::new(&PRODUCT);
    for name in ["Baseline.sql", "Script-0001.sql", "Script-0002.sql", "Script-0003.sql", "Script-0004.sql"] {
        run(&expected, &dir.path().join(name));
    }
    let built = Database::new(&PRODUCT);
    output(
        Command::new(env!("CARGO_BIN_EXE_dbmigrate"))
            .args(["upgrade", "--url", built.url().as_str(), "--dir"])
            .arg(dir.path()),
    );
    let without_times = |dump: String| {
        regex::Regex::new(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\+00")
            .expect("a pattern")
            .replace_all(&dump, "TIME")
            .into_owned()
    };
    similar_asserts(&without_times(dump(&built)), &without_times(dump(&expected)));
}

fn similar_asserts(built: &str, expected: &str) {
    let difference =
        similar::TextDiff::from_lines(expected, built).unified_diff().header("psql", "dbmigrate").to_string();
    assert!(difference.is_empty(), "{difference}");
}
