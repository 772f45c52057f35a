-- Show what each order costs and what is still open

CREATE VIEW order_totals AS
SELECT o.id AS order_id,
       o.order_no,
       o.status,
       coalesce(l.total_cents, 0) AS total_cents,
       coalesce(p.paid_cents, 0) AS paid_cents,
       CASE
           WHEN o.status = 'cancelled' THEN 0
           ELSE coalesce(l.total_cents, 0) - coalesce(p.paid_cents, 0)
       END AS open_cents
  FROM orders AS o
  LEFT JOIN (SELECT order_id, sum(total_cents) AS total_cents
               FROM order_lines GROUP BY order_id) AS l ON l.order_id = o.id
  LEFT JOIN (SELECT order_id, sum(amount_cents) AS paid_cents
               FROM payments GROUP BY order_id) AS p ON p.order_id = o.id;
