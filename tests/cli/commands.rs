//! `new`, `check`, `baseline` and `repair` on SQLite.

use insta::assert_snapshot;

use crate::project::{ONE, Project, TWO};

#[test]
fn new_creates_the_next_script() {
    let project = Project::scripts(&[ONE]);
    assert_snapshot!(project.runs(&["new add customer email", "new"]), @"
    $ dbmigrate new add customer email
    exit 0
    --- stdout
    migrations/Script-0002.sql

    $ dbmigrate new
    exit 0
    --- stdout
    migrations/Script-0003.sql
    ");
    assert_eq!(project.read("migrations/Script-0002.sql"), "-- add customer email\n\n");
    assert_eq!(project.read("migrations/Script-0003.sql"), "");
}

#[test]
fn new_starts_in_an_empty_folder_and_after_a_baseline() {
    let project = Project::empty();
    std::fs::create_dir(project.path("migrations")).expect("a folder");
    assert_snapshot!(project.run("new first"), @"
    exit 0
    --- stdout
    migrations/Script-0001.sql
    ");
    project.remove("migrations/Script-0001.sql");
    project.file("migrations/Baseline-0500.sql", "");
    assert_snapshot!(project.run("new next"), @"
    exit 0
    --- stdout
    migrations/Script-0501.sql
    ");
}

#[test]
fn new_without_a_folder_says_what_to_do() {
    assert_snapshot!(Project::empty().run("new"), @"
    exit 2
    --- stderr
    error: there is no folder [dir]/migrations
     = help: correct --dir, or dir or objects in dbmigrate.toml; or start with dbmigrate init
    ");
}

#[test]
fn new_refuses_a_title_of_two_lines() {
    let project = Project::scripts(&[ONE]);
    assert_snapshot!(project.run_with(&["new", "one\ntwo"]), @"
    exit 2
    --- stderr
    error: the title must be one line of text
    ");
}

#[test]
fn new_creates_the_file_of_an_object() {
    let project = Project::scripts(&[ONE]);
    assert_snapshot!(project.runs(&["new --object views/totals What items cost", "new --object views/totals"]), @"
    $ dbmigrate new --object views/totals What items cost
    exit 0
    --- stdout
    migrations/objects/views/totals.sql

    $ dbmigrate new --object views/totals
    exit 1
    --- stderr
    error: migrations/objects/views/totals.sql already exists: it was not changed
    ");
    assert_eq!(project.read("migrations/objects/views/totals.sql"), "-- What items cost\n\n");
}

#[test]
fn new_refuses_a_path_that_is_no_object() {
    let project = Project::scripts(&[ONE]);
    let paths =
        ["views/", "../views/a", "/views/a", "views\\a", ".views/a", "objects/views/a", "migrations/objects/a", "a\nb"];
    let refused = paths.map(|path| project.run_with(&["new", "--object", path]));
    assert_snapshot!(refused.join("\n\n"), @r#"
    exit 2
    --- stderr
    error: "views/" is not a path in the folder of objects, such as views/totals.sql


    exit 2
    --- stderr
    error: "../views/a" is not a path in the folder of objects, such as views/totals.sql


    exit 2
    --- stderr
    error: "/views/a" is not a path in the folder of objects, such as views/totals.sql


    exit 2
    --- stderr
    error: "views\\a" is not a path in the folder of objects, such as views/totals.sql


    exit 2
    --- stderr
    error: ".views/a" is hidden: dbmigrate does not read files whose names start with a dot


    exit 2
    --- stderr
    error: "objects/views/a" begins with the folder of objects: leave that out


    exit 2
    --- stderr
    error: "migrations/objects/a" begins with the folder of objects: leave that out


    exit 2
    --- stderr
    error: "a\nb" is not a path in the folder of objects, such as views/totals.sql
    "#);
    assert_snapshot!(project.run_with(&["new", "--object", "a", "dbmigrate:", "always"]), @"
    exit 2
    --- stderr
    error: a title that starts with dbmigrate: would be read as a directive
    ");
    assert_snapshot!(project.run("new --object Script-0001"), @"
    exit 4
    --- stderr
    error: objects/Script-0001.sql is named like a script but is among the objects
     = help: name it after what it creates, such as views/totals.sql; or, if it is a script, move it out of that folder
    nothing was written
    ");
    assert!(!project.path("migrations/objects").exists());
}

#[test]
fn a_folder_of_objects_that_does_not_exist_is_an_error() {
    let project = Project::scripts(&[ONE]);
    project.file("dbmigrate.toml", "objects = \"migrations/objcts\"\n");
    assert_snapshot!(project.run("upgrade --url sqlite:app.db --create-database"), @"
    exit 2
    --- stderr
    error: there is no folder [dir]/migrations/objcts
     = help: correct --dir, or dir or objects in dbmigrate.toml; or start with dbmigrate init
    ");
}

#[test]
fn check_needs_no_database() {
    let project = Project::scripts(&[ONE, TWO]);
    assert_snapshot!(project.run("check"), @"
    exit 0
    --- stdout
    no baseline and 2 scripts: no problems
    --- stderr
    note: the statements were not checked: neither --url nor a target says which kind of database they are for
    ");
    assert_snapshot!(project.run("check --url sqlite:nowhere.db"), @"
    exit 0
    --- stdout
    no baseline and 2 scripts: no problems
    ");
    assert!(!project.path("nowhere.db").exists());
}

#[test]
fn baseline_records_and_runs_nothing() {
    let project = Project::sqlite(&[ONE, TWO]);
    project.file("migrations/Baseline.sql", "-- As it was\nCREATE TABLE legacy (id integer);\n");
    project.sqlite3("CREATE TABLE legacy (id integer)");
    assert_snapshot!(project.runs(&["baseline", "status", "upgrade"]), @"
    $ dbmigrate baseline
    exit 0
    --- stdout
    recorded 1 script as applied without running anything: the database is at 0000
    --- stderr
    baseline sqlite:app.db from migrations
    the database (SQLite [version]) has 1 table: legacy
    baseline will record as applied, without running or comparing anything: Baseline.sql
    recorded Baseline.sql as applied, without running it
    committed Baseline.sql

    $ dbmigrate status
    exit 0
    --- stdout
     number         state      applied at (UTC)     duration  title
     0000 baseline  baselined  [time] [n] ms  As it was
     0001           pending                                   Customers
     0002           pending                                   Orders
    1 applied, at 0000; 2 pending: atomic (one transaction)

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
    ");
}

#[test]
fn baseline_records_scripts_too() {
    let project = Project::sqlite(&[ONE, TWO]);
    project.sqlite3(ONE);
    assert_snapshot!(project.runs(&["baseline --to 1", "upgrade", "status"]), @"
    $ dbmigrate baseline --to 1
    exit 0
    --- stdout
    recorded 1 script as applied without running anything: the database is at 0001
    --- stderr
    baseline sqlite:app.db from migrations
    the database (SQLite [version]) has 1 table: customers
    baseline will record as applied, without running or comparing anything: Script-0001.sql
    recorded Script-0001.sql as applied, without running it
    committed Script-0001.sql

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
     number  state      applied at (UTC)     duration  title
     0001    baselined  [time] [n] ms  Customers
     0002    applied    [time] [n] ms  Orders
    2 applied, at 0002; nothing pending
    ");
}

#[test]
fn baseline_says_why_it_records_nothing() {
    let project = Project::sqlite(&[ONE]);
    assert_snapshot!(project.run("baseline"), @"
    exit 4
    --- stderr
    baseline sqlite:app.db from migrations
    error: baseline recorded nothing: the database is empty
     = help: upgrade builds it
    ");
    assert_snapshot!(project.run("baseline --to 1"), @"
    exit 4
    --- stderr
    baseline sqlite:app.db from migrations
    error: baseline recorded nothing: the database is empty
     = help: upgrade builds it
    ");
    project.run("upgrade");
    assert_snapshot!(project.run("baseline --to 1"), @"
    exit 4
    --- stderr
    baseline sqlite:app.db from migrations
    error: baseline recorded nothing: the database already has a journal with rows
     = help: dbmigrate status shows what it says
    ");
}

#[test]
fn a_repair_needs_a_reason_and_is_recorded() {
    let project = Project::sqlite(&[ONE]);
    project.run("upgrade");
    project.script(1, &ONE.replace("Customers", "Clients"));
    let runs = [
        "repair 1",
        "repair 2 --reason=why",
        "repair 1 --reason=",
        "repair 1 --reason=Another_word",
        "repair 1 --reason=again --format json",
        "status",
    ];
    assert_snapshot!(project.runs(&runs), @r#"
    $ dbmigrate repair 1
    exit 2
    --- stderr
    error: the following required arguments were not provided:
      --reason <TEXT>

    Usage: dbmigrate repair --reason <TEXT> <N>

    For more information, try '--help'.

    $ dbmigrate repair 2 --reason=why
    exit 4
    --- stderr
    repair sqlite:app.db from migrations
    error: nothing was repaired: the journal has no script 0002
     = help: dbmigrate status shows what it has

    $ dbmigrate repair 1 --reason=
    exit 4
    --- stderr
    repair sqlite:app.db from migrations
    error: nothing was repaired: a repair needs a reason
     = help: say why the journal is changed

    $ dbmigrate repair 1 --reason=Another_word
    exit 0
    --- stdout
    accepted Script-0001.sql in its current form: the journal has its new checksum, and nothing was run
    --- stderr
    repair sqlite:app.db from migrations

    $ dbmigrate repair 1 --reason=again --format json
    exit 0
    --- stdout
    {
      "action": null,
      "command": "repair",
      "database": "app.db",
      "dir": "migrations",
      "script": "Script-0001.sql",
      "target": "sqlite:app.db",
      "version": "[version]"
    }
    --- stderr
    repair sqlite:app.db from migrations

    $ dbmigrate status
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Clients
    1 applied, at 0001; nothing pending
    "#);
}
