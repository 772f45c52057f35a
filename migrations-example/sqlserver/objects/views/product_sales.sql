-- What was sold of each product, less what came back

CREATE OR ALTER VIEW dbo.product_sales
AS
SELECT p.id AS product_id,
       p.sku,
       p.name,
       COALESCE(SUM(l.quantity - COALESCE(r.quantity, 0)), 0) AS quantity,
       COALESCE(SUM(ROUND(l.total * (l.quantity - COALESCE(r.quantity, 0)) / l.quantity, 2)), 0) AS revenue
  FROM dbo.products AS p
  LEFT JOIN (SELECT l.id, l.product_id, l.quantity, l.total
               FROM dbo.order_lines AS l
               JOIN dbo.orders AS o ON o.id = l.order_id
              WHERE o.status IN (N'paid', N'shipped', N'returned')) AS l ON l.product_id = p.id
  LEFT JOIN (SELECT order_line_id, SUM(quantity) AS quantity
               FROM dbo.[returns] GROUP BY order_line_id) AS r ON r.order_line_id = l.id
 GROUP BY p.id, p.sku, p.name;
GO
