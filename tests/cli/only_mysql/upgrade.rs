//! Transactions among scripts that commit by themselves.

use insta::assert_snapshot;

use crate::engine::mysql::{new_database, project_on, tables};
use crate::project::ONE;

const ROWS: &str = "-- The first customers\nINSERT INTO customers VALUES (1, 'Ada'), (2, 'Bruno');\n";

#[test]
fn the_example_is_applied() {
    let database = new_database();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations-example/mysql");
    let project = project_on(&database, &[]).hide(example, "[example]");
    assert_snapshot!(project.run_with(&["upgrade", "--dir", example]), @"
    exit 0
    --- stdout
    applied 18 scripts and 4 objects in [n] ms: the database is at 0017
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from [example]
    18 scripts and 4 objects pending: resumable, not atomic: Baseline (CREATE TABLE customers) and 14 more commit statement by statement; the rest in 3 transactions; each object commits by itself
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
    applied triggers/products_keep_sku.sql (new)
    applied views/product_sales.sql (new)
    applied routines/stock_below.sql (new)
    applied views/best_sellers.sql (new)
    ");
}

#[test]
fn scripts_that_only_change_rows_are_atomic() {
    let database = new_database();
    let project = project_on(&database, &[ONE]);
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
    assert_eq!(tables(&database), "customers");
}

#[test]
fn a_table_without_transactions_keeps_its_rows() {
    let database = new_database();
    let project = project_on(&database, &["CREATE TABLE log (id integer) ENGINE = MyISAM;\n"]);
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
          "objects": [],
          "remains": "Some non-transactional changed tables couldn't be rolled back",
          "stopped": null,
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
