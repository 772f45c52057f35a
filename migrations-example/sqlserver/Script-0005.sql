-- Book stock through movements

CREATE TABLE dbo.stock_movements (
    id           bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_stock_movements PRIMARY KEY,
    product_id   bigint NOT NULL CONSTRAINT FK_stock_movements_product REFERENCES dbo.products (id),
    warehouse_id int NOT NULL CONSTRAINT FK_stock_movements_warehouse REFERENCES dbo.warehouses (id),
    change       int NOT NULL CONSTRAINT CK_stock_movements_change CHECK (change <> 0),
    reason       nvarchar(20) NOT NULL CONSTRAINT CK_stock_movements_reason
                 CHECK (reason IN (N'opening', N'delivery', N'sale', N'return', N'correction')),
    order_id     bigint NULL CONSTRAINT FK_stock_movements_order REFERENCES dbo.orders (id),
    booked_at    datetime2(0) NOT NULL CONSTRAINT DF_stock_movements_booked_at DEFAULT (SYSUTCDATETIME())
);
CREATE INDEX IX_stock_movements_product ON dbo.stock_movements (product_id, booked_at);

-- What lies in the warehouses today is the opening balance. The triggers come
-- after it, or it would be counted twice.
INSERT INTO dbo.stock_movements (product_id, warehouse_id, change, reason, booked_at)
SELECT product_id, warehouse_id, quantity, N'opening', '2024-02-01T00:00:00'
  FROM dbo.stock
 WHERE quantity <> 0
 ORDER BY product_id, warehouse_id;
GO

CREATE TRIGGER dbo.TR_stock_movements_book ON dbo.stock_movements
AFTER INSERT
AS
BEGIN
    SET NOCOUNT ON;

    -- One statement may book many movements, also of the same product.
    INSERT INTO dbo.stock (product_id, warehouse_id, quantity)
    SELECT DISTINCT i.product_id, i.warehouse_id, 0
      FROM inserted AS i
     WHERE NOT EXISTS (SELECT 1
                         FROM dbo.stock AS s WITH (UPDLOCK, HOLDLOCK)
                        WHERE s.product_id = i.product_id
                          AND s.warehouse_id = i.warehouse_id);

    UPDATE s
       SET s.quantity = s.quantity + i.change
      FROM dbo.stock AS s
      JOIN (SELECT product_id, warehouse_id, SUM(change) AS change
              FROM inserted
             GROUP BY product_id, warehouse_id) AS i
        ON i.product_id = s.product_id
       AND i.warehouse_id = s.warehouse_id;
END
GO

CREATE TRIGGER dbo.TR_stock_movements_keep ON dbo.stock_movements
AFTER UPDATE, DELETE
AS
BEGIN
    SET NOCOUNT ON;

    IF EXISTS (SELECT 1 FROM deleted)
        THROW 50001, N'A stock movement is never changed or deleted; book a correction.', 1;
END
GO

-- The stocktaking in Rotterdam did not find the last old kettle.
INSERT INTO dbo.stock_movements (product_id, warehouse_id, change, reason, booked_at)
SELECT p.id, w.id, -1, N'correction', '2024-02-01T09:30:00'
  FROM dbo.products AS p
 CROSS JOIN dbo.warehouses AS w
 WHERE p.sku = N'EQP-KET-OLD'
   AND w.code = N'ROT';
