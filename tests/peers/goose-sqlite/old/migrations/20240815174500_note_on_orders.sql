-- +goose Up
ALTER TABLE orders ADD COLUMN note TEXT;
CREATE UNIQUE INDEX ux_customers_email ON customers (email) WHERE email IS NOT NULL;

-- +goose Down
DROP INDEX ux_customers_email;
ALTER TABLE orders DROP COLUMN note;
