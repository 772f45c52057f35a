-- The objects that a query is about, and where the catalog has them: what dependents.sql and keep.sql begin with.
--
-- Parameters: five arrays of equal length, one element per object, all names as they are in the catalog (not quoted):
--   $1 kind: view, materialized view, function, procedure, aggregate, trigger, rule, policy, type, domain
--   $2 schema (of a trigger, a rule, a policy: the schema of its table or view)
--   $3 name
--   $4 of a trigger, a rule, a policy: the name of its table or view; otherwise NULL
--   $5 of a function, a procedure, an aggregate: oidvectortypes(proargtypes); otherwise NULL
-- An asked object that does not exist has no row.
WITH RECURSIVE
asked AS (
    SELECT a.place, a.kind, a.schema, a.name, a.relation, a.arguments, n.oid AS namespace
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY AS a (kind, schema, name, relation, arguments, place)
    JOIN pg_catalog.pg_namespace n ON n.nspname = a.schema
), found AS MATERIALIZED (
    -- the asked objects that exist
    SELECT a.place, a.kind, a.schema, a.name, a.relation, a.arguments, a.namespace, 'pg_catalog.pg_class'::regclass::oid AS classid, c.oid AS objid
    FROM asked a JOIN pg_catalog.pg_class c ON c.relnamespace = a.namespace AND c.relname = a.name
    WHERE c.relkind = ANY (CASE a.kind WHEN 'view' THEN '{v}' WHEN 'materialized view' THEN '{m}' WHEN 'index' THEN '{i,I}' END::"char"[])
    UNION ALL
    SELECT a.place, a.kind, a.schema, a.name, a.relation, a.arguments, a.namespace, 'pg_catalog.pg_proc'::regclass, p.oid
    FROM asked a JOIN pg_catalog.pg_proc p ON p.pronamespace = a.namespace AND p.proname = a.name
    WHERE p.prokind = ANY (CASE a.kind WHEN 'function' THEN '{f,w}' WHEN 'procedure' THEN '{p}' WHEN 'aggregate' THEN '{a}' END::"char"[])
      AND pg_catalog.oidvectortypes(p.proargtypes) = a.arguments
    UNION ALL
    SELECT a.place, a.kind, a.schema, a.name, a.relation, a.arguments, a.namespace, 'pg_catalog.pg_type'::regclass, t.oid
    FROM asked a JOIN pg_catalog.pg_type t ON t.typnamespace = a.namespace AND t.typname = a.name
    WHERE a.kind = CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END
    UNION ALL
    SELECT a.place, a.kind, a.schema, a.name, a.relation, a.arguments, a.namespace, o.classid, o.objid
    FROM asked a JOIN pg_catalog.pg_class c ON c.relnamespace = a.namespace AND c.relname = a.relation
    CROSS JOIN LATERAL (
        SELECT 'pg_catalog.pg_trigger'::regclass::oid, t.oid FROM pg_catalog.pg_trigger t
        WHERE a.kind = 'trigger' AND t.tgrelid = c.oid AND t.tgname = a.name AND NOT t.tgisinternal
        UNION ALL
        SELECT 'pg_catalog.pg_rewrite'::regclass, r.oid FROM pg_catalog.pg_rewrite r
        WHERE a.kind = 'rule' AND r.ev_class = c.oid AND r.rulename = a.name
        UNION ALL
        SELECT 'pg_catalog.pg_policy'::regclass, p.oid FROM pg_catalog.pg_policy p
        WHERE a.kind = 'policy' AND p.polrelid = c.oid AND p.polname = a.name
    ) AS o (classid, objid)
    UNION ALL
    SELECT a.place, a.kind, a.schema, a.name, a.relation, a.arguments, a.namespace, 'pg_catalog.pg_statistic_ext'::regclass, s.oid
    FROM asked a JOIN pg_catalog.pg_statistic_ext s ON s.stxnamespace = a.namespace AND s.stxname = a.name
    WHERE a.kind = 'statistics object'
)
