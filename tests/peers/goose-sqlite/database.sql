PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO goose_db_version VALUES(1,0,1,'2026-11-27 18:24:35');
INSERT INTO goose_db_version VALUES(2,1,1,'2026-11-27 18:24:35');
INSERT INTO goose_db_version VALUES(3,2,1,'2026-11-27 18:24:35');
INSERT INTO goose_db_version VALUES(4,20240111081502,1,'2026-11-27 18:24:35');
INSERT INTO goose_db_version VALUES(5,20240202140000,1,'2026-11-27 18:24:35');
INSERT INTO goose_db_version VALUES(6,20240202140001,1,'2026-11-27 18:24:35');
INSERT INTO goose_db_version VALUES(7,20240219110000,1,'2026-11-27 18:24:35');
INSERT INTO goose_db_version VALUES(8,20240311070707,1,'2026-11-27 18:24:35');
INSERT INTO goose_db_version VALUES(9,20240402121212,1,'2026-11-27 18:24:35');
INSERT INTO goose_db_version VALUES(10,20240520160000,1,'2026-11-27 18:24:35');
INSERT INTO goose_db_version VALUES(11,20240521090000,1,'2026-11-27 18:24:36');
INSERT INTO goose_db_version VALUES(12,20240603101010,1,'2026-11-27 18:24:36');
INSERT INTO goose_db_version VALUES(13,20240701000000,1,'2026-11-27 18:24:36');
INSERT INTO goose_db_version VALUES(14,20240815174500,1,'2026-11-27 18:24:36');
CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    full_name TEXT NOT NULL,
    phone TEXT
, email TEXT);
INSERT INTO customers VALUES(1,'Ada Lovelace','+44 20 1','ada@example.com');
INSERT INTO customers VALUES(2,'Grace Hopper',NULL,NULL);
CREATE TABLE products (
    id INTEGER PRIMARY KEY,
    sku TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL, -- as printed on the label; "Größe" included
    price_cents INTEGER NOT NULL CHECK (price_cents >= 0)
);
INSERT INTO products VALUES(1,'CUP-1','Cup; blue',475);
INSERT INTO products VALUES(2,'CUP-2','Cup, the potter''s -- red by The Potter',500);
INSERT INTO products VALUES(3,'BOOK-1','The $5 cookbook (${net})',500);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    ordered_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
, note TEXT);
INSERT INTO orders VALUES(1,1,'2026-11-27 18:24:35',NULL);
CREATE TABLE order_lines (
    order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    product_id INTEGER NOT NULL REFERENCES products (id),
    quantity INTEGER NOT NULL DEFAULT 1 CHECK (quantity > 0),
    price_cents INTEGER NOT NULL,
    PRIMARY KEY (order_id, product_id)
);
INSERT INTO order_lines VALUES(1,1,2,450);
INSERT INTO order_lines VALUES(1,3,1,500);
CREATE TABLE price_changes (
    product_id INTEGER NOT NULL REFERENCES products (id),
    old_cents INTEGER NOT NULL,
    new_cents INTEGER NOT NULL,
    changed_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
INSERT INTO price_changes VALUES(1,450,475,'2026-11-27 18:24:36');
INSERT INTO price_changes VALUES(2,475,500,'2026-11-27 18:24:36');
CREATE TABLE vouchers (
    code TEXT PRIMARY KEY,
    percent INTEGER NOT NULL CHECK (percent BETWEEN 1 AND 100),
    terms TEXT NOT NULL DEFAULT '{"once": true}'
);
INSERT INTO vouchers VALUES('WELCOME',10,'{"once": true}');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('goose_db_version',14);
CREATE INDEX ix_orders_customer ON orders (customer_id);
CREATE VIEW order_totals AS
SELECT o.id AS order_id, o.customer_id, SUM(l.quantity * l.price_cents) AS total_cents
FROM orders o JOIN order_lines l ON l.order_id = o.id
GROUP BY o.id, o.customer_id;
CREATE TRIGGER log_price AFTER UPDATE OF price_cents ON products
WHEN old.price_cents <> new.price_cents
BEGIN
    INSERT INTO price_changes (product_id, old_cents, new_cents)
    VALUES (new.id, old.price_cents, new.price_cents);
    UPDATE products SET title = title || CASE WHEN new.price_cents < old.price_cents THEN ' (sale)' ELSE '' END
    WHERE id = new.id;
END;
CREATE UNIQUE INDEX ux_customers_email ON customers (email) WHERE email IS NOT NULL;
COMMIT;
