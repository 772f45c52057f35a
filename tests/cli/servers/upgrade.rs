//! From the first upgrade on.

use insta::assert_snapshot;

use crate::engine::{Server, on_servers};
use crate::project::{ONE, TWO};

on_servers! {
    from_the_first_upgrade_to_a_rebuild,
    a_database_with_tables_needs_a_baseline_or_its_record,
    a_missing_database_is_created_on_demand,
    a_failing_script_takes_the_rows_of_its_transaction_back,
}

fn from_the_first_upgrade_to_a_rebuild(server: &'static Server) {
    let both =
        "Script-0001 (CREATE TABLE customers) and Script-0002 (CREATE TABLE orders) commit statement by statement";
    let stage = server.stage(&[ONE, TWO]).hide(&server.promised(both), "[guarantee]");
    let all = ["status", "upgrade", "upgrade", "status", "rebuild --yes", "upgrade --dry-run"];
    assert_snapshot!(stage.project.runs(&all), @"
    $ dbmigrate status
    exit 0
    --- stdout
     number  state    applied at (UTC)  duration  title
     0001    pending                              Customers
     0002    pending                              Orders
    0 applied; 2 pending: [guarantee]

    $ dbmigrate upgrade
    exit 0
    --- stdout
    applied 2 scripts in [n] ms: the database is at 0002
    --- stderr
    upgrade [url] from migrations
    2 pending: [guarantee]
    ran Script-0001.sql Customers ( [n] ms)
    ran Script-0002.sql Orders ( [n] ms)
    committed Script-0001.sql to Script-0002.sql

    $ dbmigrate upgrade
    exit 0
    --- stdout
    nothing to do: the database is at 0002
    --- stderr
    upgrade [url] from migrations

    $ dbmigrate status
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    applied  [time] [n] ms  Orders
    2 applied, at 0002; nothing pending

    $ dbmigrate rebuild --yes
    exit 0
    --- stdout
    rebuilt with 2 scripts in [n] ms: the database is at 0002
    --- stderr
    rebuild [url] from migrations
    2 pending: [guarantee of a rebuild]
    ran Script-0001.sql to Script-0002.sql

    $ dbmigrate upgrade --dry-run
    exit 0
    --- stdout
    -- nothing to do: the database is at 0002
    ");
}

fn a_database_with_tables_needs_a_baseline_or_its_record(server: &'static Server) {
    let one = server.promised("Script-0001 (CREATE TABLE customers) commits statement by statement");
    let stage = server.stage(&[ONE]).hide(&one, "[guarantee]");
    stage.ask("CREATE TABLE legacy (id integer)");
    assert_snapshot!(stage.project.run("upgrade"), @"
    exit 4
    --- stderr
    upgrade [url] from migrations
    error: the database is not empty and has no journal
     = help: if it matches the baseline, record that with dbmigrate baseline (--to N if scripts are applied as well; --import auto if another tool applied them; --to 0 to apply all scripts to it as it is); otherwise check the URL
    nothing was applied
    ");
    stage.project.file("migrations/Baseline.sql", "CREATE TABLE legacy (id integer);\n");
    assert_snapshot!(stage.project.runs(&["status", "upgrade", "baseline", "upgrade"]), @"
    $ dbmigrate status
    exit 0
    --- stdout
     number         state    applied at (UTC)  duration  title
     0000 baseline  pending
     0001           pending                              Customers
    0 applied; 2 pending, but an upgrade would be refused (1 problem)
    --- stderr
    error: the database is not empty and has no journal
     = help: if it matches the baseline, record that with dbmigrate baseline (--to N if scripts are applied as well; --import auto if another tool applied them; --to 0 to apply all scripts to it as it is); otherwise check the URL

    $ dbmigrate upgrade
    exit 4
    --- stderr
    upgrade [url] from migrations
    error: the database is not empty and has no journal
     = help: if it matches the baseline, record that with dbmigrate baseline (--to N if scripts are applied as well; --import auto if another tool applied them; --to 0 to apply all scripts to it as it is); otherwise check the URL
    nothing was applied

    $ dbmigrate baseline
    exit 0
    --- stdout
    recorded 1 script as applied without running anything: the database is at 0000
    --- stderr
    baseline [url] from migrations
    the database ([product] [version]) has 1 table: legacy
    baseline will record as applied, without running or comparing anything: Baseline.sql
    recorded Baseline.sql as applied, without running it
    committed Baseline.sql

    $ dbmigrate upgrade
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    upgrade [url] from migrations
    1 pending: [guarantee]
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    ");
}

fn a_missing_database_is_created_on_demand(server: &'static Server) {
    let one = server.promised("Script-0001 (CREATE TABLE customers) commits statement by statement");
    let stage = server.missing(&[ONE]).hide(&one, "[guarantee]");
    assert_snapshot!(stage.project.runs(&["status", "upgrade", "upgrade --create-database"]), @"
    $ dbmigrate status
    exit 1
    --- stderr
    error: cannot connect to [url]: [unknown database]
     = [code of an unknown database]
     = help: check the name; upgrade --create-database creates it

    $ dbmigrate upgrade
    exit 1
    --- stderr
    upgrade [url] from migrations
    error: cannot connect to [url]: [unknown database]
     = [code of an unknown database]
     = help: check the name; upgrade --create-database creates it

    $ dbmigrate upgrade --create-database
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    upgrade [url] from migrations
    1 pending: [guarantee]
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    ");
}

fn a_failing_script_takes_the_rows_of_its_transaction_back(server: &'static Server) {
    let stage = server.stage(&[ONE]);
    stage.project.run("upgrade");
    stage.project.script(2, "-- The first customers\nINSERT INTO customers VALUES (1, 'Ada'), (2, 'Bruno');\n");
    stage.project.script(3, "-- Twice\nDELETE FROM customers WHERE id = 2;\nINSERT INTO nope VALUES (1, 'Ada');\n");
    assert_snapshot!(stage.project.runs(&["upgrade", "status --exit-code"]), @"
    $ dbmigrate upgrade
    exit 1
    --- stderr
    upgrade [url] from migrations
    2 pending: atomic (one transaction)
    ran Script-0002.sql The first customers ( [n] ms)
    error: Script-0003.sql failed: [missing table nope]
     --> migrations/Script-0003.sql:3:13
      |
    3 | INSERT INTO nope VALUES (1, 'Ada');
      |             ^^^^
      = [code of a missing table]
      = rolled back: 0002-0003 were not applied, the database is unchanged at 0001

    $ dbmigrate status --exit-code
    exit 3
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    pending                                 The first customers
     0003    pending                                 Twice
    1 applied, at 0001; 2 pending: atomic (one transaction)
    ");
    assert_eq!(stage.ask("SELECT count(*) FROM customers"), "0");
}
