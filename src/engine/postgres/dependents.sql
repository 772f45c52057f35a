-- Returns what must be dropped with the asked objects, in an order in which no DROP needs CASCADE.
-- Read-only. Run it with an empty search_path: the names of types, and the texts, depend on it.
--
-- Parameters: as in asked.sql, with which the query begins.
--
-- Columns: place; kind (one of the above, or "other": no file can create it again, so refuse to drop); schema, name, relation,
-- arguments (as the parameters; NULL for "other"); object (for people); statement (the DROP; NULL for "other", and for an object
-- that goes with the one before it, because they depend on each other); asked (whether it is one of the asked objects).
, reached (classid, objid, subid) AS (
    -- everything that DROP ... CASCADE would drop, with its parts
    SELECT f.classid, f.objid, 0 FROM found f
    UNION
    SELECT next.classid, next.objid, next.subid
    FROM reached r CROSS JOIN LATERAL (
        -- what depends on it (nothing needs to be known of an extension but that it is there)
        SELECT d.classid, d.objid, d.objsubid FROM pg_catalog.pg_depend d
        WHERE d.refclassid = r.classid AND d.refobjid = r.objid AND (r.subid = 0 OR d.refobjsubid = r.subid)
          AND r.classid <> 'pg_catalog.pg_extension'::regclass
        UNION ALL
        -- what it cannot be dropped without
        SELECT d.refclassid, d.refobjid, d.refobjsubid FROM pg_catalog.pg_depend d
        WHERE d.classid = r.classid AND d.objid = r.objid AND (r.subid = 0 OR d.objsubid = r.subid) AND d.deptype IN ('i', 'e')
        UNION ALL
        -- A column of a view or of a composite type stands for the whole.
        SELECT r.classid, r.objid, 0 FROM pg_catalog.pg_class c
        WHERE r.classid = 'pg_catalog.pg_class'::regclass AND r.subid <> 0 AND c.oid = r.objid AND c.relkind IN ('v', 'm', 'c')
    ) AS next (classid, objid, subid)
), parent AS MATERIALIZED (
    -- Of what is each a part? Triggers, rules and policies have files of their own, so they are no parts.
    SELECT r.classid, r.objid, r.subid, p.classid AS parent_classid, p.objid AS parent_objid, p.subid AS parent_subid
    FROM reached r JOIN pg_catalog.pg_depend d ON d.classid = r.classid AND d.objid = r.objid AND d.objsubid = r.subid
    JOIN reached p ON p.classid = d.refclassid AND p.objid = d.refobjid AND p.subid IN (0, d.refobjsubid)
    WHERE (p.classid, p.objid, p.subid) <> (r.classid, r.objid, r.subid)
      AND (d.deptype IN ('i', 'e', 'P') OR d.deptype IN ('a', 'S') AND r.classid NOT IN (
           'pg_catalog.pg_trigger'::regclass, 'pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_policy'::regclass))
    UNION ALL
    SELECT r.classid, r.objid, r.subid, p.classid, p.objid, p.subid
    FROM reached r JOIN reached p ON p.classid = r.classid AND p.objid = r.objid AND p.subid = 0 WHERE r.subid <> 0
), ancestor AS (
    SELECT r.classid, r.objid, r.subid, r.classid AS whole_classid, r.objid AS whole_objid, r.subid AS whole_subid FROM reached r
    UNION
    SELECT a.classid, a.objid, a.subid, p.parent_classid, p.parent_objid, p.parent_subid
    FROM ancestor a JOIN parent p ON p.classid = a.whole_classid AND p.objid = a.whole_objid AND p.subid = a.whole_subid
), part AS MATERIALIZED (
    -- each thing with the object that it is dropped with, which is a part of nothing
    SELECT DISTINCT ON (a.classid, a.objid, a.subid) a.classid, a.objid, a.subid, a.whole_classid, a.whole_objid, a.whole_subid
    FROM ancestor a
    WHERE NOT EXISTS (SELECT FROM parent p WHERE p.classid = a.whole_classid AND p.objid = a.whole_objid AND p.subid = a.whole_subid)
    ORDER BY a.classid, a.objid, a.subid, a.whole_classid, a.whole_objid, a.whole_subid
), numbered AS MATERIALIZED (
    SELECT p.classid, p.objid, p.subid, dense_rank() OVER (ORDER BY p.whole_classid, p.whole_objid, p.whole_subid)::int AS whole FROM part p
), dropped AS MATERIALIZED (
    SELECT n.whole, p.whole_classid AS classid, p.whole_objid AS objid, p.whole_subid AS subid,
           bool_or((p.classid, p.objid) IN (SELECT f.classid, f.objid FROM found f)) AS asked
    FROM numbered n JOIN part p USING (classid, objid, subid) GROUP BY 1, 2, 3, 4
), edge AS MATERIALIZED (
    SELECT DISTINCT used.whole AS used, user_.whole AS "user"
    FROM numbered user_
    JOIN pg_catalog.pg_depend d ON d.classid = user_.classid AND d.objid = user_.objid AND (user_.subid = 0 OR d.objsubid = user_.subid)
    JOIN numbered used ON used.classid = d.refclassid AND used.objid = d.refobjid AND (used.subid = 0 OR used.subid = d.refobjsubid)
    WHERE used.whole <> user_.whole
), dependent (used, "user") AS (
    SELECT e.used, e."user" FROM edge e
    UNION
    SELECT d.used, e."user" FROM dependent d JOIN edge e ON e.used = d."user"
), circle AS (
    -- objects that depend on each other: each names the first of them
    SELECT d.used AS whole, min(d."user") AS first
    FROM dependent d JOIN dependent back ON back.used = d."user" AND back."user" = d.used GROUP BY d.used
), depth AS (
    -- An object has more dependents than each of its dependents has, unless they depend on each other: then both have the same.
    SELECT d.used AS whole, count(*) AS dependents FROM dependent d GROUP BY d.used
), described AS (
    SELECT o.whole, o.asked, d.* FROM dropped o CROSS JOIN LATERAL (
        SELECT CASE c.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END AS kind, n.nspname::text AS schema, c.relname::text AS name, NULL::text AS relation,
               NULL::text AS arguments, format('%I.%I', n.nspname, c.relname) AS target
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE o.classid = 'pg_catalog.pg_class'::regclass AND c.oid = o.objid AND o.subid = 0 AND c.relkind IN ('v', 'm')
        UNION ALL
        SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END, n.nspname, p.proname, NULL,
               pg_catalog.oidvectortypes(p.proargtypes),
               format('%I.%I(%s)', n.nspname, p.proname, CASE WHEN p.prokind = 'a' AND p.pronargs = 0 THEN '*' ELSE pg_catalog.pg_get_function_identity_arguments(p.oid) END)
        FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
        WHERE o.classid = 'pg_catalog.pg_proc'::regclass AND p.oid = o.objid
        UNION ALL
        SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, n.nspname, t.typname, NULL, NULL, format('%I.%I', n.nspname, t.typname)
        FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
        WHERE o.classid = 'pg_catalog.pg_type'::regclass AND t.oid = o.objid
        UNION ALL
        SELECT part.kind, n.nspname, part.name, c.relname, NULL, format('%I ON %I.%I', part.name, n.nspname, c.relname)
        FROM (
            SELECT 'trigger', t.tgname, t.tgrelid FROM pg_catalog.pg_trigger t WHERE o.classid = 'pg_catalog.pg_trigger'::regclass AND t.oid = o.objid
            UNION ALL
            SELECT 'rule', r.rulename, r.ev_class FROM pg_catalog.pg_rewrite r WHERE o.classid = 'pg_catalog.pg_rewrite'::regclass AND r.oid = o.objid
            UNION ALL
            SELECT 'policy', p.polname, p.polrelid FROM pg_catalog.pg_policy p WHERE o.classid = 'pg_catalog.pg_policy'::regclass AND p.oid = o.objid
        ) AS part (kind, name, relid)
        JOIN pg_catalog.pg_class c ON c.oid = part.relid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    ) AS d
    UNION ALL
    SELECT o.whole, o.asked, 'other', NULL, NULL, NULL, NULL, pg_catalog.pg_describe_object(o.classid, o.objid, o.subid) FROM dropped o
    WHERE NOT (o.classid IN ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_type'::regclass, 'pg_catalog.pg_trigger'::regclass,
                             'pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_policy'::regclass)
               OR o.classid = 'pg_catalog.pg_class'::regclass AND o.subid = 0
                  AND EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = o.objid AND c.relkind IN ('v', 'm')))
)
SELECT (row_number() OVER in_order)::int AS place, d.kind, d.schema, d.name, d.relation, d.arguments,
       CASE WHEN d.kind = 'other' THEN d.target
            WHEN d.relation IS NOT NULL THEN format('%s %I on %I.%I', d.kind, d.name, d.schema, d.relation)
            WHEN d.arguments IS NULL THEN format('%s %I.%I', d.kind, d.schema, d.name)
            ELSE format('%s %I.%I(%s)', d.kind, d.schema, d.name, d.arguments) END AS object,
       CASE WHEN d.kind <> 'other' AND (c.first IS NULL OR row_number() OVER (PARTITION BY c.first ORDER BY d.whole) = 1)
            THEN format('DROP %s %s%s', upper(d.kind), d.target, CASE WHEN c.first IS NOT NULL THEN ' CASCADE' END) END AS statement,
       d.asked
FROM described d LEFT JOIN depth ON depth.whole = d.whole LEFT JOIN circle c ON c.whole = d.whole
WINDOW in_order AS (ORDER BY coalesce(depth.dependents, 0), coalesce(c.first, d.whole), d.whole)
ORDER BY 1
