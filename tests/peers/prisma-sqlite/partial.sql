PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                    TEXT PRIMARY KEY NOT NULL,
    "checksum"              TEXT NOT NULL,
    "finished_at"           DATETIME,
    "migration_name"        TEXT NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        DATETIME,
    "started_at"            DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count"   INTEGER UNSIGNED NOT NULL DEFAULT 0
);
INSERT INTO _prisma_migrations VALUES('fe7cbc99-f84f-4a4c-b22c-9f440b922c33','91a30543919d65025ba410b155e8c665337887b968030c555a50874da9209a11','2026-11-27T18:23:46.378+00:00','20240105093000_create_customers',NULL,NULL,'2026-11-27T18:23:46.370+00:00',1);
INSERT INTO _prisma_migrations VALUES('f1d3c88a-2c19-4b91-8145-5b68368ce41f','63cec481acc5b91774d3e4f45b99f853695545e2c699939ca6f8401035b7680c','2026-11-27T18:23:46.382+00:00','20240105093500_create_products',NULL,NULL,'2026-11-27T18:23:46.379+00:00',1);
INSERT INTO _prisma_migrations VALUES('5a165e5d-c43e-4bb6-9c6e-ce0a16a087b7','47c63366c21c3aa6a2e3b85e9a6885437a1d6903f9a15c9b4c356f29f2bd10d1','2026-11-27T18:23:46.393+00:00','20240111081502_create_orders_and_lines',NULL,NULL,'2026-11-27T18:23:46.384+00:00',1);
INSERT INTO _prisma_migrations VALUES('de2a3ab1-91fb-4ff4-a4cd-8f92d15672fe','6b45d94cbbbda93401451314a4521a4d9d29630186ae70ab83b0432b567fd121','2026-11-27T18:23:46.399+00:00','20240202140000_add_email_to_customers',NULL,NULL,'2026-11-27T18:23:46.395+00:00',1);
INSERT INTO _prisma_migrations VALUES('9ac5f037-369e-41c5-89c9-2bee464328b3','13c0a0456b0bdea159f6072027ca6da1d548dd310a9f345a7b4d78bf5dc8ccda','2026-11-27T18:23:46.406+00:00','20240202140001_index_orders_by_customer',NULL,NULL,'2026-11-27T18:23:46.401+00:00',1);
INSERT INTO _prisma_migrations VALUES('e4686844-23b7-40fb-90b5-54475f9783d8','736f2ee95e0739818b5f16b4c009c22e1ffcf6d3a31a94a896446ead53706b06','2026-11-27T18:23:46.413+00:00','20240219110000_seed_products',NULL,NULL,'2026-11-27T18:23:46.407+00:00',1);
INSERT INTO _prisma_migrations VALUES('9ce81677-95a5-4bbe-b998-1b0319fda8f9','ab64b2316caed03d5c700013e4c4a1741ea176d7b55d20b98af4717158b377e4','2026-11-27T18:23:46.418+00:00','20240311070707_create_view_order_totals',NULL,NULL,'2026-11-27T18:23:46.415+00:00',1);
INSERT INTO _prisma_migrations VALUES('5ca86d1d-7b54-42cb-ab95-f28a8b2e785d','0e747992800e7e0a37322cc37c74470280a0561a258b6433a6cefedea8cab3fa','2026-11-27T18:23:46.422+00:00','20240402121212_log_price_changes',NULL,NULL,'2026-11-27T18:23:46.419+00:00',1);
INSERT INTO _prisma_migrations VALUES('967f693e-b995-456a-84d2-51e0f1677ee9','bc7176573a25948348431667b18c688391840b4cdd34bf591f814fb0a3e37b78','2026-11-27T18:23:46.427+00:00','20240520160000_rename_customers_name',NULL,NULL,'2026-11-27T18:23:46.424+00:00',1);
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
INSERT INTO orders VALUES(1,1,'2026-11-27 18:23:46');
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
