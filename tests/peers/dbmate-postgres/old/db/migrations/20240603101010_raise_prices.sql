-- migrate:up
UPDATE products SET price_cents = price_cents + 25 WHERE sku LIKE 'CUP-%';

-- migrate:down
UPDATE products SET price_cents = price_cents - 25 WHERE sku LIKE 'CUP-%';
