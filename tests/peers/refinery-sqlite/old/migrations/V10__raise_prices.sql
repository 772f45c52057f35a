UPDATE products SET price_cents = price_cents + 25 WHERE sku LIKE 'CUP-%';
