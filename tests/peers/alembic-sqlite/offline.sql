CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> a1c0de000000

-- create customers
CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    phone TEXT
);

INSERT INTO alembic_version (version_num) VALUES ('a1c0de000000') RETURNING version_num;

-- Running upgrade a1c0de000000 -> a1c0de007919

-- What the shop sells; prices are in cents.
CREATE TABLE products (
    id INTEGER PRIMARY KEY,
    sku TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL, -- as printed on the label; "Größe" included
    price_cents INTEGER NOT NULL CHECK (price_cents >= 0)
);

UPDATE alembic_version SET version_num='a1c0de007919' WHERE alembic_version.version_num = 'a1c0de000000';

-- Running upgrade a1c0de007919 -> a1c0de015838

CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    ordered_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

/* One row for each product
   in an order; the price may differ. */
CREATE TABLE order_lines (
    order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    product_id INTEGER NOT NULL REFERENCES products (id),
    quantity INTEGER NOT NULL DEFAULT 1 CHECK (quantity > 0),
    price_cents INTEGER NOT NULL,
    PRIMARY KEY (order_id, product_id)
);

UPDATE alembic_version SET version_num='a1c0de015838' WHERE alembic_version.version_num = 'a1c0de007919';

-- Running upgrade a1c0de015838 -> a1c0de023757

ALTER TABLE customers ADD COLUMN email TEXT;

UPDATE alembic_version SET version_num='a1c0de023757' WHERE alembic_version.version_num = 'a1c0de015838';

-- Running upgrade a1c0de023757 -> a1c0de031676

CREATE INDEX ix_orders_customer ON orders (customer_id);

UPDATE alembic_version SET version_num='a1c0de031676' WHERE alembic_version.version_num = 'a1c0de023757';

-- Running upgrade a1c0de031676 -> a1c0de039595

INSERT INTO products (sku, title, price_cents) VALUES
    ('CUP-1', 'Cup; blue', 450),
    ('CUP-2', 'Cup, the potter''s -- red', 475),
    ('BOOK-1', 'The $5 cookbook', 500);

INSERT INTO customers (name, phone, email) VALUES ('Ada Lovelace', '+44 20 1', 'ada@example.com');

INSERT INTO customers (name, phone) VALUES ('Grace Hopper', NULL);

INSERT INTO orders (customer_id) VALUES (1);

INSERT INTO order_lines (order_id, product_id, quantity, price_cents) VALUES (1, 1, 2, 450), (1, 3, 1, 500);

UPDATE alembic_version SET version_num='a1c0de039595' WHERE alembic_version.version_num = 'a1c0de031676';

-- Running upgrade a1c0de039595 -> a1c0de047514

CREATE VIEW order_totals AS
SELECT o.id AS order_id, o.customer_id, SUM(l.quantity * l.price_cents) AS total_cents
FROM orders o JOIN order_lines l ON l.order_id = o.id
GROUP BY o.id, o.customer_id;

UPDATE alembic_version SET version_num='a1c0de047514' WHERE alembic_version.version_num = 'a1c0de039595';

-- Running upgrade a1c0de047514 -> a1c0de055433

CREATE TABLE price_changes (
    product_id INTEGER NOT NULL REFERENCES products (id),
    old_cents INTEGER NOT NULL,
    new_cents INTEGER NOT NULL,
    changed_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TRIGGER log_price AFTER UPDATE OF price_cents ON products
WHEN old.price_cents <> new.price_cents
BEGIN
    INSERT INTO price_changes (product_id, old_cents, new_cents)
    VALUES (new.id, old.price_cents, new.price_cents);
    UPDATE products SET title = title || CASE WHEN new.price_cents < old.price_cents THEN ' (sale)' ELSE '' END
    WHERE id = new.id;
END;;

UPDATE alembic_version SET version_num='a1c0de055433' WHERE alembic_version.version_num = 'a1c0de047514';

-- Running upgrade a1c0de055433 -> a1c0de063352

ALTER TABLE customers RENAME COLUMN name TO full_name;

UPDATE alembic_version SET version_num='a1c0de063352' WHERE alembic_version.version_num = 'a1c0de055433';

-- Running upgrade a1c0de063352 -> a1c0de071271

VACUUM;

UPDATE alembic_version SET version_num='a1c0de071271' WHERE alembic_version.version_num = 'a1c0de063352';

-- Running upgrade a1c0de071271 -> a1c0de079190

UPDATE products SET price_cents = price_cents + 25 WHERE sku LIKE 'CUP-%';

UPDATE alembic_version SET version_num='a1c0de079190' WHERE alembic_version.version_num = 'a1c0de071271';

-- Running upgrade a1c0de079190 -> a1c0de087109

CREATE TABLE vouchers (
    code TEXT PRIMARY KEY,
    percent INTEGER NOT NULL CHECK (percent BETWEEN 1 AND 100),
    terms TEXT NOT NULL DEFAULT '{"once": true}'
);

INSERT INTO vouchers (code, percent) VALUES ('WELCOME', 10);

UPDATE alembic_version SET version_num='a1c0de087109' WHERE alembic_version.version_num = 'a1c0de079190';

-- Running upgrade a1c0de087109 -> a1c0de095028

ALTER TABLE orders ADD COLUMN note TEXT;

CREATE UNIQUE INDEX ux_customers_email ON customers (email) WHERE email IS NOT NULL;

UPDATE alembic_version SET version_num='a1c0de095028' WHERE alembic_version.version_num = 'a1c0de087109';

