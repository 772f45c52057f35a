PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE IF NOT EXISTS "schema_migrations" (version varchar(128) primary key);
INSERT INTO schema_migrations VALUES('20240105093000');
INSERT INTO schema_migrations VALUES('20240105093500');
INSERT INTO schema_migrations VALUES('20240111081502');
INSERT INTO schema_migrations VALUES('20240202140000');
INSERT INTO schema_migrations VALUES('20240202140001');
INSERT INTO schema_migrations VALUES('20240219110000');
INSERT INTO schema_migrations VALUES('20240311070707');
INSERT INTO schema_migrations VALUES('20240402121212');
INSERT INTO schema_migrations VALUES('20240520160000');
INSERT INTO schema_migrations VALUES('20240521090000');
INSERT INTO schema_migrations VALUES('20240603101010');
INSERT INTO schema_migrations VALUES('20240701000000');
INSERT INTO schema_migrations VALUES('20240815174500');
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
INSERT INTO products VALUES(2,'CUP-2','Cup, the potter''s -- red',500);
INSERT INTO products VALUES(3,'BOOK-1','The $5 cookbook',500);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    ordered_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
, note TEXT);
INSERT INTO orders VALUES(1,1,'2026-11-27 18:23:42',NULL);
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
INSERT INTO price_changes VALUES(1,450,475,'2026-11-27 18:23:43');
INSERT INTO price_changes VALUES(2,475,500,'2026-11-27 18:23:43');
CREATE TABLE vouchers (
    code TEXT PRIMARY KEY,
    percent INTEGER NOT NULL CHECK (percent BETWEEN 1 AND 100),
    terms TEXT NOT NULL DEFAULT '{"once": true}'
);
INSERT INTO vouchers VALUES('WELCOME',10,'{"once": true}');
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
