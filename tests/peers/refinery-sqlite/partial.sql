PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE refinery_schema_history(
             version int4 PRIMARY KEY,
             name VARCHAR(255),
             applied_on VARCHAR(255),
             checksum VARCHAR(255));
INSERT INTO refinery_schema_history VALUES(1,'create_customers','2026-11-27T18:24:28.872186332Z','12828522418607542361');
INSERT INTO refinery_schema_history VALUES(2,'create_products','2026-11-27T18:24:28.87219849Z','1788827673837555449');
INSERT INTO refinery_schema_history VALUES(3,'create_orders_and_lines','2026-11-27T18:24:28.872199121Z','11037904983723473694');
INSERT INTO refinery_schema_history VALUES(4,'add_email_to_customers','2026-11-27T18:24:28.872199892Z','11291247373082953928');
INSERT INTO refinery_schema_history VALUES(5,'index_orders_by_customer','2026-11-27T18:24:28.872200242Z','2842762048840715839');
INSERT INTO refinery_schema_history VALUES(6,'seed_products','2026-11-27T18:24:28.872200703Z','2080779812774836223');
INSERT INTO refinery_schema_history VALUES(7,'create_view_order_totals','2026-11-27T18:24:28.872201054Z','11705327972159261215');
INSERT INTO refinery_schema_history VALUES(8,'log_price_changes','2026-11-27T18:24:28.872201314Z','1873515424082381812');
INSERT INTO refinery_schema_history VALUES(9,'rename_customers_name','2026-11-27T18:24:28.872201584Z','18285951973059923637');
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
INSERT INTO products VALUES(1,'CUP-1','Cup; blue',450);
INSERT INTO products VALUES(2,'CUP-2','Cup, the potter''s -- red',475);
INSERT INTO products VALUES(3,'BOOK-1','The $5 cookbook',500);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    ordered_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
INSERT INTO orders VALUES(1,1,'2026-11-27 18:24:28');
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
COMMIT;
