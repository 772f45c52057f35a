DROP INDEX ux_customers_email;
ALTER TABLE orders DROP COLUMN note;
