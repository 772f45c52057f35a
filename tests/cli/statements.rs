//! Scripts with wrong text: errors before and during the run.

use insta::assert_snapshot;

use crate::project::{ONE, Project, TWO};

/// Upgrades with this second script, and makes sure that the first one was not applied either.
fn refused(script: &str) -> String {
    Project::sqlite(&[ONE, script]).refused()
}

#[test]
fn a_failing_statement_is_shown_and_rolls_everything_back() {
    assert_snapshot!(refused("-- Mail\nSELECT 1;\nALTER TABLE custmers ADD COLUMN mail text;\n"), @"
    exit 1
    --- stderr
    upgrade sqlite:app.db from migrations
    2 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    error: Script-0002.sql failed: no such table: custmers
     --> migrations/Script-0002.sql:3:13
      |
    3 | ALTER TABLE custmers ADD COLUMN mail text;
      |             ^^^^^^^^
      = SQLite SQLITE_ERROR (1)
      = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    ");
    assert_snapshot!(refused("INSERT INTO customers VALUES (1, 'é'), (1, 'ü');\n"), @"
    exit 1
    --- stderr
    upgrade sqlite:app.db from migrations
    2 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    error: Script-0002.sql failed: UNIQUE constraint failed: customers.id
     --> migrations/Script-0002.sql:1:1
      |
    1 | INSERT INTO customers VALUES (1, 'é'), (1, 'ü');
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = SQLite SQLITE_CONSTRAINT (1555)
      = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    ");
    assert_snapshot!(refused("SELEC 1;\n"), @r#"
    exit 1
    --- stderr
    upgrade sqlite:app.db from migrations
    2 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    error: Script-0002.sql failed: near "SELEC": syntax error
     --> migrations/Script-0002.sql:1:1
      |
    1 | SELEC 1;
      | ^^^^^
      = SQLite SQLITE_ERROR (1)
      = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    "#);
    assert_snapshot!(refused("CREATE TABLE a (\n  id integer,\n  id text\n);\n"), @"
    exit 1
    --- stderr
    upgrade sqlite:app.db from migrations
    2 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    error: Script-0002.sql failed: duplicate column name: id
     --> migrations/Script-0002.sql:1:1
      |
    1 | CREATE TABLE a (
      | ^^^^^^^^^^^^^^^^
      = SQLite SQLITE_ERROR (1)
      = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    ");
}

#[test]
fn a_script_that_fails_after_committed_ones_keeps_those() {
    let project = Project::sqlite(&[ONE, TWO, "SELECT * FROM nope;\n", ""]);
    assert_snapshot!(project.run("upgrade --transaction per-script"), @"
    exit 1
    --- stderr
    upgrade sqlite:app.db from migrations
    warning: Script-0004.sql has no statement yet, and once it is applied it never changes again
    4 pending: atomic per script
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    ran Script-0002.sql Orders ( [n] ms)
    committed Script-0002.sql
    error: Script-0003.sql failed: no such table: nope
     --> migrations/Script-0003.sql:1:15
      |
    1 | SELECT * FROM nope;
      |               ^^^^
      = SQLite SQLITE_ERROR (1)
      = rolled back: 0003-0004 were not applied, 0001-0002 are applied and stay, the database is at 0002
    ");
    assert_snapshot!(project.run("status"), @"
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    applied  [time] [n] ms  Orders
     0003    pending
     0004    pending
    2 applied, at 0002; 2 pending: atomic (one transaction)
    --- stderr
    warning: Script-0004.sql has no statement yet, and once it is applied it never changes again
    ");
}

#[test]
fn a_string_or_comment_that_is_left_open_is_refused() {
    assert_snapshot!(refused("INSERT INTO customers VALUES (1, 'it''s);\n"), @r"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: unterminated string
     --> migrations/Script-0002.sql:1:34
      |
    1 | INSERT INTO customers VALUES (1, 'it''s);
      |                                  ^
      = help: close the string, or double each quote in it (in MySQL, each backslash too)
    nothing was applied
    ");
    assert_snapshot!(refused("SELECT \"open FROM customers;\n"), @r#"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: unterminated quoted identifier
     --> migrations/Script-0002.sql:1:8
      |
    1 | SELECT "open FROM customers;
      |        ^
      = help: close the quoted name that starts here
    nothing was applied
    "#);
    assert_snapshot!(refused("CREATE TRIGGER t AFTER INSERT ON customers BEGIN SELECT 1;\n"), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: body without END
     --> migrations/Script-0002.sql:1:8
      |
    1 | CREATE TRIGGER t AFTER INSERT ON customers BEGIN SELECT 1;
      |        ^
      = help: close the body with END;, and quote any name in it that is BEGIN, CASE or END
    nothing was applied
    ");
    assert_snapshot!(refused("CREATE TABLE a (i integer;\nSELECT 1;\n"), @r#"
    exit 1
    --- stderr
    upgrade sqlite:app.db from migrations
    2 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    error: Script-0002.sql failed: incomplete input
     --> migrations/Script-0002.sql:1:1
      |
    1 | CREATE TABLE a (i integer;
      | ^^^^^^^^^^^^^^^^^^^^^^^^^
      = SQLite SQLITE_ERROR (1)
      = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    "#);
}

#[test]
fn a_comment_that_is_left_open_swallows_no_statement() {
    let shown = refused("SELECT 1; /* never closed\nSELECT 2;\n");
    assert!(shown.starts_with("exit 4") && shown.contains("Script-0002.sql:1:11"), "{shown}");
}

#[test]
fn commands_of_a_shell_are_refused() {
    assert_snapshot!(refused(".mode csv\nSELECT 1;\n"), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: .mode is a command of the database's shell, not SQL
     --> migrations/Script-0002.sql:1:1
      |
    1 | .mode csv
      | ^^^^^
      = help: only SQL is sent to the database: write SQL instead, or remove the line
    nothing was applied
    ");
    assert_snapshot!(refused("SELECT 1;\n.import data.csv customers\n"), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: .import is a command of the database's shell, not SQL
     --> migrations/Script-0002.sql:2:1
      |
    2 | .import data.csv customers
      | ^^^^^^^
      = help: only SQL is sent to the database: write SQL instead, or remove the line
    nothing was applied
    ");
    assert_snapshot!(refused("\\i other.sql\n"), @r#"
    exit 1
    --- stderr
    upgrade sqlite:app.db from migrations
    2 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    error: Script-0002.sql failed: unrecognized token: "\"
     --> migrations/Script-0002.sql:1:1
      |
    1 | \i other.sql
      | ^
      = SQLite SQLITE_ERROR (1)
      = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    "#);
    assert_snapshot!(refused("SELECT 1\nGO\nSELECT 2\n"), @r#"
    exit 1
    --- stderr
    upgrade sqlite:app.db from migrations
    2 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    error: Script-0002.sql failed: near "SELECT": syntax error
     --> migrations/Script-0002.sql:3:1
      |
    3 | SELECT 2
      | ^^^^^^
      = SQLite SQLITE_ERROR (1)
      = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    "#);
}

#[test]
fn statements_that_a_transaction_does_not_allow_are_refused() {
    assert_snapshot!(refused("BEGIN;\nSELECT 1;\nCOMMIT;\n"), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: a script may not BEGIN: dbmigrate controls the transactions
     --> migrations/Script-0002.sql:1:1
      |
    1 | BEGIN;
      | ^^^^^
      = help: remove the statement: dbmigrate runs the script in its own transaction
    error: a script may not COMMIT: dbmigrate controls the transactions
     --> migrations/Script-0002.sql:3:1
      |
    3 | COMMIT;
      | ^^^^^^
      = help: remove the statement: dbmigrate runs the script in its own transaction
    2 problems: nothing was applied
    ");
    assert_snapshot!(refused("VACUUM;\n"), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: VACUUM cannot run in a transaction
     --> migrations/Script-0002.sql:1:1
      |
    1 | VACUUM;
      | ^^^^^^
      = help: move it to a script of its own that starts with the line: -- dbmigrate: no-transaction
    nothing was applied
    ");
    assert_snapshot!(refused("PRAGMA journal_mode = WAL;\n"), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: PRAGMA journal_mode cannot run in a transaction
     --> migrations/Script-0002.sql:1:1
      |
    1 | PRAGMA journal_mode = WAL;
      | ^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: move it to a script of its own that starts with the line: -- dbmigrate: no-transaction
    nothing was applied
    ");
    assert_snapshot!(refused("ATTACH 'other.db' AS other;\nCREATE TABLE other.a (i);\n"), @"
    exit 1
    --- stderr
    upgrade sqlite:app.db from migrations
    2 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    error: Script-0002.sql failed: unable to open database: other.db
     --> migrations/Script-0002.sql:1:1
      |
    1 | ATTACH 'other.db' AS other;
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^
      = SQLite SQLITE_CANTOPEN (14)
      = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
      = help: check the path: the folder must exist, and the path must name a file
    ");
}

#[test]
fn a_script_without_a_statement_is_applied() {
    let project = Project::sqlite(&["", "-- nothing\n", ";;\n"]);
    assert_snapshot!(project.run("upgrade"), @"
    exit 0
    --- stdout
    applied 3 scripts in [n] ms: the database is at 0003
    --- stderr
    upgrade sqlite:app.db from migrations
    warning: Script-0001.sql has no statement yet, and once it is applied it never changes again
    warning: Script-0002.sql has no statement yet, and once it is applied it never changes again
    warning: Script-0003.sql has no statement yet, and once it is applied it never changes again
    3 pending: atomic (one transaction)
    ran Script-0001.sql ( [n] ms)
    ran Script-0002.sql nothing ( [n] ms)
    ran Script-0003.sql ( [n] ms)
    committed Script-0001.sql to Script-0003.sql
    ");
}

#[test]
fn a_broken_foreign_key_is_found_before_the_commit() {
    let tables = "CREATE TABLE a (id integer PRIMARY KEY);\nCREATE TABLE b (a integer REFERENCES a (id));\n";
    let project = Project::sqlite(&[tables, "INSERT INTO b VALUES (7);\n"]);
    assert_snapshot!(project.run("upgrade"), @"
    exit 1
    --- stderr
    upgrade sqlite:app.db from migrations
    2 pending: atomic (one transaction)
    ran Script-0001.sql ( [n] ms)
    error: the check after Script-0002.sql failed: a row would violate a foreign key: b row 1 points to a row of a that does not exist
     = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    ");
    assert_eq!(project.sqlite3("SELECT count(*) FROM sqlite_master"), "0\n");
}

#[test]
fn a_statement_outside_a_transaction_runs_with_the_directive() {
    let project = Project::sqlite(&[ONE, "-- dbmigrate: no-transaction\nVACUUM;\n", TWO]);
    assert_snapshot!(project.run("upgrade"), @"
    exit 0
    --- stdout
    applied 3 scripts in [n] ms: the database is at 0003
    --- stderr
    upgrade sqlite:app.db from migrations
    3 pending: atomic except Script-0002 (no-transaction)
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    ran Script-0002.sql ( [n] ms)
    committed Script-0002.sql
    ran Script-0003.sql Orders ( [n] ms)
    committed Script-0003.sql
    ");
}

#[test]
fn a_very_long_line_is_cut() {
    let shown = refused(&format!("SELECT '{}', nope FROM customers;\n", "x".repeat(5000)));
    assert!(shown.len() < 2000, "{} characters", shown.len());
    assert!(shown.contains("migrations/Script-0002.sql:1:5012\n"), "the column is that of the file: {shown}");
}

#[test]
fn control_characters_of_a_script_do_not_reach_the_terminal() {
    let shown = refused("SELECT '\u{1b}[31mred\u{7}', nope FROM customers;\n");
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{7}'), "{shown:?}");
}
