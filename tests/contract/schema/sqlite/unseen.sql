-- rows are inserted, changed and deleted
INSERT INTO customer (name, email) VALUES ('Ada', 'ada@example.com'), ('Bob', 'bob@example.com');
UPDATE customer SET name = 'Eve' WHERE name = 'Ada';
DELETE FROM customer WHERE name = 'Bob';
-- the next number of a table is another
INSERT INTO counted (id) VALUES (1000);
-- the statistics are gathered
INSERT INTO notes VALUES ('a', 'b');
ANALYZE;
-- the file is written anew
VACUUM;
-- the indexes are built anew
REINDEX;
-- the version that a program keeps in the file
PRAGMA user_version = 7;
-- the mark of a program in the file
PRAGMA application_id = 7;
-- the journal of the file
PRAGMA journal_mode = WAL;
-- a column is added and dropped
ALTER TABLE notes ADD COLUMN more text;
ALTER TABLE notes DROP COLUMN more;
-- a column is renamed and renamed back
ALTER TABLE notes RENAME COLUMN body TO more;
ALTER TABLE notes RENAME COLUMN more TO body;
-- a table is renamed and renamed back
ALTER TABLE customer RENAME TO client;
ALTER TABLE client RENAME TO customer;
-- a view is created anew, written otherwise
DROP VIEW plain;
create view "plain" as
    select [id] -- the number
    from `orders`;
-- a table is created anew, written otherwise
DROP TABLE named;
create table "named"(a INTEGER,constraint "c" check(a>0));
-- a table is created anew, with a constraint in another place
DROP TABLE counted;
DROP TABLE named;
CREATE TABLE counted (id integer CONSTRAINT k NULL PRIMARY KEY AUTOINCREMENT, state text NULL DEFAULT 'new');
CREATE TABLE named (a integer CONSTRAINT c CHECK (a > 0));
-- a key stands on its own
DROP TABLE line;
CREATE TABLE line ("order" integer NOT NULL REFERENCES orders (id) DEFERRABLE INITIALLY DEFERRED,
    number integer NOT NULL, item text, PRIMARY KEY ("order", number)) WITHOUT ROWID;
CREATE UNIQUE INDEX line_item ON line (item COLLATE NOCASE);
-- an index is created anew, in another place of the file
DROP INDEX orders_total;
CREATE INDEX IF NOT EXISTS main.orders_total ON orders (total DESC) WHERE total > 10;
-- a trigger is created anew, with a comment and other line ends
DROP TRIGGER keep;
CREATE TRIGGER keep BEFORE DELETE ON orders
    /* only those
       that are paid */
    WHEN old.total > 0
BEGIN
    SELECT RAISE (ABORT, 'it is paid');
END;
-- a temporary table and a temporary view
CREATE TEMP TABLE t (a); CREATE TEMP VIEW v AS SELECT 1;
-- a table is created and dropped
CREATE TABLE t (a integer); DROP TABLE t;
-- rows are in a virtual table
INSERT INTO search VALUES ('a', 'b');
-- the order of a column's clauses is another
DROP TABLE named;
DROP TABLE counted;
CREATE TABLE named (a integer, CONSTRAINT c CHECK (a > 0));
CREATE TABLE counted (id integer PRIMARY KEY AUTOINCREMENT, state text DEFAULT 'new');
-- the options of a table are in another case
DROP TABLE strict_one;
CREATE TABLE strict_one (a integer, b any) strict;
-- the schema's number is another
CREATE VIEW x AS SELECT 1; DROP VIEW x;
-- a foreign key's check is on
PRAGMA foreign_keys = ON;
-- the text's encoding is asked for
PRAGMA encoding;
