DROP INDEX ix_orders_customer;
CREATE INDEX ix_orders_customer ON orders (customer_id, ordered_at);
