-- The system's own objects and those of extensions are left out.
WITH space AS (
    SELECT oid, nspname, nspname = {default} AS is_default FROM pg_catalog.pg_namespace
    WHERE nspname NOT IN ('pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg\_toast%' AND nspname NOT LIKE 'pg\_temp%'{own}
), member AS (
    SELECT classid, objid FROM pg_catalog.pg_depend WHERE refclassid = 'pg_catalog.pg_extension'::regclass AND deptype = 'e'
), relation AS (
    SELECT c.oid, s.nspname, s.is_default, c.relname, c.relkind FROM pg_catalog.pg_class c JOIN space s ON s.oid = c.relnamespace
    WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_catalog.pg_class'::regclass AND m.objid = c.oid){relations}
)
SELECT CASE relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END AS kind, nspname::text, relname::text, NULL AS on_table, NULL AS arguments, is_default::text
FROM relation WHERE relkind IN ('v', 'm')
UNION ALL
SELECT CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END, s.nspname::text, p.proname::text, NULL,
       -- like oidvectortypes() with an empty search_path, which would depend on the one of the session
       (SELECT coalesce(string_agg(CASE WHEN n.nspname = 'pg_catalog' THEN pg_catalog.format_type(t.oid, NULL)
                                        ELSE format('%I.%I', n.nspname, coalesce(e.typname, t.typname)) || CASE WHEN e.oid IS NULL THEN '' ELSE '[]' END END,
                                   ', ' ORDER BY a.place), '')
        FROM unnest(p.proargtypes) WITH ORDINALITY a (type, place) JOIN pg_catalog.pg_type t ON t.oid = a.type
        LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A' AND t.typlen = -1
        JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace), s.is_default::text
FROM pg_catalog.pg_proc p JOIN space s ON s.oid = p.pronamespace
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_catalog.pg_proc'::regclass AND m.objid = p.oid)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i'){routines}
UNION ALL
SELECT 'trigger', r.nspname::text, t.tgname::text, r.relname::text, NULL, r.is_default::text
FROM pg_catalog.pg_trigger t JOIN relation r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal AND t.tgparentid = 0
UNION ALL
SELECT 'rule', r.nspname::text, w.rulename::text, r.relname::text, NULL, r.is_default::text
FROM pg_catalog.pg_rewrite w JOIN relation r ON r.oid = w.ev_class WHERE w.rulename <> '_RETURN'
UNION ALL
SELECT 'policy', r.nspname::text, p.polname::text, r.relname::text, NULL, r.is_default::text
FROM pg_catalog.pg_policy p JOIN relation r ON r.oid = p.polrelid
UNION ALL
SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, s.nspname::text, t.typname::text, NULL, NULL, s.is_default::text
FROM pg_catalog.pg_type t JOIN space s ON s.oid = t.typnamespace LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
WHERE (t.typtype IN ('d', 'e', 'r') OR t.typtype = 'c' AND c.relkind = 'c')
  AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_catalog.pg_type'::regclass AND m.objid = t.oid){types}
UNION ALL
SELECT 'event trigger', NULL, evtname::text, NULL, NULL, NULL FROM pg_catalog.pg_event_trigger t
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_catalog.pg_event_trigger'::regclass AND m.objid = t.oid)
