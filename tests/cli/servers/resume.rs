//! A script that runs outside a transaction stops in the middle.

use insta::assert_snapshot;

use crate::engine::{Engine, Stage, on_engines};
use crate::project::{ONE, TWO};

on_engines! {
    a_failed_script_resumes_once_it_is_fixed,
    what_ran_of_a_failed_script_must_not_change,
    a_statement_that_may_have_run_asks_for_a_decision,
    a_failed_script_whose_file_is_missing_is_refused,
}

/// A script that fails at its third statement.
fn broken(engine: &Engine) -> String {
    format!(
        "-- Mail addresses\n{}\nCREATE TABLE mails (customer integer, mail varchar(200));\n\
         INSERT INTO mails SELECT id, 'unknown' FROM customers;\n\nCREATE TABLE copies AS\n    SELECT * FROM nope;\n\
         INSERT INTO mails VALUES (7, 'x');\n",
        engine.outside
    )
}

fn fixed(engine: &Engine) -> String {
    broken(engine).replace("nope", "mails")
}

/// A database to which that script is the next one.
fn before(engine: &'static Engine) -> Stage {
    let stage = engine.stage(&[ONE]).hide("public.copies", "copies");
    stage.project.run("upgrade");
    stage.project.script(2, &broken(engine));
    stage
}

fn a_failed_script_resumes_once_it_is_fixed(engine: &'static Engine) {
    let stage = before(engine);
    stage.project.script(3, TWO);
    let all = ["upgrade", "status", "status --exit-code", "upgrade"];
    assert_snapshot!(stage.project.runs(&all), @"
    $ dbmigrate upgrade
    exit 1
    --- stderr
    upgrade [url] from migrations
    2 pending: [guarantee outside a transaction]
    error: Script-0002.sql failed: [missing table nope]
     --> migrations/Script-0002.sql:7:19
      |
    7 |     SELECT * FROM nope;
      |                   ^^^^
      = [code of a missing table]
      = Script-0002.sql runs outside a transaction: 2 of its 4 statements ran and stay; the database is at 0001
      = help: fix it from statement 3 on and run upgrade again: it resumes there

    $ dbmigrate status
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    failed   [time] [n] ms  Mail addresses
     0003    pending                                 Orders
    1 applied, at 0001; 2 pending: [guarantee outside a transaction]
    --- stderr
    warning: Script-0002.sql failed at statement 3; fix it from there, and upgrade will resume it

    $ dbmigrate status --exit-code
    exit 3
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    failed   [time] [n] ms  Mail addresses
     0003    pending                                 Orders
    1 applied, at 0001; 2 pending: [guarantee outside a transaction]
    --- stderr
    warning: Script-0002.sql failed at statement 3; fix it from there, and upgrade will resume it

    $ dbmigrate upgrade
    exit 1
    --- stderr
    upgrade [url] from migrations
    2 pending: [guarantee outside a transaction]
    error: Script-0002.sql failed: [missing table nope]
     --> migrations/Script-0002.sql:7:19
      |
    7 |     SELECT * FROM nope;
      |                   ^^^^
      = [code of a missing table]
      = Script-0002.sql runs outside a transaction: 2 of its 4 statements ran and stay; the database is at 0001
      = help: fix it from statement 3 on and run upgrade again: it resumes there
    ");
    stage.project.script(2, &fixed(engine));
    assert_snapshot!(stage.project.runs(&["upgrade --to 2", "upgrade -q", "status"]), @"
    $ dbmigrate upgrade --to 2
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0002
    --- stderr
    upgrade [url] from migrations
    1 pending: [guarantee outside a transaction]
    ran Script-0002.sql Mail addresses ( [n] ms)
    committed Script-0002.sql

    $ dbmigrate upgrade -q
    exit 0

    $ dbmigrate status
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    applied  [time] [n] ms  Mail addresses
     0003    applied  [time] [n] ms  Orders
    3 applied, at 0003; nothing pending
    ");
    assert_eq!(stage.ask("SELECT statements_done FROM dbmigrate_journal WHERE number = 2"), "4");
    assert_eq!(stage.ask("SELECT count(*) FROM copies"), "0");
    assert_eq!(stage.ask("SELECT count(*) FROM mails"), "1");
}

fn what_ran_of_a_failed_script_must_not_change(engine: &'static Engine) {
    let stage = before(engine);
    stage.project.run("upgrade");
    stage.project.script(2, &fixed(engine).replace("varchar(200)", "text"));
    assert_snapshot!(stage.project.runs(&["status --exit-code", "upgrade"]), @"
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
    upgrade [url] from migrations
    error: migrations/Script-0002.sql has changed in its first 2 statements, which are already applied
     = help: undo the change to that part; what follows it may be changed
    nothing was applied
    ");
}

fn a_statement_that_may_have_run_asks_for_a_decision(engine: &'static Engine) {
    let stage = before(engine);
    stage.project.run("upgrade");
    // the row that a server leaves when it dies during the statement
    stage.ask("UPDATE dbmigrate_journal SET state = 'started', error = NULL WHERE number = 2");
    stage.project.script(2, &fixed(engine));
    let all = ["status", "status --exit-code", "upgrade", "upgrade --resume-at 9"];
    assert_snapshot!(stage.project.runs(&all), @"
    $ dbmigrate status
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    started  [time] [n] ms  Mail addresses
    1 applied, at 0001; 1 pending, but an upgrade would be refused (1 problem)
    --- stderr
    error: Script-0002.sql stopped in the middle: it is unknown whether statement 3 of 4 ran
     --> migrations/Script-0002.sql:6:1
      |
    6 | CREATE TABLE copies AS
      | ^^^^^^^^^^^^^^^^^^^^^^
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
     --> migrations/Script-0002.sql:6:1
      |
    6 | CREATE TABLE copies AS
      | ^^^^^^^^^^^^^^^^^^^^^^
      = help: make sure that no run is under way, inspect the database, then run upgrade --resume-at 3 to run that statement again, or --resume-at 4 to continue after it

    $ dbmigrate upgrade
    exit 4
    --- stderr
    upgrade [url] from migrations
    error: Script-0002.sql stopped in the middle: it is unknown whether statement 3 of 4 ran
     --> migrations/Script-0002.sql:6:1
      |
    6 | CREATE TABLE copies AS
      | ^^^^^^^^^^^^^^^^^^^^^^
      = help: make sure that no run is under way, inspect the database, then run upgrade --resume-at 3 to run that statement again, or --resume-at 4 to continue after it
    nothing was applied

    $ dbmigrate upgrade --resume-at 9
    exit 2
    --- stderr
    upgrade [url] from migrations
    error: there is no statement 9 of an unfinished script to resume at
     = help: leave --resume-at out
    nothing was applied
    ");
    stage.ask("CREATE TABLE copies AS SELECT * FROM mails");
    let twice = stage.project.run("upgrade --resume-at 3");
    assert!(twice.contains("Script-0002.sql failed: ") && twice.contains("already exists"), "{twice}");
    assert!(twice.contains("2 of its 4 statements ran and stay; the database is at 0001"), "{twice}");
    assert_snapshot!(stage.project.runs(&["upgrade --resume-at 4", "upgrade --resume-at 4"]), @"
    $ dbmigrate upgrade --resume-at 4
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0002
    --- stderr
    upgrade [url] from migrations
    1 pending: [guarantee outside a transaction]
    ran Script-0002.sql Mail addresses ( [n] ms)
    committed Script-0002.sql

    $ dbmigrate upgrade --resume-at 4
    exit 2
    --- stderr
    upgrade [url] from migrations
    error: there is no statement 4 of an unfinished script to resume at
     = help: leave --resume-at out
    nothing was applied
    ");
    assert_eq!(stage.ask("SELECT count(*) FROM mails"), "1");
}

fn a_failed_script_whose_file_is_missing_is_refused(engine: &'static Engine) {
    let stage = before(engine);
    stage.project.run("upgrade");
    stage.project.remove("migrations/Script-0002.sql");
    assert_snapshot!(stage.project.run("upgrade"), @"
    exit 4
    --- stderr
    upgrade [url] from migrations
    error: Script-0002.sql stopped in the middle, and its file is missing
     = help: restore it from source control so that upgrade can resume it
    nothing was applied
    ");
}
