-- Write your migrate up statements here

UPDATE products SET price_cents = price_cents + 25 WHERE sku LIKE 'CUP-%';
UPDATE products SET title = title || ' by {{.seller}}' WHERE sku = 'CUP-2';

---- create above / drop below ----

UPDATE products SET price_cents = price_cents - 25 WHERE sku LIKE 'CUP-%';
