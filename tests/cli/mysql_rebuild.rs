//! Connections and rebuilds on MySQL and MariaDB.

use std::io::Write;
use std::process::{Command, Stdio};

use insta::assert_snapshot;

use crate::mysql_server::Database;
use crate::project::{ONE, Project};

#[test]
fn the_host_does_not_answer() {
    let project = Project::scripts(&[ONE]);
    assert_snapshot!(project.run("upgrade --url mysql://u@127.0.0.1:1/shop"), @"
    exit 1
    --- stderr
    upgrade mysql://u@127.0.0.1:[port]/shop from migrations
    error: cannot connect to mysql://u@127.0.0.1:[port]/shop: Connection refused (os error 111)
     = help: check the host and port; --wait 30s waits for a server that is starting
    ");
    // the number of attempts depends on the machine
    let shown = project.run("upgrade --wait 1 --url mysql://u@127.0.0.1:1/shop");
    let mut lines = shown.lines().collect::<Vec<_>>();
    lines.dedup();
    assert_snapshot!(lines.join("\n"), @"
    exit 1
    --- stderr
    upgrade mysql://u@127.0.0.1:[port]/shop from migrations
    waiting for the server: Connection refused (os error 111)
    error: cannot connect to mysql://u@127.0.0.1:[port]/shop: Connection refused (os error 111)
     = help: check the host and port; --wait 30s waits for a server that is starting
    ");
    assert_snapshot!(project.run("upgrade --url mysql://u@db.invalid/shop"), @"
    exit 1
    --- stderr
    upgrade mysql://u@db.invalid/shop from migrations
    error: cannot connect to mysql://u@db.invalid/shop: failed to lookup address information: Name or service not known
     = help: check the host and port; --wait 30s waits for a server that is starting
    ");
    assert_snapshot!(project.run("upgrade --url mysql://u@localhost/shop?socket=/nowhere/mysqld.sock"), @"
    exit 1
    --- stderr
    upgrade mysql://u@/nowhere/mysqld.sock/shop from migrations
    error: cannot connect to mysql://u@/nowhere/mysqld.sock/shop: No such file or directory (os error 2)
     = help: check the host and port; --wait 30s waits for a server that is starting
    ");
    assert_snapshot!(project.run("status --format json --url mysql://u@127.0.0.1:1/shop"), @r#"
    exit 1
    --- stdout
    {
      "command": "status",
      "database": "shop",
      "dir": "migrations",
      "error": {
        "code": "connect",
        "hint": "check the host and port; --wait 30s waits for a server that is starting",
        "location": null,
        "message": "cannot connect to mysql://u@127.0.0.1:[port]/shop: Connection refused (os error 111)",
        "notes": [],
        "problems": [],
        "server": {
          "also": [],
          "code": null,
          "constraint": null,
          "context": null,
          "detail": null,
          "hint": null,
          "message": "Connection refused (os error 111)",
          "product": "MySQL or MariaDB"
        },
        "state": null
      },
      "target": "mysql://u@127.0.0.1:[port]/shop",
      "version": "[version]"
    }
    --- stderr
    error: cannot connect to mysql://u@127.0.0.1:[port]/shop: Connection refused (os error 111)
     = help: check the host and port; --wait 30s waits for a server that is starting
    "#);
}

#[test]
fn urls_that_are_none_say_why() {
    let project = Project::scripts(&[ONE]);
    assert_snapshot!(project.run("status --url mysql://localhost"), @"
    exit 2
    --- stderr
    error: --url: the mysql URL names no database
     = help: add it at the end: mysql://user@host/database
    ");
    assert_snapshot!(project.run("status --url mariadb://u@localhost:port/shop"), @"
    exit 2
    --- stderr
    error: --url: the mysql URL cannot be parsed: invalid port number
     = help: in a user name or a password, write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25
    ");
    assert_snapshot!(project.run("status --url mysql://u@localhost/shop?charset=latin1"), @"
    exit 1
    --- stderr
    warning: ignored in the URL, because dbmigrate has no such setting: charset
    error: cannot connect to mysql://u@localhost/shop: Connection refused (os error 111)
     = help: check the host and port; --wait 30s waits for a server that is starting
    ");
    assert_snapshot!(project.run("status --url mysql://u@localhost/shop?ssl-mode=always"), @"
    exit 2
    --- stderr
    error: --url: the URL's parameter ssl-mode has an invalid value
     = help: it is disabled, preferred, required, verify_ca or verify_identity
    ");
    assert_snapshot!(project.run("status --url mysql://u@localhost/shop?sslmode=required&ssl-mode=required"), @"
    exit 2
    --- stderr
    error: --url: the mysql URL gives ssl-mode twice
     = help: leave one of them out
    ");
}

#[test]
fn a_local_database_is_dropped_only_on_demand() {
    let database = Database::new();
    let project = database.project(&[ONE]);
    project.run("upgrade");
    database.ask("INSERT INTO customers VALUES (1, 'kept')");
    assert_snapshot!(project.run("rebuild"), @"
    exit 4
    --- stderr
    rebuild mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: rebuild drops the database shop, which is not marked for development
     = help: if it may be dropped, pass --yes, or mark the target with development = true
    ");
    assert_snapshot!(project.run("rebuild --allow-drop mysql"), @"
    exit 4
    --- stderr
    rebuild mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: --allow-drop mysql does not name this database, shop
     = help: if it may be dropped, pass --allow-drop shop
    ");
    assert_eq!(database.ask("SELECT name FROM customers"), "kept\n");
    assert!(project.run_with(&["rebuild", "--allow-drop", &database.name]).starts_with("exit 0"));
    assert_eq!(database.ask("SELECT name FROM customers"), "");
}

#[test]
fn a_development_database_is_dropped_and_a_protected_one_needs_its_name() {
    let database = Database::new();
    let project = database.project(&[ONE]);
    let config = |mark: &str| format!("[target.it]\nurl = \"${{DBMIGRATE_URL}}\"\n{mark} = true\n");
    project.file("dbmigrate.toml", config("development"));
    assert_snapshot!(project.run("rebuild"), @"
    exit 0
    --- stdout
    rebuilt with 1 script in [n] ms: the database is at 0001
    --- stderr
    rebuild mysql://root:***@127.0.0.1:[port]/shop from migrations
    1 pending: not atomic (the old database is dropped first)
    ran Script-0001.sql Customers ( [n] ms)
    ");
    project.file("dbmigrate.toml", config("protected"));
    assert_snapshot!(project.run("rebuild --yes"), @"
    exit 4
    --- stderr
    rebuild mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: rebuild drops the database shop, which is protected by the configuration
     = help: if it may be dropped, pass --allow-drop shop
    ");
}

#[test]
fn at_a_terminal_the_name_is_asked_for() {
    let database = Database::new();
    let project = database.project(&[ONE]);
    let line = format!("'{}' rebuild --color never", env!("CARGO_BIN_EXE_dbmigrate"));
    let answered = |answer: &str| {
        let mut script = Command::new("script");
        let script = script.args(["-qec", &line, "/dev/null"]).current_dir(project.root());
        let script = script.env("DBMIGRATE_URL", database.url()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = script.spawn().expect("script runs");
        child.stdin.take().expect("piped").write_all(answer.as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        project.shown(output).replace('\r', "")
    };
    assert_snapshot!(answered("other\n"), @"
    exit 4
    --- stdout
    other
    rebuild mysql://root:***@127.0.0.1:[port]/shop from migrations
    rebuild drops mysql://root:***@127.0.0.1:[port]/shop. Type the name of the database, shop, to continue: error: --allow-drop other does not name this database, shop
     = help: if it may be dropped, pass --allow-drop shop
    ");
    let shown = answered(&format!("{}\n", database.name));
    assert!(shown.contains("rebuilt with 1 script"), "{shown}");
}

#[test]
fn a_rebuild_that_fails_has_dropped_the_old_database() {
    let database = Database::new();
    let project = database.project(&[ONE]);
    project.run("upgrade");
    project.script(2, "-- Mail\nALTER TABLE customers ADD COLUMN mail text;\nALTER TABLE custmers DROP COLUMN name;\n");
    assert_snapshot!(project.run("rebuild --yes"), @"
    exit 1
    --- stderr
    rebuild mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: not atomic (the old database is dropped first)
    ran Script-0001.sql Customers ( [n] ms)
    error: Script-0002.sql failed: Table 'shop.custmers' doesn't exist
     --> migrations/Script-0002.sql:3:13
      |
    3 | ALTER TABLE custmers DROP COLUMN name;
      |             ^^^^^^^^
      = MySQL 1146 (42S02)
      = Script-0002.sql runs outside a transaction: 1 of its 2 statements ran and stay; 0001 is applied and stays, the database is at 0001; the old database was dropped first
      = help: fix it from statement 2 on and run upgrade again: it resumes there
    ");
    assert_snapshot!(project.run("status"), @"
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    failed   [time] [n] ms  Mail
    1 applied, at 0001; 1 pending: resumable, not atomic: Script-0002 (ALTER TABLE customers) commits statement by statement
    --- stderr
    warning: Script-0002.sql failed at statement 2; fix it from there, and upgrade will resume it
    ");
    let state = &project.json("rebuild --yes --format json").0["error"]["state"];
    assert_eq!((&state["dropped"], &state["kept"]), (&true.into(), &false.into()));
    assert_eq!(state["unfinished"]["statements_done"], 1);
    project.script(2, "INSERT INTO customers VALUES (1, 'a');\nINSERT INTO custmers VALUES (2, 'b');\n");
    assert_snapshot!(project.run("rebuild --yes"), @"
    exit 1
    --- stderr
    rebuild mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: not atomic (the old database is dropped first)
    ran Script-0001.sql Customers ( [n] ms)
    error: Script-0002.sql failed: Table 'shop.custmers' doesn't exist
     --> migrations/Script-0002.sql:2:13
      |
    2 | INSERT INTO custmers VALUES (2, 'b');
      |             ^^^^^^^^
      = MySQL 1146 (42S02)
      = rolled back: 0002 was not applied, 0001 is applied and stays, the database is at 0001; the old database was dropped first
    ");
    assert_eq!(database.tables(), "customers\n");
}

#[test]
fn what_is_refused_before_keeps_the_old_database() {
    let database = Database::new();
    let project = database.project(&[ONE]);
    project.run("upgrade");
    database.ask("INSERT INTO customers VALUES (1, 'kept')");
    project.script(2, "COMMIT;\n");
    assert_snapshot!(project.run("rebuild --yes"), @"
    exit 4
    --- stderr
    rebuild mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: a script may not COMMIT: dbmigrate controls the transactions
     --> migrations/Script-0002.sql:1:1
      |
    1 | COMMIT;
      | ^^^^^^
      = help: remove the statement: dbmigrate runs the script in its own transaction
    nothing was applied
    ");
    assert_eq!(database.ask("SELECT name FROM customers"), "kept\n");
}

#[test]
fn an_interrupted_rebuild_goes_on_as_an_upgrade() {
    let database = Database::new();
    let project = database.project(&[ONE, "SELECT SLEEP(600) FROM (SELECT 1 UNION ALL SELECT 2) AS twice;\n"]);
    let run = project.start("rebuild --yes");
    database.wait_for("SELECT SLEEP(600)");
    run.signal("INT");
    assert_snapshot!(run.end(), @"
    exit 130
    --- stderr
    rebuild mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: not atomic (the old database is dropped first)
    ran Script-0001.sql Customers ( [n] ms)
    error: interrupted in Script-0002.sql
     = rolled back: 0002 was not applied, 0001 is applied and stays, the database is at 0001; the old database was dropped first
    ");
    project.script(2, "SELECT 1;\n");
    assert_snapshot!(project.run("upgrade"), @"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0002
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    1 pending: atomic (one transaction)
    ran Script-0002.sql ( [n] ms)
    committed Script-0002.sql
    ");
}
