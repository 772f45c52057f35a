-- Allow only known payment methods, and give each payment a state

CREATE TYPE payment_method AS ENUM ('card', 'transfer', 'paypal', 'cash');

UPDATE payments
   SET method = CASE
           WHEN lower(method) IN ('card', 'visa', 'mastercard') THEN 'card'
           WHEN lower(method) IN ('bank transfer', 'wire')      THEN 'transfer'
           ELSE lower(method)  -- the cast below stops us if there is anything else
       END;

ALTER TABLE payments
    ALTER COLUMN method TYPE payment_method USING method::payment_method;

ALTER TABLE payments
    ADD COLUMN state text NOT NULL DEFAULT 'pending'
        CONSTRAINT payments_state CHECK (state IN ('pending', 'settled', 'refund', 'failed')),
    ADD CONSTRAINT payments_amount CHECK (amount <> 0);

UPDATE payments
   SET state = CASE WHEN amount < 0 THEN 'refund' ELSE 'settled' END;

CREATE INDEX payments_pending ON payments (paid_at) WHERE state = 'pending';

CREATE OR REPLACE VIEW order_totals AS
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
               FROM payments
              WHERE state IN ('settled', 'refund')
              GROUP BY order_id) AS p ON p.order_id = o.id;
