-- Discounts on order lines, and a total that the database computes

ALTER TABLE dbo.order_lines ADD
    discount_percent int NOT NULL
    CONSTRAINT DF_order_lines_discount DEFAULT (0)
    CONSTRAINT CK_order_lines_discount CHECK (discount_percent BETWEEN 0 AND 100);
go

-- Café Zwölf pays 35.91 instead of 39.90: that was a discount of 10 % all along.
UPDATE dbo.order_lines
   SET unit_price = 39.90,
       discount_percent = 10
 WHERE product_id = (SELECT id FROM dbo.products WHERE sku = N'COF-ETH-1K')
   AND unit_price = 35.91;
go

ALTER TABLE dbo.order_lines ADD
    total AS CAST(ROUND(quantity * unit_price * (100 - discount_percent) / 100, 2) AS decimal(12, 2)) PERSISTED;
go
