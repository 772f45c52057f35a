-- +goose Up
ALTER TABLE customers ADD COLUMN email TEXT;

-- +goose Down
ALTER TABLE customers DROP COLUMN email;
