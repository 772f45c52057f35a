//! Scripts whose text MySQL, MariaDB or the rules for them refuse.

use insta::assert_snapshot;

use crate::mysql_server::Database;
use crate::project::ONE;

/// Upgrades with this second script, and makes sure that nothing of either script was applied.
fn refused(script: &str) -> String {
    let database = Database::new();
    let shown = database.project(&[ONE, script]).run("upgrade");
    assert_eq!(database.tables(), "", "something was applied: {shown}");
    shown
}

/// Upgrades with this second script, which fails.
fn failed(script: &str) -> String {
    Database::new().project(&[ONE, script]).run("upgrade")
}

#[test]
fn a_failing_statement_is_shown_with_what_the_server_says() {
    assert_snapshot!(failed("INSERT INTO customers VALUES (1, 'a'), (1, 'b');\n"), @"
    exit 1
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: resumable, not atomic: Script-0001 (CREATE TABLE customers) commits statement by statement; the rest in one transaction
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    error: Script-0002.sql failed: Duplicate entry '1' for key 'PRIMARY'
     --> migrations/Script-0002.sql:1:1
      |
    1 | INSERT INTO customers VALUES (1, 'a'), (1, 'b');
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = MySQL 1062 (23000)
      = rolled back: 0002 was not applied, 0001 is applied and stays, the database is at 0001
    ");
    assert_snapshot!(failed("SELECT 1;\nINSERT INTO customers\nVLAUES (1, 'é');\nSELECT 2;\n"), @"
    exit 1
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: resumable, not atomic: Script-0001 (CREATE TABLE customers) commits statement by statement; the rest in one transaction
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    error: Script-0002.sql failed: You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near 'VLAUES (1, 'é')' at line 2
     --> migrations/Script-0002.sql:3:1
      |
    3 | VLAUES (1, 'é');
      | ^^^^^^
      = MySQL 1064 (42000)
      = rolled back: 0002 was not applied, 0001 is applied and stays, the database is at 0001
    ");
    assert_snapshot!(failed("SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not on this server';\n"), @"
    exit 1
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: resumable, not atomic: Script-0001 (CREATE TABLE customers) commits statement by statement; the rest in one transaction
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    error: Script-0002.sql failed: not on this server
     --> migrations/Script-0002.sql:1:1
      |
    1 | SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not on this server';
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = MySQL 1644 (45000)
      = rolled back: 0002 was not applied, 0001 is applied and stays, the database is at 0001
    ");
}

#[test]
fn a_failing_statement_that_commits_is_shown_with_what_stays() {
    assert_snapshot!(failed("-- Mail\n\nALTER TABLE custmers ADD COLUMN mail text;\n"), @"
    exit 1
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: resumable, not atomic: Script-0001 (CREATE TABLE customers) and Script-0002 (ALTER TABLE custmers) commit statement by statement
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    error: Script-0002.sql failed: Table 'shop.custmers' doesn't exist
     --> migrations/Script-0002.sql:3:13
      |
    3 | ALTER TABLE custmers ADD COLUMN mail text;
      |             ^^^^^^^^
      = MySQL 1146 (42S02)
      = Script-0002.sql runs outside a transaction: 0 of its 1 statements ran and stay; 0001 is applied and stays, the database is at 0001
      = help: fix it from statement 1 on and run upgrade again: it resumes there
    ");
    assert_snapshot!(failed("CREATE TABLE a (id integer,);\n"), @"
    exit 1
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: resumable, not atomic: Script-0001 (CREATE TABLE customers) and Script-0002 (CREATE TABLE a) commit statement by statement
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    error: Script-0002.sql failed: You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near ')' at line 1
     --> migrations/Script-0002.sql:1:28
      |
    1 | CREATE TABLE a (id integer,);
      |                            ^
      = MySQL 1064 (42000)
      = Script-0002.sql runs outside a transaction: 0 of its 1 statements ran and stay; 0001 is applied and stays, the database is at 0001
      = help: fix it from statement 1 on and run upgrade again: it resumes there
    ");
    assert_snapshot!(failed("CREATE TABLE a (id integer\n"), @"
    exit 1
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: resumable, not atomic: Script-0001 (CREATE TABLE customers) and Script-0002 (CREATE TABLE a) commit statement by statement
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    error: Script-0002.sql failed: You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near '' at line 1
     --> migrations/Script-0002.sql:1:27
      |
    1 | CREATE TABLE a (id integer
      |                           ^
      = MySQL 1064 (42000)
      = Script-0002.sql runs outside a transaction: 0 of its 1 statements ran and stay; 0001 is applied and stays, the database is at 0001
      = help: fix it from statement 1 on and run upgrade again: it resumes there
    ");
    assert_snapshot!(failed("DELIMITER //\nCREATE PROCEDURE p()\nBEGIN\n  SELECT 1;\n  SELECT id FORM customers;\nEND//\nDELIMITER ;\n"), @"
    exit 1
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: resumable, not atomic: Script-0001 (CREATE TABLE customers) and Script-0002 (CREATE PROCEDURE p) commit statement by statement
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    error: Script-0002.sql failed: You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near 'customers; END' at line 4
     --> migrations/Script-0002.sql:5:18
      |
    5 |   SELECT id FORM customers;
      |                  ^^^^^^^^^
      = MySQL 1064 (42000)
      = Script-0002.sql runs outside a transaction: 0 of its 1 statements ran and stay; 0001 is applied and stays, the database is at 0001
      = help: fix it from statement 1 on and run upgrade again: it resumes there
    ");
}

#[test]
fn a_failing_statement_may_have_done_a_part_of_its_work() {
    assert_snapshot!(failed("CALL nothing_like_this(1);\n"), @"
    exit 1
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: resumable, not atomic: Script-0001 (CREATE TABLE customers) and Script-0002 (CALL nothing_like_this) commit statement by statement
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    error: Script-0002.sql failed: PROCEDURE shop.nothing_like_this does not exist
     --> migrations/Script-0002.sql:1:1
      |
    1 | CALL nothing_like_this(1);
      | ^^^^^^^^^^^^^^^^^^^^^^^^^
      = MySQL 1305 (42000)
      = Script-0002.sql runs outside a transaction: 0 of its 1 statements ran and stay, statement 1 failed and may have done part of its work; 0001 is applied and stays, the database is at 0001
      = help: inspect the database, then run upgrade --resume-at 1 to run that statement again, or --resume-at 2 to continue after it
    ");
    assert_snapshot!(failed("DROP TABLE customers, nope;\n"), @"
    exit 1
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    2 pending: resumable, not atomic: Script-0001 (CREATE TABLE customers) and Script-0002 (DROP TABLE customers) commit statement by statement
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    error: Script-0002.sql failed: Unknown table 'shop.nope'
     --> migrations/Script-0002.sql:1:23
      |
    1 | DROP TABLE customers, nope;
      |                       ^^^^
      = MySQL 1051 (42S02)
      = Script-0002.sql runs outside a transaction: 0 of its 1 statements ran and stay, statement 1 failed and may have done part of its work; 0001 is applied and stays, the database is at 0001
      = help: inspect the database, then run upgrade --resume-at 1 to run that statement again, or --resume-at 2 to continue after it
    ");
}

#[test]
fn what_is_left_open() {
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
    assert_snapshot!(refused("SELECT /* a /* b 1;\n"), @"
    exit 4
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: unterminated comment
     --> migrations/Script-0002.sql:1:8
      |
    1 | SELECT /* a /* b 1;
      |        ^
      = help: close it with */ (on PostgreSQL and SQL Server, comments nest; in MySQL's /*! ... */, the ; belongs after the */)
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
fn a_forgotten_delimiter() {
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
fn commands_of_the_client() {
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
fn what_leaves_the_database_or_reads_files() {
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
    let database = Database::new();
    let project = database.project(&[ONE]);
    project.script(2, &format!("USE {0};\nDROP DATABASE `{0}`;\n", database.name));
    assert_snapshot!(project.run("upgrade"), @"
    exit 4
    --- stderr
    upgrade mysql://root:***@127.0.0.1:[port]/shop from migrations
    error: DROP DATABASE shop would take the run out of its database
     --> migrations/Script-0002.sql:2:1
      |
    2 | DROP DATABASE `shop`;
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: remove the statement: a script stays in the database that the URL names; the tables of another database can be named in full (database.table)
    nothing was applied
    ");
}

#[test]
fn transactions_of_its_own() {
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
fn a_statement_that_no_packet_holds() {
    let database = Database::new();
    let longest = database.ask("SELECT @@global.max_allowed_packet");
    let longest = longest.trim().parse::<usize>().expect("a number");
    let statement = format!("INSERT INTO customers VALUES\n  (1, '{}');\n", "x".repeat(longest));
    let bytes = (statement.len() - 2).to_string();
    let project = database.project(&[ONE, &statement]).hide(&bytes, "[long]").hide(&longest.to_string(), "[limit]");
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
    assert_eq!(database.tables(), "");
}
