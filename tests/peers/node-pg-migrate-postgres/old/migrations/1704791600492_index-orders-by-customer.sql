-- Up Migration
CREATE INDEX ix_orders_customer ON orders (customer_id);

-- Down Migration
DROP INDEX ix_orders_customer;
