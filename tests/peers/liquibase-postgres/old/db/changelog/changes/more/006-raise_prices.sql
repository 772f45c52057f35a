--liquibase formatted sql

--changeset ada:11-raise-prices
UPDATE products SET price_cents = price_cents + 25 WHERE sku LIKE 'CUP-%';
UPDATE products SET title = title || ' by ${seller}' WHERE sku = 'CUP-2';
--rollback UPDATE products SET price_cents = price_cents - 25 WHERE sku LIKE 'CUP-%';
