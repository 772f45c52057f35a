//! `upgrade --dry-run` prints exactly the SQL. That it does the same in the shell is in `servers/previews.rs`.

use insta::assert_snapshot;

use crate::project::{ONE, Project};

const AWKWARD: &str = "-- Awkward\nINSERT INTO customers VALUES (1, 'it''s; --');\n\
    CREATE TRIGGER t AFTER INSERT ON customers BEGIN SELECT 1; END;\nSELECT 2";

#[test]
fn the_sql_is_printed_and_nothing_changes() {
    let project = Project::sqlite(&[ONE, AWKWARD]);
    assert_snapshot!(project.run("upgrade --dry-run"), @r#"
    exit 0
    --- stdout
    -- atomic (one transaction)
    BEGIN IMMEDIATE;
    -- the journal
    CREATE TABLE "main"."dbmigrate_journal" (
        number          INTEGER PRIMARY KEY,
        script          TEXT NOT NULL,
        title           TEXT,
        checksum        TEXT NOT NULL,
        state           TEXT NOT NULL,
        applied_at      TEXT NOT NULL,
        duration_ms     INTEGER NOT NULL,
        applied_by      TEXT NOT NULL,
        run             TEXT NOT NULL,
        tool_version    TEXT NOT NULL,
        git_commit      TEXT,
        statements_done INTEGER,
        done_checksum   TEXT,
        error           TEXT,
        body            TEXT,
        format          INTEGER NOT NULL
    );

    -- migrations/Script-0001.sql
    -- Customers
    CREATE TABLE customers (id integer PRIMARY KEY, name text);
    PRAGMA foreign_key_check;
    -- the journal
    INSERT INTO "main"."dbmigrate_journal" (number, script, title, checksum, state, applied_at, duration_ms, applied_by, run, tool_version, git_commit, statements_done, done_checksum, error, body, format) VALUES (1, 'Script-0001.sql', 'Customers', 'sha256:00199edd5d9c61fc7d61e9fa49bc0d4657294856b9fed3d1c5a71a936eebde17', 'applied', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 0, '[user@host]', '[uuid]', '[version]', NULL, NULL, NULL, NULL, '-- Customers
    CREATE TABLE customers (id integer PRIMARY KEY, name text);
    ', 2) RETURNING duration_ms;

    -- migrations/Script-0002.sql
    -- Awkward
    INSERT INTO customers VALUES (1, 'it''s; --');
    CREATE TRIGGER t AFTER INSERT ON customers BEGIN SELECT 1; END;
    SELECT 2;
    PRAGMA foreign_key_check;
    -- the journal
    INSERT INTO "main"."dbmigrate_journal" (number, script, title, checksum, state, applied_at, duration_ms, applied_by, run, tool_version, git_commit, statements_done, done_checksum, error, body, format) VALUES (2, 'Script-0002.sql', 'Awkward', 'sha256:2a26b905f84a522d7b0609056e6ab4fbc88e71b0cf8507814e73a52ec733eef3', 'applied', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 0, '[user@host]', '[uuid]', '[version]', NULL, NULL, NULL, NULL, '-- Awkward
    INSERT INTO customers VALUES (1, ''it''''s; --'');
    CREATE TRIGGER t AFTER INSERT ON customers BEGIN SELECT 1; END;
    SELECT 2', 2) RETURNING duration_ms;
    -- the schema is recorded beside the journal
    COMMIT;
    "#);
    assert_eq!(project.sqlite3("SELECT count(*) FROM sqlite_master"), "0\n");
}

#[test]
fn nothing_to_do_is_a_comment() {
    let project = Project::sqlite(&[ONE]);
    project.run("upgrade");
    let stdout = project.stdout("upgrade --dry-run");
    assert!(stdout.lines().all(|line| line.starts_with("--")), "not SQL: {stdout}");
}

#[test]
fn a_comment_at_the_end_swallows_nothing() {
    let project = Project::sqlite(&["CREATE TABLE a (i) -- no end", ONE]);
    project.sqlite3(&project.stdout("upgrade --dry-run"));
    assert!(project.run("upgrade").contains("nothing to do"));
}

#[test]
fn the_journal_is_the_same_for_a_script_outside_a_transaction() {
    let script = "-- dbmigrate: no-transaction\nVACUUM;\n";
    let journal = "SELECT statements_done, done_checksum FROM dbmigrate_journal";
    let (piped, run) = (Project::sqlite(&[script]), Project::sqlite(&[script]));
    piped.sqlite3(&piped.stdout("upgrade --dry-run"));
    run.run("upgrade");
    assert_eq!(piped.sqlite3(journal), run.sqlite3(journal));
}

#[test]
fn a_dry_run_goes_to_a_number_and_refuses_like_an_upgrade() {
    let project = Project::sqlite(&["SELECT 1;\n", "SELECT 'open;\n"]);
    let first = project.stdout("upgrade --dry-run --to 1");
    assert!(first.contains("Script-0001.sql") && !first.contains("Script-0002.sql"), "{first}");
    assert_snapshot!(project.run("upgrade --dry-run"), @r"
    exit 4
    --- stderr
    error: unterminated string
     --> migrations/Script-0002.sql:1:8
      |
    1 | SELECT 'open;
      |        ^
      = help: close the string, or double each quote in it (in MySQL, each backslash too)
    nothing was applied
    ");
}

#[test]
fn a_rehearsal_lists_the_objects() {
    let project = Project::sqlite(&[ONE]);
    let text = "DROP VIEW IF EXISTS names;\nCREATE VIEW names AS SELECT name FROM customers;\n";
    project.file("migrations/objects/names.sql", text);
    project.run("upgrade --create-database --to 1");
    project.file("migrations/objects/names.sql", format!("{text}-- edited\n"));
    assert_snapshot!(project.run("upgrade --rehearse"), @"
    exit 0
    --- stdout
     object     state    creates
     names.sql  changed  view names
    rehearsed 1 object in [n] ms and rolled back; the upgrade: atomic (one transaction)
    --- stderr
    rehearse sqlite:app.db from migrations
    1 object pending: atomic (one transaction)
    ");
}
