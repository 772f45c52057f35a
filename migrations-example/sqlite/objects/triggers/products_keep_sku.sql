-- A SKU is printed on invoices: it never changes

DROP TRIGGER IF EXISTS products_keep_sku;
CREATE TRIGGER products_keep_sku BEFORE UPDATE OF sku ON products
WHEN NEW.sku <> OLD.sku
BEGIN
    SELECT RAISE(ABORT, 'the SKU of a product never changes; add a new product');
END;
