//! A script that MySQL or MariaDB cannot roll back stops in the middle.

use insta::assert_snapshot;

use crate::mysql_server::Database;
use crate::project::{ONE, TWO};

/// A script that fails at its third statement.
const BROKEN: &str = "-- Mail addresses\nCREATE TABLE mails (customer integer, mail varchar(200));\n\
    INSERT INTO mails SELECT id, 'unknown' FROM customers;\n\n\
    CREATE UNIQUE INDEX mails_customer\n    ON mails (custmer);\nINSERT INTO mails VALUES (7, 'x');\n";

fn mended() -> String {
    BROKEN.replace("custmer", "customer")
}

#[test]
fn a_failed_script_is_mended_and_goes_on() {
    let database = Database::new();
    let project = database.project(&[ONE, BROKEN, TWO]);
    let all = ["upgrade", "status", "status --exit-code", "upgrade"];
    assert_snapshot!(project.runs(&all), @"
    $ dbmigrate upgrade
    exit 1
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    3 pending: resumable, not atomic: Script-0001 (CREATE TABLE customers) and 2 more commit statement by statement
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    error: Script-0002.sql failed: Key column 'custmer' doesn't exist in table
     --> migrations/Script-0002.sql:6:15
      |
    6 |     ON mails (custmer);
      |               ^^^^^^^
      = MySQL 1072 (42000)
      = Script-0002.sql runs outside a transaction: 2 of its 4 statements ran and stay; 0001 is applied and stays, the database is at 0001
      = help: fix it from statement 3 on and run upgrade again: it resumes there

    $ dbmigrate status
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    failed   [time] [n] ms  Mail addresses
     0003    pending                                 Orders
    1 applied, at 0001; 2 pending: resumable, not atomic: Script-0002 (CREATE TABLE mails) and Script-0003 (CREATE TABLE orders) commit statement by statement
    --- stderr
    warning: Script-0002.sql failed at statement 3; fix it from there, and upgrade will resume it

    $ dbmigrate status --exit-code
    exit 3
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    failed   [time] [n] ms  Mail addresses
     0003    pending                                 Orders
    1 applied, at 0001; 2 pending: resumable, not atomic: Script-0002 (CREATE TABLE mails) and Script-0003 (CREATE TABLE orders) commit statement by statement
    --- stderr
    warning: Script-0002.sql failed at statement 3; fix it from there, and upgrade will resume it

    $ dbmigrate upgrade
    exit 1
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: resumable, not atomic: Script-0002 (CREATE TABLE mails) and Script-0003 (CREATE TABLE orders) commit statement by statement
    error: Script-0002.sql failed: Key column 'custmer' doesn't exist in table
     --> migrations/Script-0002.sql:6:15
      |
    6 |     ON mails (custmer);
      |               ^^^^^^^
      = MySQL 1072 (42000)
      = Script-0002.sql runs outside a transaction: 2 of its 4 statements ran and stay; the database is at 0001
      = help: fix it from statement 3 on and run upgrade again: it resumes there
    ");
    project.script(2, &mended());
    assert_snapshot!(project.runs(&["upgrade", "status"]), @"
    $ dbmigrate upgrade
    exit 0
    --- stdout
    applied 2 scripts in [n] ms: the database is at 0003
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: resumable, not atomic: Script-0002 (CREATE TABLE mails) and Script-0003 (CREATE TABLE orders) commit statement by statement
    ran Script-0002.sql Mail addresses ( [n] ms)
    ran Script-0003.sql Orders ( [n] ms)
    committed Script-0002.sql to Script-0003.sql

    $ dbmigrate status
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    applied  [time] [n] ms  Mail addresses
     0003    applied  [time] [n] ms  Orders
    3 applied, at 0003; nothing pending
    ");
    assert_eq!(database.journal(), "1\tapplied\t1\n2\tapplied\t4\n3\tapplied\t1\n");
}

#[test]
fn what_ran_must_stay_as_it_is() {
    let database = Database::new();
    let project = database.project(&[ONE, BROKEN]);
    project.run("upgrade");
    project.script(2, &mended().replace("varchar(200)", "text"));
    assert_snapshot!(project.runs(&["status --exit-code", "upgrade"]), @"
    $ dbmigrate status --exit-code
    exit 4
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    failed   [time] [n] ms  Mail addresses
    1 applied, at 0001; 1 pending, but an upgrade would be refused (1 problem)
    --- stderr
    warning: Script-0002.sql failed at statement 3; fix it from there, and upgrade will resume it
    error: migrations/Script-0002.sql has changed in its first 2 statements, which are already applied
     = help: undo the change to that part; what follows it may be changed

    $ dbmigrate upgrade
    exit 4
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: migrations/Script-0002.sql has changed in its first 2 statements, which are already applied
     = help: undo the change to that part; what follows it may be changed
    nothing was applied
    ");
}

#[test]
fn a_statement_of_which_nobody_knows_whether_it_ran() {
    let database = Database::new();
    let project = database.project(&[ONE, BROKEN]);
    project.run("upgrade");
    // the row that a server leaves when it dies during the statement
    database.ask("UPDATE dbmigrate_journal SET state = 'started', error = NULL WHERE number = 2");
    project.script(2, &mended());
    assert_snapshot!(project.runs(&["status", "status --exit-code", "upgrade", "upgrade --resume-at 9"]), @"
    $ dbmigrate status
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    started  [time] [n] ms  Mail addresses
    1 applied, at 0001; 1 pending, but an upgrade would be refused (1 problem)
    --- stderr
    error: Script-0002.sql stopped in the middle: it is unknown whether statement 3 of 4 ran
     --> migrations/Script-0002.sql:5:1
      |
    5 | CREATE UNIQUE INDEX mails_customer
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: make sure that no run is under way, inspect the database, then run upgrade --resume-at 3 to run that statement again, or --resume-at 4 to continue after it

    $ dbmigrate status --exit-code
    exit 4
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    started  [time] [n] ms  Mail addresses
    1 applied, at 0001; 1 pending, but an upgrade would be refused (1 problem)
    --- stderr
    error: Script-0002.sql stopped in the middle: it is unknown whether statement 3 of 4 ran
     --> migrations/Script-0002.sql:5:1
      |
    5 | CREATE UNIQUE INDEX mails_customer
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: make sure that no run is under way, inspect the database, then run upgrade --resume-at 3 to run that statement again, or --resume-at 4 to continue after it

    $ dbmigrate upgrade
    exit 4
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: Script-0002.sql stopped in the middle: it is unknown whether statement 3 of 4 ran
     --> migrations/Script-0002.sql:5:1
      |
    5 | CREATE UNIQUE INDEX mails_customer
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: make sure that no run is under way, inspect the database, then run upgrade --resume-at 3 to run that statement again, or --resume-at 4 to continue after it
    nothing was applied

    $ dbmigrate upgrade --resume-at 9
    exit 2
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: there is no statement 9 of an unfinished script to resume at
     = help: leave --resume-at out
    nothing was applied
    ");
    database.ask("CREATE UNIQUE INDEX mails_customer ON mails (customer)");
    assert_snapshot!(project.runs(&["upgrade --resume-at 3", "upgrade --resume-at 4"]), @"
    $ dbmigrate upgrade --resume-at 3
    exit 1
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    1 pending: resumable, not atomic: Script-0002 (CREATE TABLE mails) commits statement by statement
    error: Script-0002.sql failed: Duplicate key name 'mails_customer'
     --> migrations/Script-0002.sql:5:21
      |
    5 | CREATE UNIQUE INDEX mails_customer
      |                     ^^^^^^^^^^^^^^
      = MySQL 1061 (42000)
      = Script-0002.sql runs outside a transaction: 2 of its 4 statements ran and stay; the database is at 0001
      = help: fix it from statement 3 on and run upgrade again: it resumes there

    $ dbmigrate upgrade --resume-at 4
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0002
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    1 pending: resumable, not atomic: Script-0002 (CREATE TABLE mails) commits statement by statement
    ran Script-0002.sql Mail addresses ( [n] ms)
    committed Script-0002.sql
    ");
    assert_snapshot!(project.runs(&["upgrade --resume-at 4"]), @"
    $ dbmigrate upgrade --resume-at 4
    exit 2
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: there is no statement 4 of an unfinished script to resume at
     = help: leave --resume-at out
    nothing was applied
    ");
}

#[test]
fn what_the_session_held_is_missed() {
    let database = Database::new();
    let script = "-- Orders\nSELECT max(id) INTO @id FROM customers;\nCREATE TABLE orders (id integer, customer integer);\n\
        ALTER TABLE nope ADD COLUMN x integer;\nINSERT INTO orders VALUES (1, @id);\n";
    let project = database.project(&[ONE, script]);
    project.run("upgrade");
    project.script(2, &script.replace("ALTER TABLE nope ADD COLUMN x integer", "SELECT 1"));
    assert_snapshot!(project.runs(&["status", "upgrade"]), @"
    $ dbmigrate status
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    failed   [time] [n] ms  Orders
    1 applied, at 0001; 1 pending, but an upgrade would be refused (1 problem)
    --- stderr
    warning: Script-0002.sql failed at statement 3; fix it from there, and upgrade will resume it
    error: Script-0002.sql cannot simply resume: statement 4 uses @id, which statement 1 left in a session that has ended
     --> migrations/Script-0002.sql:5:1
      |
    5 | INSERT INTO orders VALUES (1, @id);
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: change the rest so that it does not need this, or, if it is right as it is, run upgrade --resume-at 3

    $ dbmigrate upgrade
    exit 4
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: Script-0002.sql cannot simply resume: statement 4 uses @id, which statement 1 left in a session that has ended
     --> migrations/Script-0002.sql:5:1
      |
    5 | INSERT INTO orders VALUES (1, @id);
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: change the rest so that it does not need this, or, if it is right as it is, run upgrade --resume-at 3
    nothing was applied
    ");
    assert_snapshot!(project.run("upgrade --resume-at 3"), @"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0002
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    1 pending: resumable, not atomic: Script-0002 (CREATE TABLE orders) commits statement by statement
    ran Script-0002.sql Orders ( [n] ms)
    committed Script-0002.sql
    ");
    assert_eq!(database.ask("SELECT * FROM orders"), "1\tNULL\n");
}

#[test]
fn a_script_that_stopped_and_is_gone() {
    let database = Database::new();
    let project = database.project(&[ONE, BROKEN]);
    project.run("upgrade");
    project.remove("migrations/Script-0002.sql");
    assert_snapshot!(project.run("upgrade"), @"
    exit 4
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: Script-0002.sql stopped in the middle, and its file is missing
     = help: restore it from source control so that upgrade can resume it
    nothing was applied
    ");
}
