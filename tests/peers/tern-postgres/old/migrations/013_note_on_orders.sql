-- Write your migrate up statements here

ALTER TABLE orders ADD COLUMN note TEXT;
CREATE UNIQUE INDEX ux_customers_email ON customers (email) WHERE email IS NOT NULL;

---- create above / drop below ----

DROP INDEX ux_customers_email;
ALTER TABLE orders DROP COLUMN note;
