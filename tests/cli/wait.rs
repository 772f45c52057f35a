//! `wait` on SQLite.

use insta::assert_snapshot;

use crate::project::{ONE, Project, TWO};

#[test]
fn a_wait_says_where_the_database_is() {
    let project = Project::sqlite(&[ONE, TWO]);
    assert_snapshot!(project.runs(&[
        "wait --timeout 0s",
        "upgrade --create-database --quiet --to 1",
        "wait --timeout 0s",
        "wait --timeout 0s --to 1",
        "wait --timeout 0s --number 3",
        "upgrade --quiet",
        "wait",
        "wait --quiet",
    ]), @"
    $ dbmigrate wait --timeout 0s
    exit 3
    --- stderr
    waiting for an upgrade: 2 pending
    error: after 0s, 2 scripts (0001 to 0002) are still pending

    $ dbmigrate upgrade --create-database --quiet --to 1
    exit 0

    $ dbmigrate wait --timeout 0s
    exit 3
    --- stderr
    waiting for an upgrade: 1 pending
    error: after 0s, 1 script (0002) is still pending

    $ dbmigrate wait --timeout 0s --to 1
    exit 0
    --- stdout
    the database is at 0001

    $ dbmigrate wait --timeout 0s --number 3
    exit 4
    --- stderr
    error: the number 0003 is above the highest script, which is 0002
     = help: check out the commit that has it, or leave --to out
    nothing was applied

    $ dbmigrate upgrade --quiet
    exit 0

    $ dbmigrate wait
    exit 0
    --- stdout
    the database is at 0002

    $ dbmigrate wait --quiet
    exit 0
    ");
    project.remove("migrations/Script-0002.sql");
    assert_snapshot!(project.run("wait"), @"
    exit 0
    --- stdout
    the database is at 0002; the highest script is 0001
    ");
}

#[test]
fn a_wait_has_a_document() {
    let project = Project::sqlite(&[ONE]);
    project.run("upgrade --create-database");
    assert_snapshot!(project.run("wait --format json"), @r#"
    exit 0
    --- stdout
    {
      "at": 1,
      "command": "wait",
      "database": "app.db",
      "dir": "migrations",
      "objects": [],
      "run": null,
      "scripts": [],
      "state": "up-to-date",
      "target": "sqlite:app.db",
      "version": "[version]"
    }
    "#);
    project.file("migrations/Script-0002.sql", TWO);
    assert_snapshot!(project.run("wait --timeout 0s --format json"), @r#"
    exit 3
    --- stdout
    {
      "at": null,
      "command": "wait",
      "database": "app.db",
      "dir": "migrations",
      "objects": [],
      "run": null,
      "scripts": [
        2
      ],
      "state": "pending",
      "target": "sqlite:app.db",
      "version": "[version]"
    }
    --- stderr
    waiting for an upgrade: 1 pending
    "#);
}

#[test]
fn a_wait_for_a_server_that_never_answers_says_how_to_wait_longer() {
    let project = Project::sqlite(&[ONE]);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("it has one");
    let said = project.run(&format!("wait --timeout 0s --url postgres://u@{nobody}/shop"));
    assert!(said.starts_with("exit 1\n"), "{said}");
    assert!(said.ends_with("= help: check the host and port; --timeout waits longer\n"), "{said}");
}

#[test]
fn a_wait_for_a_refused_history_ends_at_once() {
    let project = Project::sqlite(&[ONE]);
    project.run("upgrade --create-database");
    project.file("migrations/Script-0001.sql", TWO);
    assert_snapshot!(project.run("wait"), @"
    exit 4
    --- stderr
    error: migrations/Script-0001.sql has changed since it was applied ([time])
     = help: an applied script never changes: undo the change (git checkout) and put it into a new script; if this is a new script with the same number, give it another number; if the change has no effect, accept it with dbmigrate repair
    --- applied
    +++ on disk
    @@ -1,2 +1,2 @@
    --- Customers
    -CREATE TABLE customers (id integer PRIMARY KEY, name text);
    +-- Orders
    +CREATE TABLE orders (id integer PRIMARY KEY, customer integer);
    nothing was applied
    ");
}

#[test]
fn a_wait_can_be_interrupted() {
    let project = Project::sqlite(&[ONE]);
    let mut run = project.start("wait");
    run.says("waiting for an upgrade");
    run.signal("INT");
    assert_snapshot!(run.end(), @"
    exit 130
    --- stderr
    error: interrupted
     = nothing was applied
    ");
}
