-- Allow only known payment methods, and give each payment a state

UPDATE payments
   SET method = CASE
           WHEN LOWER(method) IN ('card', 'visa', 'mastercard') THEN 'card'
           WHEN LOWER(method) IN ('bank transfer', 'wire')      THEN 'transfer'
           ELSE LOWER(method)  # the new type below stops us if there is anything else
       END;

ALTER TABLE payments
    MODIFY COLUMN method ENUM('card', 'transfer', 'paypal', 'cash') NOT NULL,
    ADD COLUMN state ENUM('pending', 'settled', 'refund', 'failed') NOT NULL DEFAULT 'pending' AFTER method,
    ADD CONSTRAINT payments_amount CHECK (amount <> 0);

UPDATE payments
   SET state = IF(amount < 0, 'refund', 'settled');

CREATE INDEX payments_state ON payments (state, paid_at);

CREATE OR REPLACE VIEW order_totals AS
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
               FROM payments
              WHERE state IN ('settled', 'refund')
              GROUP BY order_id) AS p ON p.order_id = o.id;
