//! Scripts that fail, and what stays of them.

use insta::assert_snapshot;

use crate::only_mysql::failed;

#[test]
fn a_failing_statement_that_changes_rows_is_rolled_back() {
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
