//! The features of common SQLite builds: functions, virtual tables and pragmas.

use insta::assert_snapshot;

use crate::project::{ONE, Project, client};

#[test]
fn a_script_uses_what_the_shell_has() {
    let project = Project::sqlite(&[
        "CREATE TABLE n AS SELECT pow(2, 10) AS p, sqrt(9) AS q, ceil(1.2) AS c, ln(1) AS l, pi() > 3 AS pi;\n",
        "CREATE VIRTUAL TABLE t3 USING fts3 (body);\nCREATE VIRTUAL TABLE t4 USING fts4 (body);\n\
         CREATE VIRTUAL TABLE t5 USING fts5 (body);\nINSERT INTO t5 VALUES ('a word');\n",
        "CREATE VIRTUAL TABLE area USING rtree (id, a, b);\nCREATE VIRTUAL TABLE shape USING geopoly (name);\n",
        "CREATE TABLE size AS SELECT sum(pgsize) AS bytes FROM dbstat;\n\
         CREATE TABLE j AS SELECT json_extract('{\"a\": [1, 2]}', '$.a[1]') AS two, soundex('Robert') AS s;\n",
    ]);
    assert!(project.run("upgrade").contains("applied 4 scripts in"));
    assert_eq!(project.sqlite3("SELECT * FROM n; SELECT two, s FROM j;"), "1024.0|3.0|2.0|0.0|1\n2|R163\n");
}

/// The options that the shell is built with and dbmigrate is not, and why.
const WITHOUT: [(&str, &str); 7] = [
    ("ENABLE_UPDATE_DELETE_LIMIT", "the grammar of the file that is compiled in does not have it"),
    ("ENABLE_FTS3_TOKENIZER", "a function that takes the address of code"),
    ("ENABLE_PREUPDATE_HOOK", "for programs in C alone"),
    ("ENABLE_SESSION", "for programs in C alone"),
    ("ENABLE_UNLOCK_NOTIFY", "for programs in C alone"),
    ("ENABLE_EXPLAIN_COMMENTS", "for those who look into SQLite"),
    ("ENABLE_UNKNOWN_SQL_FUNCTION", "lets EXPLAIN pass over what is missing"),
];

#[test]
fn what_the_shell_is_built_with_is_built_in_or_known_to_be_missing() {
    let project = Project::sqlite(&["CREATE TABLE options AS SELECT compile_options FROM pragma_compile_options;\n"]);
    assert!(project.run("upgrade").starts_with("exit 0"));
    let options = |text: String| text.lines().map(ToOwned::to_owned).collect::<Vec<_>>();
    let ours = options(project.sqlite3("SELECT compile_options FROM options"));
    let theirs = options(client("sqlite3", &[":memory:"], "PRAGMA compile_options;"));
    let missing = theirs.iter().filter(|option| option.starts_with("ENABLE_") && !ours.contains(option));
    let unknown = missing.filter(|option| !WITHOUT.iter().any(|(name, _)| name == option)).collect::<Vec<_>>();
    // load_extension exists under another name
    let unknown = unknown.into_iter().filter(|option| !option.starts_with("ENABLE_LOAD_EXTENSION")).collect::<Vec<_>>();
    assert_eq!(unknown, Vec::<&String>::new(), "{ours:?}");
}

#[test]
fn update_and_delete_with_a_limit_show_what_to_write() {
    let project = Project::sqlite(&[ONE, "DELETE FROM customers ORDER BY id LIMIT 1;\n"]);
    assert_snapshot!(project.run("upgrade"), @r#"
    exit 1
    --- stderr
    upgrade sqlite:app.db from migrations
    2 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    error: Script-0002.sql failed: near "ORDER": syntax error
     --> migrations/Script-0002.sql:1:23
      |
    1 | DELETE FROM customers ORDER BY id LIMIT 1;
      |                       ^^^^^
      = SQLite SQLITE_ERROR (1)
      = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
      = help: SQLite as distributed has no ORDER BY and LIMIT for UPDATE and DELETE: write WHERE rowid IN (SELECT rowid FROM ... ORDER BY ... LIMIT ...)
    "#);
    project.script(2, "UPDATE customers SET name = 'x' LIMIT 1;\n");
    assert!(project.run("upgrade").contains("write WHERE rowid IN (SELECT rowid"));
    // another mistake does not get this hint
    project.script(2, "SELECT 1 LIMIT LIMIT 1;\n");
    assert!(!project.run("upgrade").contains("rowid"));
}

#[test]
fn a_pragma_that_would_do_nothing_is_refused_with_what_to_do() {
    let project =
        Project::sqlite(&[ONE, "PRAGMA page_size = 8192;\nPRAGMA encoding = 'UTF-16';\nPRAGMA main.auto_vacuum(1);\n"]);
    assert_snapshot!(project.refused(), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: PRAGMA page_size does nothing here: it takes effect only before the database has a table
     --> migrations/Script-0002.sql:1:1
      |
    1 | PRAGMA page_size = 8192;
      | ^^^^^^^^^^^^^^^^^^^^^^^
      = help: put it into the Baseline.sql of a new database; for a database that has tables, put it, followed by VACUUM, into a script of its own that starts with the line: -- dbmigrate: no-transaction
    error: PRAGMA encoding does nothing here: it takes effect only before the database has a table
     --> migrations/Script-0002.sql:2:1
      |
    2 | PRAGMA encoding = 'UTF-16';
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: put it into the Baseline.sql of a new database, or remove it
    error: PRAGMA auto_vacuum does nothing here: it takes effect only before the database has a table
     --> migrations/Script-0002.sql:3:1
      |
    3 | PRAGMA main.auto_vacuum(1);
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: put it into the Baseline.sql of a new database; for a database that has tables, put it, followed by VACUUM, into a script of its own that starts with the line: -- dbmigrate: no-transaction
    3 problems: nothing was applied
    ");
    // reading the settings is allowed
    project.script(2, "PRAGMA page_size;\nPRAGMA encoding;\nPRAGMA auto_vacuum;\n");
    assert!(project.run("upgrade").contains("applied 2 scripts in"));
}

#[test]
fn a_vacuum_outside_a_transaction_applies_it() {
    let text = "-- dbmigrate: no-transaction\nPRAGMA page_size = 8192;\nPRAGMA auto_vacuum = FULL;\nVACUUM;\n";
    let project = Project::sqlite(&[ONE, text]);
    assert!(project.run("upgrade").contains("applied 2 scripts in"));
    assert_eq!(project.sqlite3("PRAGMA page_size; PRAGMA auto_vacuum;"), "8192\n1\n");
    project.script(3, "-- dbmigrate: no-transaction\nPRAGMA encoding = 'UTF-16';\nVACUUM;\n");
    assert!(project.run("upgrade").contains("PRAGMA encoding does nothing here"));
}

#[test]
fn a_baseline_that_makes_the_database_sets_it_up() {
    let pragmas = "PRAGMA page_size = 8192;\nPRAGMA auto_vacuum = INCREMENTAL;\nPRAGMA encoding = 'UTF-16le';\n";
    let baseline = format!("-- The database\n{pragmas}CREATE TABLE a (id integer PRIMARY KEY);\n");
    let asked = "PRAGMA page_size; PRAGMA auto_vacuum; PRAGMA encoding;";
    for command in ["upgrade", "upgrade --create-database", "rebuild"] {
        let project = Project::sqlite(&[ONE]);
        project.file("migrations/Baseline.sql", &baseline);
        if command.contains("create") {
            project.remove("app.db");
        }
        let shown = project.run(command);
        assert!(shown.starts_with("exit 0"), "{command}: {shown}");
        assert_eq!(project.sqlite3(asked), "8192\n2\nUTF-16le\n", "{command}");
    }
    let project = Project::sqlite(&[]);
    project.file("migrations/Baseline.sql", &baseline);
    let preview = project.stdout("upgrade --dry-run");
    let place = |text: &str| preview.find(text).unwrap_or_else(|| panic!("{text}: {preview}"));
    assert!(place("PRAGMA encoding") < place("BEGIN IMMEDIATE"));
    assert_eq!(
        client("sqlite3", &[":memory:"], &format!("{preview}{asked}")).lines().rev().take(2).collect::<Vec<_>>(),
        ["UTF-16le", "2"]
    );
}

#[test]
fn pragmas_about_foreign_keys_are_accepted() {
    let project = Project::sqlite(&[
        "PRAGMA foreign_keys = ON;\nPRAGMA defer_foreign_keys = ON;\nCREATE TABLE parent (id integer PRIMARY KEY);\n\
         CREATE TABLE child (parent integer REFERENCES parent (id));\nINSERT INTO child VALUES (1);\nINSERT INTO parent VALUES (1);\n",
        "PRAGMA foreign_keys = OFF;\nCREATE TABLE new (id integer PRIMARY KEY, name text);\nINSERT INTO new (id) SELECT id FROM parent;\n\
         DROP TABLE parent;\nALTER TABLE new RENAME TO parent;\nPRAGMA foreign_keys = ON;\n",
    ]);
    assert!(project.run("upgrade").contains("applied 2 scripts in"));
    project.script(3, "PRAGMA defer_foreign_keys = OFF;\nDELETE FROM parent;\n");
    assert!(project.refused().contains("a row would violate a foreign key"));
}
