-- the databases of tests that no session holds a lock for
SELECT schema_name
FROM information_schema.schemata
WHERE schema_name REGEXP '^dbmigrate_test_[0-9a-f]{8}$' AND IS_USED_LOCK(schema_name) IS NULL
