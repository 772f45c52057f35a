-- Returns: which line came back, how many and why

CREATE TABLE returns (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_line_id bigint NOT NULL REFERENCES order_lines (id),
    warehouse_id  integer NOT NULL REFERENCES warehouses (id),
    quantity      integer NOT NULL CHECK (quantity > 0),
    reason        text NOT NULL,
    received_at   timestamptz NOT NULL DEFAULT now()
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

CREATE FUNCTION check_return() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    v_ordered  integer;
    v_returned integer;
BEGIN
    -- Two parcels of the same order at the same time: the second one waits.
    SELECT quantity INTO STRICT v_ordered
      FROM order_lines WHERE id = NEW.order_line_id FOR UPDATE;
    SELECT coalesce(sum(quantity), 0) INTO v_returned
      FROM returns WHERE order_line_id = NEW.order_line_id;

    IF v_returned + NEW.quantity > v_ordered THEN
        RAISE EXCEPTION 'more comes back than was ordered; check order line %', NEW.order_line_id
            USING ERRCODE = 'check_violation',
                  DETAIL = format('Ordered: %s; returned: %s; now: %s.', v_ordered, v_returned, NEW.quantity);
    END IF;
    RETURN NEW;
END;
$$;

CREATE FUNCTION book_return() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    v_line order_lines;
BEGIN
    SELECT * INTO v_line FROM order_lines WHERE id = NEW.order_line_id;

    INSERT INTO stock_movements (product_id, warehouse_id, change, reason, order_id)
    VALUES (v_line.product_id, NEW.warehouse_id, NEW.quantity, 'return', v_line.order_id);

    -- The order is returned when everything has come back.
    UPDATE orders AS o
       SET status = 'returned'
     WHERE o.id = v_line.order_id
       AND o.status = 'shipped'
       AND NOT EXISTS (
               SELECT 1
                 FROM order_lines AS l
                WHERE l.order_id = o.id
                  AND l.quantity > (SELECT coalesce(sum(r.quantity), 0)
                                      FROM returns AS r
                                     WHERE r.order_line_id = l.id)
           );
    RETURN NULL;
END;
$$;

CREATE TRIGGER returns_check
    BEFORE INSERT ON returns
    FOR EACH ROW EXECUTE FUNCTION check_return();

CREATE TRIGGER returns_book
    AFTER INSERT ON returns
    FOR EACH ROW EXECUTE FUNCTION book_return();

CREATE INDEX orders_returned ON orders (placed_at) WHERE status = 'returned';

-- What was paid for a cancelled or returned order is owed to the customer: it
-- stays open, as a negative amount, until the refund is booked.
CREATE OR REPLACE VIEW order_totals AS
SELECT o.id AS order_id,
       o.order_no,
       o.status,
       coalesce(l.total, 0) AS total,
       coalesce(p.paid, 0) AS paid,
       CASE
           WHEN o.status IN ('cancelled', 'returned') THEN -coalesce(p.paid, 0)
           ELSE coalesce(l.total, 0) - coalesce(p.paid, 0)
       END AS open
  FROM orders AS o
  LEFT JOIN (SELECT order_id, sum(total) AS total
               FROM order_lines GROUP BY order_id) AS l ON l.order_id = o.id
  LEFT JOIN (SELECT order_id, sum(amount) AS paid
               FROM payments
              WHERE state IN ('settled', 'refund')
              GROUP BY order_id) AS p ON p.order_id = o.id;
