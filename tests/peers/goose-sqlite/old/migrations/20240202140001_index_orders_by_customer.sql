-- +goose Up
CREATE INDEX ix_orders_customer ON orders (customer_id);

-- +goose Down
DROP INDEX ix_orders_customer;
