-- The columns of one schema, by the index of what depends on it: information_schema scans the whole catalog, which takes long in a
-- database with many schemas. The rights are those that information_schema asks for.
SELECT space.nspname, relation.relname, attribute.attname
FROM pg_catalog.pg_namespace AS space
JOIN pg_catalog.pg_depend AS dependency ON dependency.refclassid = 'pg_catalog.pg_namespace'::regclass AND dependency.refobjid = space.oid
                                       AND dependency.classid = 'pg_catalog.pg_class'::regclass
JOIN pg_catalog.pg_class AS relation ON relation.oid = dependency.objid AND relation.relkind IN ('r', 'p', 'v', 'f')
JOIN pg_catalog.pg_attribute AS attribute ON attribute.attrelid = relation.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
WHERE space.nspname = {schema}
  AND has_column_privilege(relation.oid, attribute.attnum, 'SELECT, INSERT, UPDATE, REFERENCES')
  AND (lower(relation.relname) IN ({names})
       OR EXISTS (SELECT FROM pg_catalog.pg_attribute AS other
                  WHERE other.attrelid = relation.oid AND NOT other.attisdropped AND other.attname IN ({columns})))
