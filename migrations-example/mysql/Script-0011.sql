-- Returns: which line came back, how many and why

CREATE TABLE returns (
    id            BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    order_line_id BIGINT NOT NULL,
    warehouse_id  INT NOT NULL,
    quantity      INT NOT NULL CHECK (quantity > 0),
    reason        VARCHAR(200) NOT NULL,
    received_at   DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()),
    KEY returns_order_line (order_line_id),
    CONSTRAINT returns_order_line_fk FOREIGN KEY (order_line_id) REFERENCES order_lines (id),
    CONSTRAINT returns_warehouse_fk FOREIGN KEY (warehouse_id) REFERENCES warehouses (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Until now a return was a cancelled order with a note. Its goods are back in
-- stock already, so these rows come before the trigger that books them.
INSERT INTO returns (order_line_id, warehouse_id, quantity, reason, received_at)
SELECT l.id, w.id, l.quantity, TRIM(SUBSTRING(o.note, LENGTH('returned:') + 1)), '2023-11-29 09:00:00'
  FROM orders AS o
  JOIN order_lines AS l ON l.order_id = o.id
  JOIN warehouses AS w ON w.code = 'COL'
 WHERE o.status = 'cancelled'
   AND o.note LIKE 'returned:%';

UPDATE orders
   SET status = 'returned'
 WHERE status = 'cancelled'
   AND note LIKE 'returned:%';

DELIMITER $$

CREATE TRIGGER returns_check BEFORE INSERT ON returns
FOR EACH ROW
BEGIN
    DECLARE v_ordered, v_returned INT;
    DECLARE v_message VARCHAR(128) CHARACTER SET utf8mb4;

    -- Two parcels of the same order at the same time: the second one waits.
    SELECT quantity INTO v_ordered
      FROM order_lines WHERE id = NEW.order_line_id FOR UPDATE;
    SELECT COALESCE(SUM(quantity), 0) INTO v_returned
      FROM returns WHERE order_line_id = NEW.order_line_id;

    IF v_returned + NEW.quantity > v_ordered THEN
        SET v_message = CONCAT('more comes back than was ordered; check order line ', NEW.order_line_id);
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = v_message;
    END IF;
END$$

CREATE TRIGGER returns_book AFTER INSERT ON returns
FOR EACH ROW
BEGIN
    DECLARE v_order_id, v_product_id BIGINT;

    SELECT order_id, product_id INTO v_order_id, v_product_id
      FROM order_lines WHERE id = NEW.order_line_id;

    INSERT INTO stock_movements (product_id, warehouse_id, `change`, reason, order_id)
    VALUES (v_product_id, NEW.warehouse_id, NEW.quantity, 'return', v_order_id);

    -- The order is returned when everything has come back.
    UPDATE orders
       SET status = 'returned'
     WHERE id = v_order_id
       AND status = 'shipped'
       AND NOT EXISTS (
               SELECT 1
                 FROM order_lines AS l
                WHERE l.order_id = v_order_id
                  AND l.quantity > (SELECT COALESCE(SUM(r.quantity), 0)
                                      FROM returns AS r
                                     WHERE r.order_line_id = l.id)
           );
END$$

DELIMITER ;

-- What was paid for a cancelled or returned order is owed to the customer: it
-- stays open, as a negative amount, until the refund is booked.
CREATE OR REPLACE VIEW order_totals AS
SELECT o.id AS order_id,
       o.order_no,
       o.status,
       COALESCE(l.total, 0) AS total,
       COALESCE(p.paid, 0) AS paid,
       CASE
           WHEN o.status IN ('cancelled', 'returned') THEN -COALESCE(p.paid, 0)
           ELSE COALESCE(l.total, 0) - COALESCE(p.paid, 0)
       END AS open
  FROM orders AS o
  LEFT JOIN (SELECT order_id, SUM(total) AS total
               FROM order_lines GROUP BY order_id) AS l ON l.order_id = o.id
  LEFT JOIN (SELECT order_id, SUM(amount) AS paid
               FROM payments
              WHERE state IN ('settled', 'refund')
              GROUP BY order_id) AS p ON p.order_id = o.id;
