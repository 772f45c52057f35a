PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE IF NOT EXISTS "flyway_schema_history" (
    "installed_rank" INT NOT NULL PRIMARY KEY,
    "version" VARCHAR(50),
    "description" VARCHAR(200) NOT NULL,
    "type" VARCHAR(20) NOT NULL,
    "script" VARCHAR(1000) NOT NULL,
    "checksum" INT,
    "installed_by" VARCHAR(100) NOT NULL,
    "installed_on" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')),
    "execution_time" INT NOT NULL,
    "success" BOOLEAN NOT NULL
);
INSERT INTO flyway_schema_history VALUES(1,'1','Create customers','SQL','V1__Create_customers.sql',274880867,'','2026-11-27 18:24:55.347',7,1);
INSERT INTO flyway_schema_history VALUES(2,'1.1','Create products','SQL','V1.1__Create_products.sql',-1702058346,'','2026-11-27 18:24:55.373',5,1);
INSERT INTO flyway_schema_history VALUES(3,'1.2','Create orders and lines','SQL','2023/V1.2__Create_orders_and_lines.sql',681904641,'','2026-11-27 18:24:55.389',5,1);
INSERT INTO flyway_schema_history VALUES(4,'2','Add email to customers','SQL','2023/V2__Add_email_to_customers.sql',326630286,'','2026-11-27 18:24:55.396',1,1);
INSERT INTO flyway_schema_history VALUES(5,'2.0.1','Index orders by customer','SQL','V2.0.1__Index_orders_by_customer.sql',359109250,'','2026-11-27 18:24:55.418',1,1);
INSERT INTO flyway_schema_history VALUES(6,'3','Seed products','SQL','V3__Seed_products.sql',-1555682776,'','2026-11-27 18:24:55.432',8,1);
INSERT INTO flyway_schema_history VALUES(7,'4','Index lines by product','SQL','V4__Index_lines_by_product.sql',1306400820,'','2026-11-27 18:24:55.441',6,1);
INSERT INTO flyway_schema_history VALUES(8,'5','Log price changes','SQL','V5__Log_price_changes.sql',-941439789,'','2026-11-27 18:24:55.447',0,1);
INSERT INTO flyway_schema_history VALUES(9,'6','Rename customers name','SQL','V6__Rename_customers_name.sql',1615219110,'','2026-11-27 18:24:55.460',5,1);
INSERT INTO flyway_schema_history VALUES(10,NULL,'order totals','SQL','R__order_totals.sql',-949451815,'','2026-11-27 18:24:55.471',1,1);
INSERT INTO flyway_schema_history VALUES(11,NULL,'seller label','SQL','R__seller_label.sql',-1432961423,'','2026-11-27 18:24:55.475',0,1);
INSERT INTO flyway_schema_history VALUES(12,'7','Vacuum','SQL','V7__Vacuum.sql',1682322180,'','2026-11-27 18:24:57.497',33,1);
INSERT INTO flyway_schema_history VALUES(13,'8','Raise prices','SQL','V8__Raise_prices.sql',1664501932,'','2026-11-27 18:24:57.520',3,1);
INSERT INTO flyway_schema_history VALUES(14,'10','Create vouchers','SQL','V10__Create_vouchers.sql',91989701,'','2026-11-27 18:24:57.534',9,1);
INSERT INTO flyway_schema_history VALUES(15,'11','Note on orders','SQL','V11__Note_on_orders.sql',1260711657,'','2026-11-27 18:24:57.554',1,1);
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
INSERT INTO products VALUES(2,'CUP-2','Cup, the potter''s -- red by The Potters Shed',500);
INSERT INTO products VALUES(3,'BOOK-1','The $5 cookbook',500);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    ordered_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
, note TEXT);
INSERT INTO orders VALUES(1,1,'2026-11-27 18:24:55',NULL);
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
INSERT INTO price_changes VALUES(1,450,475,'2026-11-27 18:24:57');
INSERT INTO price_changes VALUES(2,475,500,'2026-11-27 18:24:57');
CREATE TABLE vouchers (
    code TEXT PRIMARY KEY,
    percent INTEGER NOT NULL CHECK (percent BETWEEN 1 AND 100),
    terms TEXT NOT NULL DEFAULT '{"once": true}'
);
INSERT INTO vouchers VALUES('WELCOME',10,'{"once": true}');
CREATE INDEX "flyway_schema_history_s_idx" ON "flyway_schema_history" ("success");
CREATE INDEX ix_orders_customer ON orders (customer_id);
CREATE INDEX ix_lines_product ON order_lines (product_id);
CREATE TRIGGER log_price AFTER UPDATE OF price_cents ON products
WHEN old.price_cents <> new.price_cents
BEGIN
    INSERT INTO price_changes (product_id, old_cents, new_cents)
    VALUES (new.id, old.price_cents, new.price_cents);
    UPDATE products SET title = title || CASE WHEN new.price_cents < old.price_cents THEN ' (sale)' ELSE '' END
    WHERE id = new.id;
END;
CREATE VIEW order_totals AS
SELECT o.id AS order_id, o.customer_id, SUM(l.quantity * l.price_cents) AS total_cents
FROM orders o JOIN order_lines l ON l.order_id = o.id
GROUP BY o.id, o.customer_id;
CREATE VIEW seller_label AS SELECT 'The Potters Shed' AS seller;
CREATE UNIQUE INDEX ux_customers_email ON customers (email) WHERE email IS NOT NULL;
COMMIT;
