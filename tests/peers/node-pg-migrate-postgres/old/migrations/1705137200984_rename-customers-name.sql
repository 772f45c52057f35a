-- Up Migration
ALTER TABLE customers RENAME COLUMN name TO full_name;

-- Down Migration
ALTER TABLE customers RENAME COLUMN full_name TO name;
