PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE DATABASECHANGELOGLOCK (ID INTEGER NOT NULL, LOCKED BOOLEAN NOT NULL, LOCKGRANTED TEXT, LOCKEDBY VARCHAR(255), CONSTRAINT PK_DATABASECHANGELOGLOCK PRIMARY KEY (ID));
INSERT INTO DATABASECHANGELOGLOCK VALUES(1,0,NULL,NULL);
CREATE TABLE DATABASECHANGELOG (ID VARCHAR(255) NOT NULL, AUTHOR VARCHAR(255) NOT NULL, FILENAME VARCHAR(255) NOT NULL, DATEEXECUTED TEXT NOT NULL, ORDEREXECUTED INTEGER NOT NULL, EXECTYPE VARCHAR(10) NOT NULL, MD5SUM VARCHAR(35), DESCRIPTION VARCHAR(255), COMMENTS VARCHAR(255), TAG VARCHAR(255), LIQUIBASE VARCHAR(20), CONTEXTS VARCHAR(255), LABELS VARCHAR(255), DEPLOYMENT_ID VARCHAR(10));
INSERT INTO DATABASECHANGELOG VALUES('1-create-customers','ada','db/changelog/changes/001-tables.sql','2026-11-27 18:41:13',1,'EXECUTED','9:5f8664cd4c08e6ddbd0a26c5ac1f1f0a','sql','',NULL,'4.28.0',NULL,NULL,'5804873469');
INSERT INTO DATABASECHANGELOG VALUES('2-create-products','ada','db/changelog/changes/001-tables.sql','2026-11-27 18:41:13',2,'EXECUTED','9:4aab7ba4172d5acc311e53f9fbcf987e','sql','',NULL,'4.28.0',NULL,NULL,'5804873469');
INSERT INTO DATABASECHANGELOG VALUES('3-create-orders-and-lines','ada','db/changelog/changes/001-tables.sql','2026-11-27 18:41:13',3,'EXECUTED','9:bff59240e6e9ca5e024290adf1145531','sql','',NULL,'4.28.0',NULL,NULL,'5804873469');
INSERT INTO DATABASECHANGELOG VALUES('4-add-email-to-customers','ada','db/changelog/changes/001-tables.sql','2026-11-27 18:41:13',4,'EXECUTED','9:fd1967e636c153589a89eec73bff9af7','sql','',NULL,'4.28.0',NULL,NULL,'5804873469');
INSERT INTO DATABASECHANGELOG VALUES('5-index-orders-by-customer','ada','db/changelog/changes/001-tables.sql','2026-11-27 18:41:13',5,'EXECUTED','9:3d69e6c1b71633361534148ff99dd755','sql','',NULL,'4.28.0',NULL,NULL,'5804873469');
INSERT INTO DATABASECHANGELOG VALUES('6-seed-products','ada','db/changelog/changes/more/002-seed.sql','2026-11-27 18:41:13',6,'EXECUTED','9:fb45ba574cdff6dfa71dd0691a8f0f8c','sql','',NULL,'4.28.0',NULL,NULL,'5804873469');
INSERT INTO DATABASECHANGELOG VALUES('7-create-view-order-totals','ada','db/changelog/changes/more/002-seed.sql','2026-11-27 18:41:13',7,'EXECUTED','9:0d4aee75c7494d66b09848d0667aefdb','sql','',NULL,'4.28.0',NULL,NULL,'5804873469');
INSERT INTO DATABASECHANGELOG VALUES('8-log-price-changes','ada','db/changelog/changes/more/003-log_price_changes.sql','2026-11-27 18:41:13',8,'EXECUTED','9:895dc44b849701771b4495d98e53c766','sql','',NULL,'4.28.0',NULL,NULL,'5804873469');
INSERT INTO DATABASECHANGELOG VALUES('8-trigger','ada','db/changelog/changes/more/003-log_price_changes.sql','2026-11-27 18:41:13',9,'EXECUTED','9:a5aa621281ad90d1f86146c50db8003f','sql','',NULL,'4.28.0',NULL,NULL,'5804873469');
INSERT INTO DATABASECHANGELOG VALUES('9-rename-customers-name','ada','db/changelog/changes/more/004-rename_customers_name.sql','2026-11-27 18:41:13',10,'EXECUTED','9:ebbc2fb95ea05bcd5dfdce8bd39a1d49','sql','',NULL,'4.28.0',NULL,NULL,'5804873469');
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
    title TEXT NOT NULL, 
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
INSERT INTO orders VALUES(1,1,'2026-11-27 18:41:13');
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
