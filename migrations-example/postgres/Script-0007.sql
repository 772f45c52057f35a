-- Show what each order costs and what is still open

CREATE VIEW order_totals AS
SELECT o.id AS order_id,
       o.order_no,
       o.status,
       coalesce(l.total, 0) AS total,
       coalesce(p.paid, 0) AS paid,
       CASE
           WHEN o.status = 'cancelled' THEN 0
           ELSE coalesce(l.total, 0) - coalesce(p.paid, 0)
       END AS open
  FROM orders AS o
  LEFT JOIN (SELECT order_id, sum(total) AS total
               FROM order_lines GROUP BY order_id) AS l ON l.order_id = o.id
  LEFT JOIN (SELECT order_id, sum(amount) AS paid
               FROM payments GROUP BY order_id) AS p ON p.order_id = o.id;

-- For the invoice and the reminder mail.
CREATE FUNCTION open_amount(p_order_no text) RETURNS numeric
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT t.open FROM order_totals AS t WHERE t.order_no = p_order_no;
END;
