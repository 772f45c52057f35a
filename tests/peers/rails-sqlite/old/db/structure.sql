CREATE TABLE IF NOT EXISTS "schema_migrations" ("version" varchar NOT NULL PRIMARY KEY);
CREATE TABLE IF NOT EXISTS "ar_internal_metadata" ("key" varchar NOT NULL PRIMARY KEY, "value" varchar, "created_at" datetime(6) NOT NULL, "updated_at" datetime(6) NOT NULL);
CREATE TABLE products (
    id INTEGER PRIMARY KEY,
    sku TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL, -- as printed on the label; "Größe" included
    price_cents INTEGER NOT NULL CHECK (price_cents >= 0)
);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    ordered_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
, note TEXT);
CREATE TABLE order_lines (
    order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    product_id INTEGER NOT NULL REFERENCES products (id),
    quantity INTEGER NOT NULL DEFAULT 1 CHECK (quantity > 0),
    price_cents INTEGER NOT NULL,
    PRIMARY KEY (order_id, product_id)
);
CREATE TABLE price_changes (
    product_id INTEGER NOT NULL REFERENCES products (id),
    old_cents INTEGER NOT NULL,
    new_cents INTEGER NOT NULL,
    changed_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE IF NOT EXISTS "customers" ("id" integer NOT NULL PRIMARY KEY, "full_name" text NOT NULL, "phone" text DEFAULT NULL, "email" text DEFAULT NULL);
CREATE INDEX "ix_orders_customer" ON "orders" ("customer_id");
CREATE VIEW order_totals AS
SELECT o.id AS order_id, o.customer_id, SUM(l.quantity * l.price_cents) AS total_cents
FROM orders o JOIN order_lines l ON l.order_id = o.id
GROUP BY o.id, o.customer_id
/* order_totals(order_id,customer_id,total_cents) */;
CREATE TRIGGER log_price AFTER UPDATE OF price_cents ON products
WHEN old.price_cents <> new.price_cents
BEGIN
    INSERT INTO price_changes (product_id, old_cents, new_cents)
    VALUES (new.id, old.price_cents, new.price_cents);
    UPDATE products SET title = title || CASE WHEN new.price_cents < old.price_cents THEN ' (sale)' ELSE '' END
    WHERE id = new.id;
END;
CREATE TABLE vouchers (
    code TEXT PRIMARY KEY,
    percent INTEGER NOT NULL CHECK (percent BETWEEN 1 AND 100),
    terms TEXT NOT NULL DEFAULT '{"once": true}'
);
CREATE UNIQUE INDEX ux_customers_email ON customers (email) WHERE email IS NOT NULL
;
INSERT INTO "schema_migrations" (version) VALUES
('20240105093000'),
('20240105093500'),
('20240111081502'),
('20240202140000'),
('20240202140001'),
('20240219110000'),
('20240311070707'),
('20240402121212'),
('20240520160000'),
('20240521090000'),
('20240603101010'),
('20240701000000'),
('20240815174500');


