//! Scripts that fail or are refused.

use insta::assert_snapshot;

use crate::engine::{Server, on_servers};
use crate::project::ONE;

on_servers! {
    a_failing_statement_is_shown_with_what_the_server_says,
    a_comment_that_is_left_open_is_refused,
    a_transaction_of_a_script_is_refused,
    a_savepoint_that_is_left_open_is_refused,
}

/// Upgrades with this second script, and makes sure that nothing of either script was applied.
fn refused(server: &'static Server, script: &str) -> String {
    let stage = server.stage(&[ONE, script]);
    let shown = stage.project.run("upgrade");
    let tables = "SELECT count(*) FROM information_schema.tables WHERE table_name IN ('customers', 'dbmigrate_journal') \
                  AND (table_catalog = 'NAME' OR table_schema = 'NAME')";
    assert_eq!(stage.ask(&tables.replace("NAME", &stage.database().name)), "0", "something was applied: {shown}");
    shown
}

fn a_failing_statement_is_shown_with_what_the_server_says(server: &'static Server) {
    let failed = |script: &str| {
        let stage = server.stage(&[ONE]);
        stage.project.run("upgrade");
        stage.project.script(2, script);
        stage.project.run("upgrade")
    };
    assert_snapshot!(failed("-- Mail\n\nINSERT INTO nope VALUES (1);\n"), @"
    exit 1
    --- stderr
    upgrade [url] from migrations
    1 pending: atomic (one transaction)
    error: Script-0002.sql failed: [missing table nope]
     --> migrations/Script-0002.sql:3:13
      |
    3 | INSERT INTO nope VALUES (1);
      |             ^^^^
      = [code of a missing table]
      = rolled back: 0002 was not applied, the database is unchanged at 0001
    ");
    assert_snapshot!(failed("SELECT 1;\nINSERT INTO customers\nVLAUES (1, 'é');\nSELECT 2;\n"), @"
    exit 1
    --- stderr
    upgrade [url] from migrations
    1 pending: atomic (one transaction)
    error: Script-0002.sql failed: [syntax error at VLAUES]
     --> migrations/Script-0002.sql:3:1
      |
    3 | VLAUES (1, 'é');
      | ^^^^^^
      = [code of a syntax error]
      = rolled back: 0002 was not applied, the database is unchanged at 0001
    ");
}

fn a_comment_that_is_left_open_is_refused(server: &'static Server) {
    assert_snapshot!(refused(server, "SELECT /* a 1;\n"), @"
    exit 4
    --- stderr
    upgrade [url] from migrations
    error: unterminated comment
     --> migrations/Script-0002.sql:1:8
      |
    1 | SELECT /* a 1;
      |        ^
      = help: close it with */ (on PostgreSQL and SQL Server, comments nest; in MySQL's /*! ... */, the ; belongs after the */)
    nothing was applied
    ");
}

fn a_transaction_of_a_script_is_refused(server: &'static Server) {
    assert_snapshot!(refused(server, "BEGIN;\nSELECT 1;\nCOMMIT;\n"), @"
    exit 4
    --- stderr
    upgrade [url] from migrations
    error: a script may not BEGIN: dbmigrate controls the transactions
     --> migrations/Script-0002.sql:1:1
      |
    1 | BEGIN;
      | ^^^^^
      = help: remove the statement: dbmigrate runs the script in its own transaction
    error: a script may not COMMIT: dbmigrate controls the transactions
     --> migrations/Script-0002.sql:3:1
      |
    3 | COMMIT;
      | ^^^^^^
      = help: remove the statement: dbmigrate runs the script in its own transaction
    2 problems: nothing was applied
    ");
}

fn a_savepoint_that_is_left_open_is_refused(server: &'static Server) {
    assert_snapshot!(refused(server, "SELECT 1;\nSAVEPOINT a;\n"), @"
    exit 4
    --- stderr
    upgrade [url] from migrations
    error: the savepoint a is still open at the end of the script
     --> migrations/Script-0002.sql:2:1
      |
    2 | SAVEPOINT a;
      | ^^^^^^^^^^^
      = help: end it in this script: RELEASE SAVEPOINT a
    nothing was applied
    ");
}
