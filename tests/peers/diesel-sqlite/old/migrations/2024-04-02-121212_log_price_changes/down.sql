DROP TRIGGER log_price;
DROP TABLE price_changes;
