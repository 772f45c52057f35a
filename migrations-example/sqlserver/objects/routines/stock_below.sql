-- What to order again: products of which less than a minimum is in stock

CREATE OR ALTER PROCEDURE dbo.stock_below
    @minimum int
AS
BEGIN
    SET NOCOUNT ON;

    SELECT p.sku, p.name, COALESCE(SUM(s.quantity), 0) AS in_stock, t.quantity AS sold
      FROM dbo.products AS p
      JOIN dbo.product_sales AS t ON t.product_id = p.id
      LEFT JOIN dbo.stock AS s ON s.product_id = p.id
     WHERE p.active = 1
     GROUP BY p.sku, p.name, t.quantity
    HAVING COALESCE(SUM(s.quantity), 0) < @minimum
     ORDER BY in_stock, p.sku;
END
GO
