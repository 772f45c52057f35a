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
INSERT INTO _prisma_migrations VALUES('dd358016-808b-44a4-aa44-e7216be1d0e5','91a30543919d65025ba410b155e8c665337887b968030c555a50874da9209a11',1795803664381,'20240105093000_create_customers',NULL,NULL,1795803664375,1);
INSERT INTO _prisma_migrations VALUES('50ac1d4f-0da5-45d8-b4bc-e2143a3c29ad','63cec481acc5b91774d3e4f45b99f853695545e2c699939ca6f8401035b7680c',1795803664386,'20240105093500_create_products',NULL,NULL,1795803664383,1);
INSERT INTO _prisma_migrations VALUES('6c3f8ae8-6c7f-4d0d-9095-c30e56c6f68e','47c63366c21c3aa6a2e3b85e9a6885437a1d6903f9a15c9b4c356f29f2bd10d1',1795803664391,'20240111081502_create_orders_and_lines',NULL,NULL,1795803664387,1);
INSERT INTO _prisma_migrations VALUES('cde9ce7b-8e79-4680-a7bf-e9ba8bc83d34','6b45d94cbbbda93401451314a4521a4d9d29630186ae70ab83b0432b567fd121',1795803664395,'20240202140000_add_email_to_customers',NULL,NULL,1795803664392,1);
INSERT INTO _prisma_migrations VALUES('fd070abb-7055-4a57-a78f-10fc3cf83f7b','13c0a0456b0bdea159f6072027ca6da1d548dd310a9f345a7b4d78bf5dc8ccda',1795803664399,'20240202140001_index_orders_by_customer',NULL,NULL,1795803664396,1);
INSERT INTO _prisma_migrations VALUES('082a0f4b-3325-4724-8163-2fd8189125fb','736f2ee95e0739818b5f16b4c009c22e1ffcf6d3a31a94a896446ead53706b06',1795803664406,'20240219110000_seed_products',NULL,NULL,1795803664400,1);
INSERT INTO _prisma_migrations VALUES('339954f4-383d-4352-b5ad-bec33b59fc09','ab64b2316caed03d5c700013e4c4a1741ea176d7b55d20b98af4717158b377e4',1795803664410,'20240311070707_create_view_order_totals',NULL,NULL,1795803664407,1);
INSERT INTO _prisma_migrations VALUES('2058fb38-ec52-4328-a48a-aeec31e7399c','0e747992800e7e0a37322cc37c74470280a0561a258b6433a6cefedea8cab3fa',1795803664415,'20240402121212_log_price_changes',NULL,NULL,1795803664411,1);
INSERT INTO _prisma_migrations VALUES('3eed31e2-e3e3-4468-b1d5-9d11b5e85014','bc7176573a25948348431667b18c688391840b4cdd34bf591f814fb0a3e37b78',1795803664426,'20240520160000_rename_customers_name',NULL,NULL,1795803664416,1);
INSERT INTO _prisma_migrations VALUES('5e98b1e0-e208-427a-bc20-6da818c46092','073c8f4a43849757a7107d8412919bf95b92497f7e4aef4ab2563947cffb3af2',1795803665191,'20240521090000_vacuum',NULL,NULL,1795803665182,1);
INSERT INTO _prisma_migrations VALUES('e748fdb1-7e4f-4e15-839e-be4047b2484e','92e1703587ea94628701124af86461ec79d847665926985734bb4db81fd46742',NULL,'20240603101010_raise_prices',replace('SQLITE_ERROR: no such table: produkts\n   0: sql_schema_connector::apply_migration::apply_script\n           with migration_name="20240603101010_raise_prices"\n             at schema-engine/connectors/sql-schema-connector/src/apply_migration.rs:113\n   1: schema_commands::commands::apply_migrations::Applying migration\n           with migration_name="20240603101010_raise_prices"\n             at schema-engine/commands/src/commands/apply_migrations.rs:95\n   2: schema_engine_wasm::wasm::engine::ApplyMigrations\n             at schema-engine/schema-engine-wasm/src/wasm/engine.rs:167','\n',char(10)),1795803665965,1795803665193,0);
INSERT INTO _prisma_migrations VALUES('bae53fbd-56ce-40f7-a014-b0482c0726c7','7cc922f6475421f38451b0c4bd5fa4f53844bc3c91e2244c7c7c4ea0836e6590',1795803666729,'20240603101010_raise_prices',NULL,NULL,1795803666723,1);
INSERT INTO _prisma_migrations VALUES('4da489cf-4ae7-43a7-bb0b-71e2c538b315','b8bab2886a863e8c6372e28275242eed4c1b66f79a3e60bcafa0d19840cce734',1795803666735,'20240701000000_create_vouchers',NULL,NULL,1795803666731,1);
INSERT INTO _prisma_migrations VALUES('d1d38754-93d7-4cc7-b19e-d34359ec7e17','4281db2353ab2bd1de75b24ac028643a1a9da7faeeb1931311f606462d5d34bf',1795803666742,'20240815174500_note_on_orders',NULL,NULL,1795803666736,1);
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
INSERT INTO orders VALUES(1,1,'2026-11-27 18:21:04',NULL);
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
INSERT INTO price_changes VALUES(1,450,475,'2026-11-27 18:21:06');
INSERT INTO price_changes VALUES(2,475,500,'2026-11-27 18:21:06');
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
