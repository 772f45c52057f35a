-- a json column becomes plain text => changed column items.doc
ALTER TABLE items MODIFY doc longtext;
-- a column's own check changes => changed check orders.orders_chk_1
ALTER TABLE orders DROP CHECK orders_chk_1;
ALTER TABLE orders ADD CONSTRAINT orders_chk_1 CHECK (qty > 1);
-- an index becomes visible => changed index orders.ix_hidden
ALTER TABLE orders ALTER INDEX ix_hidden VISIBLE;
-- an index becomes invisible => changed index orders.ix_qty
ALTER TABLE orders ALTER INDEX ix_qty INVISIBLE;
-- a spatial reference system changes => changed column shapes.place; removed index shapes.sp_shape
ALTER TABLE shapes DROP INDEX sp_shape;
ALTER TABLE shapes MODIFY place point NOT NULL SRID 3857;
-- a spatial reference system is dropped => changed column shapes.place; removed index shapes.sp_shape
ALTER TABLE shapes DROP INDEX sp_shape;
ALTER TABLE shapes MODIFY place point NOT NULL;
-- an expression default of a json column changes => changed column shapes.doc
ALTER TABLE shapes ALTER COLUMN doc SET DEFAULT (json_array(1, 'b'));
-- a text in an expression default changes => changed column shapes.word
ALTER TABLE shapes ALTER COLUMN word SET DEFAULT (concat('it''s ', 'a;c'));
-- an expression default becomes the same as text => changed column shapes.number
ALTER TABLE shapes ALTER COLUMN number SET DEFAULT 3;
-- a generated column becomes visible => changed column shapes.low
ALTER TABLE shapes ALTER COLUMN low SET VISIBLE;
-- a functional index gets another expression => changed index shapes.ix_low
ALTER TABLE shapes DROP INDEX ix_low, ADD INDEX ix_low ((upper(word)), number DESC);
-- a functional index gets another direction => changed index shapes.ix_low
ALTER TABLE shapes DROP INDEX ix_low, ADD INDEX ix_low ((lower(word)) DESC, number DESC);
-- an index of an array gets another type => changed index shapes.ix_tags
ALTER TABLE shapes DROP INDEX ix_tags, ADD INDEX ix_tags ((cast(doc->'$[*]' as signed array)));
-- a functional index is dropped => removed index shapes.functional_index
ALTER TABLE shapes DROP INDEX functional_index;
-- a functional index gets a chosen name => added index shapes.ix_double; removed index shapes.functional_index
ALTER TABLE shapes RENAME INDEX functional_index TO ix_double;
-- a primary key's direction changes => changed primary key shapes.PRIMARY
ALTER TABLE shapes DROP PRIMARY KEY, ADD PRIMARY KEY (id);
-- a check is enforced => changed check shapes.ck_word
ALTER TABLE shapes ALTER CHECK ck_word ENFORCED;
-- a check is no longer enforced => changed check orders.ck_price
ALTER TABLE orders ALTER CHECK ck_price NOT ENFORCED;
-- a text in a check changes => changed check shapes.ck_kind
ALTER TABLE shapes DROP CHECK ck_kind, ADD CONSTRAINT ck_kind CHECK (kind IN ('a', 'b''d'));
-- the generated invisible primary key is dropped => removed column unkeyed.my_row_id; removed primary key unkeyed.PRIMARY
ALTER TABLE unkeyed DROP PRIMARY KEY, DROP COLUMN my_row_id;
-- the generated invisible primary key becomes visible => changed column unkeyed.my_row_id
ALTER TABLE unkeyed ALTER COLUMN my_row_id SET VISIBLE;
-- a default of bits changes => changed column unkeyed.b
ALTER TABLE unkeyed ALTER COLUMN b SET DEFAULT b'100';
-- a default of bytes changes => changed column unkeyed.c
ALTER TABLE unkeyed ALTER COLUMN c SET DEFAULT 0x4101;
-- ON UPDATE is dropped beside a default => changed column later.at_time
ALTER TABLE later MODIFY at_time timestamp DEFAULT CURRENT_TIMESTAMP;
-- a bound of a partition by two columns changes => changed table parts
ALTER TABLE parts REORGANIZE PARTITION p0, p1 INTO (PARTITION p0 VALUES LESS THAN ('2024-01-01', 6), PARTITION p1 VALUES LESS THAN (MAXVALUE, MAXVALUE));
-- a column is added instantly, in the middle => added column customers.x
ALTER TABLE customers ADD COLUMN x int AFTER email, ALGORITHM = INSTANT;
-- a view becomes one of the same text with another security => changed view v_orders
ALTER SQL SECURITY INVOKER VIEW v_orders AS SELECT o.id, o.qty, c.email FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.qty > 1 ORDER BY o.id;
-- a view's column is renamed, which breaks a view on it => changed view v_paid; changed view v_on_view
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_paid (num, state) AS SELECT id, state FROM orders WHERE state = 'paid' WITH CASCADED CHECK OPTION;
-- a table that a view reads is dropped, the view stays and has no columns any more => removed table longs; changed view v_longs
DROP TABLE longs;
