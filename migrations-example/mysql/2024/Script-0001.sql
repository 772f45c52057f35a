-- Add an email address to customers

ALTER TABLE customers ADD COLUMN email VARCHAR(200) NULL;

-- The contact column was used for both; what has an @ is an email address.
UPDATE customers
   SET email = LOWER(TRIM(contact))
 WHERE contact LIKE '%_@_%';

CREATE UNIQUE INDEX customers_email ON customers (email);
