PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO _sqlx_migrations VALUES(20240105093000,'create customers','2026-11-27 18:24:22',1,X'e0d9de36217fa2e90423c51c6b402f94146988fbe3e1671b5e03ebc77aaee25f0d669944d010ea285c10c67630b0a9e9',481713);
INSERT INTO _sqlx_migrations VALUES(20240105093500,'create products','2026-11-27 18:24:22',1,X'44a8a6fd5e2c89df4005df2ea3a93ccaad936196e62092d5bd34366b74901e97007afd881b56ce222722c862dcb459aa',491388);
INSERT INTO _sqlx_migrations VALUES(20240111081502,'create orders and lines','2026-11-27 18:24:22',1,X'f9cb47bc7c9f40f3c85a7204e1682a9a19eff3c185a5ba5ac8fc78ecc799a082cb5243678ec9236b39b1227f5f0d5df4',565828);
INSERT INTO _sqlx_migrations VALUES(20240202140000,'add email to customers','2026-11-27 18:24:22',1,X'9f8cb0ec5756cbe3157ca7ba19dd01a7bd34b3ab0913c6a3b3fe7af5b47f73f193153d590d40239c81703ef164c6a69a',478698);
INSERT INTO _sqlx_migrations VALUES(20240202140001,'index orders by customer','2026-11-27 18:24:22',1,X'85b9d06acb4a0a6accbe28be3375220cdf2406b9778276ea5c2fa25d80bb20059ba09388db26650630e972674b98eda3',411829);
INSERT INTO _sqlx_migrations VALUES(20240219110000,'seed products','2026-11-27 18:24:22',1,X'32779ccf8bf45263f1682d590545c9b100abd0747aefd3e8b6ae65136cad92f0739d58280b0f82736aa5fb8bbe039a8b',497957);
INSERT INTO _sqlx_migrations VALUES(20240311070707,'create view order totals','2026-11-27 18:24:22',1,X'8c6df5bdfc23f807ded0bec905221817a64e1887e3ccbfb385bd93e890f7c91f1230aaaf4f5f1a0cd2601b1ecf6e7ee2',428874);
INSERT INTO _sqlx_migrations VALUES(20240402121212,'log price changes','2026-11-27 18:24:22',1,X'3b56f483d266f76ff9d7a4d5bb7929988baa60cb1630d2d2a92cf22afaf6c680241e463e4be467ad9205af8cecb8599f',488523);
INSERT INTO _sqlx_migrations VALUES(20240520160000,'rename customers name','2026-11-27 18:24:22',1,X'5114cc7877a371c751bbc4faa9f86ddf74b12f568c452e3e0abe51f914dea9731e47568f2f11d30b0824bc109b643bd1',910988);
INSERT INTO _sqlx_migrations VALUES(20240521090000,'vacuum','2026-11-27 18:24:23',1,X'6f6828590fcd8f6a20494563d090fd7eefc28e877d00895fd423bfffe8adcc6fda41067a6c00d11d9a6c7243f42eccf0',1558887);
INSERT INTO _sqlx_migrations VALUES(20240603101010,'raise prices','2026-11-27 18:24:23',1,X'c7b005e77744b9afda07bc8a98242d03926e89a120ecbce56e9fa4219051e3168e5e30699b1c7431f82be6fa5e7f6836',453541);
INSERT INTO _sqlx_migrations VALUES(20240701000000,'create vouchers','2026-11-27 18:24:23',1,X'cb4ffabe3026199a2a08712ce8dedf41ab8daeb0650dbe538aad88c215244e4fc03fa5781f8681f4dd67791e5a63d1fe',484447);
INSERT INTO _sqlx_migrations VALUES(20240815174500,'note on orders','2026-11-27 18:24:23',1,X'e76c387f324182ad696c299dae0cdbb4078120ff2f3722f5c87354370de9f567af6c231864dbdaa1d843003783550161',572447);
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
INSERT INTO orders VALUES(1,1,'2026-11-27 18:24:22',NULL);
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
INSERT INTO price_changes VALUES(1,450,475,'2026-11-27 18:24:23');
INSERT INTO price_changes VALUES(2,475,500,'2026-11-27 18:24:23');
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
