//! What the program does on `PostgreSQL` alone.

use insta::assert_snapshot;

use crate::engine::postgres::{new_database, project_on, tables};
use crate::project::{ONE, Project};

mod scripts;
mod tenants;

const ENDLESS: &str = "SELECT pg_sleep(600);\n";

#[test]
fn notices_are_shown() {
    let database = new_database();
    let project =
        project_on(&database, &["DROP TABLE IF EXISTS nope;\nDO $$ BEGIN RAISE WARNING 'be careful'; END $$;\n"]);
    assert_snapshot!(project.run("upgrade"), @r#"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    1 pending: atomic (one transaction)
    NOTICE: table "nope" does not exist, skipping
    WARNING: be careful
    ran Script-0001.sql ( [n] ms)
    committed Script-0001.sql
    "#);
}

#[test]
fn the_journal_is_in_the_configured_schema() {
    let database = new_database();
    let project = project_on(&database, &["SET search_path = pg_catalog;\n", ONE]);
    let config = "[journal]\nschema = \"Ops\"\n[target.it]\nurl = \"${DBMIGRATE_URL}\"\n";
    project.file("dbmigrate.toml", config);
    project.run("upgrade");
    assert_eq!(database.ask("SELECT count(*) FROM \"Ops\".dbmigrate_journal"), "2");
    assert_eq!(tables(&database), "customers");
}

#[test]
fn ctrl_c_rolls_back_what_was_created() {
    let database = new_database();
    let project = project_on(&database, &[ONE, ENDLESS]);
    let run = project.start("upgrade");
    database.wait_for(ENDLESS.trim_end());
    run.signal("INT");
    assert_snapshot!(run.end(), @"
    exit 130
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    2 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    error: interrupted in Script-0002.sql
     = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    ");
    assert_eq!(tables(&database), "");
    assert_eq!(database.running(ENDLESS.trim_end()), "", "the statement still runs");
}

#[test]
fn an_interrupted_rebuild_leaves_only_the_old_database() {
    let database = new_database();
    let project = project_on(&database, &[ONE]);
    project.run("upgrade");
    database.ask("INSERT INTO customers VALUES (1, 'kept')");
    project.script(2, ENDLESS);
    let run = project.start("rebuild --yes");
    database.wait_for(ENDLESS.trim_end());
    run.signal("INT");
    assert_snapshot!(run.end(), @"
    exit 130
    --- stderr
    rebuild postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    2 pending: atomic (a new database replaces the old one at the end)
    ran Script-0001.sql Customers ( [n] ms)
    error: interrupted in Script-0002.sql
     = the old database is unchanged
    ");
    assert_eq!(database.ask("SELECT name FROM customers"), "kept");
    let like = format!("SELECT count(*) FROM pg_database WHERE datname LIKE '%{}%'", database.name);
    assert_eq!(database.ask(&like), "1");
}

#[test]
fn a_user_without_rights_neither_rebuilds_nor_reads_the_journal() {
    let database = new_database();
    project_on(&database, &[ONE]).run("upgrade");
    let user = database.user("n0b0dy", "");
    let project = Project::scripts(&[ONE]).env("DBMIGRATE_URL", &database.url_of(&user, "n0b0dy"));
    let project = project.hide(&database.name, "shop");
    assert_snapshot!(project.run("rebuild --yes"), @"
    exit 1
    --- stderr
    rebuild postgres://shop_user:***@127.0.0.1:[port]/shop from migrations
    error: creating the new database beside the old one failed: only its owner, postgres, may replace the database
     = nothing was applied
     = help: grant the user what it lacks, or connect as the owner
    ");
    assert_snapshot!(project.run("status"), @r#"
    exit 1
    --- stderr
    error: the journal "public"."dbmigrate_journal" cannot be read: permission denied for table dbmigrate_journal
     = help: a journal that cannot be read is never taken for an empty one: check the table's columns and the user's rights
    "#);
}

#[test]
fn a_parameter_of_the_url_that_cannot_be_used_says_why() {
    let project = Project::scripts(&[ONE]);
    assert_snapshot!(project.run("status --url postgres://u@localhost/shop?timeout=3"), @"
    exit 2
    --- stderr
    error: --url: the postgres URL has an unknown parameter: timeout
     = help: known are libpq's, such as sslmode, sslrootcert, host, connect_timeout, target_session_attrs, service, application_name and options; in a password, write & as %26
    ");
    assert_snapshot!(project.run("status --url postgres://u@localhost/shop?sslmode=always"), @"
    exit 2
    --- stderr
    error: --url: the URL's parameter sslmode has an invalid value
     = help: it is disable, allow, prefer, require, verify-ca or verify-full
    ");
}
