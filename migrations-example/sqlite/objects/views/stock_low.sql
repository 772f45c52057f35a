-- What to order again: products of which less than 20 are in stock

DROP VIEW IF EXISTS stock_low;
CREATE VIEW stock_low AS
SELECT p.sku, p.name, coalesce(sum(s.quantity), 0) AS in_stock, t.quantity AS sold
  FROM products AS p
  JOIN product_sales AS t ON t.product_id = p.id
  LEFT JOIN stock AS s ON s.product_id = p.id
 WHERE p.active
 GROUP BY p.id, p.sku, p.name, t.quantity
HAVING coalesce(sum(s.quantity), 0) < 20;
