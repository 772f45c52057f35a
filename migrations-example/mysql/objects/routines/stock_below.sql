-- What to order again: products of which less than a minimum is in stock
--
-- MySQL has no CREATE OR REPLACE for routines.

DROP PROCEDURE IF EXISTS stock_below;

CREATE PROCEDURE stock_below(p_minimum INT)
READS SQL DATA
    SELECT p.sku, p.name, COALESCE(SUM(s.quantity), 0) AS in_stock, t.quantity AS sold
      FROM products AS p
      JOIN product_sales AS t ON t.product_id = p.id
      LEFT JOIN stock AS s ON s.product_id = p.id
     WHERE p.active
     GROUP BY p.id, p.sku, p.name, t.quantity
    HAVING in_stock < p_minimum
     ORDER BY in_stock, p.sku;
