//! Rebuild drops a database, so it requires consent.

use insta::assert_snapshot;

use crate::project::{ONE, Project, TWO};

fn with_data() -> Project {
    let project = Project::sqlite(&[ONE]);
    project.run("upgrade");
    project.sqlite3("INSERT INTO customers VALUES (1, 'kept')");
    project
}

fn customers(project: &Project) -> String {
    project.sqlite3("SELECT name FROM customers")
}

#[test]
fn a_file_is_built_anew() {
    let project = with_data();
    project.script(2, TWO);
    assert_snapshot!(project.run("rebuild"), @"
    exit 0
    --- stdout
    rebuilt with 2 scripts in [n] ms: the database is at 0002
    --- stderr
    rebuild sqlite:app.db from migrations
    2 pending: atomic (a new database replaces the old one at the end)
    ran Script-0001.sql to Script-0002.sql
    replacing the old database
    ");
    assert_eq!(customers(&project), "");
    assert_snapshot!(project.runs(&["rebuild --to 1", "status"]), @"
    $ dbmigrate rebuild --to 1
    exit 0
    --- stdout
    rebuilt from the template at 0001 in [n] ms: the database is at 0001
    --- stderr
    rebuild sqlite:app.db from migrations
    copied the template at 0001
    replacing the old database

    $ dbmigrate status
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    pending                                 Orders
    1 applied, at 0001; 1 pending: atomic (one transaction)
    ");
}

#[test]
fn a_missing_file_is_built() {
    let project = Project::scripts(&[ONE]);
    let shown = project.run("rebuild --url sqlite:new.db");
    assert!(shown.starts_with("exit 0") && project.path("new.db").exists(), "{shown}");
}

#[test]
fn a_file_that_is_opened_for_reading_only_is_not_built_anew() {
    let project = with_data();
    let shown = project.run("rebuild --url sqlite:app.db?mode=ro");
    assert!(!shown.starts_with("exit 0") && customers(&project) == "kept\n", "{shown}");
}

#[test]
fn a_failing_script_leaves_the_old_database() {
    let project = with_data();
    project.script(2, "SELECT nope;\n");
    assert_snapshot!(project.run("rebuild"), @"
    exit 1
    --- stderr
    rebuild sqlite:app.db from migrations
    2 pending: atomic (a new database replaces the old one at the end)
    ran Script-0001.sql Customers ( [n] ms)
    error: Script-0002.sql failed: no such column: nope
     --> migrations/Script-0002.sql:1:8
      |
    1 | SELECT nope;
      |        ^^^^
      = SQLite SQLITE_ERROR (1)
      = the old database is unchanged
    ");
    assert_eq!(customers(&project), "kept\n");
    let files = std::fs::read_dir(project.root()).expect("a folder").count();
    assert_eq!(files, 2, "only app.db and migrations");
}

#[test]
fn a_wrong_folder_leaves_the_old_database() {
    let project = with_data();
    project.script(3, "");
    assert_snapshot!(project.run("rebuild"), @"
    exit 4
    --- stderr
    rebuild sqlite:app.db from migrations
    error: Script-0002.sql is missing, but higher numbers exist
     = help: numbers must have no gaps: restore the missing scripts or renumber those after the gap
    nothing was applied
    ");
    assert_eq!(customers(&project), "kept\n");
}

#[test]
fn a_protected_file_needs_its_name() {
    let project = with_data();
    project.file("dbmigrate.toml", "[target.main]\nurl = \"sqlite:app.db\"\nprotected = true\n");
    assert_snapshot!(project.run("rebuild --target main"), @"
    exit 4
    --- stderr
    rebuild sqlite:app.db from migrations
    error: rebuild drops the database app.db, which is protected by the configuration
     = help: if it may be dropped, pass --allow-drop app.db
    ");
    assert_snapshot!(project.run("rebuild --target main --yes"), @"
    exit 4
    --- stderr
    rebuild sqlite:app.db from migrations
    error: rebuild drops the database app.db, which is protected by the configuration
     = help: if it may be dropped, pass --allow-drop app.db
    ");
    assert_snapshot!(project.run("rebuild --target main --allow-drop other"), @"
    exit 4
    --- stderr
    rebuild sqlite:app.db from migrations
    error: --allow-drop other does not name this database, app.db
     = help: if it may be dropped, pass --allow-drop app.db
    ");
    assert_eq!(customers(&project), "kept\n");
    assert_snapshot!(project.run("rebuild --target main --allow-drop app.db"), @"
    exit 0
    --- stdout
    rebuilt with 1 script in [n] ms: the database is at 0001
    --- stderr
    rebuild sqlite:app.db from migrations
    1 pending: atomic (a new database replaces the old one at the end)
    ran Script-0001.sql Customers ( [n] ms)
    replacing the old database
    ");
    assert_eq!(customers(&project), "");
}

#[test]
fn a_url_is_not_compared_with_protected_targets() {
    let project = with_data();
    project.file("dbmigrate.toml", "[target.main]\nurl = \"sqlite:app.db\"\nprotected = true\n");
    assert_snapshot!(project.run("rebuild --url sqlite:app.db"), @"
    exit 4
    --- stderr
    rebuild sqlite:app.db from migrations
    error: rebuild drops the database app.db, which is protected by the configuration
     = help: if it may be dropped, pass --allow-drop app.db
    ");
}

#[test]
fn a_wrong_name_is_refused_wherever_it_is() {
    let project = with_data();
    assert_snapshot!(project.run("rebuild --allow-drop other"), @"
    exit 4
    --- stderr
    rebuild sqlite:app.db from migrations
    error: --allow-drop other does not name this database, app.db
     = help: if it may be dropped, pass --allow-drop app.db
    ");
    assert_eq!(customers(&project), "kept\n");
}

#[test]
#[cfg(feature = "postgres")]
fn what_is_not_on_this_machine_needs_its_name() {
    let project = Project::scripts(&[ONE]);
    let url = "postgres://deploy@db.invalid/shop";
    assert_snapshot!(project.run_with(&["rebuild", "--yes", "--url", url]), @"
    exit 4
    --- stderr
    rebuild postgres://deploy@db.invalid/shop from migrations
    error: rebuild drops the database shop, which is not on this machine
     = help: if it may be dropped, pass --allow-drop shop
    ");
    project.file("dbmigrate.toml", format!("[target.dev]\nurl = \"{url}\"\ndevelopment = true\n"));
    assert_snapshot!(project.run("rebuild"), @"
    exit 4
    --- stderr
    rebuild postgres://deploy@db.invalid/shop from migrations
    error: rebuild drops the database shop, which is not on this machine
     = help: if it may be dropped, pass --allow-drop shop
    ");
    assert_snapshot!(project.run("rebuild --allow-drop shops"), @"
    exit 4
    --- stderr
    rebuild postgres://deploy@db.invalid/shop from migrations
    error: --allow-drop shops does not name this database, shop
     = help: if it may be dropped, pass --allow-drop shop
    ");
}

#[test]
fn a_second_rebuild_copies_a_template() {
    let project = with_data();
    project.script(2, TWO);
    project.run("rebuild");
    assert_snapshot!(project.runs(&["rebuild", "rebuild --no-template", "rebuild --quiet --format json"]), @r#"
    $ dbmigrate rebuild
    exit 0
    --- stdout
    rebuilt from the template at 0002 in [n] ms: the database is at 0002
    --- stderr
    rebuild sqlite:app.db from migrations
    copied the template at 0002
    replacing the old database

    $ dbmigrate rebuild --no-template
    exit 0
    --- stdout
    rebuilt with 2 scripts in [n] ms: the database is at 0002
    --- stderr
    rebuild sqlite:app.db from migrations
    2 pending: atomic (a new database replaces the old one at the end)
    ran Script-0001.sql to Script-0002.sql
    replacing the old database

    $ dbmigrate rebuild --quiet --format json
    exit 0
    --- stdout
    {
      "applied": [],
      "at": 2,
      "command": "rebuild",
      "database": "app.db",
      "dir": "migrations",
      "duration_ms": [n],
      "from": 2,
      "guarantee": "atomic (a new database replaces the old one at the end)",
      "objects": [],
      "product": "SQLite [version]",
      "run": "[uuid]",
      "target": "sqlite:app.db",
      "template": {
        "at": 2,
        "objects": false
      },
      "version": "[version]",
      "warnings": []
    }
    "#);
    project.script(3, "ALTER TABLE customers ADD COLUMN email text;\n");
    assert_snapshot!(project.run("rebuild"), @"
    exit 0
    --- stdout
    rebuilt from the template at 0002 with 1 script in [n] ms: the database is at 0003
    --- stderr
    rebuild sqlite:app.db from migrations
    copied the template at 0002
    1 pending: atomic (a new database replaces the old one at the end)
    ran Script-0003.sql ( [n] ms)
    replacing the old database
    ");
    assert_snapshot!(project.run("status"), @"
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    applied  [time] [n] ms  Orders
     0003    applied  [time] [n] ms
    3 applied, at 0003; nothing pending
    ");
}

#[test]
fn templates_are_kept_where_a_rebuild_needs_no_consent() {
    let project = Project::scripts(&[ONE]).hide("dbmigrate_tpl_", "tpl_");
    project.file(
        "dbmigrate.toml",
        "[target.dev]\nurl = \"sqlite:dev.db\"\ndevelopment = true\ntemplates = { max = 3, max_size = \"10MB\" }\n\
         [target.small]\nurl = \"sqlite:small.db\"\ntemplates = { max_size = \"1kB\" }\n\
         [target.none]\nurl = \"sqlite:none.db\"\ntemplates = { max = 0 }\n\
         [target.guarded]\nurl = \"sqlite:guarded.db\"\nprotected = true\n",
    );
    for (arguments, copies) in [
        ("--target none", false),
        ("--target small", false),
        ("--target guarded --allow-drop guarded.db", false),
        ("--target dev", true),
        ("--url sqlite:bare.db", true),
    ] {
        project.run(&format!("rebuild {arguments}"));
        let shown = project.run(&format!("rebuild {arguments}"));
        assert_eq!(shown.contains("copied the template at 0001"), copies, "{arguments}: {shown}");
        project.run("clean --templates --url sqlite:bare.db");
        project.run("clean --templates --target dev");
    }
}

#[test]
fn templates_are_dropped_on_request() {
    let project = with_data();
    project.run("rebuild");
    std::fs::rename(project.path("migrations"), project.path("elsewhere")).expect("renamed");
    assert_snapshot!(project.runs(&["clean", "clean --templates", "clean --templates", "clean --templates --format json"]), @r#"
    $ dbmigrate clean
    exit 2
    --- stderr
    error: the following required arguments were not provided:
      --templates

    Usage: dbmigrate clean --templates

    For more information, try '--help'.

    $ dbmigrate clean --templates
    exit 0
    --- stdout
    dropped 1 template of 20.5 kB

    $ dbmigrate clean --templates
    exit 0
    --- stdout
    there is no template to drop

    $ dbmigrate clean --templates --format json
    exit 0
    --- stdout
    {
      "bytes": 0,
      "command": "clean",
      "database": "app.db",
      "dir": "migrations",
      "target": "sqlite:app.db",
      "templates": [],
      "version": "[version]"
    }
    "#);
}

#[test]
fn what_is_kept_is_logged() {
    let project = with_data();
    project.script(2, TWO);
    let shown = project.run("rebuild -v");
    assert!(shown.contains("kept a template at 0001") && shown.contains("kept a template at 0002"), "{shown}");
    let shown = project.run("rebuild -v --log-format json");
    assert!(shown.contains("\"message\":\"copied\",\"template\":\"0002\""), "{shown}");
}
