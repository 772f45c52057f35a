//! Connections and rebuilds on PostgreSQL.

use std::io::Write;
use std::process::{Command, Stdio};

use insta::assert_snapshot;

use crate::project::{ONE, Project};
use crate::server::Database;

#[test]
fn the_host_does_not_answer() {
    let project = Project::scripts(&[ONE]);
    assert_snapshot!(project.run("upgrade --url postgres://u@127.0.0.1:1/shop"), @"
    exit 1
    --- stderr
    upgrade postgres://u@127.0.0.1:[port]/shop from migrations
    error: cannot connect to postgres://u@127.0.0.1:[port]/shop: Connection refused (os error 111)
     = help: check the host and port; --wait 30s waits for a server that is starting
    ");
    // the number of attempts depends on the machine
    let shown = project.run("upgrade --wait 1 --url postgres://u@127.0.0.1:1/shop");
    let mut lines = shown.lines().collect::<Vec<_>>();
    lines.dedup();
    assert_snapshot!(lines.join("\n"), @"
    exit 1
    --- stderr
    upgrade postgres://u@127.0.0.1:[port]/shop from migrations
    waiting for the server: Connection refused (os error 111)
    error: cannot connect to postgres://u@127.0.0.1:[port]/shop: Connection refused (os error 111)
     = help: check the host and port; --wait 30s waits for a server that is starting
    ");
    assert_snapshot!(project.run("upgrade --url postgres://u@db.invalid/shop"), @"
    exit 1
    --- stderr
    upgrade postgres://u@db.invalid/shop from migrations
    error: cannot connect to postgres://u@db.invalid/shop: failed to lookup address information: Name or service not known
     = help: check the host and port; --wait 30s waits for a server that is starting
    ");
    assert_snapshot!(project.run("status --format json --url postgres://u@127.0.0.1:1/shop"), @r#"
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
        "message": "cannot connect to postgres://u@127.0.0.1:[port]/shop: Connection refused (os error 111)",
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
          "product": "PostgreSQL"
        },
        "state": null
      },
      "target": "postgres://u@127.0.0.1:[port]/shop",
      "version": "[version]"
    }
    --- stderr
    error: cannot connect to postgres://u@127.0.0.1:[port]/shop: Connection refused (os error 111)
     = help: check the host and port; --wait 30s waits for a server that is starting
    "#);
}

#[test]
fn urls_that_are_none_say_why() {
    let project = Project::scripts(&[ONE]);
    assert_snapshot!(project.run("status --url postgres://localhost"), @"
    exit 2
    --- stderr
    error: --url: the postgres URL names no database
     = help: add it at the end: postgres://user@host/database
    ");
    assert_snapshot!(project.run("status --url postgres://u@localhost:port/shop"), @"
    exit 2
    --- stderr
    error: --url: the postgres URL cannot be parsed: invalid port number
     = help: in a user name or a password, write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25
    ");
    assert_snapshot!(project.run("status --url postgres://u@localhost/shop?timeout=3"), @"
    exit 2
    --- stderr
    error: --url: the postgres URL has an unknown parameter: timeout
     = help: known are libpq's, such as sslmode, sslrootcert, host, connect_timeout, target_session_attrs, service, application_name and options; in a password, write & as %26
    ");
    assert_snapshot!(project.run("status --url postgres://u@localhost/shop?sslmode=always"), @"
    exit 2
    --- stderr
    error: --url: the URL's parameter sslmode has an invalid value
     = help: it is disable, allow, prefer, require, verify-ca or verify-full
    ");
}

#[test]
fn a_local_database_is_dropped_only_on_demand() {
    let database = Database::new();
    let project = database.project(&[ONE]);
    project.run("upgrade");
    database.psql("INSERT INTO customers VALUES (1, 'kept')");
    assert_snapshot!(project.run("rebuild"), @"
    exit 4
    --- stderr
    rebuild postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    error: rebuild drops the database shop, which is not marked for development
     = help: if it may be dropped, pass --yes, or mark the target with development = true
    ");
    assert_snapshot!(project.run("rebuild --allow-drop postgres"), @"
    exit 4
    --- stderr
    rebuild postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    error: --allow-drop postgres does not name this database, shop
     = help: if it may be dropped, pass --allow-drop shop
    ");
    assert_eq!(database.psql("SELECT name FROM customers"), "kept\n");
    assert!(project.run_with(&["rebuild", "--allow-drop", &database.name]).starts_with("exit 0"));
    assert_eq!(database.psql("SELECT name FROM customers"), "");
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
    rebuild postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    1 pending: atomic (a new database replaces the old one at the end)
    ran Script-0001.sql Customers ( [n] ms)
    replacing the old database
    ");
    project.file("dbmigrate.toml", config("protected"));
    assert_snapshot!(project.run("rebuild --yes"), @"
    exit 4
    --- stderr
    rebuild postgres://postgres:***@127.0.0.1:[port]/shop from migrations
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
        // the terminal shows the input when it arrives, before or after the question
        project.shown(output).replace('\r', "").replacen(answer, "", 1)
    };
    assert_snapshot!(answered("other\n"), @"
    exit 4
    --- stdout
    rebuild postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    rebuild drops postgres://postgres:***@127.0.0.1:[port]/shop. Type the name of the database, shop, to continue: error: --allow-drop other does not name this database, shop
     = help: if it may be dropped, pass --allow-drop shop
    ");
    let shown = answered(&format!("{}\n", database.name));
    assert!(shown.contains("rebuilt with 1 script"), "{shown}");
}

#[test]
fn an_interrupted_rebuild_leaves_the_old_database_and_nothing_else() {
    let database = Database::new();
    let project = database.project(&[ONE]);
    project.run("upgrade");
    database.psql("INSERT INTO customers VALUES (1, 'kept')");
    project.script(2, "SELECT pg_sleep(600);\n");
    let mut run = project.start("rebuild --yes");
    run.says("2 pending");
    std::thread::sleep(std::time::Duration::from_millis(300));
    run.signal("INT");
    assert_snapshot!(run.end(), @"
    exit 130
    --- stderr
    ran Script-0001.sql Customers ( [n] ms)
    error: interrupted in Script-0002.sql
     = the old database is unchanged
    ");
    assert_eq!(database.psql("SELECT name FROM customers"), "kept\n");
    let like = format!("SELECT count(*) FROM pg_database WHERE datname LIKE '%{}%'", database.name);
    assert_eq!(database.psql(&like), "1\n");
}
