-- Book stock through movements

CREATE TABLE stock_movements (
    id           INTEGER PRIMARY KEY,
    product_id   INTEGER NOT NULL REFERENCES products (id),
    warehouse_id INTEGER NOT NULL REFERENCES warehouses (id),
    change       INTEGER NOT NULL CHECK (change <> 0),
    reason       TEXT NOT NULL CHECK (reason IN ('opening', 'delivery', 'sale', 'return', 'correction')),
    order_id     INTEGER REFERENCES orders (id),
    booked_at    TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
);
CREATE INDEX stock_movements_product ON stock_movements (product_id, booked_at);

-- What lies in the warehouses today is the opening balance. The triggers come
-- after it, or it would be counted twice.
INSERT INTO stock_movements (product_id, warehouse_id, change, reason, booked_at)
SELECT product_id, warehouse_id, quantity, 'opening', '2024-02-01T00:00:00Z'
  FROM stock
 WHERE quantity <> 0;

CREATE TRIGGER stock_movements_book AFTER INSERT ON stock_movements
BEGIN
    INSERT INTO stock (product_id, warehouse_id, quantity)
    VALUES (NEW.product_id, NEW.warehouse_id, 0)
    ON CONFLICT DO NOTHING;

    UPDATE stock
       SET quantity = quantity + NEW.change
     WHERE product_id = NEW.product_id
       AND warehouse_id = NEW.warehouse_id;
END;

CREATE TRIGGER stock_movements_keep_update BEFORE UPDATE ON stock_movements
BEGIN
    SELECT RAISE(ABORT, 'a stock movement is never changed; book a correction');
END;

CREATE TRIGGER stock_movements_keep_delete BEFORE DELETE ON stock_movements
BEGIN
    SELECT RAISE(ABORT, 'a stock movement is never deleted; book a correction');
END;

-- The stocktaking in Rotterdam did not find the last old kettle.
INSERT INTO stock_movements (product_id, warehouse_id, change, reason, booked_at)
SELECT p.id, w.id, -1, 'correction', '2024-02-01T09:30:00Z'
  FROM products AS p, warehouses AS w
 WHERE p.sku = 'EQP-KET-OLD' AND w.code = 'ROT';
