-- Keep the history of each order's status

CREATE TABLE order_events (
    id         INTEGER PRIMARY KEY,
    order_id   INTEGER NOT NULL REFERENCES orders (id),
    old_status TEXT,
    new_status TEXT NOT NULL,
    message    TEXT NOT NULL,
    at         TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
);
CREATE INDEX order_events_order ON order_events (order_id, at);

-- For the orders we have, only the beginning is known.
INSERT INTO order_events (order_id, old_status, new_status, message, at)
SELECT id, NULL, 'new', 'order placed', placed_at
  FROM orders
 ORDER BY id;

CREATE TRIGGER orders_placed AFTER INSERT ON orders
BEGIN
    INSERT INTO order_events (order_id, old_status, new_status, message)
    VALUES (NEW.id, NULL, NEW.status, 'order placed');
END;

CREATE TRIGGER orders_status_changed AFTER UPDATE OF status ON orders
WHEN OLD.status <> NEW.status
BEGIN
    INSERT INTO order_events (order_id, old_status, new_status, message)
    VALUES (
        NEW.id, OLD.status, NEW.status,
        CASE NEW.status
            WHEN 'paid'      THEN 'payment received'
            WHEN 'shipped'   THEN 'handed over to the carrier'
            WHEN 'cancelled' THEN 'cancelled; nothing will be sent'
            ELSE 'now "' || NEW.status || '"'
        END
    );
END;
