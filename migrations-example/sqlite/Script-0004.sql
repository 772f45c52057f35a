-- Discounts on order lines, and a total that the database computes

ALTER TABLE order_lines
    ADD COLUMN discount_percent INTEGER NOT NULL DEFAULT 0
    CHECK (discount_percent BETWEEN 0 AND 100);

-- Café Zwölf pays 35.91 instead of 39.90: that was a discount of 10 % all along.
UPDATE order_lines
   SET unit_price_cents = 3990,
       discount_percent = 10
 WHERE product_id = (SELECT id FROM products WHERE sku = 'COF-ETH-1K')
   AND unit_price_cents = 3591;

-- "+ 50" rounds half a cent up.
ALTER TABLE order_lines
    ADD COLUMN total_cents INTEGER
    GENERATED ALWAYS AS ((quantity * unit_price_cents * (100 - discount_percent) + 50) / 100) VIRTUAL;
