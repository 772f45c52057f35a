-- Give warehouses their own table

CREATE TABLE warehouses (
    id   INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    code CHAR(3) NOT NULL UNIQUE,
    city VARCHAR(100) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

INSERT INTO warehouses (code, city)
SELECT DISTINCT UPPER(LEFT(warehouse, 3)), warehouse
  FROM stock
 ORDER BY 1;

ALTER TABLE stock ADD COLUMN warehouse_id INT NULL AFTER product_id;

UPDATE stock
  JOIN warehouses AS w ON w.city = stock.warehouse
   SET stock.warehouse_id = w.id;

-- All at once: the foreign key to products needs a primary key that starts with it.
ALTER TABLE stock
    MODIFY COLUMN warehouse_id INT NOT NULL,
    DROP PRIMARY KEY,
    DROP COLUMN warehouse,
    ADD PRIMARY KEY (product_id, warehouse_id),
    ADD KEY stock_warehouse (warehouse_id),
    ADD CONSTRAINT stock_warehouse_fk FOREIGN KEY (warehouse_id) REFERENCES warehouses (id),
    ADD CONSTRAINT stock_not_negative CHECK (quantity >= 0);
