DROP TRIGGER log_price ON products;
DROP FUNCTION log_price();
DROP TABLE price_changes;
