-- Write your migrate up statements here

ALTER TABLE customers RENAME COLUMN name TO full_name;

---- create above / drop below ----

ALTER TABLE customers RENAME COLUMN full_name TO name;
