//! Scripts that are refused before anything runs.

use insta::assert_snapshot;

use crate::engine::mysql::{new_database, project_on, tables};
use crate::only_mysql::{failed, refused};
use crate::project::ONE;

#[test]
fn a_string_or_a_quoted_name_that_is_left_open_is_refused() {
    assert_snapshot!(refused("INSERT INTO customers VALUES (1, 'it\\');\n"), @r"
    exit 4
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: unterminated string
     --> migrations/Script-0002.sql:1:34
      |
    1 | INSERT INTO customers VALUES (1, 'it\');
      |                                  ^
      = help: close the string, or double each quote in it (in MySQL, each backslash too)
    nothing was applied
    ");
    assert_snapshot!(refused("SELECT `id FROM customers;\n"), @"
    exit 4
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: unterminated quoted identifier
     --> migrations/Script-0002.sql:1:8
      |
    1 | SELECT `id FROM customers;
      |        ^
      = help: close the quoted name that starts here
    nothing was applied
    ");
}

#[test]
fn a_missing_or_wrong_delimiter_is_refused_where_it_is() {
    assert_snapshot!(refused("-- Count\nCREATE PROCEDURE p()\nBEGIN\n  SELECT 1;\n  SELECT 2;\nEND;\n"), @"
    exit 4
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: body whose first ; would end the statement
     --> migrations/Script-0002.sql:3:1
      |
    3 | BEGIN
      | ^
      = help: put a line DELIMITER // before the statement, // after its END, and a line DELIMITER ; after that
    nothing was applied
    ");
    assert_snapshot!(refused("DELIMITER\nSELECT 1;\n"), @"
    exit 4
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: DELIMITER that the mysql client would not understand
     --> migrations/Script-0002.sql:1:1
      |
    1 | DELIMITER
      | ^
      = help: end the statement before it with the delimiter in force, then write DELIMITER and up to 15 ASCII characters without blanks or backslashes on a line of their own
    nothing was applied
    ");
    assert_snapshot!(failed("SELECT 1\nDELIMITER //\nSELECT 2//\n"), @"
    exit 1
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: resumable, not atomic: Script-0001 (CREATE TABLE customers) commits statement by statement; the rest in one transaction
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    error: Script-0002.sql failed: You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near '// SELECT 2//' at line 2
     --> migrations/Script-0002.sql:2:11
      |
    2 | DELIMITER //
      |           ^
      = MySQL 1064 (42000)
      = rolled back: 0002 was not applied, 0001 is applied and stays, the database is at 0001
    ");
    assert_snapshot!(failed("DELIMITER //\nCREATE PROCEDURE p() SELECT 1//\nDELIMITER ;\nDROP PROCEDURE p;\nSELECT 1//\n"), @"
    exit 1
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: resumable, not atomic: Script-0001 (CREATE TABLE customers) and Script-0002 (CREATE PROCEDURE p) commit statement by statement
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    error: Script-0002.sql failed: You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near '/' at line 1
     --> migrations/Script-0002.sql:5:10
      |
    5 | SELECT 1//
      |          ^
      = MySQL 1064 (42000)
      = Script-0002.sql runs outside a transaction: 2 of its 3 statements ran and stay; 0001 is applied and stays, the database is at 0001
      = help: fix it from statement 3 on and run upgrade again: it resumes there
    ");
}

#[test]
fn a_command_of_the_client_is_refused() {
    assert_snapshot!(refused("source more.sql\nSELECT 1;\n"), @"
    exit 4
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: source is a command of the database's shell, not SQL
     --> migrations/Script-0002.sql:1:1
      |
    1 | source more.sql
      | ^^^^^^
      = help: only SQL is sent to the database: write SQL instead, or remove the line
    nothing was applied
    ");
    assert_snapshot!(refused("\\. more.sql\n"), @r"
    exit 4
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: \. is a command of the database's shell, not SQL
     --> migrations/Script-0002.sql:1:1
      |
    1 | \. more.sql
      | ^^
      = help: only SQL is sent to the database: write SQL instead, or remove the line
    nothing was applied
    ");
    assert_snapshot!(refused("SELECT * FROM customers\\G\n"), @r"
    exit 4
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: \G is a command of the database's shell, not SQL
     --> migrations/Script-0002.sql:1:24
      |
    1 | SELECT * FROM customers\G
      |                        ^^
      = help: only SQL is sent to the database: write SQL instead, or remove the line
    nothing was applied
    ");
    assert_snapshot!(refused("SELECT 1;\nsystem ls\n"), @"
    exit 4
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: system is a command of the database's shell, not SQL
     --> migrations/Script-0002.sql:2:1
      |
    2 | system ls
      | ^^^^^^
      = help: only SQL is sent to the database: write SQL instead, or remove the line
    nothing was applied
    ");
}

#[test]
fn a_statement_that_leaves_the_database_or_reads_files_is_refused() {
    assert_snapshot!(refused("USE other;\n"), @"
    exit 4
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: USE other would take the run out of its database
     --> migrations/Script-0002.sql:1:1
      |
    1 | USE other;
      | ^^^^^^^^^
      = help: remove the statement: a script stays in the database that the URL names; the tables of another database can be named in full (database.table)
    nothing was applied
    ");
    assert_snapshot!(refused("DROP DATABASE IF EXISTS other;\nLOAD DATA LOCAL INFILE 'x.csv' INTO TABLE customers;\n"), @"
    exit 4
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: LOAD DATA LOCAL cannot run here: it reads a file on the machine that runs dbmigrate
     --> migrations/Script-0002.sql:2:1
      |
    2 | LOAD DATA LOCAL INFILE 'x.csv' INTO TABLE customers;
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: remove the statement
    nothing was applied
    ");
    let database = new_database();
    let project = project_on(&database, &[ONE]);
    project.script(2, &format!("USE {0};\nDROP DATABASE `{0}`;\n", database.name));
    assert_snapshot!(project.run("upgrade"), @"
    exit 4
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: DROP DATABASE shop would take the run out of its database
     --> migrations/Script-0002.sql:2:1
      |
    2 | DROP DATABASE `shop`;
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: remove the statement: a script stays in the database that the URL names; the tables of another database can be named in full (database.table)
    nothing was applied
    ");
}

#[test]
fn a_statement_about_transactions_or_encodings_is_refused() {
    assert_snapshot!(refused("START TRANSACTION;\nSELECT 1;\nCOMMIT;\n"), @"
    exit 4
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: a script may not START TRANSACTION: dbmigrate controls the transactions
     --> migrations/Script-0002.sql:1:1
      |
    1 | START TRANSACTION;
      | ^^^^^^^^^^^^^^^^^
      = help: remove the statement: dbmigrate runs the script in its own transaction
    error: a script may not COMMIT: dbmigrate controls the transactions
     --> migrations/Script-0002.sql:3:1
      |
    3 | COMMIT;
      | ^^^^^^
      = help: remove the statement: dbmigrate runs the script in its own transaction
    2 problems: nothing was applied
    ");
    assert_snapshot!(refused("SET autocommit = 0;\nSET foreign_key_checks = 0;\nSAVEPOINT a;\n"), @"
    exit 4
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: a script may not SET autocommit: dbmigrate controls the transactions
     --> migrations/Script-0002.sql:1:1
      |
    1 | SET autocommit = 0;
      | ^^^^^^^^^^^^^^^^^^
      = help: remove the statement: dbmigrate runs the script in its own transaction
    error: the savepoint a is still open at the end of the script
     --> migrations/Script-0002.sql:3:1
      |
    3 | SAVEPOINT a;
      | ^^^^^^^^^^^
      = help: end it in this script: RELEASE SAVEPOINT a
    2 problems: nothing was applied
    ");
    assert_snapshot!(refused("SET NAMES latin1;\nINSERT INTO customers VALUES (1, 'é');\n"), @"
    exit 4
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: SET character_set_client cannot run here: scripts are sent as UTF-8, whatever the file's encoding is
     --> migrations/Script-0002.sql:1:1
      |
    1 | SET NAMES latin1;
      | ^^^^^^^^^^^^^^^^
      = help: remove the statement
    nothing was applied
    ");
}

#[test]
fn a_statement_that_is_longer_than_a_packet_is_refused() {
    let database = new_database();
    let longest = database.ask("SELECT @@global.max_allowed_packet");
    let longest = longest.parse::<usize>().expect("a number");
    let statement = format!("INSERT INTO customers VALUES\n  (1, '{}');\n", "x".repeat(longest));
    let bytes = (statement.len() - 2).to_string();
    let project =
        project_on(&database, &[ONE, &statement]).hide(&bytes, "[long]").hide(&longest.to_string(), "[limit]");
    assert_snapshot!(project.run("upgrade"), @"
    exit 4
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: the statement is [long] bytes long, but the server's max_allowed_packet allows [limit]
     --> migrations/Script-0002.sql:1:1
      |
    1 | INSERT INTO customers VALUES
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: split it into several statements, or raise max_allowed_packet on the server
    nothing was applied
    ");
    assert_eq!(tables(&database), "");
}
