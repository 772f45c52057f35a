//! PostgreSQL, where it differs from SQLite.

use insta::assert_snapshot;

use crate::project::{ONE, Project, TWO, client};
use crate::server::Database;

const ENDLESS: &str = "-- Long\nSELECT pg_sleep(600);\n";

#[test]
fn from_the_first_upgrade_to_a_rebuild() {
    let database = Database::new();
    let project = database.project(&[ONE, TWO]);
    let all = ["status", "upgrade", "upgrade", "status", "rebuild --yes", "upgrade --dry-run"];
    assert_snapshot!(project.runs(&all), @"
    $ dbmigrate status
    exit 0
    --- stdout
     number  state    applied at (UTC)  duration  title
     0001    pending                              Customers
     0002    pending                              Orders
    0 applied; 2 pending: atomic (one transaction)

    $ dbmigrate upgrade
    exit 0
    --- stdout
    applied 2 scripts in [n] ms: the database is at 0002
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    2 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    ran Script-0002.sql Orders ( [n] ms)
    committed Script-0001.sql to Script-0002.sql

    $ dbmigrate upgrade
    exit 0
    --- stdout
    nothing to do: the database is at 0002
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations

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
    rebuild postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    2 pending: atomic (a new database replaces the old one at the end)
    ran Script-0001.sql to Script-0002.sql
    replacing the old database

    $ dbmigrate upgrade --dry-run
    exit 0
    --- stdout
    -- nothing to do: the database is at 0002
    ");
}

#[test]
fn baseline_on_an_existing_database() {
    let database = Database::new();
    database.psql("CREATE TABLE legacy (id integer)");
    let project = database.project(&[ONE]);
    assert_snapshot!(project.run("upgrade"), @"
    exit 4
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    error: the database is not empty and has no journal
     = help: if it matches the baseline, record that with dbmigrate baseline (--to N if scripts are applied as well; --import dbup if DbUp applied them; --to 0 to apply all scripts to it as it is); otherwise check the URL
    nothing was applied
    ");
    project.file("migrations/Baseline.sql", "CREATE TABLE legacy (id integer);\n");
    assert_snapshot!(project.runs(&["upgrade", "baseline --format json", "upgrade"]), @r#"
    $ dbmigrate upgrade
    exit 4
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    error: the database is not empty and has no journal
     = help: if it matches the baseline, record that with dbmigrate baseline (--to N if scripts are applied as well; --import dbup if DbUp applied them; --to 0 to apply all scripts to it as it is); otherwise check the URL
    nothing was applied

    $ dbmigrate baseline --format json
    exit 0
    --- stdout
    {
      "applied": [
        {
          "duration_ms": [n],
          "number": 0,
          "script": "Baseline.sql",
          "title": null
        }
      ],
      "at": 0,
      "command": "baseline",
      "database": "shop",
      "dir": "migrations",
      "duration_ms": [n],
      "from": null,
      "guarantee": "atomic (one transaction)",
      "product": "PostgreSQL [version]",
      "run": "[uuid]",
      "target": "postgres://postgres:***@127.0.0.1:[port]/shop",
      "version": "[version]",
      "warnings": []
    }
    --- stderr
    baseline postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    the database (PostgreSQL [version]) has 1 table: legacy
    baseline will record as applied, without running or comparing anything: Baseline.sql
    recorded Baseline.sql as applied, without running it
    committed Baseline.sql

    $ dbmigrate upgrade
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    1 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    "#);
}

#[test]
fn the_database_is_created_on_demand() {
    let database = Database::new();
    let project = database.project(&[ONE]);
    database.admin(&format!("DROP DATABASE {}", database.name));
    assert_snapshot!(project.runs(&["status", "upgrade", "upgrade --create-database"]), @r#"
    $ dbmigrate status
    exit 1
    --- stderr
    error: cannot connect to postgres://postgres:***@127.0.0.1:[port]/shop: database "shop" does not exist
     = PostgreSQL 3D000
     = help: check the name; upgrade --create-database creates it

    $ dbmigrate upgrade
    exit 1
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    error: cannot connect to postgres://postgres:***@127.0.0.1:[port]/shop: database "shop" does not exist
     = PostgreSQL 3D000
     = help: check the name; upgrade --create-database creates it

    $ dbmigrate upgrade --create-database
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    1 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    "#);
}

#[test]
fn psql_does_the_same_with_the_sql_of_a_dry_run() {
    let texts = [
        ONE,
        "-- Awkward\nINSERT INTO customers VALUES (1, 'it''s; --'), (2, E'\\'');\nDO $do$ BEGIN PERFORM 1; END $do$;\n\
         COPY customers FROM stdin;\n3\tthree\n\\.\nSELECT 2",
        "-- dbmigrate: no-transaction\nCREATE INDEX CONCURRENTLY i ON customers (name);\n",
        "CREATE TYPE mood AS ENUM ('sad');\n",
        "ALTER TYPE mood ADD VALUE 'ok';\n",
        "CREATE TABLE moods (mood mood DEFAULT 'ok');\nSET search_path = pg_catalog;\n",
    ];
    let migrated = |through_psql: bool| {
        let database = Database::new();
        let project = database.project(&texts);
        if through_psql {
            database.psql(&project.stdout("upgrade --dry-run"));
        } else {
            project.run("upgrade");
        }
        assert!(project.run("upgrade").contains("nothing to do"));
        let dump = client("pg_dump", &["--no-owner", "-T", "dbmigrate_journal", "-d", &database.url()], "");
        let dump = dump.lines().filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"));
        let journal = database.psql(
            "SELECT number, script, title, checksum, state, applied_by, tool_version, body \
             FROM dbmigrate_journal ORDER BY number",
        );
        dump.collect::<Vec<_>>().join("\n") + &journal
    };
    let (piped, run) = (migrated(true), migrated(false));
    assert!(run.contains("CREATE INDEX i"), "{run}");
    assert_eq!(piped, run);
}

#[test]
fn notices_are_shown() {
    let database = Database::new();
    let project = database.project(&["DROP TABLE IF EXISTS nope;\nDO $$ BEGIN RAISE WARNING 'be careful'; END $$;\n"]);
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
fn a_second_run_waits_and_gives_up() {
    let database = Database::new();
    let project = database.project(&[ENDLESS]);
    let mut first = project.start("upgrade");
    first.says("1 pending");
    let shown = project.run("upgrade --lock-timeout 1");
    first.signal("TERM");
    first.end();
    assert_snapshot!(shown, @"
    exit 5
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    waiting for another run: pid [n], user postgres, host 127.0.0.1, application dbmigrate [version], since [time]
    error: another run holds the lock (waited 1s): pid [n], user postgres, host 127.0.0.1, application dbmigrate [version], since [time]
     = nothing was applied
     = help: wait for that run to end, or wait longer with --lock-timeout
    ");
}

#[test]
fn a_statement_that_takes_too_long() {
    let database = Database::new();
    assert_snapshot!(database.project(&[ENDLESS]).run("upgrade --statement-timeout 1"), @"
    exit 1
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    1 pending: atomic (one transaction)
    error: Script-0001.sql failed: canceling statement due to statement timeout
     --> migrations/Script-0001.sql:2:1
      |
    2 | SELECT pg_sleep(600);
      | ^^^^^^^^^^^^^^^^^^^^
      = PostgreSQL 57014
      = rolled back: 0001 was not applied, the database is unchanged, no script is applied
      = help: allow more time with --statement-timeout, or make the statement faster; without that option, the limit is the script's or the server's
    ");
}

#[test]
fn ctrl_c_and_sigterm_roll_back() {
    let stopped = |signal: &str| {
        let database = Database::new();
        let project = database.project(&[ONE, ENDLESS]);
        let mut run = project.start("upgrade");
        run.says("2 pending");
        std::thread::sleep(std::time::Duration::from_millis(700));
        run.signal(signal);
        let shown = run.end();
        assert_eq!(database.tables(), "");
        let left = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' \
                    AND state = 'active' AND datname = current_database() AND pid <> pg_backend_pid()";
        assert_eq!(database.psql(left), "0\n", "the statement goes on");
        shown
    };
    assert_snapshot!(stopped("INT"), @"
    exit 130
    --- stderr
    ran Script-0001.sql Customers ( [n] ms)
    error: interrupted in Script-0002.sql
     = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    ");
    assert_snapshot!(stopped("TERM"), @"
    exit 143
    --- stderr
    ran Script-0001.sql Customers ( [n] ms)
    error: interrupted in Script-0002.sql
     = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    ");
}

#[test]
fn a_lock_of_another_session_is_named() {
    let database = Database::new();
    database.psql("CREATE TABLE customers (id integer)");
    let project = database.project(&["ALTER TABLE customers ADD COLUMN mail text;\n"]);
    project.file("migrations/Baseline.sql", "");
    project.run("baseline");
    let url = database.url();
    let holder = std::thread::spawn(move || {
        client("psql", &["-X", "-q", "-d", &url], "BEGIN; LOCK TABLE customers; SELECT pg_sleep(4); COMMIT;");
    });
    std::thread::sleep(std::time::Duration::from_millis(500));
    let shown = project.run("upgrade");
    holder.join().expect("it ends");
    assert_snapshot!(shown, @"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    1 pending: atomic (one transaction)
    waiting for a lock held by pid [n], user postgres, host 127.0.0.1, application psql, since [time], active
    ran Script-0001.sql ( [n] ms)
    committed Script-0001.sql
    ");
}

#[test]
fn the_journal_stands_in_the_configured_schema() {
    let database = Database::new();
    let project = database.project(&["SET search_path = pg_catalog;\n", ONE]);
    let config = "[journal]\nschema = \"Ops\"\n[target.it]\nurl = \"${DBMIGRATE_URL}\"\n";
    project.file("dbmigrate.toml", config);
    project.run("upgrade");
    assert_eq!(database.psql("SELECT count(*) FROM \"Ops\".dbmigrate_journal"), "2\n");
    assert_eq!(database.tables(), "customers\n");
}

/// A user without any privileges, dropped at the end.
struct Nobody<'a>(&'a Database, String);

impl<'a> Nobody<'a> {
    fn new(database: &'a Database) -> Self {
        let name = format!("{}_nobody", database.name);
        database.admin(&format!("CREATE ROLE {name} LOGIN PASSWORD 'n0b0dy'"));
        Self(database, name)
    }

    fn url(&self) -> String {
        self.0.url_of(&self.1, "n0b0dy")
    }
}

impl Drop for Nobody<'_> {
    fn drop(&mut self) {
        self.0.admin(&format!("DROP ROLE {}", self.1));
    }
}

#[test]
fn a_user_without_rights() {
    let database = Database::new();
    // before PostgreSQL 15, every user may create objects in public
    database.psql("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    let nobody = Nobody::new(&database);
    let project = Project::scripts(&[ONE]).hide(&database.name, "shop").env("DBMIGRATE_URL", &nobody.url());
    assert_snapshot!(project.run("upgrade"), @"
    exit 1
    --- stderr
    upgrade postgres://shop_nobody:***@127.0.0.1:[port]/shop from migrations
    1 pending: atomic (one transaction)
    error: creating the journal failed: permission denied for schema public
     = PostgreSQL 42501
     = rolled back: 0001 was not applied, the database is unchanged, no script is applied
     = help: grant the user what it lacks, or connect as the owner
    ");
    assert_snapshot!(project.run("rebuild --yes"), @"
    exit 1
    --- stderr
    rebuild postgres://shop_nobody:***@127.0.0.1:[port]/shop from migrations
    error: creating the new database beside the old one failed: only its owner, postgres, may replace the database
     = nothing was applied
     = help: grant the user what it lacks, or connect as the owner
    ");
    let other = nobody.url() + "_other";
    assert_snapshot!(project.run_with(&["upgrade", "--create-database", "--url", &other]), @"
    exit 1
    --- stderr
    upgrade postgres://shop_nobody:***@127.0.0.1:[port]/shop_other from migrations
    error: creating the database failed: permission denied to create database
     = PostgreSQL 42501
     = nothing was applied
     = help: grant the user the right (ALTER ROLE name CREATEDB), or create it as another user
    ");
    let admin = database.project(&[ONE]);
    admin.run("upgrade");
    assert_snapshot!(project.run("status"), @r#"
    exit 1
    --- stderr
    error: the journal "public"."dbmigrate_journal" cannot be read: permission denied for table dbmigrate_journal
     = help: a journal that cannot be read is never taken for an empty one: check the table's columns and the user's rights
    "#);
}
