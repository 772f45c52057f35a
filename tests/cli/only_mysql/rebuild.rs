//! A rebuild drops the old database first.

use insta::assert_snapshot;

use crate::engine::mysql::{new_database, project_on, tables};
use crate::project::ONE;
use crate::support::Database;
use crate::support::mysql::PRODUCT;

#[test]
fn a_rebuild_that_fails_has_dropped_the_old_database() {
    let database = new_database();
    let project = project_on(&database, &[ONE]);
    project.run("upgrade");
    project.script(2, "-- Mail\nALTER TABLE customers ADD COLUMN mail text;\nALTER TABLE custmers DROP COLUMN name;\n");
    assert_snapshot!(project.run("rebuild --yes"), @"
    exit 1
    --- stderr
    rebuild mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: not atomic (the old database is dropped first)
    ran Script-0001.sql Customers ( [n] ms)
    error: Script-0002.sql failed: Table 'shop.custmers' doesn't exist
     --> migrations/Script-0002.sql:3:13
      |
    3 | ALTER TABLE custmers DROP COLUMN name;
      |             ^^^^^^^^
      = MySQL 1146 (42S02)
      = Script-0002.sql runs outside a transaction: 1 of its 2 statements ran and stay; 0001 is applied and stays, the database is at 0001; the old database was dropped first
      = help: fix it from statement 2 on and run upgrade again: it resumes there
    ");
    assert_snapshot!(project.run("status"), @"
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    failed   [time] [n] ms  Mail
    1 applied, at 0001; 1 pending: resumable, not atomic: Script-0002 (ALTER TABLE customers) commits statement by statement
    --- stderr
    warning: Script-0002.sql failed at statement 2; fix it from there, and upgrade will resume it
    ");
    let state = &project.json("rebuild --yes --format json").0["error"]["state"];
    assert_eq!((&state["dropped"], &state["kept"]), (&true.into(), &false.into()));
    assert_eq!(state["unfinished"]["statements_done"], 1);
    project.script(2, "INSERT INTO customers VALUES (1, 'a');\nINSERT INTO custmers VALUES (2, 'b');\n");
    assert_snapshot!(project.run("rebuild --yes"), @"
    exit 1
    --- stderr
    rebuild mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: not atomic (the old database is dropped first)
    ran Script-0001.sql Customers ( [n] ms)
    error: Script-0002.sql failed: Table 'shop.custmers' doesn't exist
     --> migrations/Script-0002.sql:2:13
      |
    2 | INSERT INTO custmers VALUES (2, 'b');
      |             ^^^^^^^^
      = MySQL 1146 (42S02)
      = rolled back: 0002 was not applied, 0001 is applied and stays, the database is at 0001; the old database was dropped first
    ");
    assert_eq!(tables(&database), "customers");
}

#[test]
fn an_upgrade_resumes_an_interrupted_rebuild() {
    let database = new_database();
    let project = project_on(&database, &[ONE, "SELECT SLEEP(600) FROM (SELECT 1 UNION ALL SELECT 2) AS twice;\n"]);
    let run = project.start("rebuild --yes");
    database.wait_for("SELECT SLEEP(600)");
    run.signal("INT");
    assert_snapshot!(run.end(), @"
    exit 130
    --- stderr
    rebuild mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: not atomic (the old database is dropped first)
    ran Script-0001.sql Customers ( [n] ms)
    error: interrupted in Script-0002.sql
     = rolled back: 0002 was not applied, 0001 is applied and stays, the database is at 0001; the old database was dropped first
    ");
    project.script(2, "SELECT 1;\n");
    assert_snapshot!(project.run("upgrade"), @"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0002
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    1 pending: atomic (one transaction)
    ran Script-0002.sql ( [n] ms)
    committed Script-0002.sql
    ");
}

#[test]
fn the_configuration_names_the_character_set_of_new_databases() {
    let database = Database::missing(&PRODUCT);
    let project = project_on(&database, &[ONE]);
    let configured = |lines: &str| {
        project.file("dbmigrate.toml", format!("[target.it]\nurl = \"${{DBMIGRATE_URL}}\"\n{lines}"));
    };
    let set = "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata \
               WHERE schema_name = DATABASE()";
    configured("charset = \"latin1\"\n");
    project.run("upgrade --create-database");
    assert!(database.ask(set).starts_with("latin1|"), "{}", database.ask(set));
    configured("charset = \"utf8mb4\"\ncollation = \"utf8mb4_bin\"\n");
    project.run("rebuild --yes");
    assert_eq!(database.ask(set), "utf8mb4|utf8mb4_bin");
    configured("");
    project.run("rebuild --yes");
    assert!(database.ask(set).starts_with("utf8mb4|"), "{}", database.ask(set));
    configured("charset = \"latin1\"\ncollation = \"utf8mb4_bin\"\n");
    database.ask("INSERT INTO customers VALUES (1, 'kept')");
    assert_snapshot!(project.run("rebuild --yes"), @"
    exit 1
    --- stderr
    rebuild mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: creating the new database failed: COLLATION 'utf8mb4_bin' is not valid for CHARACTER SET 'latin1'
     = MySQL 1253 (42000)
     = nothing was applied
    ");
    assert_eq!(database.ask("SELECT name FROM customers"), "kept");
    project.file("dbmigrate.toml", "[target.it]\nurl = \"sqlite:app.db\"\ncharset = \"utf8mb4\"\n");
    assert_snapshot!(project.run("upgrade --create-database"), @r#"
    exit 2
    --- stderr
    error: target "it": charset does not apply to this kind of database
    "#);
}
