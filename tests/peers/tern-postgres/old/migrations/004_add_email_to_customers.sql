-- Write your migrate up statements here

ALTER TABLE customers ADD COLUMN email TEXT;

---- create above / drop below ----

ALTER TABLE customers DROP COLUMN email;
