-- The products that sold best
--
-- dbmigrate applies product_sales.sql first, because this text mentions it.

CREATE OR REPLACE VIEW best_sellers AS
SELECT rank() OVER (ORDER BY revenue DESC) AS place, sku, name, quantity, revenue
  FROM product_sales
 WHERE quantity > 0;
