-- The products that sold best
--
-- dbmigrate applies product_sales.sql first, because this text mentions it.

CREATE OR ALTER VIEW dbo.best_sellers
AS
SELECT RANK() OVER (ORDER BY revenue DESC) AS place, sku, name, quantity, revenue
  FROM dbo.product_sales
 WHERE quantity > 0;
GO
