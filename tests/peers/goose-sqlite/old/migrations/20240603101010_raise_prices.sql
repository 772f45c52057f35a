-- +goose Up
-- +goose ENVSUB ON
UPDATE products SET price_cents = price_cents + ${RAISE_CENTS:-25} WHERE sku LIKE 'CUP-%';
UPDATE products SET title = title || ' by ${SELLER}' WHERE sku = 'CUP-2';
-- +goose ENVSUB OFF
UPDATE products SET title = title || ' (${net})' WHERE sku = 'BOOK-1';

-- +goose Down
UPDATE products SET price_cents = price_cents - 25 WHERE sku LIKE 'CUP-%';
