-- a column is added at the end => added column orders.note
ALTER TABLE orders ADD COLUMN note varchar(10);
-- a column is added in the middle => added column customers.note
ALTER TABLE customers ADD COLUMN note varchar(10) AFTER email;
-- a column is dropped => removed column customers.extra
ALTER TABLE customers DROP COLUMN extra;
-- a column moves to another place => order table customers
ALTER TABLE customers MODIFY born date DEFAULT NULL AFTER extra;
-- a column is renamed => removed column customers.born; added column customers.birthday
ALTER TABLE customers RENAME COLUMN born TO birthday;
-- a column's type gets wider => changed column customers.email
ALTER TABLE customers MODIFY email varchar(191) NOT NULL;
-- a column becomes nullable => changed column customers.email
ALTER TABLE customers MODIFY email varchar(190) NULL;
-- a column becomes NOT NULL => changed column caset.b
ALTER TABLE caset MODIFY b int NOT NULL;
-- a default changes => changed column orders.price
ALTER TABLE orders ALTER COLUMN price SET DEFAULT 1.00;
-- a default is dropped => changed column orders.price
ALTER TABLE orders ALTER COLUMN price DROP DEFAULT;
-- an expression default changes => changed column orders.token
ALTER TABLE orders ALTER COLUMN token SET DEFAULT (concat('a', uuid()));
-- ON UPDATE is dropped => changed column orders.touched
ALTER TABLE orders MODIFY touched datetime(3) DEFAULT NULL;
-- fractional seconds change => changed column orders.touched
ALTER TABLE orders MODIFY touched datetime(6) DEFAULT NULL ON UPDATE current_timestamp(6);
-- AUTO_INCREMENT is dropped => changed column customers.id
SET foreign_key_checks = 0;
ALTER TABLE customers MODIFY id int unsigned NOT NULL COMMENT 'it''s the key';
-- a column's collation changes => changed column customers.nick
ALTER TABLE customers MODIFY nick varchar(40) CHARACTER SET latin1 COLLATE latin1_bin DEFAULT 'n\\a';
-- a column's character set changes => changed column customers.nick
ALTER TABLE customers MODIFY nick varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT 'n\\a';
-- a column becomes visible => changed column orders.secret
ALTER TABLE orders MODIFY secret int DEFAULT 5;
-- a column's comment changes => changed column customers.id
SET foreign_key_checks = 0;
ALTER TABLE customers MODIFY id int unsigned NOT NULL AUTO_INCREMENT COMMENT 'its the key';
-- a virtual column's expression changes => changed column orders.total
ALTER TABLE orders MODIFY total decimal(12,2) GENERATED ALWAYS AS (qty * price + 1) VIRTUAL;
-- a stored generated column becomes plain => changed column orders.stored_total
ALTER TABLE orders MODIFY stored_total decimal(12,2);
-- a virtual column is replaced by a stored one of another name => removed column orders.total; added column orders.total2
ALTER TABLE orders DROP COLUMN total, ADD COLUMN total2 decimal(12,2) GENERATED ALWAYS AS (qty * price) STORED AFTER qty, MODIFY price decimal(10,2) NOT NULL DEFAULT 0.00 AFTER qty;
-- an enum gets a value => changed column orders.state
ALTER TABLE orders MODIFY state enum('new','paid','sent','lost') NOT NULL DEFAULT 'new';
-- enum values are swapped => changed column orders.state
ALTER TABLE orders MODIFY state enum('new','sent','paid') NOT NULL DEFAULT 'new';
-- a set loses a value => changed column orders.flags
ALTER TABLE orders MODIFY flags set('a') DEFAULT NULL;
-- a column of a table which differs from another only by case => changed column CaseT.a
ALTER TABLE CaseT MODIFY a bigint;
-- a table is added => added table extra
CREATE TABLE extra (a int);
-- a table with everything is added => added table x
CREATE TABLE x (a int PRIMARY KEY, b int UNIQUE, CHECK (a > b));
-- a table is dropped => removed table caset
DROP TABLE caset;
-- a table is renamed => added table memory; removed table memo
RENAME TABLE memo TO memory;
-- a table's default collation changes, its columns do not => changed table customers
ALTER TABLE customers DEFAULT COLLATE utf8mb4_bin;
-- a table is converted to another character set => changed table zones; changed column zones.z
ALTER TABLE zones CONVERT TO CHARACTER SET latin1;
-- a table's row format changes => changed table orders
ALTER TABLE orders ROW_FORMAT = COMPACT;
-- a table's comment changes => changed table customers
ALTER TABLE customers COMMENT = 'persons';
-- a table option changes => changed table notes
ALTER TABLE notes MAX_ROWS = 2000;
-- a range partition is added => changed table measures
ALTER TABLE measures REORGANIZE PARTITION pmax INTO (PARTITION p2025 VALUES LESS THAN (2026), PARTITION pmax VALUES LESS THAN MAXVALUE);
-- a range partition is dropped => changed table measures
ALTER TABLE measures DROP PARTITION p2023;
-- a list partition gets a value => changed table zones
ALTER TABLE zones REORGANIZE PARTITION pb INTO (PARTITION pb VALUES IN ('c', 'd'));
-- the number of key partitions changes => changed table regions
ALTER TABLE regions ADD PARTITION PARTITIONS 1;
-- partitioning is removed => changed table regions
ALTER TABLE regions REMOVE PARTITIONING;
-- a partition's comment changes => changed table measures
ALTER TABLE measures REORGANIZE PARTITION p2023 INTO (PARTITION p2023 VALUES LESS THAN (2024) COMMENT 'very old');
-- an index is added => added index orders.ix_state
CREATE INDEX ix_state ON orders (state);
-- an index is dropped => removed index orders.ix_qty
DROP INDEX ix_qty ON orders;
-- an index is renamed => removed index customers.ix_nick; added index customers.ix_nickname
ALTER TABLE customers RENAME INDEX ix_nick TO ix_nickname;
-- an index's prefix changes => changed index customers.ix_nick
ALTER TABLE customers DROP INDEX ix_nick, ADD INDEX ix_nick (nick(11)) COMMENT 'by nick';
-- an index's comment changes => changed index customers.ix_nick
ALTER TABLE customers DROP INDEX ix_nick, ADD INDEX ix_nick (nick(10)) COMMENT 'nick';
-- an index's direction changes => changed index orders.ix_1
ALTER TABLE orders DROP INDEX ix_1, ADD INDEX ix_1 (customer_id, made);
-- an index's columns are swapped => changed unique orders.uq_code
ALTER TABLE orders DROP INDEX uq_code, ADD UNIQUE KEY uq_code (state, code);
-- a unique key becomes a plain index => removed unique orders.uq_code; added index orders.uq_code
ALTER TABLE orders DROP INDEX uq_code, ADD INDEX uq_code (code, state);
-- a fulltext index is dropped => removed index orders.ft_body
ALTER TABLE orders DROP INDEX ft_body;
-- a hash index becomes a tree => changed index memo.ix_hash
ALTER TABLE memo DROP INDEX ix_hash, ADD INDEX ix_hash (k) USING BTREE;
-- a spatial index is dropped => removed index items.sp_place
ALTER TABLE items DROP INDEX sp_place;
-- a primary key is dropped => removed primary key caset.PRIMARY
ALTER TABLE caset DROP PRIMARY KEY;
-- a primary key gets a column => changed primary key caset.PRIMARY; changed column caset.b
ALTER TABLE caset DROP PRIMARY KEY, ADD PRIMARY KEY (id, b);
-- a foreign key is added, and the index it needs => added foreign key longs.fk_new; added index longs.fk_new; changed column longs.id
ALTER TABLE longs MODIFY id bigint, ADD CONSTRAINT fk_new FOREIGN KEY (id) REFERENCES orders (id);
-- a foreign key to another database is added, with names of the server's own => added table y
CREATE DATABASE {database}_other;
CREATE TABLE {database}_other.target (id int PRIMARY KEY);
CREATE TABLE y (a int, FOREIGN KEY (a) REFERENCES {database}_other.target (id));
-- a foreign key is dropped, its index stays => removed foreign key items.fk_order
ALTER TABLE items DROP FOREIGN KEY fk_order;
-- a foreign key's ON DELETE changes => changed foreign key orders.fk_customer
ALTER TABLE orders DROP FOREIGN KEY fk_customer;
ALTER TABLE orders ADD CONSTRAINT fk_customer FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE ON UPDATE CASCADE;
-- a foreign key's ON UPDATE changes => changed foreign key orders.fk_customer
ALTER TABLE orders DROP FOREIGN KEY fk_customer;
ALTER TABLE orders ADD CONSTRAINT fk_customer FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE SET NULL;
-- a table with partitions is renamed => added table areas; removed table regions
RENAME TABLE regions TO areas;
-- a check is added => added check orders.ck_new
ALTER TABLE orders ADD CONSTRAINT ck_new CHECK (length(code) > 1);
-- a check is dropped => removed check orders.ck_price
ALTER TABLE orders DROP CONSTRAINT ck_price;
-- a check changes => changed check orders.ck_price
ALTER TABLE orders DROP CONSTRAINT ck_price;
ALTER TABLE orders ADD CONSTRAINT ck_price CHECK (price >= 1);
-- a view is added => added view v_new
CREATE VIEW v_new AS SELECT 1 AS one;
-- a view is dropped => removed view v_on_view
DROP VIEW v_on_view;
-- a view's condition changes => changed view v_orders
ALTER VIEW v_orders AS SELECT o.id, o.qty, c.email FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.qty > 2 ORDER BY o.id;
-- a view's check option changes => changed view v_paid
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_paid (num, st) AS SELECT id, state FROM orders WHERE state = 'paid' WITH LOCAL CHECK OPTION;
-- a view's text literal changes => changed view v_on_view
CREATE OR REPLACE VIEW v_on_view AS SELECT * FROM v_paid UNION ALL SELECT 1, 'a from c';
-- a view becomes a table of the same name => added table v_sum; removed view v_sum
DROP VIEW v_sum;
CREATE TABLE v_sum (a int);
-- a function's body changes => changed function f_tax
DROP FUNCTION f_tax;
CREATE FUNCTION f_tax(p decimal(10,2), r varchar(5) CHARACTER SET latin1) RETURNS decimal(10,2) DETERMINISTIC NO SQL COMMENT 'tax' RETURN p * 1.3;
-- a function's return type changes => changed function f_tax
DROP FUNCTION f_tax;
CREATE FUNCTION f_tax(p decimal(10,2), r varchar(5) CHARACTER SET latin1) RETURNS decimal(10,3) DETERMINISTIC NO SQL COMMENT 'tax' RETURN p * 1.2;
-- a function's parameter is renamed => changed function f_tax
DROP FUNCTION f_tax;
CREATE FUNCTION f_tax(p decimal(10,2), s varchar(5) CHARACTER SET latin1) RETURNS decimal(10,2) DETERMINISTIC NO SQL COMMENT 'tax' RETURN p * 1.2;
-- a function's parameter changes its character set => changed function f_tax
DROP FUNCTION f_tax;
CREATE FUNCTION f_tax(p decimal(10,2), r varchar(5) CHARACTER SET utf8mb4) RETURNS decimal(10,2) DETERMINISTIC NO SQL COMMENT 'tax' RETURN p * 1.2;
-- a function stops being deterministic => changed function f_tax
DROP FUNCTION f_tax;
CREATE FUNCTION f_tax(p decimal(10,2), r varchar(5) CHARACTER SET latin1) RETURNS decimal(10,2) NOT DETERMINISTIC NO SQL COMMENT 'tax' RETURN p * 1.2;
-- a function's data access changes => changed function f_tax
ALTER FUNCTION f_tax READS SQL DATA;
-- a function's comment changes => changed function f_tax
ALTER FUNCTION f_tax COMMENT 'taxes';
-- a function is dropped => removed function f_tax
DROP FUNCTION f_tax;
-- a procedure is added with a compound body => added procedure p_new
DELIMITER $$
CREATE PROCEDURE p_new(n int)
BEGIN
  DECLARE i int DEFAULT 0;
  WHILE i < n DO
    SET i = i + 1;
  END WHILE;
END $$
DELIMITER ;
-- a procedure's parameter changes its mode => changed procedure p_fill
DROP PROCEDURE p_fill;
CREATE PROCEDURE p_fill(IN a int, INOUT b int, INOUT c varchar(20)) MODIFIES SQL DATA INSERT INTO caset VALUES (a, 1);
-- a function of the same name as a procedure is added => added function p_nothing
CREATE FUNCTION p_nothing() RETURNS int DETERMINISTIC RETURN 1;
-- a trigger is added with a compound body => added trigger tr_new
DELIMITER $$
CREATE TRIGGER tr_new AFTER DELETE ON orders FOR EACH ROW
BEGIN
  DELETE FROM caset WHERE id = OLD.id;
  DELETE FROM caset WHERE b = OLD.id;
END $$
DELIMITER ;
-- a trigger is dropped => removed trigger tr_au
DROP TRIGGER tr_au;
-- the first of two triggers is dropped, the second moves up => removed trigger tr_bi; changed trigger tr_bi2
DROP TRIGGER tr_bi;
-- a trigger's order changes => changed trigger tr_bi; changed trigger tr_bi2
DROP TRIGGER tr_bi;
CREATE TRIGGER tr_bi BEFORE INSERT ON orders FOR EACH ROW FOLLOWS tr_bi2 SET NEW.qty = NEW.qty + 0;
-- a trigger's body changes => changed trigger tr_au
DROP TRIGGER tr_au;
CREATE TRIGGER tr_au AFTER UPDATE ON orders FOR EACH ROW INSERT INTO caset VALUES (1, 2);
-- a trigger's time changes => changed trigger tr_au
DROP TRIGGER tr_au;
CREATE TRIGGER tr_au BEFORE UPDATE ON orders FOR EACH ROW INSERT INTO caset VALUES (1, 1);
-- a trigger's event changes => changed trigger tr_au
DROP TRIGGER tr_au;
CREATE TRIGGER tr_au AFTER DELETE ON orders FOR EACH ROW INSERT INTO caset VALUES (1, 1);
-- a trigger moves to another table => changed trigger tr_au
DROP TRIGGER tr_au;
CREATE TRIGGER tr_au AFTER UPDATE ON items FOR EACH ROW INSERT INTO caset VALUES (1, 1);
-- an event is added => added event ev_new
CREATE EVENT ev_new ON SCHEDULE EVERY 1 HOUR DISABLE DO DELETE FROM caset;
-- an event is dropped => removed event ev_once
DROP EVENT ev_once;
-- an event's interval changes => changed event ev_night
ALTER EVENT ev_night ON SCHEDULE EVERY 2 DAY STARTS '2031-01-01 03:00:00';
-- an event's start changes => changed event ev_night
ALTER EVENT ev_night ON SCHEDULE EVERY 1 DAY STARTS '2031-01-01 04:00:00';
-- an event gets an end => changed event ev_night
ALTER EVENT ev_night ON SCHEDULE EVERY 1 DAY STARTS '2031-01-01 03:00:00' ENDS '2037-01-01 03:00:00';
-- an event is enabled => changed event ev_night
ALTER EVENT ev_night ENABLE;
-- an event is no longer preserved => changed event ev_night
ALTER EVENT ev_night ON COMPLETION NOT PRESERVE;
-- an event's body changes => changed event ev_night
ALTER EVENT ev_night DO DELETE FROM caset WHERE b = 2;
-- an event's comment changes => changed event ev_night
ALTER EVENT ev_night COMMENT 'each night';
-- a one-time event gets another time => changed event ev_once
ALTER EVENT ev_once ON SCHEDULE AT '2035-05-05 06:05:00';
-- an event is renamed => removed event ev_once; added event ev_twice
ALTER EVENT ev_once RENAME TO ev_twice;
-- the database's default collation changes => changed database database
ALTER DATABASE {database} COLLATE utf8mb4_bin;
-- the database's default character set changes => changed database database
ALTER DATABASE {database} CHARACTER SET latin1;
-- a constant default of a timestamp changes => changed column orders.since
ALTER TABLE orders ALTER COLUMN since SET DEFAULT '2020-01-01 01:00:00';
-- a text in a default changes by a line end => changed column orders.ending
ALTER TABLE orders ALTER COLUMN ending SET DEFAULT 'c
d';
-- the routine's body changes only in its white space => changed procedure p_nothing
DROP PROCEDURE p_nothing;
CREATE PROCEDURE p_nothing() SELECT   1;
-- a partition gets subpartitions of other names => changed table measures
ALTER TABLE measures REORGANIZE PARTITION p2023 INTO (PARTITION p2023 VALUES LESS THAN (2024) COMMENT 'old' (SUBPARTITION a1, SUBPARTITION a2));
-- a column becomes unsigned => changed column caset.b
ALTER TABLE caset MODIFY b int unsigned;
-- an empty text becomes the default instead of none => changed column zones.z
ALTER TABLE zones ALTER COLUMN z SET DEFAULT '';
-- the text 'NULL' becomes the default instead of NULL => changed column regions.r
ALTER TABLE regions ALTER COLUMN r SET DEFAULT 'NULL';
-- a default that is an expression becomes the same as text => changed column orders.token
ALTER TABLE orders ALTER COLUMN token SET DEFAULT 'uuid()';
-- a table's engine changes => changed table notes
ALTER TABLE notes ENGINE = InnoDB;
-- a procedure's sql_mode changes => changed procedure p_nothing
SET sql_mode = 'ANSI_QUOTES';
DROP PROCEDURE p_nothing;
CREATE PROCEDURE p_nothing() SELECT 1;
SET sql_mode = DEFAULT;
-- a foreign key with an invented name refers to another column => changed foreign key children.children_ibfk_1
ALTER TABLE children DROP FOREIGN KEY children_ibfk_1;
ALTER TABLE children ADD CONSTRAINT children_ibfk_1 FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE;
-- a foreign key gets a chosen name, and so does the index made for it => removed foreign key children.children_ibfk_1; added foreign key children.fk_parent; removed index children.parent; added index children.fk_parent
ALTER TABLE children DROP FOREIGN KEY children_ibfk_1;
ALTER TABLE children ADD CONSTRAINT fk_parent FOREIGN KEY (parent) REFERENCES parents (id);
-- an index gets a chosen name instead of an invented one => removed index children.parent; added index children.ix_parent
ALTER TABLE children RENAME INDEX parent TO ix_parent;
-- a unique key gets a chosen name instead of an invented one => removed unique parents.name; added unique parents.uq_name
ALTER TABLE parents RENAME INDEX name TO uq_name;
-- an index with an invented name is on other columns => changed index children.other
ALTER TABLE children DROP FOREIGN KEY children_ibfk_2, DROP INDEX other;
ALTER TABLE children ADD INDEX other (other), ADD CONSTRAINT children_ibfk_2 FOREIGN KEY (other) REFERENCES parents (id) ON DELETE SET NULL;
-- an index is added twice => added index caset.b; added index caset.b_2
ALTER TABLE caset ADD INDEX (b), ADD INDEX (b);
-- a view that looks like a journal is added => added view journals
CREATE TABLE journal (number int, script int, checksum int, state int, applied_at int, tool_version int, statements_done int, done_checksum int, format int);
CREATE VIEW journals AS SELECT * FROM journal;
-- a table that is almost a journal is added, and one with the name of its repairs => added table journal; added table journal_repairs
CREATE TABLE journal (number int, script int, checksum int, state int, applied_at int, tool_version int, statements_done int, done_checksum int);
CREATE TABLE journal_repairs (a int);
-- a routine with a journal's name is added => added procedure journal
CREATE TABLE journal (number int, script int, checksum int, state int, applied_at int, tool_version int, statements_done int, done_checksum int, format int);
CREATE PROCEDURE journal() SELECT 1;
