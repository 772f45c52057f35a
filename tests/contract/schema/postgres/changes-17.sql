-- a collation of the server itself has another locale => changed collation app.built_in
DROP COLLATION app.built_in; CREATE COLLATION app.built_in (provider = builtin, locale = 'C');
-- a partitioned table's identity is always generated => changed column app.numbered.id; changed column app.numbered_1.id
ALTER TABLE app.numbered ALTER COLUMN id SET GENERATED ALWAYS;
-- a partitioned table's identity takes other steps => changed column app.numbered.id
ALTER TABLE app.numbered ALTER COLUMN id SET INCREMENT 2;
-- a partitioned table gets an exclusion => added exclusion app.numbered.numbered_k_id_excl
ALTER TABLE app.numbered ADD EXCLUDE USING gist (k WITH =, id WITH <>);
-- a generated column's expression is another => changed column public.customers.both_names
ALTER TABLE public.customers ALTER COLUMN both_names SET EXPRESSION AS (name); ALTER TABLE public.customers ALTER COLUMN both_names SET COMPRESSION pglz;
-- an event trigger fires at every login => changed event trigger at_login
ALTER EVENT TRIGGER at_login ENABLE; ALTER EVENT TRIGGER at_login ENABLE ALWAYS;
-- a view reads JSON otherwise => changed view app.from_json
CREATE OR REPLACE VIEW app.from_json AS SELECT t.* FROM JSON_TABLE(jsonb '[]', '$[*]' COLUMNS (n FOR ORDINALITY, a int PATH '$.a', b text PATH '$.c' DEFAULT 'x' ON EMPTY)) t;
-- a partitioned table has an access method for its partitions => changed table app.list
CREATE ACCESS METHOD other TYPE TABLE HANDLER heap_tableam_handler; ALTER TABLE app.list SET ACCESS METHOD other;
-- an operator is hashable => changed operator app.===(app.pair, app.pair)
ALTER OPERATOR app.=== (app.pair, app.pair) SET (HASHES);
