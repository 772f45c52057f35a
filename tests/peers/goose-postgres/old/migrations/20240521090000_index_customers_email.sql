-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY ix_customers_email ON customers (email);

-- +goose Down
DROP INDEX CONCURRENTLY ix_customers_email;
