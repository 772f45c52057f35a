-- a column becomes unsigned in a table with system versioning => changed column history.v
SET system_versioning_alter_history = KEEP;
ALTER TABLE history MODIFY v int unsigned;
-- an empty text becomes a long text's default instead of none => changed column customers.extra
ALTER TABLE customers ALTER COLUMN extra SET DEFAULT '';
-- the text 'NULL' becomes a long text's default instead of NULL => changed column customers.extra
ALTER TABLE customers ALTER COLUMN extra SET DEFAULT 'NULL';
-- a column leaves system versioning => changed column history.v
SET system_versioning_alter_history = KEEP;
ALTER TABLE history MODIFY v int WITHOUT SYSTEM VERSIONING;
-- a column is compressed => changed column customers.extra
ALTER TABLE customers MODIFY extra longtext COMPRESSED;
-- a table's engine becomes one of MariaDB's own => changed table notes
ALTER TABLE notes ENGINE = Aria;
-- a table gets page compression => changed table caset
ALTER TABLE caset PAGE_COMPRESSED = 1;
-- system versioning is added => changed table caset
ALTER TABLE caset ADD SYSTEM VERSIONING;
-- system versioning is dropped => changed table history
ALTER TABLE history DROP SYSTEM VERSIONING;
-- an index stops being ignored => changed index orders.ix_ign
ALTER TABLE orders ALTER INDEX ix_ign NOT IGNORED;
-- a column's own check changes => changed check orders.qty
ALTER TABLE orders MODIFY qty int NOT NULL DEFAULT 1 CHECK (qty > 1);
-- a json column becomes plain text => removed check items.doc; changed column items.doc
ALTER TABLE items MODIFY doc longtext;
-- a view's algorithm changes => changed view v_sum
CREATE OR REPLACE ALGORITHM=UNDEFINED VIEW v_sum AS SELECT customer_id, sum(qty) AS s, count(*) AS n FROM orders GROUP BY customer_id HAVING sum(qty) > 3;
-- a procedure is replaced with another sql_mode => changed procedure p_nothing
SET sql_mode = 'ANSI_QUOTES';
CREATE OR REPLACE PROCEDURE p_nothing() SELECT 1;
SET sql_mode = DEFAULT;
-- a sequence is added => added sequence seq_new
CREATE SEQUENCE seq_new;
-- a sequence is dropped => removed sequence seq_inv
DROP SEQUENCE seq_inv;
-- a sequence stops cycling => changed sequence seq_inv
ALTER SEQUENCE seq_inv NOCYCLE;
-- the database gets a comment => changed database database
ALTER DATABASE {database} COMMENT 'ours';
-- a hash unique key is dropped => removed unique longs.uq_b
ALTER TABLE longs DROP INDEX uq_b;
-- a type of MariaDB's own becomes text => changed column texts.i
ALTER TABLE texts MODIFY i varchar(40);
-- a check of a column with another name than its own is dropped => removed check items.checked
ALTER TABLE items MODIFY checked int;
-- a default of a text column changes => changed column texts.t
ALTER TABLE texts ALTER COLUMN t SET DEFAULT 'abd';
-- a sequence's increment changes => changed sequence seq_inv
ALTER SEQUENCE seq_inv INCREMENT BY 7;
-- a view's column is renamed => changed view v_paid
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_paid (num, state) AS SELECT id, state FROM orders WHERE state = 'paid' WITH CASCADED CHECK OPTION;
-- a table that a view reads is dropped, the view stays => removed table longs
DROP TABLE longs;
