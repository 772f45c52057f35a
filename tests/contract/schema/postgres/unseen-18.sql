-- a NOT NULL is dropped and set again
ALTER TABLE app.must ALTER COLUMN a DROP NOT NULL; ALTER TABLE app.must ALTER COLUMN a SET NOT NULL;
-- the NOT NULL of a column has a number in its name
ALTER TABLE app.must RENAME CONSTRAINT must_a_not_null TO must_a_not_null1;
-- a check is enforced and not any more
ALTER TABLE app.lax DROP CONSTRAINT lax_k, ADD CONSTRAINT lax_k CHECK (k > 0); ALTER TABLE app.lax DROP CONSTRAINT lax_k, ADD CONSTRAINT lax_k CHECK (k > 0) NOT ENFORCED;
