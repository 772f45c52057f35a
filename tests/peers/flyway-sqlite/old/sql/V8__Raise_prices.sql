UPDATE products SET price_cents = price_cents + ${raise.cents} WHERE sku LIKE 'CUP-%';
UPDATE products SET title = title || ' by ${seller}' WHERE sku = 'CUP-2';
