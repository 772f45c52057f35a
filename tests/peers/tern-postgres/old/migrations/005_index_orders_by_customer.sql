-- Write your migrate up statements here

CREATE INDEX ix_orders_customer ON orders (customer_id);

---- create above / drop below ----

DROP INDEX ix_orders_customer;
