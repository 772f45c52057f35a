//! Variables in scripts: `[variables]`, `--var`.

use insta::assert_snapshot;

use crate::project::Project;

const CONFIG: &str = r#"
[variables]
table = "customers"
note = "it''s new"
password = { value = "${SHOP_PASSWORD}", secret = true }

[target.app]
url = "sqlite:app.db"

[target.other]
url = "sqlite:other.db"
[target.other.variables]
table = "others"
"#;

const TABLE: &str = "-- The table $(table), not $(replaced) here\nCREATE TABLE $(table) (id integer, note text);\n";
const ROWS: &str = "INSERT INTO $(table) VALUES (1, '$(note) -- $(password)'), (2, '$$(table) $$(x)');\n";

fn project(scripts: &[&str]) -> Project {
    let project = Project::scripts(scripts).env("SHOP_PASSWORD", "hush-hush");
    project.file("dbmigrate.toml", CONFIG);
    project.file("app.db", "");
    project.file("other.db", "");
    project
}

#[test]
fn variables_are_replaced_and_hashes_do_not_see_it() {
    let project = project(&[TABLE, ROWS]);
    assert_snapshot!(project.run("upgrade --target app"), @"
    exit 0
    --- stdout
    applied 2 scripts in [n] ms: the database is at 0002
    --- stderr
    upgrade sqlite:app.db from migrations
    2 pending: atomic (one transaction)
    ran Script-0001.sql The table $(table), not $(replaced) here ( [n] ms)
    ran Script-0002.sql ( [n] ms)
    committed Script-0001.sql to Script-0002.sql
    ");
    assert_eq!(project.sqlite3("SELECT note FROM customers"), "it's new -- hush-hush\n$(table) $(x)\n");
    assert_snapshot!(project.sqlite3("SELECT title, body FROM dbmigrate_journal"), @"
    The table $(table), not $(replaced) here|-- The table $(table), not $(replaced) here
    CREATE TABLE $(table) (id integer, note text);

    |INSERT INTO $(table) VALUES (1, '$(note) -- $(password)'), (2, '$$(table) $$(x)');
    ");
    // another value does not change the script
    assert!(project.run("status --target app --var note=other").contains("nothing pending"));
    let plain = Project::sqlite(&[TABLE]).json("status --format json").0["scripts"][0]["checksum"].clone();
    assert_eq!(project.json("status --target app --format json").0["scripts"][0]["checksum"], plain);
    project.run("upgrade --target other --var note=mine");
    let other = crate::project::client(
        "sqlite3",
        &[&project.path("other.db").display().to_string()],
        "SELECT note FROM others",
    );
    assert_eq!(other, "mine -- hush-hush\n$(table) $(x)\n");
}

#[test]
fn an_undeclared_variable_is_refused_without_any_declared() {
    let project = Project::sqlite(&["CREATE TABLE t (a text DEFAULT '$$(y)'); -- $(x)\n"]);
    project.run("upgrade");
    assert!(project.sqlite3(".schema t").contains("'$(y)'"));
    project.script(2, "INSERT INTO t VALUES ('$(app_password)');\nINSERT INTO t VALUES ('$(other)');\n");
    let refused = project.refused();
    assert!(
        refused.contains("there is no variable app_password") && refused.contains("Script-0002.sql:1:24"),
        "{refused}"
    );
    assert!(refused.contains("there is no variable other") && refused.contains("write $$(other)"), "{refused}");
    assert!(project.run("check").contains("there is no variable app_password"));
}

#[test]
fn a_script_that_says_so_has_no_variables() {
    let text = "-- Templates\n-- dbmigrate: no-variables\nCREATE TABLE t (a text DEFAULT '$(x) $$(y)');\n";
    let project = Project::sqlite(&[text]).env("UNUSED", "");
    let upgraded = project.run("upgrade --var x=1");
    assert!(upgraded.contains("applied 1 script"), "{upgraded}");
    assert!(project.sqlite3(".schema t").contains("'$(x) $$(y)'"));
}

#[test]
fn a_dump_is_left_as_it_is_while_no_variable_is_declared() {
    let project = Project::sqlite(&[]);
    let dump = "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t (a text);\n\
                INSERT INTO t VALUES ('$(document).ready ${x} $y$');\nCOMMIT;\n";
    project.file("migrations/Baseline.sql", dump);
    let shown = project.run("rebuild");
    assert!(!shown.contains("warning"), "{shown}");
    assert_eq!(project.sqlite3("SELECT a FROM t").trim(), "$(document).ready ${x} $y$");
    let refused = project.run("rebuild --var other=1");
    assert!(refused.contains("there is no variable document"), "{refused}");
    project.file("migrations/Baseline.sql", "CREATE TABLE t (a text DEFAULT '$(document).ready');\n");
    assert!(project.run("rebuild").contains("there is no variable document"));
}

#[test]
fn variables_of_other_tools_are_a_warning() {
    let project = Project::sqlite(&[
        "CREATE TABLE t (a text DEFAULT '${schema}'); -- ${comment}\n",
        "INSERT INTO t VALUES ('$owner$ ${schema}');\n",
    ]);
    let checked = project.run("check");
    assert!(checked.starts_with("exit 0"), "{checked}");
    let first = "warning: migrations/Script-0001.sql:1:33: ${schema} is sent unchanged: it is not a dbmigrate variable";
    assert!(checked.contains(first) && checked.contains("(1 more script has the same)"), "{checked}");
    assert!(checked.contains("warning: migrations/Script-0002.sql:1:24: $owner$ is sent unchanged"), "{checked}");
    assert!(!checked.contains("${comment}"), "{checked}");
    assert_eq!(project.json("check --format json").0["warnings"].as_array().map(Vec::len), Some(2));
    assert!(project.run("status").contains(first) && project.run("upgrade").contains(first));
    assert!(!project.run("status").contains("warning"), "what is applied is");
}

#[test]
fn an_undeclared_or_misplaced_variable_is_refused() {
    let project = project(&[
        "CREATE TABLE $(tabel) (id integer);\nSELECT '$(nope)';\n",
        "SELECT '$(note)';\nSELECT $(table) FROM;\n",
        "$(note);\nSELECT 1;\n",
    ]);
    let all = "check --target app --var note=COMMIT";
    assert_snapshot!(project.run(all), @"
    exit 4
    --- stderr
    error: there is no variable tabel
     --> migrations/Script-0001.sql:1:14
      |
    1 | CREATE TABLE $(tabel) (id integer);
      |              ^^^^^^^^
      = help: declare it under [variables] in dbmigrate.toml or with --var NAME=VALUE; for the literal text, write $$(tabel), or start a script that contains many with the line: -- dbmigrate: no-variables
    error: there is no variable nope
     --> migrations/Script-0001.sql:2:9
      |
    2 | SELECT '$(nope)';
      |         ^^^^^^^
      = help: declare it under [variables] in dbmigrate.toml or with --var NAME=VALUE; for the literal text, write $$(nope), or start a script that contains many with the line: -- dbmigrate: no-variables
    error: a script may not COMMIT: dbmigrate controls the transactions
     --> migrations/Script-0003.sql:1:1
      |
    1 | $(note);
      | ^^^^^^^
      = help: remove the statement: dbmigrate runs the script in its own transaction
    3 problems
    ");
    project.script(1, "SELECT 1;\n");
    project.script(2, "SELECT 1;\n");
    assert_snapshot!(project.runs(&["check --target app --var note=SELECT;SELECT", "check --target app --var note=", "check --var 1x=2"]), @r#"
    $ dbmigrate check --target app --var note=SELECT;SELECT
    exit 4
    --- stderr
    error: with the value of note, this is not a single statement
     --> migrations/Script-0003.sql:1:1
      |
    1 | $(note);
      | ^^^^^^^
      = help: give it a value that ends neither a string nor the statement

    $ dbmigrate check --target app --var note=
    exit 4
    --- stderr
    error: with the value of note, this is not a single statement
     --> migrations/Script-0003.sql:1:1
      |
    1 | $(note);
      | ^^^^^^^
      = help: give it a value that ends neither a string nor the statement

    $ dbmigrate check --var 1x=2
    exit 2
    --- stderr
    error: invalid value '1x=2' for '--var <NAME=VALUE>': "1x" is not a variable name: use letters, digits and underscores, and do not begin with a digit

    For more information, try '--help'.
    "#);
}

#[test]
fn an_error_points_into_the_file_as_it_is_written() {
    let project = project(&[TABLE, "SELECT 1;\nINSERT INTO $(table) VALUES (1, '$(note)', '$(password)', nope);\n"]);
    assert_snapshot!(project.run("upgrade --target app --var table=a_longer_name_for_it"), @"
    exit 1
    --- stderr
    upgrade sqlite:app.db from migrations
    2 pending: atomic (one transaction)
    ran Script-0001.sql The table $(table), not $(replaced) here ( [n] ms)
    error: Script-0002.sql failed: no such column: nope
     --> migrations/Script-0002.sql:2:59
      |
    2 | INSERT INTO $(table) VALUES (1, '$(note)', '$(password)', nope);
      |                                                           ^^^^
      = SQLite SQLITE_ERROR (1)
      = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    ");
}

#[test]
fn secret_values_are_not_shown() {
    let fails =
        "-- dbmigrate: no-transaction\nSELECT '$(password)' FROM $(table);\nINSERT INTO \"$(password)\" VALUES (1);\n";
    let secret = |text: &str| text.contains("hush");
    let project = project(&[TABLE, fails]);
    let runs = [
        "upgrade --target app --dry-run",
        "upgrade --target app -vv",
        "status --target app",
        "status --target app --format json",
    ];
    for run in runs {
        let said = project.run(run);
        assert!(!secret(&said), "{run}: {said}");
    }
    assert_snapshot!(project.run("upgrade --target app"), @r#"
    exit 1
    --- stderr
    upgrade sqlite:app.db from migrations
    1 pending: not atomic: Script-0002 (no-transaction)
    error: Script-0002.sql failed: no such table: ***
     --> migrations/Script-0002.sql:3:14
      |
    3 | INSERT INTO "$(password)" VALUES (1);
      |              ^^^^^^^^^^^
      = SQLite SQLITE_ERROR (1)
      = Script-0002.sql runs outside a transaction: 1 of its 2 statements ran and stay; the database is at 0001
      = help: fix it from statement 2 on and run upgrade again: it resumes there
    "#);
    assert!(!secret(&project.sqlite3("SELECT error FROM dbmigrate_journal")));
    assert_eq!(project.sqlite3("SELECT state FROM dbmigrate_journal"), "applied\nfailed\n");
}

#[test]
fn the_native_client_gets_the_values_too() {
    let piped = project(&[TABLE, "INSERT INTO $(table) VALUES (1, '$(note)');\n"]);
    let run = project(&[TABLE, "INSERT INTO $(table) VALUES (1, '$(note)');\n"]);
    piped.sqlite3(&piped.stdout("upgrade --target app --dry-run"));
    run.run("upgrade --target app");
    let same = "SELECT * FROM customers; SELECT number, checksum, body FROM dbmigrate_journal";
    assert_eq!(piped.sqlite3(same), run.sqlite3(same));
}
