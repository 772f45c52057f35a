//! A script that cannot be rolled back stops in the middle.

use insta::assert_snapshot;

use crate::engine::mysql::{new_database, project_on};
use crate::project::ONE;

#[test]
fn a_script_that_needs_the_old_session_does_not_resume() {
    let database = new_database();
    let script = "-- Orders\nSELECT max(id) INTO @id FROM customers;\nCREATE TABLE orders (id integer, customer integer);\n\
        ALTER TABLE nope ADD COLUMN x integer;\nINSERT INTO orders VALUES (1, @id);\n";
    let project = project_on(&database, &[ONE, script]);
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
    assert_eq!(database.ask("SELECT * FROM orders"), "1|");
}
