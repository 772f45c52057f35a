-- Sales per month and category

CREATE VIEW sales_per_month AS
SELECT strftime('%Y-%m', o.placed_at) AS month,
       c.name AS category,
       count(DISTINCT o.id) AS orders,
       sum(l.quantity) AS quantity,
       sum(l.total_cents) AS revenue_cents,
       round(100.0 * sum(l.total_cents)
             / sum(sum(l.total_cents)) OVER (PARTITION BY strftime('%Y-%m', o.placed_at)), 1) AS percent_of_month
  FROM orders AS o
  JOIN order_lines AS l ON l.order_id = o.id
  JOIN products AS p ON p.id = l.product_id
  JOIN categories AS c ON c.id = p.category_id
 WHERE o.status IN ('paid', 'shipped')
 GROUP BY strftime('%Y-%m', o.placed_at), c.id;
