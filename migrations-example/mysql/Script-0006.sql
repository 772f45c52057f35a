-- Keep the history of each order's status

CREATE TABLE order_events (
    id         BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    order_id   BIGINT NOT NULL,
    old_status VARCHAR(20) NULL,
    new_status VARCHAR(20) NOT NULL,
    message    VARCHAR(200) NOT NULL,
    by_user    VARCHAR(300) NOT NULL,
    at         DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()),
    KEY order_events_order (order_id, at),
    CONSTRAINT order_events_order_fk FOREIGN KEY (order_id) REFERENCES orders (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- For the orders we have, only the beginning is known.
INSERT INTO order_events (order_id, old_status, new_status, message, by_user, at)
SELECT id, NULL, 'new', 'order placed', USER(), placed_at
  FROM orders
 ORDER BY id;

-- One statement is all its body: no other delimiter is needed.
CREATE TRIGGER orders_placed AFTER INSERT ON orders
FOR EACH ROW
    INSERT INTO order_events (order_id, old_status, new_status, message, by_user)
    VALUES (NEW.id, NULL, NEW.status, 'order placed', USER());

DELIMITER //

CREATE TRIGGER orders_status_changed AFTER UPDATE ON orders
FOR EACH ROW
BEGIN
    DECLARE v_message VARCHAR(200) CHARACTER SET utf8mb4;

    IF OLD.status <> NEW.status THEN
        CASE NEW.status
            WHEN 'paid'      THEN SET v_message = 'payment received';
            WHEN 'shipped'   THEN SET v_message = 'handed over to the carrier';
            WHEN 'cancelled' THEN SET v_message = 'cancelled; nothing will be sent';
            ELSE SET v_message = CONCAT("now \"", NEW.status, '"');
        END CASE;

        INSERT INTO order_events (order_id, old_status, new_status, message, by_user)
        VALUES (NEW.id, OLD.status, NEW.status, v_message, USER());
    END IF;
END //

DELIMITER ;
