//! Databases and scripts that another tool managed before.

use std::io::Write;
use std::process::{Command, Stdio};

use insta::assert_snapshot;

use crate::project::{ONE, Project, TWO};

/// A project whose database has one table and the journal of sqlx with so many migrations.
fn adopted(migrations: usize) -> Project {
    let project = Project::sqlite(&[ONE, TWO]);
    project.sqlite3(ONE);
    project.sqlite3(
        "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, success boolean NOT NULL, checksum blob);",
    );
    for version in 1..=migrations {
        project.sqlite3(&format!("INSERT INTO _sqlx_migrations VALUES ({version}, TRUE, x'00');"));
    }
    project
}

#[test]
fn baseline_says_what_it_will_record() {
    assert_snapshot!(adopted(2).run("baseline --to 2"), @"
    exit 0
    --- stdout
    recorded 2 scripts as applied without running anything: the database is at 0002
    --- stderr
    baseline sqlite:app.db from migrations
    the database (SQLite [version]) has 1 table: customers
    sqlx has its journal in _sqlx_migrations, with 2 migrations; from here on, keep sqlx away from this database
    baseline will record as applied, without running or comparing anything: Script-0001.sql, Script-0002.sql
    recorded Script-0001.sql to Script-0002.sql as applied, without running them
    committed Script-0001.sql to Script-0002.sql
    ");
}

#[test]
fn a_journal_that_disagrees_is_refused() {
    assert_snapshot!(adopted(1).run("baseline --to 2"), @"
    exit 4
    --- stderr
    baseline sqlite:app.db from migrations
    error: the journal of sqlx (_sqlx_migrations) has 1 migration, but 2 scripts would be recorded
     = help: record as many as were applied (--to 1), and let upgrade apply the rest; --ignore-journal _sqlx_migrations records without checking that table
    nothing was applied
    ");
    let ignored = adopted(1).run("baseline --to 2 --ignore-journal _sqlx_migrations");
    assert!(ignored.contains("recorded 2 scripts as applied"), "{ignored}");
}

#[test]
fn baseline_to_0_records_the_database_as_it_is() {
    let project = adopted(2);
    project.sqlite3("DROP TABLE customers;");
    let refused = project.run("baseline --to 0");
    assert!(refused.contains("has 2 migrations, but 0 scripts would be recorded"), "{refused}");
    assert_snapshot!(project.run("baseline --to 0 --ignore-journal _sqlx_migrations"), @"
    exit 0
    --- stdout
    recorded 1 script as applied without running anything: the database is at 0000
    --- stderr
    baseline sqlite:app.db from migrations
    the database (SQLite [version]) has no tables of its own
    baseline will record as applied, without running or comparing anything: the database as it is
    recorded the database as it is
    committed the database as it is
    ");
    assert!(project.run("upgrade").contains("the database is at 0002"));
    assert_snapshot!(project.run("status").lines().nth(3).unwrap_or_default().split_whitespace().last().unwrap_or_default(), @"was");
}

#[test]
fn a_database_elsewhere_needs_yes() {
    let project = Project::scripts(&[ONE]);
    for command in ["baseline --to 1", "baseline --import dbup", "repair 1 --reason x"] {
        for url in [
            "postgres://deploy:s3cret@db.example.org/shop",
            "mysql://deploy@db.example.org/shop",
            "Server=db.example.org;Database=shop;User Id=a;Password=b",
        ] {
            let mut arguments = command.split(' ').collect::<Vec<_>>();
            arguments.extend(["--url", url]);
            let shown = project.run_with(&arguments);
            assert!(shown.starts_with("exit 4"), "{command} {url}: {shown}");
            assert!(shown.contains("db.example.org") && shown.contains("which is not on this machine"), "{shown}");
            assert!(shown.contains("pass --yes") && !shown.contains("s3cret"), "{shown}");
        }
    }
    let (json, _) = project.json("baseline --to 1 --format json --url postgres://db.example.org/shop");
    assert_eq!(json["error"]["code"], "guarded");
}

#[test]
fn a_protected_database_needs_yes_too() {
    let project = Project::sqlite(&[ONE]);
    project.sqlite3(ONE);
    project.file("dbmigrate.toml", "[target.prod]\nurl = \"sqlite:app.db\"\nprotected = true\n");
    assert_snapshot!(project.run("baseline --to 1"), @r#"
    exit 4
    --- stderr
    warning: DBMIGRATE_URL is set, but the configuration's target "prod" is used; choose with --url or --target
    baseline sqlite:app.db from migrations
    error: baseline writes the journal of sqlite:app.db, which is protected by the configuration
     = help: if this is the right database, pass --yes
    "#);
    assert!(project.run("baseline --to 1 --yes").starts_with("exit 0"));
}

#[test]
fn at_a_terminal_baseline_asks_for_confirmation() {
    let answered = |answer: &str| {
        let project = adopted(1);
        let line = format!("'{}' baseline --to 1 --color never", env!("CARGO_BIN_EXE_dbmigrate"));
        let mut script = Command::new("script");
        let script = script.args(["-qec", &line, "/dev/null"]).current_dir(project.root());
        let script = script.env("DBMIGRATE_URL", "sqlite:app.db").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = script.spawn().expect("script runs");
        child.stdin.take().expect("piped").write_all(answer.as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        project.shown(output).replace('\r', "").replacen(answer, "", 1)
    };
    assert_snapshot!(answered("no\n"), @"
    exit 4
    --- stdout
    baseline sqlite:app.db from migrations
    the database (SQLite [version]) has 1 table: customers
    sqlx has its journal in _sqlx_migrations, with 1 migration; from here on, keep sqlx away from this database
    baseline will record as applied, without running or comparing anything: Script-0001.sql
    baseline records 1 script as applied in sqlite:app.db. Type yes to continue: error: not confirmed: nothing was written
     = help: type yes, or pass --yes
    ");
    assert!(answered("yes\n").contains("recorded 1 script as applied"));
}

#[test]
fn each_target_may_have_a_journal_of_its_own() {
    let project = Project::empty();
    project.file("app.db", "");
    project.file("schema/Script-0001.sql", ONE);
    project.file("seeds/Script-0001.sql", "INSERT INTO customers VALUES (1, 'Ann');\n");
    let config = "[journal]\nstore_text = false\n\n\
                  [target.schema]\nurl = \"sqlite:app.db\"\ndir = \"schema\"\n\n\
                  [target.seeds]\nurl = \"sqlite:app.db\"\ndir = \"seeds\"\njournal = { table = \"seeds_journal\" }\n";
    project.file("dbmigrate.toml", config);
    assert!(project.run("upgrade --target schema").contains("applied 1 script"));
    assert!(project.run("upgrade --target seeds").contains("--to 0 to apply all scripts to it"));
    assert!(project.run("baseline --target seeds --to 0").contains("recorded 1 script"));
    assert!(project.run("upgrade --target seeds").contains("applied 1 script"));
    assert_eq!(
        project.sqlite3("SELECT script FROM seeds_journal; SELECT body FROM seeds_journal;").trim(),
        "Baseline.sql\nScript-0001.sql"
    );
    assert_eq!(project.sqlite3("SELECT name FROM customers").trim(), "Ann");
    project.file("seeds/Script-0002.sql", "DELETE FROM seeds_journal;\n");
    assert!(project.run("check --target seeds").contains("the statement changes seeds_journal"));
    assert_snapshot!(project.run("rebuild --target schema"), @"
    exit 0
    --- stdout
    rebuilt with 1 script in [n] ms: the database is at 0001
    --- stderr
    rebuild sqlite:app.db from schema
    warning: rebuild also drops seeds_journal, the journal of another history (2 rows), and everything that its scripts created
    1 pending: atomic (a new database replaces the old one at the end)
    ran Script-0001.sql Customers ( [n] ms)
    replacing the old database
    ");
}

const DOWN: [&str; 6] = [
    "-- +goose Down",
    "    -- migrate:down",
    "-- +migrate Down",
    "-- //@UNDO",
    "\t--//@UNDO",
    "---- create above / drop below ----",
];

#[test]
fn a_down_section_is_refused_at_its_line() {
    for marker in DOWN {
        let project = Project::sqlite(&["CREATE TABLE IF NOT EXISTS users (id int);\nINSERT INTO users VALUES (1);\n"]);
        project.run("upgrade");
        project.script(
            2,
            &format!(
                "-- +goose Up\nCREATE TABLE IF NOT EXISTS users (id int);\n{marker}\nDROP TABLE IF EXISTS users;\n"
            ),
        );
        let refused = project.refused();
        assert!(refused.starts_with("exit 4") && refused.contains("Script-0002.sql:3:"), "{marker}: {refused}");
        for check in ["check", "check --url postgres://h/d", "check --url mysql://h/d", "check --url sqlserver://h/d"] {
            let shown = project.run(check);
            assert!(shown.starts_with("exit 4") && shown.contains("Script-0002.sql:3:"), "{marker}: {shown}");
        }
        let unnamed = Project::scripts(&["SELECT 1;", &format!("{marker}\nDROP TABLE users;")]);
        let shown = unnamed.run("check");
        assert!(shown.starts_with("exit 4") && shown.contains("Script-0002.sql:1:"), "{marker}: {shown}");
        project.script(2, &format!("INSERT INTO users VALUES ('\n{marker}\n');\n"));
        assert!(project.run("upgrade").starts_with("exit 0"), "{marker} in a string is text");
    }
    let liquibase = "--liquibase formatted sql\n--changeset ann:1\nCREATE TABLE t (a int);\n--rollback DROP TABLE t;\n";
    assert!(Project::sqlite(&[liquibase]).refused().contains("Script-0001.sql:4:1"));
    assert_snapshot!(Project::sqlite(&["-- Down\nSELECT 1;", "-- Up\nSELECT 1;\n-- Down\nSELECT 2;\n"]).run("check"), @"
    exit 4
    --- stderr
    error: a down section of node-sqlite begins here, but scripts only go up
     --> migrations/Script-0002.sql:3:1
      |
    3 | -- Down
      | ^^^^^^^
      = help: delete the section that begins here: dbmigrate runs the whole script; to undo what is applied, write a new script
    ");
}

#[test]
fn a_marker_that_only_begins_a_script_is_a_warning_and_no_title() {
    let project = Project::sqlite(&[
        "-- migrate:up\n-- Users\nCREATE TABLE users (id int);\n",
        "-- +goose Up\nCREATE TABLE orders (id int);\n",
        "-- migrate:up transaction:false\nCREATE TABLE items (id int);\n",
        "-- dbmigrate: no-transaction\n-- no-transaction\nCREATE TABLE more (id int);\n",
    ]);
    assert_snapshot!(project.run("check"), @"
    exit 0
    --- stdout
    no baseline and 4 scripts: no problems
    --- stderr
    warning: migrations/Script-0001.sql:1:1: dbmigrate does not act on this dbmate marker; remove the line
    warning: migrations/Script-0002.sql:1:1: dbmigrate does not act on this goose marker; remove the line
    warning: migrations/Script-0003.sql:1:1: dbmigrate does not act on this dbmate marker; to run the script outside a transaction, start it with the line: -- dbmigrate: no-transaction
    ");
    project.run("upgrade --quiet");
    let status = project.run("status");
    assert!(status.contains("Users") && !status.contains("migrate:up") && !status.contains("goose"), "{status}");
}

#[test]
fn a_bare_cr_that_hides_statements_in_a_comment_is_refused() {
    for (url, text) in [
        ("sqlite:app.db", "-- Add the table\rCREATE TABLE t (a int);\r"),
        ("sqlite:app.db", "CREATE TABLE t (a int); -- the table\rINSERT INTO t VALUES (1);\r"),
        ("mysql://h/d", "-- Add the table\rCREATE TABLE t (a int);\r"),
        ("mysql://h/d", "# Add the table\rCREATE TABLE t (a int);\r"),
        ("sqlserver://h/d", "-- Add the table\rCREATE TABLE t (a int);\r"),
        ("postgres://h/d", "\\restrict x\rCREATE TABLE t (a int);\r"),
    ] {
        let shown = Project::scripts(&[text]).run_with(&["check", "--url", url]);
        assert!(shown.starts_with("exit 4") && shown.contains("a CR alone"), "{url}: {shown}");
    }
    for (url, text) in [
        ("sqlite:app.db", "-- Add the table\r\r\nCREATE TABLE t (a int);\r\r\n"),
        ("sqlite:app.db", "CREATE TABLE t (a int);\rINSERT INTO t VALUES (1);\r-- the end\r"),
        ("postgres://h/d", "-- Add the table\rCREATE TABLE t (a int);\r"),
    ] {
        assert!(Project::scripts(&[text]).run_with(&["check", "--url", url]).starts_with("exit 0"), "{url}: {text:?}");
    }
}

#[test]
fn a_url_that_cannot_be_used_does_not_weaken_a_check() {
    let project = Project::scripts(&[ONE]);
    for url in [
        "Server=(localdb)\\MSSQLLocalDB;Database=shop;Trusted_Connection=True",
        "garbage",
        "postgres://h:99999/x",
        "mysql://h/d?nope=1",
        "jdbc:postgresql://h/d",
    ] {
        let [check, upgrade] = ["check", "upgrade"].map(|command| project.run_with(&[command, "--url", url]));
        assert!(check.starts_with("exit 2"), "{url}: {check}");
        assert_eq!(check, upgrade, "{url}");
    }
    for variable in ["DBMIGRATE_URL", "DATABASE_URL"] {
        let project = Project::scripts(&[ONE]).env(variable, "garbage");
        assert_eq!(project.run("check"), project.run("upgrade"));
        assert!(project.run("check").starts_with("exit 2"));
    }
    let project = Project::scripts(&[ONE]);
    project
        .file("dbmigrate.toml", "[target.a]\nurl = \"garbage\"\n[target.b]\nurl = \"postgres://u:${NOT_SET}@h/d\"\n");
    assert!(project.run("check --target a").starts_with("exit 2"));
    assert!(project.run("check --target nope").starts_with("exit 2"));
    // in CI, the password is not known
    assert_snapshot!(project.run("check --target b"), @"
    exit 0
    --- stdout
    no baseline and 1 script: no problems
    ");
    project.file("dbmigrate.toml", "[target.c]\nurl = \"${NOT_SET}\"\n");
    assert_snapshot!(project.run("check"), @r#"
    exit 0
    --- stdout
    no baseline and 1 script: no problems
    --- stderr
    note: the statements were not checked: target "c": the environment variable NOT_SET is not set, or empty
    "#);
}
