-- Keep the history of each order's status

CREATE TABLE order_events (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id   bigint NOT NULL REFERENCES orders (id),
    old_status order_status,
    new_status order_status NOT NULL,
    message    text NOT NULL,
    by_user    text NOT NULL DEFAULT current_user,
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX order_events_order ON order_events (order_id, at);

-- For the orders we have, only the beginning is known.
INSERT INTO order_events (order_id, old_status, new_status, message, at)
SELECT id, NULL, 'new', 'order placed', placed_at
  FROM orders
 ORDER BY id;

CREATE FUNCTION log_order_status() RETURNS trigger
LANGUAGE plpgsql AS $function$
DECLARE
    v_old     order_status;
    v_message text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        v_message := 'order placed';
    ELSE
        v_old := OLD.status;
        v_message := CASE NEW.status::text
            WHEN 'paid'      THEN 'payment received'
            WHEN 'shipped'   THEN 'handed over to the carrier'
            WHEN 'cancelled' THEN 'cancelled; nothing will be sent'
            ELSE format('now "%s"', NEW.status)
        END;
    END IF;

    INSERT INTO order_events (order_id, old_status, new_status, message)
    VALUES (NEW.id, v_old, NEW.status, v_message);

    RETURN NULL;
END
$function$;

CREATE TRIGGER orders_placed
    AFTER INSERT ON orders
    FOR EACH ROW EXECUTE FUNCTION log_order_status();

CREATE TRIGGER orders_status_changed
    AFTER UPDATE OF status ON orders
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION log_order_status();
