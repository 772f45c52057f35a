-- Show what each order costs and what is still open

CREATE VIEW order_totals AS
SELECT o.id AS order_id,
       o.order_no,
       o.status,
       COALESCE(l.total, 0) AS total,
       COALESCE(p.paid, 0) AS paid,
       CASE
           WHEN o.status = 'cancelled' THEN 0
           ELSE COALESCE(l.total, 0) - COALESCE(p.paid, 0)
       END AS open
  FROM orders AS o
  LEFT JOIN (SELECT order_id, SUM(total) AS total
               FROM order_lines GROUP BY order_id) AS l ON l.order_id = o.id
  LEFT JOIN (SELECT order_id, SUM(amount) AS paid
               FROM payments GROUP BY order_id) AS p ON p.order_id = o.id;

-- For the invoice and the reminder mail.
CREATE FUNCTION open_amount(p_order_no VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci)
RETURNS DECIMAL(12, 2)
READS SQL DATA
RETURN (SELECT t.open FROM order_totals AS t WHERE t.order_no = p_order_no);
