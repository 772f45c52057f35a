--liquibase formatted sql

--changeset ada:1-create-customers
-- create customers
CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    phone TEXT
);
--rollback DROP TABLE customers;

--changeset ada:2-create-products
-- What the shop sells; prices are in cents.
CREATE TABLE products (
    id INTEGER PRIMARY KEY,
    sku TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL, -- as printed on the label; "Größe" included
    price_cents INTEGER NOT NULL CHECK (price_cents >= 0)
);
--rollback DROP TABLE products;

--changeset ada:3-create-orders-and-lines
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
--rollback DROP TABLE order_lines;
--rollback DROP TABLE orders;

--changeset ada:4-add-email-to-customers
ALTER TABLE customers ADD COLUMN email TEXT;
--rollback ALTER TABLE customers DROP COLUMN email;

--changeset ada:5-index-orders-by-customer
CREATE INDEX ix_orders_customer ON orders (customer_id);
--rollback DROP INDEX ix_orders_customer;
