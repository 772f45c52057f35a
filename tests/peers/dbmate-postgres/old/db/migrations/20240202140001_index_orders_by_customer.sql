-- migrate:up
CREATE INDEX ix_orders_customer ON orders (customer_id);

-- migrate:down
DROP INDEX ix_orders_customer;
