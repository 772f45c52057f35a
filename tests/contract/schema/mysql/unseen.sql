-- rows are inserted
INSERT INTO customers (email) VALUES ('c@d'), ('e@f');
-- the next AUTO_INCREMENT is set
ALTER TABLE customers AUTO_INCREMENT = 5000;
-- statistics are gathered
ANALYZE TABLE customers, orders, measures;
-- tables are optimized
OPTIMIZE TABLE orders;
OPTIMIZE TABLE notes;
-- a table is rebuilt
ALTER TABLE orders FORCE;
-- a table is rebuilt by naming its engine
ALTER TABLE orders ENGINE = InnoDB;
-- tables are flushed
FLUSH TABLES;
-- a view is made anew
CREATE OR REPLACE VIEW v_orders AS SELECT o.id, o.qty, c.email FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.qty > 1 ORDER BY o.id;
-- a view is made anew with the database's name in it and other white space
CREATE OR REPLACE VIEW v_orders AS SELECT o.id,   o.qty, c.email FROM {database}.orders AS o INNER JOIN {database}.customers c ON (c.id = o.customer_id) WHERE (o.qty > 1) ORDER BY o.id ASC;
-- a procedure is dropped and made anew
DROP PROCEDURE p_nothing;
CREATE PROCEDURE p_nothing() SELECT 1;
-- a function is made anew
DROP FUNCTION f_tax;
CREATE FUNCTION f_tax(p decimal(10,2), r varchar(5) CHARACTER SET latin1) RETURNS decimal(10,2) DETERMINISTIC NO SQL COMMENT 'tax' RETURN p * 1.2;
-- a trigger is made anew
DROP TRIGGER tr_au;
CREATE TRIGGER tr_au AFTER UPDATE ON orders FOR EACH ROW INSERT INTO caset VALUES (1, 1);
-- a column is dropped and added at the same place
ALTER TABLE customers DROP COLUMN born;
ALTER TABLE customers ADD COLUMN born date AFTER nick;
-- an index is dropped and made anew
ALTER TABLE orders DROP INDEX ix_1, ADD INDEX ix_1 (customer_id ASC, made DESC);
-- indexes are in another order
ALTER TABLE orders DROP INDEX uq_code, ADD UNIQUE INDEX uq_code (code, state);
-- a foreign key is dropped and made anew, with the default actions named
ALTER TABLE items DROP FOREIGN KEY fk_order;
ALTER TABLE items ADD CONSTRAINT fk_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE RESTRICT ON UPDATE RESTRICT;
-- a table is truncated
TRUNCATE TABLE caset;
-- a table is dropped and made anew, its options written in another way
DROP TABLE caset;
CREATE TABLE caset (id INTEGER, b INT(11) DEFAULT NULL, INDEX ix_c USING BTREE (b ASC), PRIMARY KEY (id)) CHARSET utf8mb4;
-- an event is made anew
DROP EVENT ev_night;
CREATE EVENT ev_night ON SCHEDULE EVERY 1 DAY STARTS '2031-01-01 03:00:00' ON COMPLETION PRESERVE DISABLE COMMENT 'nightly' DO DELETE FROM caset WHERE b = 0;
-- an event without a start is made anew later
DO SLEEP(1.1);
DROP EVENT ev_implicit;
CREATE EVENT ev_implicit ON SCHEDULE EVERY 90 SECOND DISABLE DO DELETE FROM caset WHERE b = 1;
-- a table is renamed there and back
RENAME TABLE memo TO memo2, memo2 TO memo;
-- a temporary table is made
CREATE TEMPORARY TABLE passing (a int);
-- a check is dropped and made anew, written in another way
ALTER TABLE orders DROP CONSTRAINT ck_price;
ALTER TABLE orders ADD CONSTRAINT ck_price CHECK ( ( `orders`.price >= 0 ) );
-- a partition is rebuilt
ALTER TABLE measures REBUILD PARTITION p2023;
-- journals are made, and what belongs to them
CREATE TABLE dbmigrate_journal (number bigint PRIMARY KEY, script varchar(255), title text, checksum varchar(100), state varchar(20), applied_at datetime(3), tool_version varchar(100), statements_done integer, done_checksum varchar(100), error text, format integer);
CREATE TABLE dbmigrate_journal_repairs (run varchar(36) PRIMARY KEY, reason text, KEY (reason(10)));
CREATE TABLE dbmigrate_journal_schema (number bigint PRIMARY KEY, CHECK (number > 0), FOREIGN KEY (number) REFERENCES dbmigrate_journal (number));
CREATE TABLE `other ``journal` (format int, done_checksum int, statements_done int, tool_version int, applied_at int, state int, checksum int, script int, `Number` int UNIQUE);
CREATE TABLE `other ``journal_repairs` (a int);
CREATE TRIGGER tr_journal BEFORE INSERT ON dbmigrate_journal FOR EACH ROW SET NEW.number = NEW.number;
-- a foreign key with an invented name is made anew by another route
ALTER TABLE children DROP FOREIGN KEY children_ibfk_1;
ALTER TABLE children DROP INDEX parent;
ALTER TABLE children ADD FOREIGN KEY (parent) REFERENCES parents (id);
-- a table is made anew, its keys in another order, one index named later
DROP TABLE children;
CREATE TABLE children (id int, parent int, other int);
ALTER TABLE children ADD INDEX (parent), ADD INDEX (other, id);
ALTER TABLE children ADD FOREIGN KEY (other) REFERENCES parents (id) ON DELETE SET NULL;
ALTER TABLE children ADD FOREIGN KEY (parent) REFERENCES parents (id), ADD PRIMARY KEY (id);
ALTER TABLE children ADD CHECK (parent > id);
-- a key with an invented name is made anew under the next number
ALTER TABLE parents ADD UNIQUE (name);
ALTER TABLE parents DROP INDEX name;
-- a foreign key is made anew with NO ACTION, which does the same
ALTER TABLE items DROP FOREIGN KEY fk_order;
ALTER TABLE items ADD CONSTRAINT fk_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE NO ACTION ON UPDATE NO ACTION;
