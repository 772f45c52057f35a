-- a histogram is made
INSERT INTO caset VALUES (1, 2), (2, 3);
ANALYZE TABLE caset UPDATE HISTOGRAM ON b WITH 4 BUCKETS;
-- a functional index is made anew, written in another way
ALTER TABLE shapes DROP INDEX ix_low, ADD INDEX ix_low ((LOWER( `word` ) ) ASC, number DESC) VISIBLE;
-- a check is made anew, written in another way
ALTER TABLE shapes DROP CHECK ck_kind, ADD CONSTRAINT ck_kind CHECK ((`shapes`.kind in('a','b\'c'))) ENFORCED;
-- an index is hidden and shown
ALTER TABLE orders ALTER INDEX ix_qty INVISIBLE, ALTER INDEX ix_qty VISIBLE;
-- a table gets a row, and its next number is kept
INSERT INTO unkeyed (a) VALUES (1);
-- checks and defaults are made by a client of another character set
SET NAMES latin1;
ALTER TABLE shapes DROP CHECK ck_kind, ADD CONSTRAINT ck_kind CHECK (kind IN ('a', 'b''c'));
ALTER TABLE shapes ALTER COLUMN word SET DEFAULT (concat('it''s ', 'a;b'));
ALTER TABLE shapes DROP COLUMN low, ADD COLUMN low varchar(30) GENERATED ALWAYS AS (lower(word)) VIRTUAL INVISIBLE AFTER number;
-- a table that a view reads is dropped and made anew
DROP TABLE longs;
CREATE TABLE longs (id int, b text) ENGINE=InnoDB;
