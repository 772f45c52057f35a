-- A SKU is printed on invoices: it never changes

DROP TRIGGER IF EXISTS products_keep_sku;

DELIMITER $$

CREATE TRIGGER products_keep_sku BEFORE UPDATE ON products
FOR EACH ROW
BEGIN
    IF NEW.sku <> OLD.sku THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the SKU of a product never changes; add a new product';
    END IF;
END$$

DELIMITER ;
