//! A schema for each tenant.

use insta::assert_snapshot;

use crate::engine::postgres::{new_database, project_on};
use crate::project::{ONE, Project};
use crate::support::Database;

const TWO: &str = "INSERT INTO customers VALUES (1, 'first');\n";

/// A project with these schemas in one database.
fn tenants(database: &Database, names: &[String], scripts: &[&str]) -> Project {
    for names in names.chunks(50) {
        let schemas = names.iter().map(|name| format!("CREATE SCHEMA {name}"));
        database.ask(&schemas.collect::<Vec<_>>().join(";"));
    }
    let project = project_on(database, scripts);
    let fleet = "[target.app]\nurl = \"${DBMIGRATE_URL}\"\n[fleet.tenants]\nschemas = { target = \"app\", like = 'tenant\\_%' }\n";
    project.file("dbmigrate.toml", fleet);
    project
}

#[test]
fn schemas_of_one_database_are_a_fleet() {
    let database = new_database();
    let names = ["tenant_acme", "tenant_bolt", "tenant_coil", "tenant_dune", "tenant_echo", "tenantless"]
        .map(ToOwned::to_owned);
    let project = tenants(&database, &names, &[ONE]);
    project.run("fleet upgrade --parallel 1");
    project.script(2, "INSERT INTO tenant_acme.customers VALUES (1, 'first') ON CONFLICT DO NOTHING;\n");
    database.ask("ALTER TABLE tenant_bolt.customers ADD COLUMN note text; ALTER TABLE tenant_coil.customers ADD COLUMN note text");
    assert_snapshot!(project.runs(&[
        "fleet status --parallel 1 --quiet",
        "fleet upgrade --parallel 1",
        "fleet upgrade --only tenant_acme --format json",
    ]), @r#"
    $ dbmigrate fleet status --parallel 1 --quiet
    exit 0
    --- stdout
     number  databases  schema
     0001            3  884d4936
     0001            2  98bddda2 differs in column customers.note: tenant_bolt, tenant_coil
    5 databases: 5 pending

    $ dbmigrate fleet upgrade --parallel 1
    exit 0
    --- stdout
    5 databases: 5 upgraded
    --- stderr
    fleet upgrade: 5 databases from migrations
    warning: migrations/Script-0002.sql:1:13: tenant_acme is the schema of one tenant, and this script runs for every tenant; leave the schema out: a name without a schema means the tenant's own object
    tenant_acme, tenant_bolt, tenant_coil, tenant_dune, tenant_echo
    warning: 1 object differs from what run [id] left on [date]: table customers (column note added); dbmigrate fleet verify shows how
    tenant_bolt, tenant_coil

    $ dbmigrate fleet upgrade --only tenant_acme --format json
    exit 0
    --- stdout
    {"applied":0,"at":2,"database":"tenant_acme","duration_ms":[n],"from":2,"outcome":"current","pending":0}
    {"command":"fleet upgrade","summary":{"at":{"2":1},"databases":1,"outcomes":{"current":1}}}
    --- stderr
    fleet upgrade: 1 database from migrations
    "#);
}

#[test]
fn a_server_that_cannot_be_reached_does_not_stop_the_others() {
    let database = new_database();
    let project = tenants(&database, &[], &[ONE]);
    let targets = "[target.a]\nurl = \"${DBMIGRATE_URL}\"\n[target.down]\nurl = \"postgres://u@127.0.0.1:1/shop\"\n\
                   [target.z]\nurl = \"${DBMIGRATE_URL}2\"\n[fleet.all]\ntargets = [\"a\", \"down\", \"z\"]\n";
    project.file("dbmigrate.toml", targets);
    assert_snapshot!(project.run("fleet upgrade --parallel 1 --create-database"), @"
    exit 1
    --- stdout
    3 databases: 2 upgraded, 1 unreachable
    --- stderr
    fleet upgrade: 3 databases from migrations
    error: cannot connect to postgres://u@127.0.0.1:[port]/shop: Connection refused (os error 111)
     = help: check the host and port; --wait 30s waits for a server that is starting
    unreachable: down
    ");
    database.admin(&format!("DROP DATABASE {}2", database.name));
}

#[test]
fn a_run_over_schemas_that_is_killed_is_begun_again() {
    let database = new_database();
    let names = (0..40).map(|number| format!("tenant_{number:02}")).collect::<Vec<_>>();
    let project = tenants(&database, &names, &[ONE, "SELECT pg_sleep(0.05);\n", TWO]);
    for number in 1..10 {
        let run = project.start("fleet upgrade --quiet --lock-timeout 20s");
        std::thread::sleep(std::time::Duration::from_millis(70 * number));
        run.signal("KILL");
        drop(run);
    }
    let ended = project.run("fleet upgrade --quiet --lock-timeout 20s");
    assert!(ended.starts_with("exit 0"), "{ended}");
    for name in names {
        let found =
            format!("SELECT (SELECT count(*) FROM {name}.customers), (SELECT count(*) FROM {name}.dbmigrate_journal)");
        assert_eq!(database.ask(&found), "1|3", "{name}");
    }
}
