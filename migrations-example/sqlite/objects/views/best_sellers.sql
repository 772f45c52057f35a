-- The products that sold best
--
-- dbmigrate applies product_sales.sql first, because this text mentions it.

DROP VIEW IF EXISTS best_sellers;
CREATE VIEW best_sellers AS
SELECT rank() OVER (ORDER BY revenue_cents DESC) AS place, sku, name, quantity, revenue_cents
  FROM product_sales
 WHERE quantity > 0;
