-- A SKU is printed on invoices: it never changes

CREATE OR ALTER TRIGGER dbo.TR_products_keep_sku ON dbo.products
AFTER UPDATE
AS
BEGIN
    SET NOCOUNT ON;

    IF UPDATE(sku) AND EXISTS (SELECT 1
                                 FROM inserted AS i
                                 JOIN deleted AS d ON d.id = i.id
                                WHERE i.sku <> d.sku)
        THROW 50007, N'The SKU of a product never changes; add a new product.', 1;
END
GO
