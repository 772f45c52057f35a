-- Returns: which line came back, how many and why

CREATE TABLE returns (
    id            INTEGER PRIMARY KEY,
    order_line_id INTEGER NOT NULL REFERENCES order_lines (id),
    warehouse_id  INTEGER NOT NULL REFERENCES warehouses (id),
    quantity      INTEGER NOT NULL CHECK (quantity > 0),
    reason        TEXT NOT NULL,
    received_at   TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
);
CREATE INDEX returns_order_line ON returns (order_line_id);

-- Until now a return was a cancelled order with a note. Its goods are back in
-- stock already, so these rows come before the trigger that books them.
INSERT INTO returns (order_line_id, warehouse_id, quantity, reason, received_at)
SELECT l.id, w.id, l.quantity, trim(substr(o.note, length('returned:') + 1)), '2023-11-29T09:00:00Z'
  FROM orders AS o
  JOIN order_lines AS l ON l.order_id = o.id
  JOIN warehouses AS w ON w.code = 'COL'
 WHERE o.status = 'cancelled'
   AND o.note LIKE 'returned:%';

UPDATE orders
   SET status = 'returned'
 WHERE status = 'cancelled'
   AND note LIKE 'returned:%';

CREATE TRIGGER returns_check BEFORE INSERT ON returns
WHEN NEW.quantity + (SELECT coalesce(sum(quantity), 0) FROM returns WHERE order_line_id = NEW.order_line_id)
   > (SELECT quantity FROM order_lines WHERE id = NEW.order_line_id)
BEGIN
    SELECT RAISE(ABORT, 'more comes back than was ordered; check the order line');
END;

CREATE TRIGGER returns_book AFTER INSERT ON returns
BEGIN
    INSERT INTO stock_movements (product_id, warehouse_id, change, reason, order_id)
    SELECT l.product_id, NEW.warehouse_id, NEW.quantity, 'return', l.order_id
      FROM order_lines AS l
     WHERE l.id = NEW.order_line_id;

    -- The order is returned when everything has come back.
    UPDATE orders
       SET status = 'returned'
     WHERE id = (SELECT order_id FROM order_lines WHERE id = NEW.order_line_id)
       AND status = 'shipped'
       AND NOT EXISTS (
               SELECT 1
                 FROM order_lines AS l
                WHERE l.order_id = orders.id
                  AND l.quantity > (SELECT coalesce(sum(r.quantity), 0)
                                      FROM returns AS r
                                     WHERE r.order_line_id = l.id)
           );
END;

-- What was paid for a cancelled or returned order is owed to the customer: it
-- stays open, as a negative amount, until the refund is booked.
DROP VIEW order_totals;
CREATE VIEW order_totals AS
SELECT o.id AS order_id,
       o.order_no,
       o.status,
       coalesce(l.total_cents, 0) AS total_cents,
       coalesce(p.paid_cents, 0) AS paid_cents,
       CASE
           WHEN o.status IN ('cancelled', 'returned') THEN -coalesce(p.paid_cents, 0)
           ELSE coalesce(l.total_cents, 0) - coalesce(p.paid_cents, 0)
       END AS open_cents
  FROM orders AS o
  LEFT JOIN (SELECT order_id, sum(total_cents) AS total_cents
               FROM order_lines GROUP BY order_id) AS l ON l.order_id = o.id
  LEFT JOIN (SELECT order_id, sum(amount_cents) AS paid_cents
               FROM payments
              WHERE state IN ('settled', 'refund')
              GROUP BY order_id) AS p ON p.order_id = o.id;
