//! A history that does not match the folder is refused, and nothing is lost.

use insta::assert_snapshot;

use crate::project::{ONE, Project, TWO};

/// A database at 0002.
fn upgraded() -> Project {
    let project = Project::sqlite(&[ONE, TWO]);
    project.run("upgrade");
    project
}

#[test]
fn an_edited_script_is_refused_with_its_difference() {
    let project = upgraded();
    project.script(2, &TWO.replace("customer", "buyer"));
    project.script(3, "");
    assert_snapshot!(project.refused(), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: migrations/Script-0002.sql has changed since it was applied ([time])
     = help: an applied script never changes: undo the change (git checkout) and put it into a new script; if this is a new script with the same number, give it another number; if the change has no effect, accept it with dbmigrate repair
    --- applied
    +++ on disk
    @@ -1,2 +1,2 @@
     -- Orders
    -CREATE TABLE orders (id integer PRIMARY KEY, customer integer);
    +CREATE TABLE orders (id integer PRIMARY KEY, buyer integer);
    nothing was applied
    ");
    assert_snapshot!(project.run("status"), @"
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    applied  [time] [n] ms  Orders
     0003    pending
    2 applied, at 0002; 1 pending, but an upgrade would be refused (1 problem)
    --- stderr
    error: migrations/Script-0002.sql has changed since it was applied ([time])
     = help: an applied script never changes: undo the change (git checkout) and put it into a new script; if this is a new script with the same number, give it another number; if the change has no effect, accept it with dbmigrate repair
    --- applied
    +++ on disk
    @@ -1,2 +1,2 @@
     -- Orders
    -CREATE TABLE orders (id integer PRIMARY KEY, customer integer);
    +CREATE TABLE orders (id integer PRIMARY KEY, buyer integer);
    ");
}

#[test]
fn an_edited_script_is_refused_without_its_text_in_the_journal() {
    let project = upgraded();
    project.sqlite3("UPDATE dbmigrate_journal SET body = NULL");
    project.script(1, "-- Other\n");
    assert_snapshot!(project.refused(), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: migrations/Script-0001.sql has changed since it was applied ([time])
     = help: an applied script never changes: undo the change (git checkout) and put it into a new script; if this is a new script with the same number, give it another number; if the change has no effect, accept it with dbmigrate repair
    nothing was applied
    ");
}

#[test]
fn a_long_difference_is_cut() {
    let line = |word: &str, i| format!("INSERT INTO t VALUES ('{word}{i}');\n");
    let lines = |word: &str| (0..60).map(|i| line(word, i)).collect::<Vec<_>>().concat();
    let project = Project::sqlite(&[&format!("CREATE TABLE t (a);\n{}", lines("a"))]);
    project.run("upgrade");
    project.script(1, &format!("CREATE TABLE t (a);\n{}", lines("b")));
    let shown = project.refused();
    assert!(shown.lines().count() < 55 && shown.contains("more lines"), "{shown}");
}

#[test]
fn line_ends_and_a_mark_are_not_an_edit() {
    let project = upgraded();
    project.script(1, &format!("\u{feff}{}", ONE.replace('\n', "\r\n")));
    assert_snapshot!(project.run("upgrade"), @"
    exit 0
    --- stdout
    nothing to do: the database is at 0002
    --- stderr
    upgrade sqlite:app.db from migrations
    ");
}

#[test]
fn a_deleted_script_that_was_applied_is_refused() {
    let project = upgraded();
    project.remove("migrations/Script-0001.sql");
    assert_snapshot!(project.refused(), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: Script-0001.sql was applied ([time]) but its file is missing
     = help: restore it from source control: an applied script stays until a newer baseline replaces it
    nothing was applied
    ");
}

#[test]
fn an_inserted_script_is_refused() {
    let project = Project::sqlite(&[]);
    project.file("migrations/Baseline-0010.sql", ONE);
    project.file("migrations/Script-0011.sql", TWO);
    project.run("upgrade");
    project.sqlite3("UPDATE dbmigrate_journal SET number = 12, script = 'Script-0012.sql' WHERE number = 11");
    project.file("migrations/Script-0012.sql", TWO);
    project.file("migrations/Script-0011.sql", "-- Late\n");
    assert_snapshot!(project.refused(), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: migrations/Script-0011.sql is out of order: the database is already at 0012
     = help: renumber it to Script-0013.sql
    nothing was applied
    ");
}

#[test]
fn a_missing_baseline_that_was_applied_is_refused() {
    let project = Project::sqlite(&[ONE]);
    project.file("migrations/Baseline.sql", "-- The start\nCREATE TABLE legacy (id integer);\n");
    project.run("upgrade");
    project.remove("migrations/Baseline.sql");
    assert_snapshot!(project.refused(), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: Baseline.sql was applied ([time]) but its file is missing
     = help: restore it from source control: an applied script stays until a newer baseline replaces it
    nothing was applied
    ");
}

#[test]
fn a_baseline_below_applied_scripts_is_refused() {
    let project = upgraded();
    project.file("migrations/Baseline.sql", "CREATE TABLE legacy (id integer);\n");
    project.script(3, "");
    assert_snapshot!(project.run("upgrade"), @"
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
fn a_database_below_the_baseline_is_refused_with_advice() {
    let project = upgraded();
    project.remove("migrations/Script-0001.sql");
    project.remove("migrations/Script-0002.sql");
    project.file("migrations/Baseline-0005.sql", "");
    project.script(6, "");
    assert_snapshot!(project.refused(), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: the database is at 0002, but the scripts 0003-0005 were deleted and replaced by Baseline-0005.sql
     = help: upgrade it first from a checkout that still has the scripts up to 0005
    nothing was applied
    ");
}

#[test]
fn a_database_with_tables_and_without_a_journal_is_refused() {
    let project = Project::sqlite(&[ONE]);
    project.sqlite3("CREATE TABLE legacy (id integer)");
    assert_snapshot!(project.refused(), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: the database is not empty and has no journal
     = help: if it matches the baseline, record that with dbmigrate baseline (--to N if scripts are applied as well; --import auto if another tool applied them; --to 0 to apply all scripts to it as it is); otherwise check the URL
    nothing was applied
    ");
    project.file("migrations/Baseline.sql", "");
    assert_snapshot!(project.refused(), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: the database is not empty and has no journal
     = help: if it matches the baseline, record that with dbmigrate baseline (--to N if scripts are applied as well; --import auto if another tool applied them; --to 0 to apply all scripts to it as it is); otherwise check the URL
    nothing was applied
    ");
}

#[test]
fn a_goal_below_or_above_the_scripts_is_refused() {
    let project = upgraded();
    assert_snapshot!(project.run("upgrade --to 1"), @"
    exit 2
    --- stderr
    upgrade sqlite:app.db from migrations
    error: the number 0001 is below what is applied: the database is at 0002
     = help: scripts only go up: pass a number that is not below it
    nothing was applied
    ");
    assert_snapshot!(project.run("upgrade --to 9"), @"
    exit 2
    --- stderr
    upgrade sqlite:app.db from migrations
    error: the number 0009 is above the highest script, which is 0002
     = help: check out the commit that has it, or leave --to out
    nothing was applied
    ");
    let project = Project::sqlite(&[]);
    project.file("migrations/Baseline-0005.sql", "");
    assert_snapshot!(project.run("upgrade --to 3"), @"
    exit 2
    --- stderr
    upgrade sqlite:app.db from migrations
    error: the number 0003 is below Baseline-0005.sql, from which a new database starts
     = help: pass a number at or above the baseline's
    nothing was applied
    ");
    assert_snapshot!(project.run("upgrade --resume-at 2"), @"
    exit 2
    --- stderr
    upgrade sqlite:app.db from migrations
    error: there is no statement 2 of an unfinished script to resume at
     = help: leave --resume-at out
    nothing was applied
    ");
}

#[test]
fn a_journal_of_a_newer_format_names_both_formats() {
    let project = upgraded();
    let tables = project.sqlite3("SELECT name, sql FROM sqlite_master WHERE name LIKE 'dbmigrate%'");
    assert!(tables.contains("format"), "{tables}");
    project.sqlite3("UPDATE dbmigrate_journal SET format = 99");
    assert_snapshot!(project.refused(), @r#"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: the journal "main"."dbmigrate_journal" has format 99, but this version of dbmigrate knows formats up to 2
     = help: use the version of dbmigrate that wrote it, or a newer one
    "#);
}

#[test]
fn a_journal_that_cannot_be_read_is_not_empty() {
    let project = Project::sqlite(&[ONE]);
    project.sqlite3("CREATE TABLE dbmigrate_journal (id integer)");
    assert_snapshot!(project.refused(), @r#"
    exit 1
    --- stderr
    upgrade sqlite:app.db from migrations
    error: the journal "main"."dbmigrate_journal" cannot be read: no such column: format
     = help: a journal that cannot be read is never taken for an empty one: check the table's columns and the user's rights
    "#);
    assert_snapshot!(project.run("status"), @r#"
    exit 1
    --- stderr
    error: the journal "main"."dbmigrate_journal" cannot be read: no such column: format
     = help: a journal that cannot be read is never taken for an empty one: check the table's columns and the user's rights
    "#);
}

#[test]
fn an_unfinished_script_resumes_where_it_failed() {
    let script = "-- Slow\n-- dbmigrate: no-transaction\nCREATE TABLE a (i);\nINSERT INTO b VALUES (1);\n";
    let project = Project::sqlite(&[script]);
    assert_snapshot!(project.runs(&["upgrade", "status", "upgrade"]), @"
    $ dbmigrate upgrade
    exit 1
    --- stderr
    upgrade sqlite:app.db from migrations
    1 pending: not atomic: Script-0001 (no-transaction)
    error: Script-0001.sql failed: no such table: b
     --> migrations/Script-0001.sql:4:13
      |
    4 | INSERT INTO b VALUES (1);
      |             ^
      = SQLite SQLITE_ERROR (1)
      = Script-0001.sql runs outside a transaction: 1 of its 2 statements ran and stay; nothing else is applied
      = help: fix it from statement 2 on and run upgrade again: it resumes there

    $ dbmigrate status
    exit 0
    --- stdout
     number  state   applied at (UTC)     duration  title
     0001    failed  [time] [n] ms  Slow
    0 applied; 1 pending: not atomic: Script-0001 (no-transaction)
    --- stderr
    warning: Script-0001.sql failed at statement 2; fix it from there, and upgrade will resume it

    $ dbmigrate upgrade
    exit 1
    --- stderr
    upgrade sqlite:app.db from migrations
    1 pending: not atomic: Script-0001 (no-transaction)
    error: Script-0001.sql failed: no such table: b
     --> migrations/Script-0001.sql:4:13
      |
    4 | INSERT INTO b VALUES (1);
      |             ^
      = SQLite SQLITE_ERROR (1)
      = Script-0001.sql runs outside a transaction: 1 of its 2 statements ran and stay; nothing else is applied
      = help: fix it from statement 2 on and run upgrade again: it resumes there
    ");
    project.script(1, &script.replace("INTO b", "INTO a"));
    assert_snapshot!(project.runs(&["upgrade", "status"]), @"
    $ dbmigrate upgrade
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    upgrade sqlite:app.db from migrations
    1 pending: not atomic: Script-0001 (no-transaction)
    ran Script-0001.sql Slow ( [n] ms)
    committed Script-0001.sql

    $ dbmigrate status
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Slow
    1 applied, at 0001; nothing pending
    ");
}

#[test]
fn the_part_of_an_unfinished_script_that_ran_must_not_change() {
    let script = "-- dbmigrate: no-transaction\nCREATE TABLE a (i);\nINSERT INTO b VALUES (1);\n";
    let project = Project::sqlite(&[script]);
    project.run("upgrade");
    project.script(1, &script.replace("a (i)", "a (j)"));
    assert_snapshot!(project.run("upgrade"), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: migrations/Script-0001.sql has changed in its first statement, which is already applied
     = help: undo the change to that part; what follows it may be changed
    nothing was applied
    ");
}

#[test]
fn a_difference_is_coloured_and_cut() {
    let project = Project::sqlite(&[ONE]);
    project.run("upgrade");
    project.script(1, &format!("{}-- {}\n", ONE.replace("text", "varchar"), "x".repeat(300)));
    assert_snapshot!(project.run("upgrade --color always").replace('\u{1b}', "ESC"), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    ESC[1mESC[91merrorESC[0mESC[1m: migrations/Script-0001.sql has changed since it was applied ([time])ESC[0m
     ESC[1mESC[94m= ESC[0mESC[1mhelpESC[0m: an applied script never changes: undo the change (git checkout) and put it into a new script; if this is a new script with the same number, give it another number; if the change has no effect, accept it with dbmigrate repair
    ESC[1m--- appliedESC[0m
    ESC[1m+++ on diskESC[0m
    ESC[36m@@ -1,2 +1,3 @@ESC[0m
     -- Customers
    ESC[31m-CREATE TABLE customers (id integer PRIMARY KEY, name text);ESC[0m
    ESC[32m+CREATE TABLE customers (id integer PRIMARY KEY, name varchar);ESC[0m
    ESC[32m+-- xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...ESC[0m
    nothing was applied
    ");
    project.script(1, &"SELECT 1;\n".repeat(50));
    assert_snapshot!(project.run("upgrade").lines().skip(38).collect::<Vec<_>>().join("\n"), @"
    +SELECT 1;
    +SELECT 1;
    +SELECT 1;
    +SELECT 1;
    +SELECT 1;
    +SELECT 1;
    +SELECT 1;
    ... and 15 more lines
    nothing was applied
    ");
}
