-- The functions that plpgsql_check can check, if that extension is installed: a trigger function is checked for each trigger.
SELECT CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END AS kind, s.nspname::text, p.proname::text, NULL AS on_table,
       -- as in the list of objects
       (SELECT coalesce(string_agg(CASE WHEN n.nspname = 'pg_catalog' THEN pg_catalog.format_type(t.oid, NULL)
                                        ELSE format('%I.%I', n.nspname, coalesce(e.typname, t.typname)) || CASE WHEN e.oid IS NULL THEN '' ELSE '[]' END END,
                                   ', ' ORDER BY a.place), '')
        FROM unnest(p.proargtypes) WITH ORDINALITY a (type, place) JOIN pg_catalog.pg_type t ON t.oid = a.type
        LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A' AND t.typlen = -1
        JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace) AS arguments,
       format('SELECT message, sqlstate, detail, hint, coalesce(''line '' || lineno || '' of its body, at '' || statement, context) '
              'FROM %I.plpgsql_check_function_tb(%s::regprocedure, %s::regclass, fatal_errors := %L, oldtable := %L, newtable := %L) '
              'WHERE level = ''error'' AND %s LIMIT 1',
              c.nspname, p.oid, coalesce(g.tgrelid, 0), NOT body.has_temporary, g.tgoldtable, g.tgnewtable,
              -- a table that the function itself creates does not exist yet
              CASE WHEN body.has_temporary THEN 'sqlstate <> ''42P01''' ELSE 'true' END) AS statement
FROM pg_catalog.pg_extension x
JOIN pg_catalog.pg_namespace c ON c.oid = x.extnamespace
JOIN pg_catalog.pg_language l ON l.lanname = 'plpgsql'
JOIN pg_catalog.pg_proc p ON p.prolang = l.oid
JOIN pg_catalog.pg_namespace s ON s.oid = p.pronamespace
CROSS JOIN LATERAL (SELECT p.prosrc ~* '\mtemp(orary)?\M' AS has_temporary) body
LEFT JOIN pg_catalog.pg_trigger g ON g.tgfoid = p.oid AND NOT g.tgisinternal AND g.tgparentid = 0
WHERE x.extname = 'plpgsql_check'
  AND (p.prorettype <> 'pg_catalog.trigger'::regtype OR g.oid IS NOT NULL)
  AND (SELECT bool_and(has_function_privilege(f.oid, 'EXECUTE'))
       FROM pg_catalog.pg_proc f WHERE f.proname = 'plpgsql_check_function_tb' AND f.pronamespace = c.oid)
ORDER BY p.oid, g.tgname
