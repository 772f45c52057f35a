-- Book stock through movements

CREATE TYPE movement_reason AS ENUM ('opening', 'delivery', 'sale', 'return', 'correction');

CREATE TABLE stock_movements (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id   bigint NOT NULL REFERENCES products (id),
    warehouse_id integer NOT NULL REFERENCES warehouses (id),
    change       integer NOT NULL CHECK (change <> 0),
    reason       movement_reason NOT NULL,
    order_id     bigint REFERENCES orders (id),
    booked_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX stock_movements_product ON stock_movements (product_id, booked_at);

-- What lies in the warehouses today is the opening balance. The triggers come
-- after it, or it would be counted twice.
INSERT INTO stock_movements (product_id, warehouse_id, change, reason, booked_at)
SELECT product_id, warehouse_id, quantity, 'opening', '2024-02-01T00:00:00Z'
  FROM stock
 WHERE quantity <> 0
 ORDER BY product_id, warehouse_id;

CREATE FUNCTION book_stock_movement() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stock (product_id, warehouse_id, quantity)
    VALUES (NEW.product_id, NEW.warehouse_id, 0)
    ON CONFLICT DO NOTHING;

    UPDATE stock
       SET quantity = quantity + NEW.change
     WHERE product_id = NEW.product_id
       AND warehouse_id = NEW.warehouse_id;

    RETURN NULL;
END;
$$;

CREATE FUNCTION keep_stock_movement() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'stock movement % is never changed or deleted; book a correction', OLD.id;
END;
$$;

CREATE TRIGGER stock_movements_book
    AFTER INSERT ON stock_movements
    FOR EACH ROW EXECUTE FUNCTION book_stock_movement();

CREATE TRIGGER stock_movements_keep
    BEFORE UPDATE OR DELETE ON stock_movements
    FOR EACH ROW EXECUTE FUNCTION keep_stock_movement();

-- The stocktaking in Rotterdam did not find the last old kettle.
INSERT INTO stock_movements (product_id, warehouse_id, change, reason, booked_at)
SELECT p.id, w.id, -1, 'correction', '2024-02-01T09:30:00Z'
  FROM products AS p, warehouses AS w
 WHERE p.sku = 'EQP-KET-OLD' AND w.code = 'ROT';
