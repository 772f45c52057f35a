//! Ctrl-C and SIGTERM in the middle of a long statement.

use insta::assert_snapshot;

use crate::project::{ENDLESS, ONE, Project};

fn stopped(signal: &str, arguments: &str, script: &str) -> (String, String) {
    let project = Project::sqlite(&[ONE, script]);
    let mut run = project.start(arguments);
    run.says("2 pending");
    std::thread::sleep(std::time::Duration::from_millis(700));
    run.signal(signal);
    (run.end(), project.sqlite3("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"))
}

#[test]
fn ctrl_c_rolls_back() {
    let (shown, tables) = stopped("INT", "upgrade", ENDLESS);
    assert_snapshot!(shown, @"
    exit 130
    --- stderr
    ran Script-0001.sql Customers ( [n] ms)
    error: interrupted in Script-0002.sql
     = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    ");
    assert_eq!(tables, "");
}

#[test]
fn sigterm_rolls_back() {
    let (shown, tables) = stopped("TERM", "upgrade --format json", ENDLESS);
    assert_snapshot!(shown, @r#"
    exit 143
    --- stdout
    {
      "command": "upgrade",
      "database": "app.db",
      "dir": "migrations",
      "error": {
        "code": "interrupted",
        "hint": null,
        "location": null,
        "message": "interrupted in Script-0002.sql",
        "notes": [
          "rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied"
        ],
        "problems": [],
        "server": null,
        "state": {
          "at": null,
          "committed": [],
          "dropped": false,
          "kept": false,
          "not_applied": [
            1,
            2
          ],
          "objects": [],
          "remains": null,
          "stopped": null,
          "unfinished": null,
          "unknown": false,
          "unrecorded": false
        }
      },
      "target": "sqlite:app.db",
      "version": "[version]"
    }
    --- stderr
    ran Script-0001.sql Customers ( [n] ms)
    error: interrupted in Script-0002.sql
     = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    "#);
    assert_eq!(tables, "");
}

#[test]
fn an_interrupt_keeps_committed_scripts() {
    let (shown, tables) = stopped("INT", "upgrade --transaction per-script", ENDLESS);
    assert_snapshot!(shown, @"
    exit 130
    --- stderr
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    error: interrupted in Script-0002.sql
     = rolled back: 0002 was not applied, 0001 is applied and stays, the database is at 0001
    ");
    assert_eq!(tables, "customers\ndbmigrate_journal\n");
}

#[test]
fn a_script_outside_a_transaction_is_left_unfinished() {
    let (shown, tables) = stopped("INT", "upgrade", &format!("-- dbmigrate: no-transaction\nSELECT 1;\n{ENDLESS}"));
    assert_snapshot!(shown, @"
    exit 130
    --- stderr
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    error: interrupted in Script-0002.sql
     = Script-0002.sql runs outside a transaction: 1 of its 2 statements ran and stay; 0001 is applied and stays, the database is at 0001
     = help: run upgrade again: it resumes at statement 2
    ");
    assert_eq!(tables, "customers\ndbmigrate_journal\n");
}

#[test]
fn a_rebuild_leaves_the_old_database() {
    let (shown, tables) = stopped("INT", "rebuild", ENDLESS);
    assert_snapshot!(shown, @"
    exit 130
    --- stderr
    ran Script-0001.sql Customers ( [n] ms)
    error: interrupted in Script-0002.sql
     = the old database is unchanged
    ");
    assert_eq!(tables, "");
}

#[cfg(feature = "postgres")]
#[test]
fn waiting_for_a_server_ends_at_once() {
    let project = Project::scripts(&[ONE]);
    let mut run = project.start("upgrade --wait 1m --url postgres://u@127.0.0.1:1/shop");
    run.says("waiting for the server");
    let started = std::time::Instant::now();
    run.signal("INT");
    let shown = run.end().replace("waiting for the server: Connection refused (os error 111)\n", "");
    assert!(started.elapsed().as_secs() < 5);
    assert_snapshot!(shown, @"
    exit 130
    --- stderr
    error: interrupted
     = nothing was applied
    ");
}

#[test]
fn connecting_to_a_server_that_never_answers_ends_at_once() {
    let urls: &[&str] = &[
        #[cfg(feature = "postgres")]
        "postgres://u@127.0.0.1:{port}/shop",
        #[cfg(feature = "mysql")]
        "mysql://u@127.0.0.1:{port}/shop",
        #[cfg(feature = "sqlserver")]
        "sqlserver://u:p@127.0.0.1:{port}/shop?encrypt=false",
    ];
    for url in urls {
        for command in ["status", "upgrade", "rebuild --allow-drop shop"] {
            let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
            let url = url.replace("{port}", &silent.local_addr().expect("it is bound").port().to_string());
            let project = Project::scripts(&[ONE]);
            let run = project.start(&format!("{command} --url {url}"));
            let (_open, _) = silent.accept().expect("it connects");
            let started = std::time::Instant::now();
            run.signal("INT");
            let shown = run.end();
            assert!(started.elapsed().as_secs() < 8, "{url} {command}");
            assert!(shown.starts_with("exit 130\n--- stderr\n") && shown.contains("error: interrupted"), "{shown}");
        }
    }
}
