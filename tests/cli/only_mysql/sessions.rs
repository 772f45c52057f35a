//! Limits, interrupts and rights.

use insta::assert_snapshot;

use crate::engine::mysql::{MYSQL, new_database, project_on, tables};
use crate::project::{ONE, Project};

/// A statement that fails when it is cancelled; a bare `SLEEP` returns normally.
const ENDLESS: &str = "SELECT SLEEP(600) FROM (SELECT 1 UNION ALL SELECT 2) AS twice";

#[test]
fn a_definition_that_takes_too_long_can_be_run_again() {
    let database = new_database();
    let endless = ENDLESS.replace("SELECT SLEEP", "CREATE TABLE long_one AS SELECT SLEEP");
    assert_snapshot!(project_on(&database, &[ONE, &endless]).run("upgrade --statement-timeout 1"), @"
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
    assert_eq!(tables(&database), "customers");
}

#[test]
fn an_interrupted_script_says_what_stays_of_it() {
    let stopped = |text: &str, signal: &str| {
        let database = new_database();
        let project = project_on(&database, &[ONE, text]);
        let mut run = project.start("upgrade");
        run.says("ran Script-0001.sql");
        database.wait_for(ENDLESS);
        run.signal(signal);
        let shown = run.end();
        let left = "SELECT count(*) FROM information_schema.processlist \
                    WHERE db = DATABASE() AND id <> CONNECTION_ID() AND command <> 'Sleep'";
        assert_eq!(database.ask(left), "0", "the statement still runs");
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
fn a_user_without_rights_keeps_the_old_database_and_sees_no_other() {
    let database = new_database();
    let url = database.url_of(&database.user("n0b0dy", "SELECT, DROP"), "n0b0dy");
    let project = MYSQL.engine.shown(&database, Project::scripts(&[ONE]).env("DBMIGRATE_URL", &url));
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
    assert_eq!(tables(&database), "kept");
    let other = url + "_other";
    assert_snapshot!(project.run_with(&["upgrade", "--create-database", "--url", &other]), @"
    exit 1
    --- stderr
    upgrade mysql://shop_user:***@127.0.0.1:[port]/shop_other from migrations
    error: cannot connect to mysql://shop_user:***@127.0.0.1:[port]/shop_other: Access denied for user 'shop_user'@'[host]' to database 'shop_other'
     = MySQL 1044 (42000)
     = help: grant the user what it lacks, or connect as the owner
    ");
}
