//! Users who lack a right.

use insta::assert_snapshot;

use crate::engine::{Server, Stage, on_servers};
use crate::project::{ONE, Project};

on_servers! {
    a_user_without_rights_creates_no_journal,
    a_user_without_rights_creates_no_database,
}

/// A project for a user who may only connect.
fn restricted(server: &'static Server) -> (Stage, Project, String) {
    let stage = server.stage(&[]);
    let user = stage.database().user("n0b0dy", server.few_rights);
    stage.ask(server.revoke);
    let url = stage.database().url_of(&user, "n0b0dy");
    let project = Project::scripts(&[ONE]).env("DBMIGRATE_URL", &url).neutral(server.engine.words);
    let one = server.promised("Script-0001 (CREATE TABLE customers) commits statement by statement");
    let project = server.engine.shown(stage.database(), project).hide(&one, "[guarantee]");
    (stage, project, url)
}

fn a_user_without_rights_creates_no_journal(server: &'static Server) {
    let (_stage, project, _) = restricted(server);
    assert_snapshot!(project.run("upgrade"), @"
    exit 1
    --- stderr
    upgrade [scheme]://shop_user:***@127.0.0.1:[port]/shop from migrations
    1 pending: [guarantee]
    error: creating the journal failed: [no right to create a table]
     = [code of a missing right]
     = rolled back: 0001 was not applied, the database is unchanged, no script is applied
     = help: grant the user what it lacks, or connect as the owner
    ");
}

fn a_user_without_rights_creates_no_database(server: &'static Server) {
    let (stage, project, url) = restricted(server);
    stage.database().admin(&server.may_look.replace("{user}", &format!("{}_user", stage.database().name)));
    let other = url + "_other";
    assert_snapshot!(project.run_with(&["upgrade", "--create-database", "--url", &other]), @"
    exit 1
    --- stderr
    upgrade [scheme]://shop_user:***@127.0.0.1:[port]/shop_other from migrations
    error: creating the database failed: [no right to create a database]
     = [code of a missing right]
     = nothing was applied
     = help: grant the user the right ([statement that grants it]), or create it as another user
    ");
}
