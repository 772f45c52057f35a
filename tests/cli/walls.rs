//! Repeated output is summed up, and `-v` shows all of it.

use insta::assert_snapshot;

use crate::project::{ONE, Project, TWO};

/// A project whose database has a journal of `DbUp` with these names.
fn dbup(names: impl Iterator<Item = String>) -> Project {
    let project = Project::sqlite(&[ONE, TWO]);
    project.sqlite3("CREATE TABLE SchemaVersions (ScriptName text, Applied text);");
    let rows = names.map(|name| format!("INSERT INTO SchemaVersions VALUES ('{name}', '2024-01-31');"));
    project.sqlite3(&rows.collect::<String>());
    project
}

#[test]
fn one_problem_a_thousand_times_is_shown_once() {
    let project = dbup((1..=1000).map(|number| format!("{number}-x.sql")));
    assert_snapshot!(project.run("baseline --import dbup"), @r#"
    exit 4
    --- stderr
    baseline sqlite:app.db from migrations
    error: "3-x.sql" was applied, but there is no Script-0003.sql
     = help: save it as Script-0003.sql, or write a baseline of a higher number that contains it
      and 997 more like this; -v shows all
    998 problems: nothing was applied
    "#);
    let all = project.run("baseline --import dbup -v");
    assert_eq!(all.matches("= help: save it as").count(), 998, "{all}");
    let (json, _) = project.json("baseline --import dbup --format json");
    assert_eq!(json["error"]["problems"].as_array().map(Vec::len), Some(998));
}

#[test]
fn a_few_problems_are_shown_as_they_are() {
    let project = dbup((1..=5).map(|number| format!("{number}-x.sql")));
    assert_eq!(project.run("baseline --import dbup").matches("= help: save it as").count(), 3);
}

#[test]
fn recorded_and_rebuilt_scripts_share_a_line() {
    let scripts = (1..=16).map(|number| format!("-- Number {number}\nCREATE TABLE t{number} (a int);\n"));
    let scripts = scripts.collect::<Vec<_>>();
    let project = Project::sqlite(&scripts.iter().map(String::as_str).collect::<Vec<_>>());
    project.sqlite3("CREATE TABLE t1 (a int);");
    assert_snapshot!(project.run("baseline --to 15"), @"
    exit 0
    --- stdout
    recorded 15 scripts as applied without running anything: the database is at 0015
    --- stderr
    baseline sqlite:app.db from migrations
    the database (SQLite [version]) has 1 table: t1
    baseline will record as applied, without running or comparing anything: Script-0001.sql to Script-0015.sql
    recorded Script-0001.sql to Script-0015.sql as applied, without running them
    committed Script-0001.sql to Script-0015.sql
    ");
    assert_snapshot!(project.run("rebuild"), @"
    exit 0
    --- stdout
    rebuilt with 16 scripts in [n] ms: the database is at 0016
    --- stderr
    rebuild sqlite:app.db from migrations
    16 pending: atomic (a new database replaces the old one at the end)
    ran Script-0001.sql to Script-0016.sql
    replacing the old database
    ");
    let all = project.run("rebuild --no-template -v");
    assert_eq!((all.matches("\nran Script-").count(), all.matches("\ncommitted ").count()), (16, 1), "{all}");
    // a failure is reported after what ran before it
    project.script(17, "CREATE TABLE t1 (a int);\n");
    assert_snapshot!(project.run("rebuild --no-template"), @"
    exit 1
    --- stderr
    rebuild sqlite:app.db from migrations
    17 pending: atomic (a new database replaces the old one at the end)
    ran Script-0001.sql to Script-0016.sql
    error: Script-0017.sql failed: table t1 already exists
     --> migrations/Script-0017.sql:1:14
      |
    1 | CREATE TABLE t1 (a int);
      |              ^^
      = SQLite SQLITE_ERROR (1)
      = the old database is unchanged
    ");
}
