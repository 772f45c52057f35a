-- A SKU is printed on invoices: it never changes

CREATE OR REPLACE FUNCTION keep_sku() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the SKU of product % never changes; add a new product', OLD.sku;
END;
$$;

CREATE OR REPLACE TRIGGER products_keep_sku
    BEFORE UPDATE OF sku ON products
    FOR EACH ROW WHEN (NEW.sku IS DISTINCT FROM OLD.sku)
    EXECUTE FUNCTION keep_sku();
