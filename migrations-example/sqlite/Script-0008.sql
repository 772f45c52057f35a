-- Allow only known payment methods, and give each payment a state

-- order_totals reads payments, which is built anew below.
DROP VIEW order_totals;

CREATE TABLE payments_new (
    id           INTEGER PRIMARY KEY,
    order_id     INTEGER NOT NULL REFERENCES orders (id),
    method       TEXT NOT NULL CHECK (method IN ('card', 'transfer', 'paypal', 'cash')),
    state        TEXT NOT NULL DEFAULT 'pending'
                 CHECK (state IN ('pending', 'settled', 'refund', 'failed')),
    amount_cents INTEGER NOT NULL CHECK (amount_cents <> 0),
    paid_at      TEXT NOT NULL,
    reference    TEXT
);

INSERT INTO payments_new (id, order_id, method, state, amount_cents, paid_at, reference)
SELECT id,
       order_id,
       CASE
           WHEN lower(method) IN ('card', 'visa', 'mastercard') THEN 'card'
           WHEN lower(method) IN ('bank transfer', 'wire')      THEN 'transfer'
           ELSE lower(method)  -- the CHECK stops us if there is anything else
       END,
       CASE WHEN amount_cents < 0 THEN 'refund' ELSE 'settled' END,
       amount_cents,
       paid_at,
       reference
  FROM payments;

DROP TABLE payments;
ALTER TABLE payments_new RENAME TO payments;

CREATE INDEX payments_order ON payments (order_id);
CREATE INDEX payments_pending ON payments (paid_at) WHERE state = 'pending';

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
               FROM payments
              WHERE state IN ('settled', 'refund')
              GROUP BY order_id) AS p ON p.order_id = o.id;
