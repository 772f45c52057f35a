//! Status, upgrade and baseline when nothing goes wrong, on SQLite.

use insta::assert_snapshot;

use crate::project::{ONE, Project, TWO};

#[test]
fn status_before_and_after() {
    let project = Project::sqlite(&[ONE, TWO]);
    assert_snapshot!(project.runs(&["status", "upgrade --to 1", "status", "upgrade", "status"]), @"
    $ dbmigrate status
    exit 0
    --- stdout
     number  state    applied at (UTC)  duration  title
     0001    pending                              Customers
     0002    pending                              Orders
    0 applied; 2 pending: atomic (one transaction)

    $ dbmigrate upgrade --to 1
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    upgrade sqlite:app.db from migrations
    1 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql

    $ dbmigrate status
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    pending                                 Orders
    1 applied, at 0001; 1 pending: atomic (one transaction)

    $ dbmigrate upgrade
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0002
    --- stderr
    upgrade sqlite:app.db from migrations
    1 pending: atomic (one transaction)
    ran Script-0002.sql Orders ( [n] ms)
    committed Script-0002.sql

    $ dbmigrate status
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    applied  [time] [n] ms  Orders
    2 applied, at 0002; nothing pending
    ");
}

#[test]
fn status_creates_nothing() {
    let project = Project::sqlite(&[ONE]);
    project.run("status");
    assert_eq!(project.sqlite3("SELECT count(*) FROM sqlite_master"), "0\n");
}

#[test]
fn status_ends_with_an_exit_code_on_demand() {
    let project = Project::sqlite(&[ONE]);
    assert_snapshot!(project.run("status --exit-code"), @"
    exit 3
    --- stdout
     number  state    applied at (UTC)  duration  title
     0001    pending                              Customers
    0 applied; 1 pending: atomic (one transaction)
    ");
    project.run("upgrade");
    assert_snapshot!(project.run("status --exit-code"), @"
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
    1 applied, at 0001; nothing pending
    ");
    project.script(1, "-- Other\n");
    assert_snapshot!(project.run("status --exit-code"), @"
    exit 4
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
    1 applied, at 0001; 0 pending, but an upgrade would be refused (1 problem)
    --- stderr
    error: migrations/Script-0001.sql has changed since it was applied ([time])
     = help: an applied script never changes: undo the change (git checkout) and put it into a new script; if this is a new script with the same number, give it another number; if the change has no effect, accept it with dbmigrate repair
    --- applied
    +++ on disk
    @@ -1,2 +1 @@
    --- Customers
    -CREATE TABLE customers (id integer PRIMARY KEY, name text);
    +-- Other
    ");
    assert_snapshot!(project.run("status"), @"
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
    1 applied, at 0001; 0 pending, but an upgrade would be refused (1 problem)
    --- stderr
    error: migrations/Script-0001.sql has changed since it was applied ([time])
     = help: an applied script never changes: undo the change (git checkout) and put it into a new script; if this is a new script with the same number, give it another number; if the change has no effect, accept it with dbmigrate repair
    --- applied
    +++ on disk
    @@ -1,2 +1 @@
    --- Customers
    -CREATE TABLE customers (id integer PRIMARY KEY, name text);
    +-- Other
    ");
}

#[test]
fn upgrade_applies_what_is_pending_and_then_nothing() {
    let project = Project::sqlite(&[ONE, TWO]);
    assert_snapshot!(project.runs(&["upgrade", "upgrade"]), @"
    $ dbmigrate upgrade
    exit 0
    --- stdout
    applied 2 scripts in [n] ms: the database is at 0002
    --- stderr
    upgrade sqlite:app.db from migrations
    2 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    ran Script-0002.sql Orders ( [n] ms)
    committed Script-0001.sql to Script-0002.sql

    $ dbmigrate upgrade
    exit 0
    --- stdout
    nothing to do: the database is at 0002
    --- stderr
    upgrade sqlite:app.db from migrations
    ");
    assert_snapshot!(project.sqlite3("SELECT number, script, title, state FROM dbmigrate_journal"), @"
    1|Script-0001.sql|Customers|applied
    2|Script-0002.sql|Orders|applied
    ");
}

#[test]
fn upgrade_stops_at_the_given_number() {
    let project = Project::sqlite(&[ONE, TWO, ""]);
    assert_snapshot!(project.runs(&["upgrade --to 0002", "upgrade --to 2", "upgrade --to 3"]), @"
    $ dbmigrate upgrade --to 0002
    exit 0
    --- stdout
    applied 2 scripts in [n] ms: the database is at 0002
    --- stderr
    upgrade sqlite:app.db from migrations
    2 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    ran Script-0002.sql Orders ( [n] ms)
    committed Script-0001.sql to Script-0002.sql

    $ dbmigrate upgrade --to 2
    exit 0
    --- stdout
    nothing to do: the database is at 0002
    --- stderr
    upgrade sqlite:app.db from migrations

    $ dbmigrate upgrade --to 3
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0003
    --- stderr
    upgrade sqlite:app.db from migrations
    warning: Script-0003.sql has no statement yet, and once it is applied it never changes again
    1 pending: atomic (one transaction)
    ran Script-0003.sql ( [n] ms)
    committed Script-0003.sql
    ");
}

#[test]
fn upgrade_commits_script_by_script_on_demand() {
    let project = Project::sqlite(&[ONE, TWO]);
    assert_snapshot!(project.run("upgrade --transaction per-script"), @"
    exit 0
    --- stdout
    applied 2 scripts in [n] ms: the database is at 0002
    --- stderr
    upgrade sqlite:app.db from migrations
    2 pending: atomic per script
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    ran Script-0002.sql Orders ( [n] ms)
    committed Script-0002.sql
    ");
}

#[test]
fn upgrade_creates_the_database_on_demand() {
    let project = Project::scripts(&[ONE]);
    assert_snapshot!(project.run("upgrade --url sqlite:app.db"), @"
    exit 1
    --- stderr
    upgrade sqlite:app.db from migrations
    error: there is no database file [dir]/app.db
     = help: upgrade --create-database or rebuild creates it; otherwise check the path
    ");
    assert!(!project.path("app.db").exists());
    assert_snapshot!(project.run("upgrade --url sqlite:app.db --create-database"), @"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    upgrade sqlite:app.db from migrations
    1 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    ");
}

#[test]
fn a_numbered_baseline_builds_a_new_database() {
    let project = Project::sqlite(&[]);
    project.file("migrations/Baseline-0500.sql", ONE);
    project.file("migrations/Script-0501.sql", TWO);
    assert_snapshot!(project.runs(&["check", "upgrade", "status"]), @"
    $ dbmigrate check
    exit 0
    --- stdout
    1 baseline and 1 script: no problems

    $ dbmigrate upgrade
    exit 0
    --- stdout
    applied 2 scripts in [n] ms: the database is at 0501
    --- stderr
    upgrade sqlite:app.db from migrations
    2 pending: atomic (one transaction)
    ran Baseline-0500.sql Customers ( [n] ms)
    ran Script-0501.sql Orders ( [n] ms)
    committed Baseline-0500.sql to Script-0501.sql

    $ dbmigrate status
    exit 0
    --- stdout
     number         state    applied at (UTC)     duration  title
     0500 baseline  applied  [time] [n] ms  Customers
     0501           applied  [time] [n] ms  Orders
    2 applied, at 0501; nothing pending
    ");
}

#[test]
fn a_database_ahead_of_the_folder_is_a_warning() {
    let project = Project::sqlite(&[ONE, TWO]);
    project.run("upgrade");
    project.remove("migrations/Script-0002.sql");
    assert_snapshot!(project.runs(&["status", "upgrade"]), @"
    $ dbmigrate status
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    applied  [time] [n] ms  Orders
    2 applied, at 0002; nothing pending
    --- stderr
    warning: the database is ahead of the scripts: it has 0002, but the highest script is 0001; if no newer checkout was deployed, files are missing here

    $ dbmigrate upgrade
    exit 0
    --- stdout
    nothing to do: the database is at 0002
    --- stderr
    upgrade sqlite:app.db from migrations
    warning: the database is ahead of the scripts: it has 0002, but the highest script is 0001; if no newer checkout was deployed, files are missing here
    ");
}

#[test]
fn a_rehearsal_runs_everything_and_leaves_nothing() {
    let project = Project::sqlite(&[ONE]);
    project.run("upgrade");
    project.script(2, &format!("{TWO}INSERT INTO orders VALUES (1, 1), (2, 1);\n"));
    project.script(3, "-- Discount\nUPDATE orders SET customer = 7 WHERE id = 2;\n");
    let before = project.sqlite3(".dump");
    assert_snapshot!(project.runs(&["upgrade --rehearse", "upgrade --rehearse --format json", "upgrade --rehearse --dry-run"]), @r#"
    $ dbmigrate upgrade --rehearse
    exit 0
    --- stdout
     number  duration  rows  title
     0002 [n] ms     2  Orders
     0003 [n] ms     1  Discount
    rehearsed 2 scripts in [n] ms and rolled back; the upgrade: atomic (one transaction)
    --- stderr
    rehearse sqlite:app.db from migrations
    2 pending: atomic (one transaction)
    ran Script-0002.sql Orders ( [n] ms)
    ran Script-0003.sql Discount ( [n] ms)

    $ dbmigrate upgrade --rehearse --format json
    exit 0
    --- stdout
    {
      "at": 1,
      "command": "upgrade",
      "database": "app.db",
      "dir": "migrations",
      "duration_ms": [n],
      "guarantee": "atomic (one transaction)",
      "objects": [],
      "product": "SQLite [version]",
      "rehearsal": true,
      "rehearsed": [
        {
          "duration_ms": [n],
          "locks": [],
          "number": 2,
          "rows": 2,
          "script": "Script-0002.sql",
          "title": "Orders"
        },
        {
          "duration_ms": [n],
          "locks": [],
          "number": 3,
          "rows": 1,
          "script": "Script-0003.sql",
          "title": "Discount"
        }
      ],
      "target": "sqlite:app.db",
      "version": "[version]",
      "warnings": []
    }
    --- stderr
    rehearse sqlite:app.db from migrations
    2 pending: atomic (one transaction)
    ran Script-0002.sql Orders ( [n] ms)
    ran Script-0003.sql Discount ( [n] ms)

    $ dbmigrate upgrade --rehearse --dry-run
    exit 2
    --- stderr
    error: the argument '--rehearse' cannot be used with '--dry-run'

    Usage: dbmigrate upgrade --rehearse

    For more information, try '--help'.
    "#);
    assert_eq!(project.sqlite3(".dump"), before);
    project.script(4, "-- dbmigrate: no-transaction\nVACUUM;\n");
    assert_snapshot!(project.runs(&["upgrade --rehearse", "upgrade --rehearse --to 1"]), @"
    $ dbmigrate upgrade --rehearse
    exit 4
    --- stderr
    rehearse sqlite:app.db from migrations
    error: Script-0004.sql cannot be rehearsed: it runs outside a transaction, so its changes cannot be rolled back
     = help: upgrade a copy of the database instead, or rehearse --to a script before it
    nothing was applied

    $ dbmigrate upgrade --rehearse --to 1
    exit 0
    --- stdout
    nothing to do: the database is at 0001
    --- stderr
    rehearse sqlite:app.db from migrations
    ");
    assert_eq!(project.sqlite3(".dump"), before);
}
