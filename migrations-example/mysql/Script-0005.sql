-- Book stock through movements

CREATE TABLE stock_movements (
    id           BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    product_id   BIGINT NOT NULL,
    warehouse_id INT NOT NULL,
    `change`     INT NOT NULL CHECK (`change` <> 0),
    reason       ENUM('opening', 'delivery', 'sale', 'return', 'correction') NOT NULL,
    order_id     BIGINT NULL,
    booked_at    DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()),
    KEY stock_movements_product (product_id, booked_at),
    CONSTRAINT stock_movements_product_fk FOREIGN KEY (product_id) REFERENCES products (id),
    CONSTRAINT stock_movements_warehouse_fk FOREIGN KEY (warehouse_id) REFERENCES warehouses (id),
    CONSTRAINT stock_movements_order_fk FOREIGN KEY (order_id) REFERENCES orders (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What lies in the warehouses today is the opening balance. The triggers come
-- after it, or it would be counted twice.
INSERT INTO stock_movements (product_id, warehouse_id, `change`, reason, booked_at)
SELECT product_id, warehouse_id, quantity, 'opening', '2024-02-01 00:00:00'
  FROM stock
 WHERE quantity <> 0
 ORDER BY product_id, warehouse_id;

DELIMITER $$

CREATE TRIGGER stock_movements_book AFTER INSERT ON stock_movements
FOR EACH ROW
BEGIN
    # Zero first: the check on the quantity looks at the new row even if there is one already.
    INSERT INTO stock (product_id, warehouse_id, quantity)
    VALUES (NEW.product_id, NEW.warehouse_id, 0)
    ON DUPLICATE KEY UPDATE quantity = quantity;

    UPDATE stock
       SET quantity = quantity + NEW.`change`
     WHERE product_id = NEW.product_id
       AND warehouse_id = NEW.warehouse_id;
END$$

CREATE TRIGGER stock_movements_keep_update BEFORE UPDATE ON stock_movements
FOR EACH ROW
BEGIN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a stock movement is never changed; book a correction';
END$$

CREATE TRIGGER stock_movements_keep_delete BEFORE DELETE ON stock_movements
FOR EACH ROW
BEGIN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a stock movement is never deleted; book a correction';
END$$

DELIMITER ;

-- The stocktaking in Rotterdam did not find the last old kettle.
INSERT INTO stock_movements (product_id, warehouse_id, `change`, reason, booked_at)
SELECT p.id, w.id, -1, 'correction', '2024-02-01 09:30:00'
  FROM products AS p, warehouses AS w
 WHERE p.sku = 'EQP-KET-OLD' AND w.code = 'ROT';
