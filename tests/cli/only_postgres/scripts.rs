//! Scripts that fail or are refused.

use insta::assert_snapshot;

use crate::engine::postgres::{new_database, project_on, tables};
use crate::project::ONE;

/// Upgrades with this second script, and makes sure that the first one was not applied.
fn refused(script: &str) -> String {
    let database = new_database();
    let shown = project_on(&database, &[ONE, script]).run("upgrade");
    assert_eq!(tables(&database), "", "something was applied: {shown}");
    shown
}

#[test]
fn a_failing_statement_is_rolled_back_and_shown_with_its_details() {
    assert_snapshot!(refused("-- Mail\n\nALTER TABLE custmers ADD COLUMN mail text;\n"), @r#"
    exit 1
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    2 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    error: Script-0002.sql failed: relation "custmers" does not exist
     --> migrations/Script-0002.sql:3:13
      |
    3 | ALTER TABLE custmers ADD COLUMN mail text;
      |             ^^^^^^^^
      = PostgreSQL 42P01
      = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    "#);
    assert_snapshot!(refused("INSERT INTO customers VALUES (1, 'a'), (1, 'b');\n"), @r#"
    exit 1
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    2 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    error: Script-0002.sql failed: duplicate key value violates unique constraint "customers_pkey"
     --> migrations/Script-0002.sql:1:1
      |
    1 | INSERT INTO customers VALUES (1, 'a'), (1, 'b');
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = PostgreSQL 23505
      = detail: Key (id)=(1) already exists.
      = constraint: customers_pkey
      = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    "#);
    assert_snapshot!(refused("SELECT count(*) FROM customers WHERE nmae = 'é';\n"), @r#"
    exit 1
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    2 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    error: Script-0002.sql failed: column "nmae" does not exist
     --> migrations/Script-0002.sql:1:38
      |
    1 | SELECT count(*) FROM customers WHERE nmae = 'é';
      |                                      ^^^^
      = PostgreSQL 42703
      = server's hint: Perhaps you meant to reference the column "customers.name".
      = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    "#);
    assert_snapshot!(refused("DO $$\nBEGIN\n  RAISE NOTICE 'counting';\n  PERFORM 1 / 0;\nEND $$;\n"), @r#"
    exit 1
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    2 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    NOTICE: counting
    error: Script-0002.sql failed: division by zero
     --> migrations/Script-0002.sql:1:1
      |
    1 | DO $$
      | ^^^^^
      = PostgreSQL 22012
      = in: SQL statement "SELECT 1 / 0"
        PL/pgSQL function inline_code_block line 4 at PERFORM
      = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    "#);
    assert_snapshot!(refused("CREATE TABLE a (id integer,);\n"), @r#"
    exit 1
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    2 pending: atomic (one transaction)
    error: Script-0002.sql failed: syntax error at or near ")"
     --> migrations/Script-0002.sql:1:28
      |
    1 | CREATE TABLE a (id integer,);
      |                            ^
      = PostgreSQL 42601
      = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    "#);
}

#[test]
fn what_is_left_open_is_refused_where_it_starts() {
    assert_snapshot!(refused("DO $do$ BEGIN PERFORM 1; END $$;\n"), @"
    exit 4
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    error: unterminated dollar quote $do$
     --> migrations/Script-0002.sql:1:4
      |
    1 | DO $do$ BEGIN PERFORM 1; END $$;
      |    ^^^^
      = help: close it with $do$
    nothing was applied
    ");
    assert_snapshot!(refused("SELECT /* a /* b */ 1;\n"), @"
    exit 4
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    error: unterminated comment
     --> migrations/Script-0002.sql:1:8
      |
    1 | SELECT /* a /* b */ 1;
      |        ^
      = help: close it with */ (on PostgreSQL and SQL Server, comments nest; in MySQL's /*! ... */, the ; belongs after the */)
    nothing was applied
    ");
    assert_snapshot!(refused("INSERT INTO customers VALUES (1, 'it's);\n"), @r#"
    exit 1
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    2 pending: atomic (one transaction)
    error: Script-0002.sql failed: syntax error at or near "s"
     --> migrations/Script-0002.sql:1:38
      |
    1 | INSERT INTO customers VALUES (1, 'it's);
      |                                      ^
      = PostgreSQL 42601
      = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    "#);
    assert_snapshot!(refused("COPY customers FROM stdin;\n1\ta\n"), @r"
    exit 4
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    error: COPY FROM stdin without a closing \. line
     --> migrations/Script-0002.sql:1:1
      |
    1 | COPY customers FROM stdin;
      | ^
      = help: put ; after the statement, then the data, then a line with \. alone
    nothing was applied
    ");
}

#[test]
fn a_command_of_psql_or_a_statement_outside_transactions_is_refused() {
    assert_snapshot!(refused("\\set x 1\nSELECT :x;\n"), @r"
    exit 4
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    error: \set is a command of the database's shell, not SQL
     --> migrations/Script-0002.sql:1:1
      |
    1 | \set x 1
      | ^^^^
      = help: only SQL is sent to the database: write SQL instead, or remove the line
    nothing was applied
    ");
    assert_snapshot!(refused("\\connect other\n\\i other.sql\n"), @r"
    exit 4
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    error: \connect is a command of the database's shell, not SQL
     --> migrations/Script-0002.sql:1:1
      |
    1 | \connect other
      | ^^^^^^^^
      = help: only SQL is sent to the database: write SQL instead, or remove the line
    nothing was applied
    ");
    assert_snapshot!(refused("CREATE INDEX CONCURRENTLY i ON customers (name);\n"), @"
    exit 4
    --- stderr
    upgrade postgres://postgres:***@127.0.0.1:[port]/shop from migrations
    error: CREATE INDEX CONCURRENTLY cannot run in a transaction
     --> migrations/Script-0002.sql:1:1
      |
    1 | CREATE INDEX CONCURRENTLY i ON customers (name);
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: move it to a script of its own that starts with the line: -- dbmigrate: no-transaction
    nothing was applied
    ");
}
