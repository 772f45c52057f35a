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
INSERT INTO flyway_schema_history VALUES(1,'1','Create customers','SQL','V1__Create_customers.sql',274880867,'','2026-11-27 18:25:04.385',12,1);
INSERT INTO flyway_schema_history VALUES(2,'1.1','Create products','SQL','V1.1__Create_products.sql',-1702058346,'','2026-11-27 18:25:04.401',6,1);
INSERT INTO flyway_schema_history VALUES(3,'1.2','Create orders and lines','SQL','2023/V1.2__Create_orders_and_lines.sql',681904641,'','2026-11-27 18:25:04.417',6,1);
INSERT INTO flyway_schema_history VALUES(4,'2','Add email to customers','SQL','2023/V2__Add_email_to_customers.sql',326630286,'','2026-11-27 18:25:04.433',9,1);
INSERT INTO flyway_schema_history VALUES(5,'2.0.1','Index orders by customer','SQL','V2.0.1__Index_orders_by_customer.sql',359109250,'','2026-11-27 18:25:04.446',2,1);
INSERT INTO flyway_schema_history VALUES(6,'3','Seed products','SQL','V3__Seed_products.sql',-1555682776,'','2026-11-27 18:25:04.457',5,1);
INSERT INTO flyway_schema_history VALUES(7,'4','Index lines by product','SQL','V4__Index_lines_by_product.sql',1306400820,'','2026-11-27 18:25:04.461',0,1);
INSERT INTO flyway_schema_history VALUES(8,'5','Log price changes','SQL','V5__Log_price_changes.sql',-941439789,'','2026-11-27 18:25:04.473',5,1);
INSERT INTO flyway_schema_history VALUES(9,'6','Rename customers name','SQL','V6__Rename_customers_name.sql',1615219110,'','2026-11-27 18:25:04.477',1,1);
INSERT INTO flyway_schema_history VALUES(10,'7','Vacuum','SQL','V7__Vacuum.sql',-1104507949,'','2026-11-27 18:25:04.499',17,0);
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
INSERT INTO orders VALUES(1,1,'2026-11-27 18:25:04');
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
CREATE TABLE half (id integer);
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
COMMIT;
