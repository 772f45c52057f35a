//! Scripts that others have never change: `check --since`, `new --since`, `renumber`.

use insta::assert_snapshot;

use crate::git::repository;
use crate::project::{ONE, Project, TWO};

const THREE: &str = "-- Three\nSELECT 3;\n";

#[test]
fn scripts_numbered_after_those_of_a_commit_are_accepted() {
    let project = repository();
    project.file("migrations/Script-0001.sql", ONE.replace('\n', "\r\n"));
    project.script(3, THREE);
    assert_snapshot!(project.run("check --since main"), @"
    exit 0
    --- stdout
    no baseline and 3 scripts: no problems
    ");
}

#[test]
fn everything_against_the_rule_is_listed() {
    let project = repository();
    project.script(3, THREE);
    project.script(4, THREE);
    project.script(6, THREE);
    project.commit("Three");
    project.git("tag v3");
    project.script(1, &ONE.replace("text", "varchar(100)"));
    project.remove("migrations/Script-0003.sql");
    project.script(5, "-- Five\nSELECT 5;\n");
    project.git("mv migrations/Script-0004.sql migrations/Script-0007.sql");
    assert_snapshot!(project.run("check --since v3"), @"
    exit 4
    --- stderr
    error: scripts 0003-0004 are missing, but higher numbers exist
     = help: numbers must have no gaps: restore the missing scripts or renumber those after the gap
    error: migrations/Script-0001.sql differs from v3: once others have a script, it never changes
     = help: undo the change (git checkout v3 -- migrations/Script-0001.sql) and put it into a new script
    --- v3
    +++ here
    @@ -1,2 +1,2 @@
     -- Customers
    -CREATE TABLE customers (id integer PRIMARY KEY, name text);
    +CREATE TABLE customers (id integer PRIMARY KEY, name varchar(100));
    error: v3:migrations/Script-0003.sql is missing here
     = help: restore it (git checkout v3 -- :/migrations/Script-0003.sql): only a newer Baseline-NNNN.sql may replace scripts
    error: v3:migrations/Script-0004.sql is missing here
     = help: restore it (git checkout v3 -- :/migrations/Script-0004.sql): only a newer Baseline-NNNN.sql may replace scripts
    error: migrations/Script-0005.sql is new, and its number is not above 0006, the highest of v3
     = help: renumber it to Script-0007.sql: dbmigrate renumber --since v3
    5 problems
    ");
    let (document, _) = project.json("check --since v3 --format json");
    let codes = document["error"]["problems"].as_array().expect("problems").iter().map(|problem| &problem["code"]);
    assert_eq!(codes.collect::<Vec<_>>(), ["gap", "since-changed", "since-removed", "since-removed", "since-below"]);
}

#[test]
fn scripts_go_only_under_a_newer_baseline() {
    let project = repository();
    project.remove("migrations/Script-0001.sql");
    project.remove("migrations/Script-0002.sql");
    project.file("migrations/Baseline-0002.sql", ONE);
    assert_snapshot!(project.run("check --since main"), @"
    exit 0
    --- stdout
    1 baseline and 0 scripts: no problems
    ");
    project.commit("Baseline");
    project.file("migrations/Baseline-0001.sql", ONE);
    project.git("mv migrations/Baseline-0002.sql migrations/Baseline-0003.sql");
    assert_snapshot!(project.run("check --since main"), @"
    exit 4
    --- stderr
    error: migrations/Baseline-0001.sql is new, and its number is not above 0002, the highest of main
     = help: a new baseline contains everything through 0002: name it Baseline-0002.sql
    ");
    project.remove("migrations/Baseline-0003.sql");
    assert_snapshot!(project.run("check --since main"), @"
    exit 4
    --- stderr
    error: main:migrations/Baseline-0002.sql is missing here
     = help: restore it (git checkout main -- :/migrations/Baseline-0002.sql): only a newer Baseline-NNNN.sql may replace scripts
    error: migrations/Baseline-0001.sql is new, and its number is not above 0002, the highest of main
     = help: a new baseline contains everything through 0002: name it Baseline-0002.sql
    2 problems
    ");
}

/// Two branches that have both added scripts after the second: `main` has 3, `mine` has 3 and 4.
fn branches() -> Project {
    let project = repository();
    project.git("checkout --quiet -b mine");
    project.script(3, "-- Mine\nSELECT 'mine';\n");
    project.commit("Mine");
    project.script(4, "-- Mine, not yet committed\nSELECT 4;\n");
    project.git("stash push --quiet --include-untracked -- migrations");
    project.git("checkout --quiet main");
    project.script(3, THREE);
    project.commit("Theirs");
    project.git("checkout --quiet mine");
    project.git("stash pop --quiet");
    project
}

#[test]
fn of_two_branches_with_one_number_the_later_one_is_renumbered() {
    let project = branches();
    assert_snapshot!(project.runs(&["check --since main", "renumber --since main", "check --since main"]), @"
    $ dbmigrate check --since main
    exit 4
    --- stderr
    error: migrations/Script-0003.sql has the same number as another script in main
     = help: renumber it to Script-0004.sql: dbmigrate renumber --since main

    $ dbmigrate renumber --since main
    exit 0
    --- stdout
    migrations/Script-0003.sql -> Script-0004.sql
    migrations/Script-0004.sql -> Script-0005.sql
    --- stderr
    note: a database that has these scripts under their old numbers must be rebuilt

    $ dbmigrate check --since main
    exit 4
    --- stderr
    error: Script-0003.sql is missing, but higher numbers exist
     = help: numbers must have no gaps: restore the missing scripts or renumber those after the gap
    error: main:migrations/Script-0003.sql is not here yet
     = help: get it with git merge main or git rebase main
    2 problems
    ");
    let moved = "D  migrations/Script-0003.sql\nA  migrations/Script-0004.sql\n?? migrations/Script-0005.sql\n";
    assert_eq!(project.git("status --porcelain --no-renames -- migrations"), moved);
    assert_eq!(project.read("migrations/Script-0004.sql"), "-- Mine\nSELECT 'mine';\n");
    project.git("commit --quiet --all -m Renumbered");
    project.git("merge --quiet main -m Merged");
    assert_snapshot!(project.runs(&["check --since main", "renumber --since main", "renumber --since main --format json"]), @r#"
    $ dbmigrate check --since main
    exit 0
    --- stdout
    no baseline and 5 scripts: no problems

    $ dbmigrate renumber --since main
    exit 0
    --- stdout
    nothing to do: no script needs another number

    $ dbmigrate renumber --since main --format json
    exit 0
    --- stdout
    {
      "command": "renumber",
      "database": "app.db",
      "dir": "migrations",
      "renumbered": [],
      "target": "sqlite:app.db",
      "version": "[version]"
    }
    "#);
}

#[test]
fn what_others_have_is_not_renumbered() {
    let project = branches();
    project.script(1, &ONE.replace("text", "varchar(100)"));
    assert_snapshot!(project.run("renumber --since main"), @"
    exit 4
    --- stderr
    error: migrations/Script-0001.sql differs from main: once others have a script, it never changes
     = help: undo the change (git checkout main -- migrations/Script-0001.sql) and put it into a new script
    --- main
    +++ here
    @@ -1,2 +1,2 @@
     -- Customers
    -CREATE TABLE customers (id integer PRIMARY KEY, name text);
    +CREATE TABLE customers (id integer PRIMARY KEY, name varchar(100));
    nothing was renamed
    ");
    assert!(project.path("migrations/Script-0003.sql").exists());
}

#[test]
fn a_new_script_takes_a_number_that_is_free_on_both_sides() {
    let project = branches();
    project.remove("migrations/Script-0004.sql");
    project.git("rm --quiet --cached migrations/Script-0003.sql");
    project.remove("migrations/Script-0003.sql");
    assert_snapshot!(project.runs(&["new --since main Four", "new Five", "new --since nowhere Six", "renumber"]), @r#"
    $ dbmigrate new --since main Four
    exit 0
    --- stdout
    migrations/Script-0004.sql
    --- stderr
    warning: main:migrations/Script-0003.sql is not here yet; get it with git merge main or git rebase main

    $ dbmigrate new Five
    exit 0
    --- stdout
    migrations/Script-0005.sql

    $ dbmigrate new --since nowhere Six
    exit 2
    --- stderr
    error: there is no commit "nowhere" in the repository
     = help: name a commit, a tag or a branch that git log knows; git fetch brings in what others have pushed

    $ dbmigrate renumber
    exit 2
    --- stderr
    error: there is no commit "@{upstream}" in the repository
     = help: the branch has no upstream: name a branch such as origin/main, or run git branch --set-upstream-to
    "#);
}

#[test]
fn github_shows_problems_at_their_files() {
    let project = repository().env("GITHUB_ACTIONS", "true");
    project.script(1, &ONE.replace("text", "varchar(100), -- 100%"));
    project.remove("migrations/Script-0002.sql");
    project.script(3, "SELECT 1;\nBEGIN;\n");
    assert_snapshot!(project.run("check --since main --url sqlite:app.db --format json").split("--- stderr").last().unwrap_or_default(), @"

    error: Script-0002.sql is missing, but higher numbers exist
     = help: numbers must have no gaps: restore the missing scripts or renumber those after the gap
    error: a script may not BEGIN: dbmigrate controls the transactions
     --> migrations/Script-0003.sql:2:1
      |
    2 | BEGIN;
      | ^^^^^
      = help: remove the statement: dbmigrate runs the script in its own transaction
    error: migrations/Script-0001.sql differs from main: once others have a script, it never changes
     = help: undo the change (git checkout main -- migrations/Script-0001.sql) and put it into a new script
    --- main
    +++ here
    @@ -1,2 +1,2 @@
     -- Customers
    -CREATE TABLE customers (id integer PRIMARY KEY, name text);
    +CREATE TABLE customers (id integer PRIMARY KEY, name varchar(100), -- 100%);
    error: main:migrations/Script-0002.sql is missing here
     = help: restore it (git checkout main -- :/migrations/Script-0002.sql): only a newer Baseline-NNNN.sql may replace scripts
    4 problems
    ::error title=dbmigrate::Script-0002.sql is missing, but higher numbers exist%0Anumbers must have no gaps: restore the missing scripts or renumber those after the gap
    ::error file=[dir]/migrations/Script-0003.sql,line=2,col=1,title=dbmigrate::a script may not BEGIN: dbmigrate controls the transactions%0Aremove the statement: dbmigrate runs the script in its own transaction
    ::error file=[dir]/migrations/Script-0001.sql,title=dbmigrate::migrations/Script-0001.sql differs from main: once others have a script, it never changes%0Aundo the change (git checkout main -- migrations/Script-0001.sql) and put it into a new script
    ::error file=migrations/Script-0002.sql,title=dbmigrate::main:migrations/Script-0002.sql is missing here%0Arestore it (git checkout main -- :/migrations/Script-0002.sql): only a newer Baseline-NNNN.sql may replace scripts
    ");
}

#[test]
fn a_commit_without_the_folder_demands_nothing() {
    let project = Project::sqlite(&[ONE, TWO]);
    project.git("init --quiet --initial-branch main");
    project.file("readme.md", "Shop\n");
    assert_snapshot!(project.run("check --since HEAD"), @r#"
    exit 2
    --- stderr
    error: there is no commit "HEAD" in the repository
     = help: name a commit, a tag or a branch that git log knows; git fetch brings in what others have pushed
    "#);
    project.git("add readme.md");
    project.git("commit --quiet -m One");
    assert_snapshot!(project.run("check --since HEAD"), @"
    exit 0
    --- stdout
    no baseline and 2 scripts: no problems
    ");
}

#[test]
fn the_hook_of_the_documentation_keeps_committed_scripts_as_they_are() {
    use std::os::unix::fs::PermissionsExt;
    let documentation = include_str!("../../docs/ci.md");
    let hook = documentation.split("```sh\n").find(|block| block.starts_with("#!/bin/sh")).expect("there is one");
    let hook = hook.split("```").next().unwrap_or_default();
    let project = Project::sqlite(&[]);
    project.git("init --quiet --initial-branch main");
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_dbmigrate")).parent().expect("a folder");
    project.file(".git/hooks/pre-commit", hook.replace("exec ", &format!("exec {}/", program.display())));
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(project.path(".git/hooks/pre-commit"), executable).expect("it is there");
    project.script(1, ONE);
    project.commit("First");
    project.script(2, TWO);
    project.commit("Second");
    project.script(1, TWO);
    let refused = std::panic::catch_unwind(|| project.commit("Third")).expect_err("it is refused");
    let said = refused.downcast_ref::<String>().map(String::as_str).unwrap_or_default();
    assert!(said.contains("Script-0001.sql differs from HEAD"), "{said}");
    assert_eq!(project.git("log --format=%s"), "Second\nFirst\n");
}

#[test]
fn scripts_below_a_newer_baseline_are_not_renumbered() {
    let project = repository();
    project.git("checkout --quiet -b mine");
    project.script(3, "-- Mine\nSELECT 3;\n");
    project.commit("Mine");
    project.git("checkout --quiet main");
    project.git("rm --quiet migrations/Script-0001.sql migrations/Script-0002.sql");
    project.file("migrations/Baseline-0002.sql", format!("{ONE}{TWO}"));
    project.commit("Baseline");
    project.git("checkout --quiet mine");
    assert_snapshot!(project.runs(&["check --since main", "renumber --since main"]), @"
    $ dbmigrate check --since main
    exit 4
    --- stderr
    error: main:migrations/Baseline-0002.sql is not here yet
     = help: get it with git merge main or git rebase main

    $ dbmigrate renumber --since main
    exit 0
    --- stdout
    nothing to do: no script needs another number
    ");
    assert!(project.path("migrations/Script-0001.sql").exists());
    project.git("merge --quiet main -m Merged");
    assert!(project.run("check --since main").starts_with("exit 0"));
}

#[test]
fn a_script_that_the_commit_lacks_is_not_renumbered() {
    let project = repository();
    let text = project.read("migrations/Script-0002.sql");
    project.script(2, "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n");
    project.commit("Pointer");
    project.script(2, &text);
    assert_snapshot!(project.runs(&["check --since main", "renumber --since main", "new --since main Three"]), @"
    $ dbmigrate check --since main
    exit 4
    --- stderr
    error: main:migrations/Script-0002.sql is a Git LFS pointer, not the script
     = help: fetch the files with git lfs pull, or keep scripts out of Git LFS

    $ dbmigrate renumber --since main
    exit 4
    --- stderr
    error: main:migrations/Script-0002.sql is a Git LFS pointer, not the script
     = help: fetch the files with git lfs pull, or keep scripts out of Git LFS
    nothing was renamed

    $ dbmigrate new --since main Three
    exit 4
    --- stderr
    error: main:migrations/Script-0002.sql is a Git LFS pointer, not the script
     = help: fetch the files with git lfs pull, or keep scripts out of Git LFS
    nothing was written
    ");
    assert!(!project.path("migrations/Script-0003.sql").exists());
}
