CREATE EXTENSION citext SCHEMA public;
CREATE EXTENSION postgres_fdw;
CREATE SCHEMA app; COMMENT ON SCHEMA app IS 'the app';
CREATE SCHEMA "Odd Name";
CREATE TYPE app.color AS ENUM ('red', 'green', 'blue'); COMMENT ON TYPE app.color IS 'colours';
CREATE DOMAIN app.email AS varchar(100) COLLATE "C" NOT NULL DEFAULT 'x@y' CONSTRAINT email_at CHECK (VALUE ~ '@') CHECK (VALUE IN ('a@b', 'x@y', 'c@d'));
COMMENT ON CONSTRAINT email_at ON DOMAIN app.email IS 'has an at';
CREATE TYPE app.pair AS (a int, b text COLLATE "C"); COMMENT ON COLUMN app.pair.a IS 'first';
CREATE TYPE app.span AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE SEQUENCE app.s INCREMENT 5 START 7 CACHE 3; COMMENT ON SEQUENCE app.s IS 'fives';
CREATE TABLE public.customers (
    id bigint GENERATED ALWAYS AS IDENTITY (START 100 INCREMENT 10) PRIMARY KEY,
    name varchar(50) NOT NULL DEFAULT 'nobody' CHECK (name IN ('a', 'b', 'nobody')),
    email public.citext, mail app.email, colour app.color DEFAULT 'red', born date DEFAULT '2000-01-01',
    score numeric(10,2) CHECK (score BETWEEN 0 AND 100), tags text[] DEFAULT '{}', size app.pair, code char(3) DEFAULT 'abc' CHECK (code IN ('abc', 'def')),
    kind varchar(10) CHECK (kind::text <> ALL (ARRAY['x', 'y'])), made timestamptz DEFAULT now(), wait interval DEFAULT '1 day',
    both_names text GENERATED ALWAYS AS (name || kind) STORED,
    flag boolean GENERATED ALWAYS AS (name IN ('a', 'b')) STORED
);
COMMENT ON TABLE public.customers IS 'who buys'; COMMENT ON COLUMN public.customers.name IS 'full';
ALTER TABLE public.customers ALTER COLUMN tags SET STORAGE EXTERNAL, ALTER COLUMN name SET STATISTICS 200, ALTER COLUMN score SET (n_distinct = 5);
ALTER TABLE public.customers ALTER COLUMN both_names SET COMPRESSION pglz;
CREATE TABLE public.orders (
    id serial CONSTRAINT orders_pk PRIMARY KEY WITH (fillfactor = 80), customer bigint REFERENCES public.customers ON DELETE CASCADE DEFERRABLE, number int NOT NULL, line int NOT NULL,
    price numeric(10,2) CONSTRAINT price_positive CHECK (price > 0), state varchar(10) DEFAULT 'new' NOT NULL, during int4range,
    UNIQUE (number, line), EXCLUDE USING gist (during WITH &&) WHERE (state IN ('new', 'paid')), CHECK (line BETWEEN 1 AND 10)
) WITH (fillfactor = 70, toast.autovacuum_enabled = false);
COMMENT ON CONSTRAINT price_positive ON public.orders IS 'not for free';
COMMENT ON INDEX public.orders_pk IS 'the key';
ALTER TABLE public.orders ADD CONSTRAINT late CHECK (line > 0) NOT VALID;
CREATE INDEX orders_customer ON public.orders (customer) WHERE state IN ('new', 'paid'); COMMENT ON INDEX public.orders_customer IS 'by customer';
CREATE UNIQUE INDEX orders_number ON public.orders (number DESC NULLS LAST) INCLUDE (line);
CREATE INDEX orders_expr ON public.orders ((number + 1), lower(state) text_pattern_ops); ALTER INDEX public.orders_expr ALTER COLUMN 1 SET STATISTICS 500;
CREATE INDEX "Odd Index" ON public.orders USING hash (line);
CREATE TABLE "Odd Name"."Odd Table" ("Odd Column" int, "select" text DEFAULT 'It''s', UNIQUE ("Odd Column"));
CREATE TABLE app.self (id int PRIMARY KEY, up int CONSTRAINT self_up REFERENCES app.self, note text, extra jsonb);
ALTER TABLE app.self REPLICA IDENTITY USING INDEX self_pkey;
CREATE UNLOGGED TABLE app.u (a int, b text);
CREATE TABLE app.base (a int NOT NULL CHECK (a > 0), b text); CREATE TABLE app.inh (extra int) INHERITS (app.base);
CREATE TABLE app.typed OF app.pair;
CREATE TABLE app.part (d timestamptz NOT NULL, k int, v varchar(5), PRIMARY KEY (d), CHECK (k > 0)) PARTITION BY RANGE (d);
CREATE INDEX part_k ON app.part (k);
CREATE TABLE app.part_1 PARTITION OF app.part FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE app.part_2 (k int, d timestamptz NOT NULL, v varchar(5), CONSTRAINT part_k_check CHECK (k > 0)); ALTER TABLE app.part ATTACH PARTITION app.part_2 FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
CREATE TABLE app.list (v varchar(5), k int) PARTITION BY LIST (v); CREATE TABLE app.list_a PARTITION OF app.list FOR VALUES IN ('a', 'b'); CREATE TABLE app.list_rest PARTITION OF app.list DEFAULT;
CREATE TABLE app.hashed (k int) PARTITION BY HASH ((k % 10)); CREATE TABLE app.hashed_0 PARTITION OF app.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
ALTER TABLE public.orders ENABLE ROW LEVEL SECURITY; ALTER TABLE public.orders FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON public.orders FOR SELECT TO public USING (state IN ('new', 'paid')); COMMENT ON POLICY seen ON public.orders IS 'open ones';
CREATE POLICY mine ON public.orders AS RESTRICTIVE TO pg_read_all_data USING (customer = 1) WITH CHECK (customer = 1);
CREATE VIEW app.v WITH (security_barrier) AS SELECT id, name FROM public.customers WHERE name IN ('a', 'b') AND score BETWEEN 1 AND 5;
COMMENT ON VIEW app.v IS 'v'; COMMENT ON COLUMN app.v.name IS 'vn'; ALTER VIEW app.v ALTER COLUMN name SET DEFAULT 'dv';
CREATE VIEW app.v2 AS WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT n.i, c.*, CASE c.kind WHEN 'x' THEN 1 ELSE 2 END AS k, EXTRACT(year FROM c.born) AS y, count(*) OVER w AS cnt FROM n LEFT JOIN public.customers c ON c.id = n.i WINDOW w AS (ORDER BY n.i);
CREATE VIEW app.v3 AS SELECT * FROM app.v WHERE name NOT IN ('q', 'r') OR name LIKE 'z%' OR name IS DISTINCT FROM 'a' WITH LOCAL CHECK OPTION;
CREATE VIEW app.v4 AS SELECT a.id, b.number FROM public.customers a JOIN public.orders b USING (id) WHERE a.kind = ANY (ARRAY['x', 'y']) UNION SELECT 1, 2 ORDER BY 1;
CREATE MATERIALIZED VIEW app.mv WITH (fillfactor = 90) AS SELECT id, upper(name) AS up FROM public.customers WHERE name IN ('a', 'b'); CREATE UNIQUE INDEX mv_id ON app.mv (id); COMMENT ON MATERIALIZED VIEW app.mv IS 'mv';
CREATE FUNCTION app.f(a int, b text DEFAULT 'x', c varchar DEFAULT 'y') RETURNS int LANGUAGE sql IMMUTABLE SET search_path = app AS 'SELECT 1'; COMMENT ON FUNCTION app.f IS 'f';
CREATE FUNCTION app.f(a text) RETURNS SETOF text LANGUAGE sql STABLE ROWS 10 COST 7 AS $$ SELECT $1 $$;
CREATE FUNCTION app.std(n varchar) RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM public.customers c WHERE c.name IN ('a', 'b') AND c.name <> n AND c.score BETWEEN 1 AND 2; END;
CREATE FUNCTION app.many(VARIADIC xs int[], OUT p int, OUT q text) LANGUAGE plpgsql AS $$
BEGIN
    p := 1; q := 'x';
END $$;
CREATE PROCEDURE app.pr(INOUT x int) LANGUAGE plpgsql AS $$ BEGIN x := 1; END $$; COMMENT ON PROCEDURE app.pr IS 'pr';
CREATE FUNCTION app.tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION app.etf() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE TRIGGER tr BEFORE INSERT OR UPDATE OF price ON public.orders FOR EACH ROW WHEN (new.state IN ('new', 'paid')) EXECUTE FUNCTION app.tf('x', 1); COMMENT ON TRIGGER tr ON public.orders IS 'tr';
CREATE CONSTRAINT TRIGGER ctr AFTER INSERT ON public.orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.tf();
CREATE TRIGGER ptr AFTER INSERT ON app.part FOR EACH ROW EXECUTE FUNCTION app.tf();
CREATE TRIGGER off BEFORE INSERT ON app.self FOR EACH ROW EXECUTE FUNCTION app.tf(); ALTER TABLE app.self DISABLE TRIGGER off;
CREATE RULE ru AS ON INSERT TO app.u WHERE new.b IN ('q', 'r') DO INSTEAD NOTHING; COMMENT ON RULE ru ON app.u IS 'ru';
CREATE RULE ru2 AS ON UPDATE TO app.u DO ALSO INSERT INTO app.self (id, note) VALUES (new.a, new.b);
CREATE AGGREGATE app.agg (int) (sfunc = int4pl, stype = int, initcond = '0'); COMMENT ON AGGREGATE app.agg (int) IS 'agg';
CREATE FUNCTION app.eq(app.pair, app.pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.a = $2.a';
CREATE OPERATOR app.=== (FUNCTION = app.eq, LEFTARG = app.pair, RIGHTARG = app.pair, COMMUTATOR = OPERATOR(app.===));
CREATE OPERATOR CLASS app.pair_ops FOR TYPE app.pair USING hash AS OPERATOR 1 app.===;
CREATE FUNCTION app.to_text(app.pair) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1.b';
CREATE CAST (app.pair AS text) WITH FUNCTION app.to_text(app.pair) AS ASSIGNMENT;
CREATE COLLATION app.coll (provider = icu, locale = 'de-x-icu', deterministic = false);
CREATE TEXT SEARCH DICTIONARY app.dict (TEMPLATE = simple, STOPWORDS = english);
CREATE TEXT SEARCH CONFIGURATION app.cfg (COPY = pg_catalog.english); ALTER TEXT SEARCH CONFIGURATION app.cfg ALTER MAPPING FOR asciiword WITH app.dict, english_stem;
CREATE STATISTICS app.st (ndistinct, mcv) ON number, line, (number % 7) FROM public.orders; COMMENT ON STATISTICS app.st IS 'st';
CREATE EVENT TRIGGER note_ddl ON ddl_command_end WHEN TAG IN ('CREATE LANGUAGE', 'CREATE CONVERSION') EXECUTE FUNCTION app.etf();
CREATE PUBLICATION pub FOR TABLE public.customers WITH (publish = 'insert');
CREATE SERVER far TYPE 't' FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'h', dbname 'd');
CREATE FOREIGN TABLE app.ft (a int OPTIONS (column_name 'A'), b text) SERVER far OPTIONS (table_name 'T');
GRANT SELECT ON public.customers TO pg_read_all_data; GRANT UPDATE (name) ON public.customers TO pg_read_all_data;
INSERT INTO public.customers (name, mail) VALUES ('a', 'a@b'); INSERT INTO app.self (id) VALUES (1), (2);
