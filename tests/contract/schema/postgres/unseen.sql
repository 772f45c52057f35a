-- rows are inserted, changed and deleted
INSERT INTO app.self (id) VALUES (10); UPDATE app.self SET note = 'x'; DELETE FROM app.self WHERE id = 2;
-- statistics are gathered
ANALYZE;
-- a table is vacuumed fully
VACUUM FULL app.self;
-- a table is clustered
CLUSTER app.self USING self_pkey;
-- sequences move on
SELECT nextval('app.s'), setval('public.orders_id_seq', 50); ALTER SEQUENCE app.s RESTART 12; ALTER TABLE public.customers ALTER COLUMN id RESTART WITH 500;
-- indexes are built anew
REINDEX TABLE public.orders; REINDEX INDEX CONCURRENTLY public.orders_customer;
-- a column is added and dropped
ALTER TABLE app.self ADD COLUMN tmp int; ALTER TABLE app.self DROP COLUMN tmp;
-- the last column is dropped and added again (its attnum is another)
ALTER TABLE app.self DROP COLUMN extra; ALTER TABLE app.self ADD COLUMN extra jsonb;
-- the same view again
CREATE OR REPLACE VIEW app.v4 AS SELECT a.id, b.number FROM public.customers a JOIN public.orders b USING (id) WHERE a.kind = ANY (ARRAY['x', 'y']) UNION SELECT 1, 2 ORDER BY 1;
-- the same function again
CREATE OR REPLACE FUNCTION app.tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
-- a function body has CRLF line ends
CREATE OR REPLACE FUNCTION app.many(VARIADIC xs int[], OUT p int, OUT q text) LANGUAGE plpgsql AS E'\r\nBEGIN\r\n    p := 1; q := ''x'';\r\nEND ';
-- a database setting
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''9MB''', current_database()); END $$;
-- another owner (owner column only)
ALTER TABLE app.u OWNER TO pg_read_all_data;
-- grants (grants column only)
GRANT SELECT ON app.self TO pg_read_all_data; GRANT UPDATE (note) ON app.self TO pg_read_all_data; GRANT USAGE ON SCHEMA app TO public;
-- a grant and its revocation
GRANT SELECT ON app.self TO pg_read_all_data; REVOKE SELECT ON app.self FROM pg_read_all_data;
-- a materialized view is refreshed
REFRESH MATERIALIZED VIEW app.mv;
-- a temporary table
CREATE TEMPORARY TABLE self (id int);
-- the rows are truncated
TRUNCATE app.self;
-- a check is dropped and added again
ALTER TABLE public.orders DROP CONSTRAINT price_positive; ALTER TABLE public.orders ADD CONSTRAINT price_positive CHECK (price > 0); COMMENT ON CONSTRAINT price_positive ON public.orders IS 'not for free';
-- an index is dropped and made again, concurrently
DROP INDEX public.orders_number; CREATE UNIQUE INDEX CONCURRENTLY orders_number ON public.orders (number DESC NULLS LAST) INCLUDE (line);
-- a large object
SELECT lo_create(0);
-- a trigger is off and on again
ALTER TABLE public.orders DISABLE TRIGGER ALL; ALTER TABLE public.orders ENABLE TRIGGER ALL;
-- storage parameters in another order
ALTER TABLE public.orders RESET (fillfactor); ALTER TABLE public.orders SET (fillfactor = 70);
-- default privileges
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO pg_read_all_data;
-- a partition is detached and attached again
ALTER TABLE app.part DETACH PARTITION app.part_1; ALTER TABLE app.part ATTACH PARTITION app.part_1 FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
-- a user mapping
CREATE USER MAPPING FOR pg_read_all_data SERVER far OPTIONS (user 'u', password 'p');
-- an index is marked for clustering
ALTER TABLE app.self CLUSTER ON self_pkey;
-- the sequence of a serial column has another invented name
ALTER SEQUENCE public.orders_id_seq RENAME TO orders_id_seq1;
-- two journals with all that belongs to them
CREATE TABLE public.journal (number bigint PRIMARY KEY, script text NOT NULL, title text, checksum text NOT NULL, state text NOT NULL, applied_at timestamptz NOT NULL, tool_version text NOT NULL, statements_done integer, done_checksum text, format integer NOT NULL); CREATE TABLE public.journal_repairs (run text PRIMARY KEY, number bigserial CHECK (number > 0)); CREATE TABLE public.journal_schema (id int GENERATED ALWAYS AS IDENTITY, text text);
CREATE TABLE "Odd Name"."Odd Journal" (number bigint PRIMARY KEY, script text NOT NULL, title text, checksum text NOT NULL, state text NOT NULL, applied_at timestamptz NOT NULL, tool_version text NOT NULL, statements_done integer, done_checksum text, format integer NOT NULL); CREATE TABLE "Odd Name"."Odd Journal_repairs" (run text UNIQUE); CREATE INDEX ON public.journal (script); CREATE STATISTICS app.of_journal ON script, title FROM public.journal;
COMMENT ON TABLE public.journal IS 'j'; COMMENT ON COLUMN public.journal.script IS 's'; ALTER TABLE public.journal ADD UNIQUE (title), ADD FOREIGN KEY (number) REFERENCES public.journal;
CREATE TRIGGER guard BEFORE UPDATE ON public.journal FOR EACH ROW EXECUTE FUNCTION app.tf(); CREATE RULE quiet AS ON DELETE TO public.journal DO INSTEAD NOTHING; CREATE POLICY all_rows ON public.journal USING (true);
