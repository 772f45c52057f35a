//! Locks, limits, interrupts and rights on MySQL and MariaDB.

use insta::assert_snapshot;

use crate::mysql_server::{Database, User, admin};
use crate::project::{ONE, Project};

/// A statement that fails when it is cancelled; a bare `SLEEP` returns normally.
const ENDLESS: &str = "SELECT SLEEP(600) FROM (SELECT 1 UNION ALL SELECT 2) AS twice";
const ROWS: &str = "INSERT INTO customers VALUES (1, 'Ada'), (2, 'Bruno');\n";

#[test]
fn a_second_run_waits_and_gives_up() {
    let database = Database::new();
    let project = database.project(&[ENDLESS]);
    let first = project.start("upgrade");
    database.wait_for(ENDLESS);
    let shown = project.run("upgrade --lock-timeout 2");
    first.signal("TERM");
    first.end();
    assert_snapshot!(shown, @"
    exit 5
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    waiting for another run: connection [n], user root, host 127.0.0.1:[port], query for [n] s
    error: another run holds the lock (waited 2s): connection [n], user root, host 127.0.0.1:[port], query for [n] s
     = nothing was applied
     = help: wait for that run to end, or wait longer with --lock-timeout
    ");
}

#[test]
fn a_lock_of_another_session_is_named() {
    let database = Database::new();
    let project = database.project(&[ONE, ROWS]);
    project.run("upgrade");
    project.script(3, "UPDATE customers SET name = 'Zoe' WHERE id = 2;\n");
    let holder = database.holder("BEGIN; SELECT * FROM customers FOR UPDATE");
    let mut run = project.start("upgrade");
    let waiting = run.says("waiting for a lock");
    // long enough for the monitor to see it again, which must not be reported again
    std::thread::sleep(std::time::Duration::from_millis(2500));
    drop(holder);
    assert_snapshot!(project.normal(&waiting), @"waiting for a lock held by connection [n], user root, host 127.0.0.1:[port], query");
    assert_snapshot!(run.end(), @"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0003
    --- stderr
    ran Script-0003.sql ( [n] ms)
    committed Script-0003.sql
    ");
}

#[test]
fn a_lock_that_is_not_to_be_had_is_tried_for_again() {
    let database = Database::new();
    let project = database.project(&[ONE, ROWS]);
    project.run("upgrade");
    project.script(3, "UPDATE customers SET name = 'Zoe' WHERE id = 2;\n");
    let holder = database.holder("BEGIN; SELECT * FROM customers FOR UPDATE");
    let mut run = project.start("upgrade --lock-timeout 2");
    let again = run.says("could not acquire a lock");
    drop(holder);
    assert_snapshot!(project.normal(&again), @"could not acquire a lock in time (held by connection [n], user root, host 127.0.0.1:[port], query): attempt 2 of 5 in 1s");
    assert_snapshot!(run.end(), @"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0003
    --- stderr
    ran Script-0003.sql ( [n] ms)
    committed Script-0003.sql
    ");
}

#[test]
fn a_statement_that_takes_too_long() {
    let database = Database::new();
    assert_snapshot!(database.project(&[ENDLESS]).run("upgrade --statement-timeout 1"), @"
    exit 1
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    1 pending: atomic (one transaction)
    error: Script-0001.sql failed: the statement took longer than allowed
     --> migrations/Script-0001.sql:1:1
      |
    1 | SELECT SLEEP(600) FROM (SELECT 1 UNION ALL SELECT 2) AS twice
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = MySQL 1317 (70100)
      = rolled back: 0001 was not applied, the database is unchanged, no script is applied
      = help: allow more time with --statement-timeout, or make the statement faster; without that option, the limit is the script's or the server's
    ");
    let endless = ENDLESS.replace("SELECT SLEEP", "CREATE TABLE long_one AS SELECT SLEEP");
    assert_snapshot!(database.project(&[ONE, &endless]).run("upgrade --statement-timeout 1"), @"
    exit 1
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: resumable, not atomic: Script-0001 (CREATE TABLE customers) and Script-0002 (CREATE TABLE long_one) commit statement by statement
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    error: Script-0002.sql failed: the statement took longer than allowed
     --> migrations/Script-0002.sql:1:1
      |
    1 | CREATE TABLE long_one AS SELECT SLEEP(600) FROM (SELECT 1 UNION ALL SELECT 2) AS twice
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = MySQL 1317 (70100)
      = Script-0002.sql runs outside a transaction: 0 of its 1 statements ran and stay; 0001 is applied and stays, the database is at 0001
      = help: run upgrade again: it resumes at statement 1; allow more time with --statement-timeout, or make the statement faster; without that option, the limit is the script's or the server's
    ");
    assert_eq!(database.tables(), "customers\n");
}

#[test]
fn ctrl_c_and_sigterm_stop_the_statement() {
    let stopped = |text: &str, signal: &str| {
        let database = Database::new();
        let project = database.project(&[ONE, text]);
        let mut run = project.start("upgrade");
        run.says("ran Script-0001.sql");
        database.wait_for(ENDLESS);
        run.signal(signal);
        let shown = run.end();
        let left = "SELECT count(*) FROM information_schema.processlist \
                    WHERE db = DATABASE() AND id <> CONNECTION_ID() AND command <> 'Sleep'";
        assert_eq!(database.ask(left), "0\n", "the statement goes on");
        shown + "--- status\n" + &project.normal(&project.stdout("status"))
    };
    assert_snapshot!(stopped(ENDLESS, "INT"), @"
    exit 130
    --- stderr
    committed Script-0001.sql
    error: interrupted in Script-0002.sql
     = rolled back: 0002 was not applied, 0001 is applied and stays, the database is at 0001
    --- status
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    pending
    1 applied, at 0001; 1 pending: atomic (one transaction)
    ");
    assert_snapshot!(stopped(&format!("CREATE TABLE a (id integer);\n{ENDLESS}"), "TERM"), @"
    exit 143
    --- stderr
    committed Script-0001.sql
    error: interrupted in Script-0002.sql
     = Script-0002.sql runs outside a transaction: 1 of its 2 statements ran and stay; 0001 is applied and stays, the database is at 0001
     = help: run upgrade again: it resumes at statement 2
    --- status
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    failed   [time] [n] ms
    1 applied, at 0001; 1 pending: resumable, not atomic: Script-0002 (CREATE TABLE a) commits statement by statement
    ");
}

#[test]
fn a_user_without_rights() {
    let database = Database::new();
    let user = User::new(&database, "n0b0dy", "SELECT, DROP");
    let url = database.url_of(&user.name, "n0b0dy");
    let project = database.shown(Project::scripts(&[ONE]).env("DBMIGRATE_URL", &url));
    // MySQL names only the table
    let project = project.hide("`shop`.`dbmigrate_journal`", "'dbmigrate_journal'");
    assert_snapshot!(project.run("upgrade"), @"
    exit 1
    --- stderr
    upgrade mysql://shop_user:***@127.0.0.1:[port]/shop from migrations
    1 pending: resumable, not atomic: Script-0001 (CREATE TABLE customers) commits statement by statement
    error: creating the journal failed: CREATE command denied to user 'shop_user'@'[host]' for table 'dbmigrate_journal'
     = MySQL 1142 (42000)
     = rolled back: 0001 was not applied, the database is unchanged, no script is applied
     = help: grant the user what it lacks, or connect as the owner
    ");
    database.ask("CREATE TABLE kept (id integer)");
    assert_snapshot!(project.run("rebuild --yes"), @"
    exit 1
    --- stderr
    rebuild mysql://shop_user:***@127.0.0.1:[port]/shop from migrations
    error: creating the new database failed: Access denied for user 'shop_user'@'[host]' to database 'shop'
     = MySQL 1044 (42000)
     = nothing was applied
     = help: grant the user the right (GRANT CREATE ON `name`.* TO user), or create it as another user
    ");
    assert_eq!(database.tables(), "kept\n");
    let other = url.clone() + "_other";
    assert_snapshot!(project.run_with(&["upgrade", "--create-database", "--url", &other]), @"
    exit 1
    --- stderr
    upgrade mysql://shop_user:***@127.0.0.1:[port]/shop_other from migrations
    error: cannot connect to mysql://shop_user:***@127.0.0.1:[port]/shop_other: Access denied for user 'shop_user'@'[host]' to database 'shop_other'
     = MySQL 1044 (42000)
     = help: grant the user what it lacks, or connect as the owner
    ");
    admin(&format!("GRANT SELECT ON *.* TO '{}'", user.name));
    assert_snapshot!(project.run_with(&["upgrade", "--create-database", "--url", &other]), @"
    exit 1
    --- stderr
    upgrade mysql://shop_user:***@127.0.0.1:[port]/shop_other from migrations
    error: creating the database failed: Access denied for user 'shop_user'@'[host]' to database 'shop_other'
     = MySQL 1044 (42000)
     = nothing was applied
     = help: grant the user the right (GRANT CREATE ON `name`.* TO user), or create it as another user
    ");
}
