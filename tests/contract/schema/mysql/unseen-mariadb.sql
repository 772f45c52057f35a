-- a sequence is used
SELECT NEXTVAL(seq_inv), NEXTVAL(seq_inv);
-- history rows are kept
UPDATE history SET v = 2;
INSERT INTO history (id, v) VALUES (1, 2);
DELETE FROM history;
-- persistent statistics are gathered
ANALYZE TABLE customers PERSISTENT FOR ALL;
-- a routine and a view are replaced
CREATE OR REPLACE FUNCTION f_tax(p decimal(10,2), r varchar(5) CHARACTER SET latin1) RETURNS decimal(10,2) DETERMINISTIC NO SQL COMMENT 'tax' RETURN p * 1.2;
CREATE OR REPLACE TRIGGER tr_au AFTER UPDATE ON orders FOR EACH ROW INSERT INTO caset VALUES (1, 1);
