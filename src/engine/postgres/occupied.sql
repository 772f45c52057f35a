-- something of the user's own, extensions' objects aside
SELECT EXISTS (
    SELECT FROM (
        SELECT 'pg_class'::regclass AS catalog, oid, relnamespace AS namespace FROM pg_catalog.pg_class
        UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace FROM pg_catalog.pg_proc
        UNION ALL SELECT 'pg_type'::regclass, oid, typnamespace FROM pg_catalog.pg_type
    ) AS object
    JOIN pg_catalog.pg_namespace AS schema ON schema.oid = object.namespace
    WHERE schema.nspname NOT IN ('pg_catalog', 'information_schema')
      AND schema.nspname NOT LIKE 'pg\_toast%' AND schema.nspname NOT LIKE 'pg\_temp%'
      AND object.oid <> COALESCE(to_regclass({table})::oid, 0)
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS dependency
                      WHERE dependency.classid = object.catalog AND dependency.objid = object.oid
                        AND dependency.deptype = 'e')
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS dependency
                      WHERE dependency.classid = object.catalog AND dependency.objid = object.oid
                        AND dependency.refobjid = COALESCE(to_regclass({table})::oid, 0))
)
