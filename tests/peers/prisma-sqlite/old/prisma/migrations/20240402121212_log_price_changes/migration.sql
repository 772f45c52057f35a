CREATE TABLE price_changes (
    product_id INTEGER NOT NULL REFERENCES products (id),
    old_cents INTEGER NOT NULL,
    new_cents INTEGER NOT NULL,
    changed_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TRIGGER log_price AFTER UPDATE OF price_cents ON products
WHEN old.price_cents <> new.price_cents
BEGIN
    INSERT INTO price_changes (product_id, old_cents, new_cents)
    VALUES (new.id, old.price_cents, new.price_cents);
    UPDATE products SET title = title || CASE WHEN new.price_cents < old.price_cents THEN ' (sale)' ELSE '' END
    WHERE id = new.id;
END;
