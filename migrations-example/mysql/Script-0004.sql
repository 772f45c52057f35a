-- Discounts on order lines, and a total that the database computes

ALTER TABLE order_lines
    ADD COLUMN discount_percent INT NOT NULL DEFAULT 0,
    ADD CONSTRAINT order_lines_discount CHECK (discount_percent BETWEEN 0 AND 100);

-- Café Zwölf pays 35.91 instead of 39.90: that was a discount of 10 % all along.
UPDATE order_lines
   SET unit_price = 39.90,
       discount_percent = 10
 WHERE product_id = (SELECT id FROM products WHERE sku = 'COF-ETH-1K')
   AND unit_price = 35.91;

ALTER TABLE order_lines
    ADD COLUMN total DECIMAL(12, 2)
    GENERATED ALWAYS AS (ROUND(quantity * unit_price * (100 - discount_percent) / 100, 2)) STORED;
