//! MySQL and MariaDB, where they differ from SQLite and PostgreSQL.

use insta::assert_snapshot;

use crate::mysql_server::Database;
use crate::project::{ONE, Project, TWO};

const ROWS: &str = "-- The first customers\nINSERT INTO customers VALUES (1, 'Ada'), (2, 'Bruno');\n";

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
    0 applied; 2 pending: resumable, not atomic: Script-0001 (CREATE TABLE customers) and Script-0002 (CREATE TABLE orders) commit statement by statement

    $ dbmigrate upgrade
    exit 0
    --- stdout
    applied 2 scripts in [n] ms: the database is at 0002
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: resumable, not atomic: Script-0001 (CREATE TABLE customers) and Script-0002 (CREATE TABLE orders) commit statement by statement
    ran Script-0001.sql Customers ( [n] ms)
    ran Script-0002.sql Orders ( [n] ms)
    committed Script-0001.sql to Script-0002.sql

    $ dbmigrate upgrade
    exit 0
    --- stdout
    nothing to do: the database is at 0002
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations

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
    rebuild mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: not atomic (the old database is dropped first)
    ran Script-0001.sql to Script-0002.sql

    $ dbmigrate upgrade --dry-run
    exit 0
    --- stdout
    -- nothing to do: the database is at 0002
    ");
}

#[test]
fn the_example_is_applied() {
    let database = Database::new();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations-example/mysql");
    let project = database.project(&[]).hide(example, "[example]");
    assert_snapshot!(project.run_with(&["upgrade", "--dir", example]), @"
    exit 0
    --- stdout
    applied 18 scripts in [n] ms: the database is at 0017
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from [example]
    18 pending: resumable, not atomic: Baseline (CREATE TABLE customers) and 14 more commit statement by statement; the rest in 3 transactions
    ran Baseline.sql The shop when we adopted dbmigrate ( [n] ms)
    ran Script-0001.sql Add an email address to customers ( [n] ms)
    ran Script-0002.sql Turn the contact column into a phone number ( [n] ms)
    ran Script-0003.sql Give warehouses their own table ( [n] ms)
    ran Script-0004.sql Discounts on order lines, and a total that the database computes ( [n] ms)
    committed Baseline.sql to Script-0004.sql
    ran Script-0005.sql Book stock through movements ( [n] ms)
    committed Script-0005.sql
    ran Script-0006.sql Keep the history of each order's status ( [n] ms)
    ran Script-0007.sql Show what each order costs and what is still open ( [n] ms)
    ran Script-0008.sql Allow only known payment methods, and give each payment a state ( [n] ms)
    committed Script-0006.sql to Script-0008.sql
    ran Script-0009.sql Full-text search over products ( [n] ms)
    ran Script-0010.sql A status for orders that came back ( [n] ms)
    committed Script-0009.sql to Script-0010.sql
    ran Script-0011.sql Returns: which line came back, how many and why ( [n] ms)
    ran Script-0012.sql Find a customer's latest orders through an index ( [n] ms)
    committed Script-0011.sql to Script-0012.sql
    ran Script-0013.sql Sales per month and category, computed every night ( [n] ms)
    committed Script-0013.sql
    ran Script-0014.sql Product attributes as JSON ( [n] ms)
    committed Script-0014.sql
    ran Script-0015.sql Country codes instead of country names in addresses ( [n] ms)
    committed Script-0015.sql
    ran Script-0016.sql Vouchers ( [n] ms)
    ran Script-0017.sql Friendlier mail texts ( [n] ms)
    committed Script-0016.sql to Script-0017.sql
    ");
}

#[test]
fn rows_alone_are_atomic_and_the_rest_is_one_transaction() {
    let database = Database::new();
    let project = database.project(&[ONE]);
    project.file("migrations/Baseline.sql", "-- Where we start\nCREATE TABLE start (id integer);\n");
    project.run("upgrade");
    project.script(2, ROWS);
    project.script(3, "DELETE FROM customers WHERE id = 1;\n");
    assert_snapshot!(project.run("upgrade"), @"
    exit 0
    --- stdout
    applied 2 scripts in [n] ms: the database is at 0003
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: atomic (one transaction)
    ran Script-0002.sql The first customers ( [n] ms)
    ran Script-0003.sql ( [n] ms)
    committed Script-0002.sql to Script-0003.sql
    ");
    project.script(4, "-- Mail\nALTER TABLE customers ADD COLUMN mail text;\nUPDATE customers SET mail = '-';\n");
    project.script(5, "INSERT INTO customers (id, name) VALUES (3, 'Carla');\n");
    project.script(6, "UPDATE customers SET name = 'Zoe' WHERE id = 2;\n");
    assert_snapshot!(project.runs(&["status", "upgrade"]), @"
    $ dbmigrate status
    exit 0
    --- stdout
     number         state    applied at (UTC)     duration  title
     0000 baseline  applied  [time] [n] ms  Where we start
     0001           applied  [time] [n] ms  Customers
     0002           applied  [time] [n] ms  The first customers
     0003           applied  [time] [n] ms
     0004           pending                                 Mail
     0005           pending
     0006           pending
    4 applied, at 0003; 3 pending: resumable, not atomic: Script-0004 (ALTER TABLE customers) commits statement by statement; the rest in one transaction

    $ dbmigrate upgrade
    exit 0
    --- stdout
    applied 3 scripts in [n] ms: the database is at 0006
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    3 pending: resumable, not atomic: Script-0004 (ALTER TABLE customers) commits statement by statement; the rest in one transaction
    ran Script-0004.sql Mail ( [n] ms)
    ran Script-0005.sql ( [n] ms)
    ran Script-0006.sql ( [n] ms)
    committed Script-0004.sql to Script-0006.sql
    ");
    project.script(7, "DELETE FROM customers WHERE id = 3;\n");
    project.script(8, "-- Tables\nCREATE TABLE a (id integer);\nDROP TABLE start;\n");
    project.script(9, "INSERT INTO a VALUES (1);\n");
    project.script(10, "-- dbmigrate: no-transaction\nDELETE FROM customers;\n");
    project.script(11, "DROP TABLE a;\n");
    assert_snapshot!(project.run("upgrade"), @"
    exit 0
    --- stdout
    applied 5 scripts in [n] ms: the database is at 0011
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    5 pending: resumable, not atomic: Script-0008 (CREATE TABLE a) and 2 more commit statement by statement; the rest in 2 transactions
    ran Script-0007.sql ( [n] ms)
    ran Script-0008.sql Tables ( [n] ms)
    ran Script-0009.sql ( [n] ms)
    ran Script-0010.sql ( [n] ms)
    ran Script-0011.sql ( [n] ms)
    committed Script-0007.sql to Script-0011.sql
    ");
    assert_eq!(database.tables(), "customers\n");
}

#[test]
fn a_failure_among_rows_takes_all_of_them_back() {
    let database = Database::new();
    let project = database.project(&[ONE]);
    project.run("upgrade");
    project.script(2, ROWS);
    project.script(3, "-- Twice\nDELETE FROM customers WHERE id = 2;\nINSERT INTO customers VALUES (1, 'Ada');\n");
    assert_snapshot!(project.runs(&["upgrade", "status --exit-code"]), @"
    $ dbmigrate upgrade
    exit 1
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: atomic (one transaction)
    ran Script-0002.sql The first customers ( [n] ms)
    error: Script-0003.sql failed: Duplicate entry '1' for key 'PRIMARY'
     --> migrations/Script-0003.sql:3:31
      |
    3 | INSERT INTO customers VALUES (1, 'Ada');
      |                               ^
      = MySQL 1062 (23000)
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
    assert_eq!(database.ask("SELECT count(*) FROM customers"), "0\n");
}

#[test]
fn a_table_without_transactions_keeps_its_rows() {
    let database = Database::new();
    let project = database.project(&["CREATE TABLE log (id integer) ENGINE = MyISAM;\n"]);
    project.run("upgrade");
    project.script(2, "INSERT INTO log VALUES (1);\nINSERT INTO nope VALUES (1);\n");
    assert_snapshot!(project.runs(&["upgrade", "upgrade --format json"]), @r#"
    $ dbmigrate upgrade
    exit 1
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    1 pending: atomic (one transaction)
    error: Script-0002.sql failed: Table 'shop.nope' doesn't exist
     --> migrations/Script-0002.sql:2:13
      |
    2 | INSERT INTO nope VALUES (1);
      |             ^^^^
      = MySQL 1146 (42S02)
      = 0002 was not applied, but not all of it was rolled back (Some non-transactional changed tables couldn't be rolled back); the database is at 0001
      = help: tables whose storage engine has no transactions keep what was written to them: correct them before the next run

    $ dbmigrate upgrade --format json
    exit 1
    --- stdout
    {
      "command": "upgrade",
      "database": "shop",
      "dir": "migrations",
      "error": {
        "code": "script",
        "hint": "tables whose storage engine has no transactions keep what was written to them: correct them before the next run",
        "location": {
          "column": 13,
          "excerpt": "INSERT INTO nope VALUES (1);",
          "line": 2,
          "path": "migrations/Script-0002.sql"
        },
        "message": "Script-0002.sql failed: Table 'shop.nope' doesn't exist",
        "notes": [
          "MySQL 1146 (42S02)",
          "0002 was not applied, but not all of it was rolled back (Some non-transactional changed tables couldn't be rolled back); the database is at 0001"
        ],
        "problems": [],
        "server": {
          "also": [],
          "code": "1146 (42S02)",
          "constraint": null,
          "context": null,
          "detail": null,
          "hint": null,
          "message": "Table 'shop.nope' doesn't exist",
          "product": "MySQL"
        },
        "state": {
          "at": 1,
          "committed": [],
          "dropped": false,
          "kept": false,
          "not_applied": [
            2
          ],
          "remains": "Some non-transactional changed tables couldn't be rolled back",
          "unfinished": null,
          "unknown": false,
          "unrecorded": false
        }
      },
      "target": "mysql://root:***@127.0.0.1:[port]/shop",
      "version": "[version]"
    }
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    1 pending: atomic (one transaction)
    error: Script-0002.sql failed: Table 'shop.nope' doesn't exist
     --> migrations/Script-0002.sql:2:13
      |
    2 | INSERT INTO nope VALUES (1);
      |             ^^^^
      = MySQL 1146 (42S02)
      = 0002 was not applied, but not all of it was rolled back (Some non-transactional changed tables couldn't be rolled back); the database is at 0001
      = help: tables whose storage engine has no transactions keep what was written to them: correct them before the next run
    "#);
}

#[test]
fn baseline_on_an_existing_database() {
    let database = Database::new();
    database.ask("CREATE TABLE legacy (id integer)");
    let project = database.project(&[ONE]);
    project.file("migrations/Baseline.sql", "CREATE TABLE legacy (id integer);\n");
    assert_snapshot!(project.runs(&["status", "upgrade", "baseline", "upgrade"]), @"
    $ dbmigrate status
    exit 0
    --- stdout
     number         state    applied at (UTC)  duration  title
     0000 baseline  pending
     0001           pending                              Customers
    0 applied; 2 pending, but an upgrade would be refused (1 problem)
    --- stderr
    error: the database is not empty and has no journal
     = help: if it matches the baseline, record that with dbmigrate baseline (--to N if scripts are applied as well; --import dbup if DbUp applied them; --to 0 to apply all scripts to it as it is); otherwise check the URL

    $ dbmigrate upgrade
    exit 4
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: the database is not empty and has no journal
     = help: if it matches the baseline, record that with dbmigrate baseline (--to N if scripts are applied as well; --import dbup if DbUp applied them; --to 0 to apply all scripts to it as it is); otherwise check the URL
    nothing was applied

    $ dbmigrate baseline
    exit 0
    --- stdout
    recorded 1 script as applied without running anything: the database is at 0000
    --- stderr
    baseline mysql://root:***@127.0.0.1:[port]/shop from migrations
    the database (MySQL [version]) has 1 table: legacy
    baseline will record as applied, without running or comparing anything: Baseline.sql
    recorded Baseline.sql as applied, without running it
    committed Baseline.sql

    $ dbmigrate upgrade
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    1 pending: resumable, not atomic: Script-0001 (CREATE TABLE customers) commits statement by statement
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    ");
}

#[test]
fn the_database_is_created_on_demand() {
    let database = Database::missing();
    let project = database.project(&[ONE]);
    assert_snapshot!(project.runs(&["status", "upgrade", "upgrade --create-database"]), @"
    $ dbmigrate status
    exit 1
    --- stderr
    error: cannot connect to mysql://root:***@127.0.0.1:[port]/shop: Unknown database 'shop'
     = MySQL 1049 (42000)
     = help: check the name; upgrade --create-database creates it

    $ dbmigrate upgrade
    exit 1
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: cannot connect to mysql://root:***@127.0.0.1:[port]/shop: Unknown database 'shop'
     = MySQL 1049 (42000)
     = help: check the name; upgrade --create-database creates it

    $ dbmigrate upgrade --create-database
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    1 pending: resumable, not atomic: Script-0001 (CREATE TABLE customers) commits statement by statement
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    ");
}

#[test]
fn the_configuration_says_how_new_databases_write() {
    let database = Database::missing();
    let project = database.project(&[ONE]);
    let configured = |lines: &str| {
        project.file("dbmigrate.toml", format!("[target.it]\nurl = \"${{DBMIGRATE_URL}}\"\n{lines}"));
    };
    let set = "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata \
               WHERE schema_name = DATABASE()";
    configured("charset = \"latin1\"\n");
    project.run("upgrade --create-database");
    assert!(database.ask(set).starts_with("latin1\t"), "{}", database.ask(set));
    configured("charset = \"utf8mb4\"\ncollation = \"utf8mb4_bin\"\n");
    project.run("rebuild --yes");
    assert_eq!(database.ask(set), "utf8mb4\tutf8mb4_bin\n");
    configured("");
    project.run("rebuild --yes");
    assert!(database.ask(set).starts_with("utf8mb4\t"), "{}", database.ask(set));
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
    assert_eq!(database.ask("SELECT name FROM customers"), "kept\n");
    project.file("dbmigrate.toml", "[target.it]\nurl = \"sqlite:app.db\"\ncharset = \"utf8mb4\"\n");
    assert_snapshot!(project.run("upgrade --create-database"), @r#"
    exit 2
    --- stderr
    error: target "it": charset does not apply to this kind of database
    "#);
}

#[test]
fn a_check_needs_no_server() {
    let project = Project::scripts(&[
        ONE,
        "-- Guard\nDELIMITER //\nCREATE TRIGGER t BEFORE INSERT ON customers\nFOR EACH ROW BEGIN\n  SET NEW.name = 'x';\nEND//\n",
    ]);
    let project = project.env("DBMIGRATE_URL", "mysql://nobody@127.0.0.1:1/shop");
    assert_snapshot!(project.run("check"), @"
    exit 0
    --- stdout
    no baseline and 2 scripts: no problems
    ");
    project.script(3, "USE shop;\nUSE other;\nsource more.sql\n");
    assert_snapshot!(project.run("check"), @"
    exit 4
    --- stderr
    error: USE other would take the run out of its database
     --> migrations/Script-0003.sql:2:1
      |
    2 | USE other;
      | ^^^^^^^^^
      = help: remove the statement: a script stays in the database that the URL names; the tables of another database can be named in full (database.table)
    error: source is a command of the database's shell, not SQL
     --> migrations/Script-0003.sql:3:1
      |
    3 | source more.sql
      | ^^^^^^
      = help: only SQL is sent to the database: write SQL instead, or remove the line
    2 problems
    ");
}
