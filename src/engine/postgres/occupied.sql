-- objects of the user's own: none of an extension, and none that only come with another object (an index, the type of a row or an array)
SELECT EXISTS (
    SELECT FROM (
        SELECT 'pg_class'::regclass AS catalog, oid, relnamespace AS namespace FROM pg_catalog.pg_class
        WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace FROM pg_catalog.pg_proc
        UNION ALL SELECT 'pg_type'::regclass, oid, typnamespace FROM pg_catalog.pg_type AS type
        WHERE typtype <> 'm'
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_type AS element WHERE element.typarray = type.oid)
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE pg_class.oid = type.typrelid AND relkind <> 'c')
    ) AS object
    JOIN pg_catalog.pg_namespace AS schema ON schema.oid = object.namespace
    WHERE schema.nspname NOT IN ('pg_catalog', 'information_schema')
      AND schema.nspname NOT LIKE 'pg\_toast%' AND schema.nspname NOT LIKE 'pg\_temp%'
      AND object.oid NOT IN ({journal})
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS dependency
                      WHERE dependency.classid = object.catalog AND dependency.objid = object.oid
                        AND dependency.deptype = 'e')
)
