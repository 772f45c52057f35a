-- a generated column is stored => changed column app.computed.b
ALTER TABLE app.computed DROP COLUMN b; ALTER TABLE app.computed ADD COLUMN b int GENERATED ALWAYS AS (a * 2) STORED; ALTER TABLE app.computed DROP COLUMN c; ALTER TABLE app.computed ADD COLUMN c int GENERATED ALWAYS AS (a * 3) STORED;
-- a virtual column's expression is another => changed column app.computed.b
ALTER TABLE app.computed ALTER COLUMN b SET EXPRESSION AS (a * 4);
-- a NOT NULL gets a name => changed column app.must.a
ALTER TABLE app.must RENAME CONSTRAINT must_a_not_null TO a_there;
-- a NOT NULL has another name => changed column app.must.b
ALTER TABLE app.must RENAME CONSTRAINT b_there TO b_is_there;
-- a NOT NULL is dropped => changed column app.must.b; changed column app.must_too.b
ALTER TABLE app.must ALTER COLUMN b DROP NOT NULL;
-- a NOT NULL is inherited => changed column app.must.c; changed column app.must_too.c
ALTER TABLE app.must ALTER CONSTRAINT c_there INHERIT;
-- a NOT NULL is validated => changed column app.must.d
ALTER TABLE app.must VALIDATE CONSTRAINT d_there;
-- a NOT NULL without a name is validated => changed column app.must.e
ALTER TABLE app.must VALIDATE CONSTRAINT must_e_not_null;
-- a NOT NULL's comment => changed column app.must.b
COMMENT ON CONSTRAINT b_there ON app.must IS NULL;
-- a NOT NULL without a name gets a comment => changed column app.must.a
COMMENT ON CONSTRAINT must_a_not_null ON app.must IS 'a is there';
-- a foreign key is enforced => changed foreign key app.lax.lax_up
ALTER TABLE app.lax ALTER CONSTRAINT lax_up ENFORCED;
-- a check is enforced => changed check app.lax.lax_k
ALTER TABLE app.lax DROP CONSTRAINT lax_k, ADD CONSTRAINT lax_k CHECK (k > 0);
-- a primary key lets periods overlap => changed primary key app.period.period_pk; removed foreign key app.within.within_of
ALTER TABLE app.within DROP CONSTRAINT within_of; ALTER TABLE app.period DROP CONSTRAINT period_pk, ADD CONSTRAINT period_pk PRIMARY KEY (id, valid);
-- a unique constraint lets periods overlap => changed unique app.within.within_key
ALTER TABLE app.within DROP CONSTRAINT within_key, ADD CONSTRAINT within_key UNIQUE (id, valid);
-- a foreign key without a period => changed foreign key app.within.within_of
CREATE UNIQUE INDEX period_both ON app.period (id, valid); ALTER TABLE app.within DROP CONSTRAINT within_of; DROP INDEX app.period_both; ALTER TABLE app.within ADD CONSTRAINT within_of FOREIGN KEY (of) REFERENCES app.self;
-- a domain's NOT NULL has another name => changed domain app.filled
ALTER DOMAIN app.filled RENAME CONSTRAINT filled_there TO filled_is_there;
-- a domain's NOT NULL has no name => changed domain app.filled
ALTER DOMAIN app.filled DROP NOT NULL; ALTER DOMAIN app.filled SET NOT NULL;
-- a publication publishes no generated columns => changed publication generated
ALTER PUBLICATION generated SET (publish_generated_columns = none);
