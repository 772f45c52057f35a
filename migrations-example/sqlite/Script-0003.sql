-- Give warehouses their own table

CREATE TABLE warehouses (
    id   INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    city TEXT NOT NULL
);

INSERT INTO warehouses (code, city)
SELECT upper(substr(warehouse, 1, 3)), warehouse
  FROM stock
 GROUP BY warehouse
 ORDER BY warehouse;

-- The primary key changes, and SQLite cannot alter that: build the table anew.
CREATE TABLE stock_new (
    product_id   INTEGER NOT NULL REFERENCES products (id),
    warehouse_id INTEGER NOT NULL REFERENCES warehouses (id),
    quantity     INTEGER NOT NULL DEFAULT 0 CHECK (quantity >= 0),
    PRIMARY KEY (product_id, warehouse_id)
) WITHOUT ROWID;

INSERT INTO stock_new (product_id, warehouse_id, quantity)
SELECT s.product_id, w.id, s.quantity
  FROM stock AS s
  JOIN warehouses AS w ON w.city = s.warehouse;

DROP TABLE stock;
ALTER TABLE stock_new RENAME TO stock;

CREATE INDEX stock_warehouse ON stock (warehouse_id);
