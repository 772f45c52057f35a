//! Scripts from a commit: `--at`, and what the journal says about commits.

use insta::assert_snapshot;

use crate::project::{ONE, Project, TWO};

/// A repository with two commits: `v1` has one script, `main` two.
pub(crate) fn repository() -> Project {
    let project = Project::sqlite(&[ONE]);
    project.git("init --quiet --initial-branch main");
    project.commit("One");
    project.git("tag v1");
    project.script(2, TWO);
    project.commit("Two");
    project
}

#[test]
fn a_database_is_brought_to_a_commit_and_the_work_tree_stays() {
    let project = repository();
    project.script(2, "-- Not yet committed\nSELECT 1;\n");
    project.script(3, "-- Neither\nSELECT 1;\n");
    let before = project.git("status --porcelain");
    assert_snapshot!(project.runs(&["status --at v1", "upgrade --at v1", "check --at main", "status --at HEAD", "rebuild --at main", "status --at main"]), @"
    $ dbmigrate status --at v1
    exit 0
    --- stdout
     number  state    applied at (UTC)  duration  title
     0001    pending                              Customers
    0 applied; 1 pending: atomic (one transaction)

    $ dbmigrate upgrade --at v1
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    upgrade sqlite:app.db from migrations at v1
    1 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql

    $ dbmigrate check --at main
    exit 0
    --- stdout
    no baseline and 2 scripts: no problems

    $ dbmigrate status --at HEAD
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  commit      title
     0001    applied  [time] [n] ms  ed8a7becb3  Customers
     0002    pending                                             Orders
    1 applied, at 0001; 1 pending: atomic (one transaction)

    $ dbmigrate rebuild --at main
    exit 0
    --- stdout
    rebuilt with 2 scripts in [n] ms: the database is at 0002
    --- stderr
    rebuild sqlite:app.db from migrations at main
    2 pending: atomic (a new database replaces the old one at the end)
    ran Script-0001.sql to Script-0002.sql
    replacing the old database

    $ dbmigrate status --at main
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  commit      title
     0001    applied  [time] [n] ms  4bf2b436ff  Customers
     0002    applied  [time] [n] ms  4bf2b436ff  Orders
    2 applied, at 0002; nothing pending
    ");
    assert_eq!(project.git("status --porcelain"), before);
    assert_eq!(
        project.sqlite3("SELECT number, git_commit FROM dbmigrate_journal"),
        format!("1|{0}\n2|{0}\n", project.git("rev-parse HEAD").trim())
    );
}

#[test]
fn the_journal_says_which_commit_brought_a_script() {
    let project = repository();
    project.run("upgrade --to 1");
    project.script(3, "-- Not committed\nSELECT 1;\n");
    project.file(".gitignore", "Script-0004.sql\n");
    project.script(4, "-- Ignored\nSELECT 1;\n");
    project.run("upgrade");
    assert_snapshot!(project.run("status"), @"
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  commit            title
     0001    applied  [time] [n] ms  4bf2b436ff        Customers
     0002    applied  [time] [n] ms  4bf2b436ff        Orders
     0003    applied  [time] [n] ms  4bf2b436ff-dirty  Not committed
     0004    applied  [time] [n] ms  4bf2b436ff-dirty  Ignored
    4 applied, at 0004; nothing pending
    ");
    let (status, _) = project.json("status --format json");
    assert_eq!(status["scripts"][0]["commit"], project.git("rev-parse HEAD").trim());
}

#[test]
fn a_commit_that_cannot_give_the_scripts_is_an_error() {
    let project = repository();
    let runs = [
        "status --at nowhere",
        "status --at --dir",
        "upgrade --at v1 --dir elsewhere",
        "check --at=-x",
        "check --at HEAD:migrations",
        "check --at HEAD --dir /",
    ];
    assert_snapshot!(project.runs(&runs), @r#"
    $ dbmigrate status --at nowhere
    exit 2
    --- stderr
    error: there is no commit "nowhere" in the repository
     = help: name a commit, a tag or a branch that git log knows; git fetch brings in what others have pushed

    $ dbmigrate status --at --dir
    exit 2
    --- stderr
    error: a value is required for '--at <REV>' but none was supplied

    For more information, try '--help'.

    $ dbmigrate upgrade --at v1 --dir elsewhere
    exit 2
    --- stderr
    error: there is no folder elsewhere in v1
     = help: use --dir to name a folder that the commit has

    $ dbmigrate check --at=-x
    exit 2
    --- stderr
    error: there is no commit "-x" in the repository
     = help: name a commit, a tag or a branch that git log knows; git fetch brings in what others have pushed

    $ dbmigrate check --at HEAD:migrations
    exit 2
    --- stderr
    error: there is no commit "HEAD:migrations" in the repository
     = help: name a commit, a tag or a branch that git log knows; git fetch brings in what others have pushed

    $ dbmigrate check --at HEAD --dir /
    exit 2
    --- stderr
    error: / is not in a Git repository: not a git repository (or any of the parent directories): .git
     = help: run dbmigrate in the repository, or name one of its folders with --dir
    "#);
}

#[test]
fn without_git_only_the_work_tree_can_be_used() {
    let project = repository().env("PATH", "/nowhere");
    assert_snapshot!(project.runs(&["status --at v1", "upgrade"]), @"
    $ dbmigrate status --at v1
    exit 2
    --- stderr
    error: the program git is not installed, or not in PATH
     = help: install git, or do without the options and commands that need it

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
fn a_folder_below_a_worktree_and_a_bare_repository_have_commits() {
    let project = repository();
    let expected = "no baseline and 1 script: no problems\n";
    assert_eq!(
        project.run_in("migrations", &["check", "--at", "v1", "--dir", "."]),
        format!("exit 0\n--- stdout\n{expected}")
    );
    project.git("worktree add --quiet --detach other main");
    project.git("clone --quiet --bare . bare.git");
    project.git("clone --quiet --depth 1 file://[root] shallow");
    let run = |folder: &str, at: &str| project.run_in(folder, &["check", "--at", at]);
    let runs = [("other", "v1"), ("bare.git", "v1"), ("shallow", "HEAD"), ("shallow", "v1")];
    assert_snapshot!(runs.map(|(folder, at)| run(folder, at)).join("\n"), @r#"
    exit 0
    --- stdout
    no baseline and 1 script: no problems

    exit 0
    --- stdout
    no baseline and 1 script: no problems

    exit 0
    --- stdout
    no baseline and 2 scripts: no problems

    exit 2
    --- stderr
    error: there is no commit "v1" in the repository
     = help: the clone is shallow: fetch all of it (git fetch --unshallow; in CI, a fetch depth of 0)
    "#);
    // Git tells a hook where the repository is, relative to its root
    let project = project.env("GIT_DIR", ".git");
    assert!(project.run("check --at v1").contains("1 script: no problems"));
    assert!(project.run_in("", &["check", "--at", "v1", "--dir", "other/../migrations"]).contains("1 script: no"));
}

#[test]
fn links_submodules_and_pointers_in_a_commit() {
    use std::os::unix::fs::symlink;
    let project = repository();
    project.file("older/Script-0003.sql", "-- Linked folder\nSELECT 3;\n");
    symlink("../older", project.path("migrations/older")).expect("a link");
    project.file("four.sql", "-- Linked file\nSELECT 4;\n");
    symlink("../four.sql", project.path("migrations/Script-0004.sql")).expect("a link");
    project.file("migrations/.hidden/Script-0002.sql", "SELECT 0;\n");
    project.script(5, &format!("-- Long\n{}", "SELECT 5;\n".repeat(10_000)));
    project.commit("Links");
    assert_snapshot!(project.runs(&["check --at HEAD", "upgrade --at HEAD", "upgrade"]), @"
    $ dbmigrate check --at HEAD
    exit 0
    --- stdout
    no baseline and 5 scripts: no problems

    $ dbmigrate upgrade --at HEAD
    exit 0
    --- stdout
    applied 5 scripts in [n] ms: the database is at 0005
    --- stderr
    upgrade sqlite:app.db from migrations at HEAD
    5 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    ran Script-0002.sql Orders ( [n] ms)
    ran Script-0003.sql Linked folder ( [n] ms)
    ran Script-0004.sql Linked file ( [n] ms)
    ran Script-0005.sql Long ( [n] ms)
    committed Script-0001.sql to Script-0005.sql

    $ dbmigrate upgrade
    exit 0
    --- stdout
    nothing to do: the database is at 0005
    --- stderr
    upgrade sqlite:app.db from migrations
    ");
    symlink("../migrations", project.path("migrations/loop")).expect("a link");
    symlink("nowhere.sql", project.path("migrations/Script-0006.sql")).expect("a link");
    project.script(7, "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n");
    project.commit("Broken");
    assert_snapshot!(project.run("check --at HEAD"), @"
    exit 4
    --- stderr
    error: HEAD:migrations/Script-0006.sql cannot be used: a symbolic link whose target is not in this commit
     = help: commit the file itself at this path, or run dbmigrate in a checkout
    error: HEAD:migrations/loop cannot be used: a symbolic link that leads back to a folder above it
     = help: commit the file itself at this path, or run dbmigrate in a checkout
    error: HEAD:migrations/Script-0007.sql is a Git LFS pointer, not the script
     = help: fetch the files with git lfs pull, or keep scripts out of Git LFS
    3 problems
    ");
}

#[test]
fn the_author_of_a_change_is_named_without_a_text_in_the_journal() {
    let project = repository();
    project.file("dbmigrate.toml", "[journal]\nstore_text = false\n[target.app]\nurl = \"sqlite:app.db\"\n");
    project.run("upgrade");
    project.script(1, &ONE.replace("text", "varchar(100)"));
    project.commit("Longer_names");
    project.script(2, "-- Orders\nSELECT 2;\n");
    assert_snapshot!(project.runs(&["upgrade", "upgrade --at HEAD"]), @r#"
    $ dbmigrate upgrade
    exit 4
    --- stderr
    warning: DBMIGRATE_URL is set, but the configuration's target "app" is used; choose with --url or --target
    upgrade sqlite:app.db from migrations
    error: migrations/Script-0001.sql has changed since it was applied ([time])
     = changed by commit 1e3a90d of 2026-01-31 by Ann: Longer_names
     = help: an applied script never changes: undo the change (git checkout) and put it into a new script; if this is a new script with the same number, give it another number; if the change has no effect, accept it with dbmigrate repair
    error: migrations/Script-0002.sql has changed since it was applied ([time])
     = changed by an uncommitted edit
     = help: an applied script never changes: undo the change (git checkout) and put it into a new script; if this is a new script with the same number, give it another number; if the change has no effect, accept it with dbmigrate repair
    2 problems: nothing was applied

    $ dbmigrate upgrade --at HEAD
    exit 4
    --- stderr
    warning: DBMIGRATE_URL is set, but the configuration's target "app" is used; choose with --url or --target
    upgrade sqlite:app.db from migrations at HEAD
    error: HEAD:migrations/Script-0001.sql has changed since it was applied ([time])
     = changed by commit 1e3a90d of 2026-01-31 by Ann: Longer_names
     = help: an applied script never changes: undo the change (git checkout) and put it into a new script; if this is a new script with the same number, give it another number; if the change has no effect, accept it with dbmigrate repair
    nothing was applied
    "#);
    assert_eq!(
        project.json("status --format json").0["problems"][0]["notes"][0],
        "changed by commit 1e3a90d of 2026-01-31 by Ann: Longer_names"
    );
}

#[test]
fn a_database_below_a_newer_baseline_learns_which_commit_upgrades_it() {
    let project = repository();
    project.run("upgrade --to 1");
    project.remove("migrations/Script-0001.sql");
    project.remove("migrations/Script-0002.sql");
    project.file("migrations/Baseline-0002.sql", format!("{ONE}{TWO}"));
    let uncommitted = project.run("upgrade");
    project.commit("Baseline");
    project.script(3, "-- Three\nSELECT 3;\n");
    project.commit("Three");
    let before = project.git("rev-parse --short HEAD~2");
    assert!(uncommitted.contains(&format!("--at {}", before.trim())), "{uncommitted}");
    let run = format!("upgrade --at {}", before.trim());
    assert_snapshot!(project.runs(&["upgrade", "upgrade --at main", &run, "upgrade"]), @"
    $ dbmigrate upgrade
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: the database is at 0001, but Script-0002.sql was deleted and replaced by Baseline-0002.sql
     = help: upgrade it first with the scripts of commit 4bf2b43, the last one that had them: dbmigrate upgrade --at 4bf2b43
    nothing was applied

    $ dbmigrate upgrade --at main
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations at main
    error: the database is at 0001, but Script-0002.sql was deleted and replaced by Baseline-0002.sql
     = help: upgrade it first with the scripts of commit 4bf2b43, the last one that had them: dbmigrate upgrade --at 4bf2b43
    nothing was applied

    $ dbmigrate upgrade --at 4bf2b43
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0002
    --- stderr
    upgrade sqlite:app.db from migrations at 4bf2b43
    1 pending: atomic (one transaction)
    ran Script-0002.sql Orders ( [n] ms)
    committed Script-0002.sql

    $ dbmigrate upgrade
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0003
    --- stderr
    upgrade sqlite:app.db from migrations
    1 pending: atomic (one transaction)
    ran Script-0003.sql Three ( [n] ms)
    committed Script-0003.sql
    ");
}

#[test]
fn a_clone_without_the_scripts_of_a_commit_is_not_an_empty_folder() {
    let project = repository();
    project.script(1, &ONE.replace("text", "varchar(100)"));
    project.commit("Another");
    project.git("config uploadpack.allowFilter true");
    project.git("clone --quiet --filter=blob:none file://[root] partial");
    // the clone can no longer fetch what it lacks
    project.git("-C partial remote set-url origin file:///nowhere");
    for run in [&["check", "--at", "v1"] as &[&str], &["check", "--since", "v1"]] {
        let said = project.run_in("partial", run);
        assert!(said.starts_with("exit 1\n--- stderr\nerror: git ls-tree failed: "), "{said}");
        assert!(said.contains(" = help: fix the clone: a partial clone may lack what its remote has"), "{said}");
    }
}
