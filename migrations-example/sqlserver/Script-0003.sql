-- Give warehouses their own table

CREATE TABLE dbo.warehouses (
    id   int IDENTITY(1, 1) NOT NULL CONSTRAINT PK_warehouses PRIMARY KEY,
    code nchar(3) NOT NULL CONSTRAINT UQ_warehouses_code UNIQUE,
    city nvarchar(100) NOT NULL
);

INSERT INTO dbo.warehouses (code, city)
SELECT DISTINCT UPPER(LEFT(warehouse, 3)), warehouse
  FROM dbo.stock
 ORDER BY 1;
GO

-- The primary key changes: stock is put aside and built anew.
SELECT product_id, warehouse, quantity
  INTO dbo.old_stock
  FROM dbo.stock;

DROP TABLE dbo.stock;
GO

CREATE TABLE dbo.stock (
    product_id   bigint NOT NULL CONSTRAINT FK_stock_product REFERENCES dbo.products (id),
    warehouse_id int NOT NULL CONSTRAINT FK_stock_warehouse REFERENCES dbo.warehouses (id),
    quantity     int NOT NULL
                 CONSTRAINT DF_stock_quantity DEFAULT (0)
                 CONSTRAINT CK_stock_not_negative CHECK (quantity >= 0),
    CONSTRAINT PK_stock PRIMARY KEY CLUSTERED (product_id, warehouse_id)
);
GO

INSERT INTO dbo.stock (product_id, warehouse_id, quantity)
SELECT o.product_id, w.id, o.quantity
  FROM dbo.old_stock AS o
  JOIN dbo.warehouses AS w ON w.city = o.warehouse;

DROP TABLE dbo.old_stock;
GO

-- What lies in a warehouse is answered from the index alone.
CREATE NONCLUSTERED INDEX IX_stock_warehouse ON dbo.stock (warehouse_id) INCLUDE (quantity);
GO
