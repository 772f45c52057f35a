//! One baseline that replaces many scripts.

use insta::assert_snapshot;

#[cfg(any(feature = "mysql", feature = "postgres"))]
use crate::engine::{Server, on_servers};
use crate::project::{ONE, Project, TWO};

const ROWS: &str = "-- Rows\nINSERT INTO customers VALUES (1, 'O''Hara');\nINSERT INTO orders VALUES (7, 1);\n";

/// Adds a fourth script to the project, whose first three are squashed.
fn fourth(project: &Project) {
    project.script(4, "-- Four\nCREATE TABLE later (id integer);\n");
}

#[test]
fn a_baseline_builds_what_the_scripts_build() {
    let project = Project::sqlite(&[ONE, TWO, ROWS]);
    fourth(&project);
    project.run("upgrade");
    let (long, journal) = (".dump customers orders later", "SELECT count(*) FROM dbmigrate_journal");
    let before = (project.sqlite3(long), project.sqlite3(journal));
    assert_snapshot!(project.runs(&["squash --to 3", "squash --to 3", "squash --to 9", "check"]), @"
    $ dbmigrate squash --to 3
    exit 0
    --- stdout
    wrote migrations/Baseline-0003.sql: it builds the same database as the scripts
    once no database is below 0003, these files may be deleted:
      migrations/Script-0001.sql
      migrations/Script-0002.sql
      migrations/Script-0003.sql
    --- stderr
    squash sqlite:app.db from migrations

    $ dbmigrate squash --to 3
    exit 1
    --- stderr
    squash sqlite:app.db from migrations
    error: no baseline was written: migrations/Baseline-0003.sql already exists
     = help: pass another number

    $ dbmigrate squash --to 9
    exit 2
    --- stderr
    squash sqlite:app.db from migrations
    error: the number 0009 is above the highest script, which is 0004
     = help: check out the commit that has it, or leave --to out
    nothing was applied

    $ dbmigrate check
    exit 0
    --- stdout
    1 baseline and 4 scripts: no problems
    ");
    assert_eq!((project.sqlite3(long), project.sqlite3(journal)), before, "the database stays as it is");
    for number in 1..=3 {
        project.remove(&format!("migrations/Script-{number:04}.sql"));
    }
    assert_snapshot!(project.runs(&["status", "rebuild"]), @"
    $ dbmigrate status
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    applied  [time] [n] ms  Orders
     0003    applied  [time] [n] ms  Rows
     0004    applied  [time] [n] ms  Four
    4 applied, at 0004; nothing pending

    $ dbmigrate rebuild
    exit 0
    --- stdout
    rebuilt with 2 scripts in [n] ms: the database is at 0004
    --- stderr
    rebuild sqlite:app.db from migrations
    2 pending: atomic (a new database replaces the old one at the end)
    ran Baseline-0003.sql to Script-0004.sql
    replacing the old database
    ");
    assert_eq!(project.sqlite3(long), before.0);
    let left = std::fs::read_dir(project.path("migrations")).expect("a folder").count();
    assert_eq!(left, 2, "a baseline and the fourth script");
}

#[test]
fn without_the_dump_tool_and_with_scripts_that_fail_nothing_is_written() {
    let project = Project::sqlite(&[ONE, "SELECT * FROM nope;\n"]);
    assert_snapshot!(project.run("squash"), @"
    exit 1
    --- stderr
    squash sqlite:app.db from migrations
    error: Script-0002.sql failed: no such table: nope
     --> migrations/Script-0002.sql:1:15
      |
    1 | SELECT * FROM nope;
      |               ^^^^
      = SQLite SQLITE_ERROR (1)
      = the old database is unchanged
    ");
    let project = project.env("PATH", "/nowhere");
    assert_snapshot!(project.run("squash --to 1"), @"
    exit 1
    --- stderr
    squash sqlite:app.db from migrations
    error: no baseline was written: sqlite3 is not installed, or not in PATH
     = help: install the database's own client programs
    ");
    assert!(!project.path("migrations/Baseline-0001.sql").exists());
    assert_snapshot!(Project::sqlite(&[]).run("squash"), @"
    exit 2
    --- stderr
    error: there is no folder [dir]/migrations
     = help: correct --dir, or dir or objects in dbmigrate.toml; or start with dbmigrate init
    ");
}

#[test]
fn a_dump_that_lacks_something_does_not_become_a_baseline() {
    let project = Project::sqlite(&[ONE]);
    // the dump program leaves out a table the first time
    let tools = project.path("tools");
    std::fs::create_dir(&tools).expect("a folder");
    let tool = "#!/bin/sh\ncase \"$*\" in *--version*) echo 3;; *) if test -e once; then echo 'CREATE TABLE b (i);'; else touch once; echo 'CREATE TABLE a (i);'; fi;; esac\n";
    project.file("tools/sqlite3", tool);
    std::fs::set_permissions(project.path("tools/sqlite3"), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .expect("set");
    let path = format!("{}:/usr/bin:/bin", tools.display());
    let project = project.env("PATH", &path);
    assert_snapshot!(project.run("squash"), @r#"
    exit 1
    --- stderr
    squash sqlite:app.db from migrations
    error: no baseline was written: a database built from the dump differs from the one that the scripts build: it has "CREATE TABLE b (i);" instead of "CREATE TABLE a (i);"
     = help: let the scripts build only what the tool can dump, or write the baseline by hand
    "#);
    assert!(!project.path("migrations/Baseline-0001.sql").exists());
}

#[cfg(any(feature = "mysql", feature = "postgres"))]
on_servers! {
    a_baseline_of_a_server_builds_what_the_scripts_build,
}

#[cfg(any(feature = "mysql", feature = "postgres"))]
fn a_baseline_of_a_server_builds_what_the_scripts_build(server: &'static Server) {
    let stage = server.stage(&[ONE, TWO, server.rich]);
    fourth(&stage.project);
    stage.project.run("upgrade");
    let said = stage.project.run("squash --to 3");
    assert!(said.starts_with("exit 0"), "{said}");
    for number in 1..=3 {
        stage.project.remove(&format!("migrations/Script-{number:04}.sql"));
    }
    let before = (server.engine.dump)(&stage);
    let said = stage.project.run("rebuild --yes");
    assert!(said.starts_with("exit 0") && said.contains("rebuilt with 2 scripts"), "{said}");
    assert_eq!((server.engine.dump)(&stage), before);
    assert_eq!(stage.database().left_beside(), Vec::<String>::new());
}
