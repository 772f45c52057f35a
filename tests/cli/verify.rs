//! The schema, compared with what the last run has left, with what the scripts build, and with another database.

use insta::assert_snapshot;

use crate::project::{ONE, Project, TWO};

/// A project whose database was upgraded, and then changed by hand.
fn drifted() -> Project {
    let project = Project::sqlite(&[ONE, TWO]);
    project.run("upgrade");
    project.sqlite3("ALTER TABLE customers ADD COLUMN note text; CREATE INDEX by_hand ON orders (id)");
    project
}

#[test]
fn what_was_changed_by_hand_is_shown() {
    let project = Project::sqlite(&[ONE, TWO]);
    project.run("upgrade");
    assert_snapshot!(project.run("verify"), @"
    exit 0
    --- stdout
    the schema is what run [id] left on [date]
    compared: 4 columns, 2 primary keys, 2 tables
    ");
    project.sqlite3("ALTER TABLE customers ADD COLUMN note text; CREATE INDEX by_hand ON orders (id)");
    assert_snapshot!(project.runs(&["verify", "verify --ignore by_*", "verify --ignore by_* --ignore note"]), @"
    $ dbmigrate verify
    exit 6
    --- stdout
    2 objects differ from what run [id] left on [date]: table customers (column note added), index orders.by_hand (added)

    --- column customers.note, expected
    +++ column customers.note, found
    @@ -0,0 +1 @@
    +TEXT

    --- index orders.by_hand, expected
    +++ index orders.by_hand, found
    @@ -0,0 +1 @@
    +INDEX ON orders(id)

    compared: 5 columns, 1 index, 2 primary keys, 2 tables

    $ dbmigrate verify --ignore by_*
    exit 6
    --- stdout
    1 object differs from what run [id] left on [date]: table customers (column note added)

    --- column customers.note, expected
    +++ column customers.note, found
    @@ -0,0 +1 @@
    +TEXT

    compared: 5 columns, 2 primary keys, 2 tables

    $ dbmigrate verify --ignore by_* --ignore note
    exit 0
    --- stdout
    the schema is what run [id] left on [date]
    compared: 4 columns, 2 primary keys, 2 tables
    ");
}

#[test]
fn an_upgrade_warns_or_refuses_and_the_difference_can_be_accepted() {
    let project = drifted();
    project.script(3, "CREATE TABLE later (id integer);");
    assert_snapshot!(project.runs(&["upgrade --drift refuse", "upgrade", "verify --accept", "verify --accept --reason hotfix", "verify"]), @"
    $ dbmigrate upgrade --drift refuse
    exit 6
    --- stderr
    upgrade sqlite:app.db from migrations
    error: 2 objects differ from what run [id] left on [date]: table customers (column note added), index orders.by_hand (added)
     = nothing was applied
     = help: dbmigrate verify shows how it differs: undo it, put it into a script, or accept it with dbmigrate verify --accept --reason TEXT

    $ dbmigrate upgrade
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0003
    --- stderr
    upgrade sqlite:app.db from migrations
    warning: 2 objects differ from what run [id] left on [date]: table customers (column note added), index orders.by_hand (added); dbmigrate verify shows how
    1 pending: atomic (one transaction)
    ran Script-0003.sql ( [n] ms)
    committed Script-0003.sql

    $ dbmigrate verify --accept
    exit 2
    --- stderr
    error: the following required arguments were not provided:
      --reason <TEXT>

    Usage: dbmigrate verify --accept --reason <TEXT>

    For more information, try '--help'.

    $ dbmigrate verify --accept --reason hotfix
    exit 0
    --- stdout
    accepted: 2 objects differ from what run [id] left on [date]: table customers (column note added), index orders.by_hand (added)

    --- column customers.note, expected
    +++ column customers.note, found
    @@ -0,0 +1 @@
    +TEXT

    --- index orders.by_hand, expected
    +++ index orders.by_hand, found
    @@ -0,0 +1 @@
    +INDEX ON orders(id)

    --- stderr
    verify sqlite:app.db from migrations

    $ dbmigrate verify
    exit 0
    --- stdout
    the schema is what run [id] left on [date]
    compared: 6 columns, 1 index, 2 primary keys, 3 tables
    ");
}

#[test]
fn the_configuration_says_what_drift_does() {
    let project = drifted();
    let target = "[target.dev]\nurl = \"sqlite:app.db\"\n";
    project.script(3, "CREATE TABLE later (id integer);");
    project.file("dbmigrate.toml", format!("drift = \"refuse\"\n{target}"));
    assert!(project.run("upgrade").starts_with("exit 6"));
    project.file("dbmigrate.toml", format!("[verify]\nignore = [\"by_hand\", \"*.note\"]\n{target}"));
    assert!(!project.run("upgrade").contains("differ"));
    project.file("dbmigrate.toml", format!("[verify]\nignore = [\"[\"]\n{target}"));
    assert_snapshot!(project.run("verify"), @r#"
    exit 2
    --- stderr
    error: [verify] ignore: "[" is not a pattern: invalid range pattern
    "#);
    project.file(
        "dbmigrate.toml",
        format!("drift = \"refuse\"\n{target}drift = \"off\"\n[journal]\nschema_snapshot = false\n"),
    );
    project.script(4, "CREATE TABLE last (id integer);");
    assert_snapshot!(project.runs(&["upgrade", "verify"]), @r#"
    $ dbmigrate upgrade
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0004
    --- stderr
    warning: DBMIGRATE_URL is set, but the configuration's target "dev" is used; choose with --url or --target
    upgrade sqlite:app.db from migrations
    1 pending: atomic (one transaction)
    ran Script-0004.sql ( [n] ms)
    committed Script-0004.sql

    $ dbmigrate verify
    exit 4
    --- stderr
    warning: DBMIGRATE_URL is set, but the configuration's target "dev" is used; choose with --url or --target
    error: nothing was compared: the journal has changed since what run [id] left on [date] was recorded
     = help: compare with what the scripts build: dbmigrate verify --rebuild
    "#);
}

#[test]
fn a_rebuild_is_compared_with() {
    let project = drifted();
    assert_snapshot!(project.runs(&["verify --rebuild", "verify --rebuild --scratch sqlite:other.db -q"]), @"
    $ dbmigrate verify --rebuild
    exit 6
    --- stdout
    2 objects differ from what the scripts build at 0002: table customers (column note added), index orders.by_hand (added)

    --- column customers.note, expected
    +++ column customers.note, found
    @@ -0,0 +1 @@
    +TEXT

    --- index orders.by_hand, expected
    +++ index orders.by_hand, found
    @@ -0,0 +1 @@
    +INDEX ON orders(id)

    compared: 5 columns, 1 index, 2 primary keys, 2 tables

    $ dbmigrate verify --rebuild --scratch sqlite:other.db -q
    exit 6
    --- stdout
    2 objects differ from what the scripts build at 0002: table customers (column note added), index orders.by_hand (added)

    --- column customers.note, expected
    +++ column customers.note, found
    @@ -0,0 +1 @@
    +TEXT

    --- index orders.by_hand, expected
    +++ index orders.by_hand, found
    @@ -0,0 +1 @@
    +INDEX ON orders(id)

    compared: 5 columns, 1 index, 2 primary keys, 2 tables
    ");
    assert!(!project.path("other.db").exists(), "nothing is left of the scratch database");
}

#[test]
fn a_rebuild_of_a_commit_is_compared_with() {
    let project = Project::sqlite(&[ONE, TWO]);
    project.git("init -q");
    project.commit("Two");
    project.run("upgrade");
    project.script(3, "CREATE TABLE later (id integer);");
    assert!(project.run("verify --rebuild --at HEAD").starts_with("exit 0"));
}

#[test]
fn another_database_is_compared_with() {
    let project = drifted();
    project.run("upgrade --url sqlite:twin.db --create-database");
    let target = "[target.dev]\nurl = \"sqlite:app.db\"\n[target.twin]\nurl = \"sqlite:twin.db\"\n";
    project.file("dbmigrate.toml", format!("default_target = \"dev\"\n{target}"));
    assert_snapshot!(project.runs(&["verify --against twin --ignore by_hand", "verify --against nope"]), @r#"
    $ dbmigrate verify --against twin --ignore by_hand
    exit 6
    --- stdout
    1 object differs from what sqlite:twin.db has: table customers (column note added)

    --- column customers.note, expected
    +++ column customers.note, found
    @@ -0,0 +1 @@
    +TEXT

    compared: 5 columns, 2 primary keys, 2 tables
    --- stderr
    warning: DBMIGRATE_URL is set, but the configuration's target "dev" is used; choose with --url or --target

    $ dbmigrate verify --against nope
    exit 2
    --- stderr
    warning: DBMIGRATE_URL is set, but the configuration's target "dev" is used; choose with --url or --target
    error: dbmigrate.toml has no target "nope": it has dev, twin
    "#);
    assert!(project.run("verify --url sqlite:twin.db --against sqlite:twin.db").starts_with("exit 0"));
}

#[test]
fn programs_get_it_as_json() {
    let project = drifted();
    let (document, _) = project.json("verify --format json --ignore by_hand");
    assert_eq!(document["equal"], false);
    assert_eq!(document["compared"]["table"], 2);
    assert_eq!(document["not_compared"], serde_json::json!([]));
    let difference = &document["differences"][0];
    assert_eq!((&difference["kind"], &difference["name"]), (&"column".into(), &"customers.note".into()));
    assert_eq!((&difference["change"], &difference["found"]), (&"added".into(), &"TEXT".into()));
    assert_eq!(difference["diff"], "--- recorded\n+++ found\n@@ -0,0 +1 @@\n+TEXT\n");
    let (document, _) = project.json("verify --format json --accept --reason hotfix");
    assert_eq!((&document["accepted"], &document["equal"]), (&true.into(), &false.into()));
}

#[test]
fn without_anything_to_compare_with_it_is_refused() {
    let project = Project::sqlite(&[ONE]);
    project.sqlite3("CREATE TABLE customers (id integer)");
    assert_snapshot!(project.runs(&["verify", "verify --rebuild", "verify --scratch sqlite:other.db"]), @"
    $ dbmigrate verify
    exit 4
    --- stderr
    error: nothing was compared: the database has no journal
     = help: compare with what the scripts build: dbmigrate verify --rebuild

    $ dbmigrate verify --rebuild
    exit 4
    --- stderr
    error: nothing was compared: the journal does not say which scripts the database has
     = help: record them: dbmigrate baseline

    $ dbmigrate verify --scratch sqlite:other.db
    exit 2
    --- stderr
    error: the following required arguments were not provided:
      --rebuild

    Usage: dbmigrate verify --rebuild --scratch <URL>

    For more information, try '--help'.
    ");
}

#[test]
fn a_baseline_can_be_verified_before_it_is_recorded() {
    let project = Project::sqlite(&[ONE, TWO]);
    project
        .sqlite3("CREATE TABLE customers (id integer PRIMARY KEY, name text); INSERT INTO customers VALUES (1, 'Ann')");
    assert_snapshot!(project.runs(&["baseline --to 2 --verify --yes", "status", "baseline --to 1 --verify --yes", "baseline --to 2 --yes", "baseline --to 2 --yes"]), @"
    $ dbmigrate baseline --to 2 --verify --yes
    exit 4
    --- stdout
    1 object differs from what the scripts build at 0002: table orders (gone)

    --- table orders, expected
    +++ table orders, found
    @@ -1 +0,0 @@
    -CREATE TABLE

    compared: 2 columns, 1 primary key, 2 tables
    not compared: rows; these tables have some here and none from the scripts: customers
    --- stderr
    baseline sqlite:app.db from migrations
    the database (SQLite [version]) has 1 table: customers
    baseline will record as applied, if the schema is what they build: Script-0001.sql, Script-0002.sql
    error: baseline recorded nothing: 1 object differs from what the scripts build at 0002: table orders (gone)
     = help: bring the database to what the scripts build, or the scripts to what the database is

    $ dbmigrate status
    exit 0
    --- stdout
     number  state    applied at (UTC)  duration  title
     0001    pending                              Customers
     0002    pending                              Orders
    0 applied; 2 pending, but an upgrade would be refused (1 problem)
    --- stderr
    error: the database is not empty and has no journal
     = help: if it matches the baseline, record that with dbmigrate baseline (--to N if scripts are applied as well; --import auto if another tool applied them; --to 0 to apply all scripts to it as it is); otherwise check the URL

    $ dbmigrate baseline --to 1 --verify --yes
    exit 0
    --- stdout
    recorded 1 script as applied without running anything: the database is at 0001
    --- stderr
    baseline sqlite:app.db from migrations
    the database (SQLite [version]) has 1 table: customers
    baseline will record as applied, if the schema is what they build: Script-0001.sql
    recorded Script-0001.sql as applied, without running it
    committed Script-0001.sql
    warning: not compared: rows; these tables have some here and none from the scripts: customers

    $ dbmigrate baseline --to 2 --yes
    exit 0
    --- stdout
    recorded 1 script as applied without running anything: the database is at 0002
    --- stderr
    baseline sqlite:app.db from migrations
    the database (SQLite [version]) has 1 table: customers
    baseline will record as applied, without running or comparing anything: Script-0002.sql
    recorded Script-0002.sql as applied, without running it
    committed Script-0002.sql

    $ dbmigrate baseline --to 2 --yes
    exit 4
    --- stderr
    baseline sqlite:app.db from migrations
    error: baseline recorded nothing: the database already has a journal with rows
     = help: dbmigrate status shows what it says
    ");
}
