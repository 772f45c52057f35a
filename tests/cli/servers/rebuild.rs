//! Which databases `rebuild` drops, and what it asks for.

use std::io::Write;
use std::process::Stdio;

use insta::assert_snapshot;

use crate::engine::{Server, on_servers};
use crate::project::ONE;

on_servers! {
    a_local_database_is_dropped_only_on_demand,
    a_development_database_is_dropped_and_a_protected_one_needs_its_name,
    at_a_terminal_rebuild_asks_for_the_name,
    a_script_that_is_refused_keeps_the_old_database,
}

fn a_local_database_is_dropped_only_on_demand(server: &'static Server) {
    let stage = server.stage(&[ONE]);
    stage.project.run("upgrade");
    stage.ask("INSERT INTO customers VALUES (1, 'kept')");
    assert_snapshot!(stage.project.run("rebuild"), @"
    exit 4
    --- stderr
    rebuild [url] from migrations
    error: rebuild drops the database shop, which is not marked for development
     = help: if it may be dropped, pass --yes, or mark the target with development = true
    ");
    assert_snapshot!(stage.project.run("rebuild --allow-drop other"), @"
    exit 4
    --- stderr
    rebuild [url] from migrations
    error: --allow-drop other does not name this database, shop
     = help: if it may be dropped, pass --allow-drop shop
    ");
    assert_eq!(stage.ask("SELECT name FROM customers"), "kept");
    let shown = stage.project.run_with(&["rebuild", "--allow-drop", &stage.database().name]);
    assert!(shown.starts_with("exit 0"), "{shown}");
    assert_eq!(stage.ask("SELECT name FROM customers"), "");
}

fn a_development_database_is_dropped_and_a_protected_one_needs_its_name(server: &'static Server) {
    let stage = server.stage(&[ONE]);
    let config = |mark: &str| format!("[target.it]\nurl = \"${{DBMIGRATE_URL}}\"\n{mark} = true\n");
    stage.project.file("dbmigrate.toml", config("development"));
    assert_snapshot!(stage.project.run("rebuild --no-template"), @"
    exit 0
    --- stdout
    rebuilt with 1 script in [n] ms: the database is at 0001
    --- stderr
    rebuild [url] from migrations
    1 pending: [guarantee of a rebuild]
    ran Script-0001.sql Customers ( [n] ms)
    ");
    stage.project.file("dbmigrate.toml", config("protected"));
    assert_snapshot!(stage.project.run("rebuild --yes"), @"
    exit 4
    --- stderr
    rebuild [url] from migrations
    error: rebuild drops the database shop, which is protected by the configuration
     = help: if it may be dropped, pass --allow-drop shop
    ");
}

fn at_a_terminal_rebuild_asks_for_the_name(server: &'static Server) {
    let stage = server.stage(&[ONE]);
    let line = format!("'{}' rebuild --color never", env!("CARGO_BIN_EXE_dbmigrate"));
    let answered = |answer: &str| {
        let mut script = std::process::Command::new("script");
        let script = script.args(["-qec", &line, "/dev/null"]).current_dir(stage.project.root());
        let script = script.env("DBMIGRATE_URL", stage.database().url().as_str());
        let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("script runs");
        child.stdin.take().expect("piped").write_all(answer.as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        // the terminal shows the input when it arrives, before or after the question
        stage.project.shown(output).replace('\r', "").replacen(answer, "", 1)
    };
    assert_snapshot!(answered("other\n"), @"
    exit 4
    --- stdout
    rebuild [url] from migrations
    rebuild drops [url]. Type the name of the database, shop, to continue: error: --allow-drop other does not name this database, shop
     = help: if it may be dropped, pass --allow-drop shop
    ");
    let shown = answered(&format!("{}\n", stage.database().name));
    assert!(shown.contains("rebuilt with 1 script"), "{shown}");
}

fn a_script_that_is_refused_keeps_the_old_database(server: &'static Server) {
    let stage = server.stage(&[ONE]);
    stage.project.run("upgrade");
    stage.ask("INSERT INTO customers VALUES (1, 'kept')");
    stage.project.script(2, "COMMIT;\n");
    assert_snapshot!(stage.project.run("rebuild --yes"), @"
    exit 4
    --- stderr
    rebuild [url] from migrations
    error: a script may not COMMIT: dbmigrate controls the transactions
     --> migrations/Script-0002.sql:1:1
      |
    1 | COMMIT;
      | ^^^^^^
      = help: remove the statement: dbmigrate runs the script in its own transaction
    nothing was applied
    ");
    assert_eq!(stage.ask("SELECT name FROM customers"), "kept");
}
