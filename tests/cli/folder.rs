//! A folder of scripts with problems: all are reported at once, each with its remedy, and nothing is applied.

use insta::assert_snapshot;

use crate::project::{ONE, Project, TWO};

#[test]
fn an_empty_folder_is_an_error() {
    let project = Project::sqlite(&[]);
    std::fs::create_dir(project.path("migrations")).expect("a folder");
    assert_snapshot!(project.runs(&["check", "status", "upgrade", "rebuild"]), @"
    $ dbmigrate check
    exit 4
    --- stderr
    error: no Baseline.sql and no Script-NNNN.sql in migrations
     = help: dbmigrate new writes the first script, dbmigrate init creates a whole project; or name the folder with --dir

    $ dbmigrate status
    exit 0
    --- stdout
    0 applied; 0 pending, but an upgrade would be refused (1 problem)
    --- stderr
    error: no Baseline.sql and no Script-NNNN.sql in migrations
     = help: dbmigrate new writes the first script, dbmigrate init creates a whole project; or name the folder with --dir

    $ dbmigrate upgrade
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: no Baseline.sql and no Script-NNNN.sql in migrations
     = help: dbmigrate new writes the first script, dbmigrate init creates a whole project; or name the folder with --dir
    nothing was applied

    $ dbmigrate rebuild
    exit 4
    --- stderr
    rebuild sqlite:app.db from migrations
    error: no Baseline.sql and no Script-NNNN.sql in migrations
     = help: dbmigrate new writes the first script, dbmigrate init creates a whole project; or name the folder with --dir
    nothing was applied
    ");
}

#[test]
fn a_folder_without_scripts_is_refused() {
    let project = Project::sqlite(&[]);
    project.file("migrations/readme.md", "");
    project.file("migrations/0001_create.sql", "");
    assert_snapshot!(project.refused(), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: no Baseline.sql and no Script-NNNN.sql in migrations
     = help: dbmigrate new writes the first script, dbmigrate init creates a whole project; or name the folder with --dir
    nothing was applied
    ");
}

#[test]
fn a_missing_folder_is_an_error() {
    let project = Project::sqlite(&[]);
    assert_snapshot!(project.runs(&["check", "upgrade --dir db/sripts"]), @"
    $ dbmigrate check
    exit 2
    --- stderr
    error: there is no folder [dir]/migrations
     = help: correct --dir, or dir or objects in dbmigrate.toml; or start with dbmigrate init

    $ dbmigrate upgrade --dir db/sripts
    exit 2
    --- stderr
    error: there is no folder [dir]/db/sripts
     = help: correct --dir, or dir or objects in dbmigrate.toml; or start with dbmigrate init
    ");
}

#[test]
fn a_file_in_place_of_the_folder_is_refused() {
    let project = Project::sqlite(&[]);
    project.file("migrations", "");
    assert_snapshot!(project.refused(), @"
    exit 2
    --- stderr
    error: the folder migrations cannot be read: Not a directory (os error 20)
     = help: correct --dir, or dir or objects in dbmigrate.toml; or start with dbmigrate init
    ");
}

#[test]
fn misnamed_scripts_are_refused() {
    let project = Project::sqlite(&[ONE]);
    for name in [
        "script-48.sql",
        "Script-0049 copy.sql",
        "Script-050.sql",
        "Script_0051.sql",
        "Script-0052.SQL",
        "Script-0053-add-mail.sql",
        "Script-0054.sql.txt",
        "baseline.sql",
        "Baseline-5.sql",
    ] {
        project.file(&format!("migrations/{name}"), "");
    }
    assert_snapshot!(project.refused(), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: migrations/Baseline-5.sql looks like a script but is misnamed
     = help: a script is named like Baseline-0005.sql, without a description; rename or remove the file
    error: migrations/Script-0049 copy.sql looks like a script but is misnamed
     = help: a script is named like Script-0049.sql, without a description; rename or remove the file
    error: migrations/Script-0052.SQL looks like a script but is misnamed
     = help: a script is named like Script-0052.sql, without a description; rename or remove the file
    error: migrations/Script-0053-add-mail.sql looks like a script but is misnamed
     = help: a script is named like Script-0053.sql, without a description; rename or remove the file
    error: migrations/Script-0054.sql.txt looks like a script but is misnamed
     = help: a script is named like Script-0054.sql, without a description; rename or remove the file
    error: migrations/Script-050.sql looks like a script but is misnamed
     = help: a script is named like Script-0050.sql, without a description; rename or remove the file
    error: migrations/Script_0051.sql looks like a script but is misnamed
     = help: a script is named like Script-0051.sql, without a description; rename or remove the file
    error: migrations/baseline.sql looks like a script but is misnamed
     = help: a script is named like Baseline.sql, without a description; rename or remove the file
    error: migrations/script-48.sql looks like a script but is misnamed
     = help: a script is named like Script-0048.sql, without a description; rename or remove the file
    9 problems: nothing was applied
    ");
}

#[test]
fn duplicates_in_subfolders_are_refused() {
    let project = Project::sqlite(&[ONE, TWO]);
    project.file("migrations/2024/Script-0002.sql", TWO);
    project.file("migrations/old/Script-00001.sql", ONE);
    assert_snapshot!(project.refused(), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: number 0001 is used more than once: migrations/Script-0001.sql, migrations/old/Script-00001.sql
     = help: renumber the one that is not applied anywhere yet
    error: number 0002 is used more than once: migrations/2024/Script-0002.sql, migrations/Script-0002.sql
     = help: renumber the one that is not applied anywhere yet
    2 problems: nothing was applied
    ");
}

#[test]
fn gaps_are_refused() {
    let project = Project::sqlite(&[ONE]);
    project.script(3, "");
    project.script(7, "");
    assert_snapshot!(project.refused(), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: Script-0002.sql is missing, but higher numbers exist
     = help: numbers must have no gaps: restore the missing scripts or renumber those after the gap
    error: scripts 0004-0006 are missing, but higher numbers exist
     = help: numbers must have no gaps: restore the missing scripts or renumber those after the gap
    2 problems: nothing was applied
    ");
}

#[test]
fn a_missing_first_script_is_refused() {
    let project = Project::sqlite(&[]);
    project.script(2, ONE);
    assert_snapshot!(project.refused(), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: Script-0001.sql is missing, but higher numbers exist
     = help: numbers must have no gaps: restore the missing scripts or renumber those after the gap
    nothing was applied
    ");
}

#[test]
fn a_wrong_directive_is_refused() {
    let project = Project::sqlite(&[
        "-- One\n-- dbmigrate: no_transaction\nSELECT 1;\n",
        "-- dbmigrate:\nSELECT 1;\n",
        "SELECT 1;\n-- dbmigrate: no-transaction\nSELECT 2;\n",
        "-- DBMigrate: No-Transaction\nSELECT 1;\n",
    ]);
    assert_snapshot!(project.refused(), @r#"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: unknown directive "no_transaction"
     --> migrations/Script-0001.sql:2:1
      |
    2 | -- dbmigrate: no_transaction
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: the directives are: -- dbmigrate: no-transaction and -- dbmigrate: no-variables
    error: unknown directive ""
     --> migrations/Script-0002.sql:1:1
      |
    1 | -- dbmigrate:
      | ^^^^^^^^^^^^^
      = help: the directives are: -- dbmigrate: no-transaction and -- dbmigrate: no-variables
    error: a directive after the first statement is not read
     --> migrations/Script-0003.sql:2:1
      |
    2 | -- dbmigrate: no-transaction
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: move the line to the top of the script
    3 problems: nothing was applied
    "#);
}

#[test]
fn everything_at_once_counts_the_problems() {
    let project = Project::sqlite(&["-- dbmigrate: turbo\n", "SELECT 'open;\n"]);
    project.script(9, "");
    project.file("migrations/script-10.sql", "");
    assert_snapshot!(project.run("check"), @r#"
    exit 4
    --- stderr
    error: unknown directive "turbo"
     --> migrations/Script-0001.sql:1:1
      |
    1 | -- dbmigrate: turbo
      | ^^^^^^^^^^^^^^^^^^^
      = help: the directives are: -- dbmigrate: no-transaction and -- dbmigrate: no-variables
    error: migrations/script-10.sql looks like a script but is misnamed
     = help: a script is named like Script-0010.sql, without a description; rename or remove the file
    error: scripts 0003-0008 are missing, but higher numbers exist
     = help: numbers must have no gaps: restore the missing scripts or renumber those after the gap
    error: unterminated string
     --> migrations/Script-0002.sql:1:8
      |
    1 | SELECT 'open;
      |        ^
      = help: close the string, or double each quote in it (in MySQL, each backslash too)
    4 problems
    "#);
    assert_snapshot!(project.run("upgrade"), @r#"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: unknown directive "turbo"
     --> migrations/Script-0001.sql:1:1
      |
    1 | -- dbmigrate: turbo
      | ^^^^^^^^^^^^^^^^^^^
      = help: the directives are: -- dbmigrate: no-transaction and -- dbmigrate: no-variables
    error: migrations/script-10.sql looks like a script but is misnamed
     = help: a script is named like Script-0010.sql, without a description; rename or remove the file
    error: scripts 0003-0008 are missing, but higher numbers exist
     = help: numbers must have no gaps: restore the missing scripts or renumber those after the gap
    error: unterminated string
     --> migrations/Script-0002.sql:1:8
      |
    1 | SELECT 'open;
      |        ^
      = help: close the string, or double each quote in it (in MySQL, each backslash too)
    4 problems: nothing was applied
    "#);
    assert_snapshot!(project.run("status --exit-code"), @r#"
    exit 4
    --- stdout
     number  state    applied at (UTC)  duration  title
     0001    pending
     0002    pending
     0009    pending
    0 applied; 3 pending, but an upgrade would be refused (4 problems)
    --- stderr
    error: unknown directive "turbo"
     --> migrations/Script-0001.sql:1:1
      |
    1 | -- dbmigrate: turbo
      | ^^^^^^^^^^^^^^^^^^^
      = help: the directives are: -- dbmigrate: no-transaction and -- dbmigrate: no-variables
    error: migrations/script-10.sql looks like a script but is misnamed
     = help: a script is named like Script-0010.sql, without a description; rename or remove the file
    error: scripts 0003-0008 are missing, but higher numbers exist
     = help: numbers must have no gaps: restore the missing scripts or renumber those after the gap
    error: unterminated string
     --> migrations/Script-0002.sql:1:8
      |
    1 | SELECT 'open;
      |        ^
      = help: close the string, or double each quote in it (in MySQL, each backslash too)
    "#);
}
