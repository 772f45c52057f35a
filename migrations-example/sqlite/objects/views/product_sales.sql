-- What was sold of each product, less what came back

DROP VIEW IF EXISTS product_sales;
CREATE VIEW product_sales AS
SELECT p.id AS product_id,
       p.sku,
       p.name,
       coalesce(sum(l.quantity - coalesce(r.quantity, 0)), 0) AS quantity,
       coalesce(sum(l.total_cents * (l.quantity - coalesce(r.quantity, 0)) / l.quantity), 0) AS revenue_cents
  FROM products AS p
  LEFT JOIN (SELECT l.id, l.product_id, l.quantity, l.total_cents
               FROM order_lines AS l
               JOIN orders AS o ON o.id = l.order_id
              WHERE o.status IN ('paid', 'shipped', 'returned')) AS l ON l.product_id = p.id
  LEFT JOIN (SELECT order_line_id, sum(quantity) AS quantity
               FROM returns GROUP BY order_line_id) AS r ON r.order_line_id = l.id
 GROUP BY p.id, p.sku, p.name;
