-- Up Migration
ALTER TABLE customers ADD COLUMN email TEXT;

-- Down Migration
ALTER TABLE customers DROP COLUMN email;
