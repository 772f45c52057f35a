//! Servers that do not answer, and URLs that cannot be used.

use insta::assert_snapshot;

use crate::engine::{Server, on_servers};
use crate::project::{ONE, Project};

on_servers! {
    a_host_that_does_not_answer_is_named,
    a_url_that_cannot_be_used_says_why,
    init_does_not_fill_a_server_that_does_not_answer,
    init_asks_the_server_whether_the_database_has_tables,
}

fn a_host_that_does_not_answer_is_named(server: &'static Server) {
    let project = Project::scripts(&[ONE]).neutral(server.engine.words);
    let project = server.engine.hidden.iter().fold(project, |project, (text, name)| project.hide(text, name));
    let run = |arguments: &str, rest: &str| project.run(&format!("{arguments} --url {}://{rest}", server.scheme));
    assert_snapshot!(run("upgrade", "u@127.0.0.1:1/shop"), @"
    exit 1
    --- stderr
    upgrade [scheme]://u@127.0.0.1:[port]/shop from migrations
    error: cannot connect to [scheme]://u@127.0.0.1:[port]/shop: Connection refused (os error 111)
     = help: check the host and port; --wait 30s waits for a server that is starting
    ");
    // the number of attempts depends on the machine
    let shown = run("upgrade --wait 1", "u@127.0.0.1:1/shop");
    let mut lines = shown.lines().collect::<Vec<_>>();
    lines.dedup();
    assert_snapshot!(lines.join("\n"), @"
    exit 1
    --- stderr
    upgrade [scheme]://u@127.0.0.1:[port]/shop from migrations
    waiting for the server: Connection refused (os error 111)
    error: cannot connect to [scheme]://u@127.0.0.1:[port]/shop: Connection refused (os error 111)
     = help: check the host and port; --wait 30s waits for a server that is starting
    ");
    assert_snapshot!(run("upgrade", "u@db.invalid/shop"), @"
    exit 1
    --- stderr
    upgrade [scheme]://u@db.invalid/shop from migrations
    error: cannot connect to [scheme]://u@db.invalid/shop: failed to lookup address information: Name or service not known
     = help: check the host and port; --wait 30s waits for a server that is starting
    ");
    let socket = format!("u@localhost/shop?{}=/nowhere/server.sock", server.socket);
    assert_snapshot!(run("upgrade", &socket), @"
    exit 1
    --- stderr
    upgrade [scheme]://u@/nowhere/server.sock/shop from migrations
    error: cannot connect to [scheme]://u@/nowhere/server.sock/shop: No such file or directory (os error 2)
     = help: check the host and port; --wait 30s waits for a server that is starting
    ");
    assert_snapshot!(run("status --format json", "u@127.0.0.1:1/shop"), @r#"
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
        "message": "cannot connect to [scheme]://u@127.0.0.1:[port]/shop: Connection refused (os error 111)",
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
          "product": "[product]"
        },
        "state": null
      },
      "target": "[scheme]://u@127.0.0.1:[port]/shop",
      "version": "[version]"
    }
    --- stderr
    error: cannot connect to [scheme]://u@127.0.0.1:[port]/shop: Connection refused (os error 111)
     = help: check the host and port; --wait 30s waits for a server that is starting
    "#);
}

fn a_url_that_cannot_be_used_says_why(server: &'static Server) {
    let project = Project::scripts(&[ONE]).neutral(server.engine.words).hide(server.ssl_mode, "[ssl mode]");
    let run = |rest: &str| project.run(&format!("status --url {}://{rest}", server.scheme));
    assert_snapshot!(run("localhost"), @"
    exit 2
    --- stderr
    error: --url: the [scheme] URL names no database
     = help: add it at the end: [scheme]://user@host/database
    ");
    assert_snapshot!(run("u@localhost:port/shop"), @"
    exit 2
    --- stderr
    error: --url: the [scheme] URL cannot be parsed: invalid port number
     = help: in a user name or a password, write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25
    ");
    let shown = run(&format!("u@localhost/shop?{}=always", server.ssl_mode));
    let (why, help) = shown.split_once("\n = help: it is ").expect("the values are listed");
    assert_snapshot!(why, @"
    exit 2
    --- stderr
    error: --url: the URL's parameter [ssl mode] has an invalid value
    ");
    assert!(help.starts_with("disable"), "{help}");
}

fn init_does_not_fill_a_server_that_does_not_answer(server: &'static Server) {
    let project = Project::empty();
    let url = format!("{}://shop:s3cret@127.0.0.1:9/shop", server.scheme);
    assert_snapshot!(project.run_with(&["init", "--url", &url]), @"
    exit 0
    --- stdout
    wrote dbmigrate.toml
    wrote migrations/Baseline.sql
    --- stderr
    note: the URL has a password: set DBMIGRATE_URL to the URL before the next command; dbmigrate.toml takes it from there
    next: the database does not answer: if it has tables, write its schema into migrations/Baseline.sql and record it with dbmigrate baseline; dbmigrate new writes the first script
    ");
}

fn init_asks_the_server_whether_the_database_has_tables(server: &'static Server) {
    let stage = server.stage(&[]);
    let url = stage.database().url();
    let project = Project::empty();
    assert!(project.run(&format!("init --url {url}")).contains("wrote migrations/Script-0001.sql"));
    stage.ask("CREATE TABLE real_table (id integer)");
    let project = Project::empty();
    let shown = project.run(&format!("init --url {url}"));
    assert!(shown.contains("next: the database has tables") && !shown.contains("Script-0001.sql"), "{shown}");
}
