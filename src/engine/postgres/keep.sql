-- Returns the statements that give objects back what DROP takes from them and what no file says: the owner, the privileges, the
-- comments, the state of triggers and rules, the indexes and statistics objects of a materialized view.
-- Read-only. Run it BEFORE the drop, by the role that will create the objects again, with an empty search_path; run the
-- statements with an empty search_path, too.
--
-- Parameters: as in asked.sql, with which the query begins.
--
-- Columns:
--   place        the order of the statements
--   kind, schema, name, relation, arguments   what the statement is about: an asked object, or (kind "index" or "statistics
--                object") a part of an asked materialized view
--   creates      whether the statement belongs to the creation of such a part
--   view_schema, view_name   the materialized view of such a part
--   needs        names of columns (or of a domain's constraints), or NULL
--   statement
--   problem      why the current role cannot run the statement, as far as this can be known; NULL if nothing stands against it.
--                If it is not NULL, fail before anything is dropped.
--
-- The statements of an object run after the statement that creates it again, so that what the file says after that (GRANT,
-- COMMENT, ALTER ...) has the last word; without those whose "needs" it has not. The parts of materialized views follow all
-- files.
, caller AS MATERIALIZED (
    SELECT r.oid, r.rolname, r.rolsuper, current_setting('role') AS role, current_setting('default_tablespace') AS tablespace,
           -- the right to SET ROLE is apart from membership from 16 on
           CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END AS membership
    FROM pg_catalog.pg_roles r WHERE r.rolname = current_user
), object AS MATERIALIZED (
    -- "target": how ALTER and COMMENT name it; "granted": how GRANT names it
    SELECT f.*, o.relid, o.owner, o.acl, o.acl_type, o.target, o.granted
    FROM found f CROSS JOIN LATERAL (
        SELECT c.oid, c.relowner, c.relacl, 'r'::"char", format('%s %I.%I', upper(f.kind), f.schema, f.name), format('TABLE %I.%I', f.schema, f.name)
        FROM pg_catalog.pg_class c WHERE f.classid = 'pg_catalog.pg_class'::regclass AND c.oid = f.objid AND c.relkind IN ('v', 'm')
        UNION ALL
        SELECT 0, p.proowner, p.proacl, 'f', format('%s %s', upper(f.kind), s.signature),
               CASE f.kind WHEN 'aggregate' THEN format('FUNCTION %I.%I(%s)', f.schema, f.name, f.arguments) ELSE format('%s %s', upper(f.kind), s.signature) END
        FROM pg_catalog.pg_proc p CROSS JOIN LATERAL (
            SELECT format('%I.%I(%s)', f.schema, f.name, CASE WHEN p.prokind = 'a' AND p.pronargs = 0 THEN '*' ELSE pg_catalog.pg_get_function_identity_arguments(p.oid) END)
        ) AS s (signature)
        WHERE f.classid = 'pg_catalog.pg_proc'::regclass AND p.oid = f.objid
        UNION ALL
        SELECT t.typrelid, t.typowner, t.typacl, 'T', format('%s %I.%I', upper(f.kind), f.schema, f.name), format('%s %I.%I', upper(f.kind), f.schema, f.name)
        FROM pg_catalog.pg_type t WHERE f.classid = 'pg_catalog.pg_type'::regclass AND t.oid = f.objid
        UNION ALL
        SELECT 0, NULL, NULL, NULL, format('%s %I ON %I.%I', upper(f.kind), f.name, f.schema, f.relation), NULL WHERE f.relation IS NOT NULL
    ) AS o (relid, owner, acl, acl_type, target, granted)
), privilege AS MATERIALIZED (
    -- every single privilege: on the object (attnum 0) or on a column
    SELECT o.place, 0 AS attnum, NULL::text AS attname, x.grantor, x.grantee, x.privilege_type, x.is_grantable, x.position
    FROM object o CROSS JOIN LATERAL pg_catalog.aclexplode(coalesce(o.acl, pg_catalog.acldefault(o.acl_type, o.owner)))
         WITH ORDINALITY AS x (grantor, grantee, privilege_type, is_grantable, position)
    WHERE o.owner IS NOT NULL
    UNION ALL
    SELECT o.place, a.attnum, a.attname, x.grantor, x.grantee, x.privilege_type, x.is_grantable, x.position
    FROM object o JOIN pg_catalog.pg_attribute a ON a.attrelid = o.relid AND a.attnum > 0 AND NOT a.attisdropped
    CROSS JOIN LATERAL pg_catalog.aclexplode(a.attacl) WITH ORDINALITY AS x (grantor, grantee, privilege_type, is_grantable, position)
    WHERE o.acl_type = 'r'
), chain AS (
    -- A role can grant what it has been granted WITH GRANT OPTION: 0 for grants of the owner, 1 for those of whom he has granted it, and so on.
    SELECT p.place, p.attnum, p.grantor, p.grantee, p.privilege_type, p.is_grantable, 0 AS length
    FROM privilege p JOIN object o ON o.place = p.place
    WHERE p.grantor = o.owner
       OR p.attnum > 0 AND EXISTS (SELECT FROM privilege w WHERE w.place = p.place AND w.attnum = 0 AND w.grantee = p.grantor AND w.privilege_type = p.privilege_type AND w.is_grantable)
    UNION
    SELECT p.place, p.attnum, p.grantor, p.grantee, p.privilege_type, p.is_grantable, c.length + 1
    FROM chain c JOIN privilege p ON p.place = c.place AND p.attnum = c.attnum AND p.grantor = c.grantee AND p.privilege_type = c.privilege_type AND p.grantor <> p.grantee
    WHERE c.is_grantable AND c.length < 100
), granting AS (
    SELECT p.place, p.attnum, p.attname, p.grantor, p.grantee, p.is_grantable, coalesce(c.length, 100) AS length,
           row_number() OVER (PARTITION BY p.place ORDER BY coalesce(c.length, 100), p.attnum, min(p.position)) AS number,
           string_agg(p.privilege_type || CASE WHEN p.attnum > 0 THEN format(' (%I)', p.attname) ELSE '' END, ', ' ORDER BY p.position) AS privileges
    FROM privilege p LEFT JOIN (
        SELECT c.place, c.attnum, c.grantor, c.grantee, c.privilege_type, min(c.length) AS length FROM chain c GROUP BY 1, 2, 3, 4, 5
    ) AS c ON c.place = p.place AND c.attnum = p.attnum AND c.grantor = p.grantor AND c.grantee = p.grantee AND c.privilege_type = p.privilege_type
    GROUP BY 1, 2, 3, 4, 5, 6, 7
), preset AS MATERIALIZED (
    -- who may have privileges on the new object from ALTER DEFAULT PRIVILEGES, whoever creates it
    SELECT DISTINCT o.place, x.grantee
    FROM object o JOIN pg_catalog.pg_default_acl d ON d.defaclobjtype = o.acl_type AND d.defaclnamespace IN (0, o.namespace)
    LEFT JOIN LATERAL pg_catalog.aclexplode(d.defaclacl) x ON true
), reset AS MATERIALIZED (
    -- the objects with other privileges than those of a new one, or of which this cannot be known
    SELECT o.place, o.owner FROM object o WHERE o.owner IS NOT NULL AND (o.acl IS NOT NULL OR o.place IN (SELECT p.place FROM preset p))
), part AS MATERIALIZED (
    -- the indexes and statistics objects of materialized views
    SELECT o.place, 'index' AS kind, n.nspname::text AS schema, c.relname::text AS name, format('INDEX %I.%I', n.nspname, c.relname) AS target,
           'pg_catalog.pg_class'::regclass AS classid, c.oid AS objid, i.indisclustered AS is_clustered, t.spcname AS tablespace, NULL::oid AS owner,
           regexp_replace(pg_catalog.pg_get_indexdef(c.oid), '^CREATE (UNIQUE )?INDEX ', E'CREATE \\1INDEX IF NOT EXISTS ') AS definition,
           ARRAY(SELECT DISTINCT a.attname::text FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                 WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = o.objid
                   AND a.attnum > 0) AS needs
    FROM object o JOIN pg_catalog.pg_index i ON i.indrelid = o.objid AND i.indisvalid JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_catalog.pg_tablespace t ON t.oid = c.reltablespace
    WHERE o.kind = 'materialized view'
    UNION ALL
    SELECT o.place, 'statistics object', n.nspname, s.stxname, format('STATISTICS %I.%I', n.nspname, s.stxname),
           'pg_catalog.pg_statistic_ext'::regclass, s.oid, false, NULL, s.stxowner,
           regexp_replace(pg_catalog.pg_get_statisticsobjdef(s.oid), '^CREATE STATISTICS ', 'CREATE STATISTICS IF NOT EXISTS '),
           ARRAY(SELECT DISTINCT a.attname::text FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                 WHERE d.classid = 'pg_catalog.pg_statistic_ext'::regclass AND d.objid = s.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = o.objid
                   AND a.attnum > 0)
    FROM object o JOIN pg_catalog.pg_statistic_ext s ON s.stxrelid = o.objid JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
    WHERE o.kind = 'materialized view'
), trigger_tree AS (
    -- a trigger, and its copies on partitions, which have a state of their own
    SELECT o.place, t.oid, t.tgname, t.tgrelid, t.tgenabled FROM object o JOIN pg_catalog.pg_trigger t ON o.kind = 'trigger' AND t.oid = o.objid
    UNION ALL
    SELECT p.place, t.oid, t.tgname, t.tgrelid, t.tgenabled FROM trigger_tree p JOIN pg_catalog.pg_trigger t ON t.tgparentid = p.oid
), extension AS MATERIALIZED (
    SELECT d.classid, d.objid, e.extname FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
    WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'x'
), step AS (
    -- the owner first: it becomes the grantor of what the new object has been granted so far
    SELECT false AS creates, o.place, 1 AS step, 0::bigint AS sub, 0 AS line, NULL::text[] AS needs, NULL::text AS part_kind, NULL::text AS part_schema, NULL::text AS part_name,
           format('ALTER %s OWNER TO %I', o.target, r.rolname) AS statement,
           CASE WHEN caller.rolsuper OR r.oid = caller.oid THEN NULL
                WHEN NOT pg_catalog.pg_has_role(caller.oid, r.oid, caller.membership) THEN format('its owner is %I, and %I may not SET ROLE to it', r.rolname, caller.rolname)
                WHEN NOT pg_catalog.pg_has_role(caller.oid, r.oid, 'USAGE') THEN format('its owner is %I, whose rights %I does not inherit', r.rolname, caller.rolname)
                WHEN NOT pg_catalog.has_schema_privilege(r.oid, o.namespace, 'CREATE') THEN format('its owner is %I, who has no CREATE on the schema %I', r.rolname, o.schema)
           END AS problem
    FROM object o JOIN pg_catalog.pg_roles r ON r.oid = o.owner CROSS JOIN caller
    UNION ALL
    -- all that the new object may have got by default
    SELECT false, s.place, 2, 0, 0, NULL, NULL, NULL, NULL,
           format('REVOKE ALL ON %s FROM PUBLIC, %s', o.granted, (
               SELECT string_agg(quote_ident(r.rolname), ', ' ORDER BY r.oid = s.owner DESC, r.rolname) FROM pg_catalog.pg_roles r
               WHERE r.oid = s.owner OR r.oid IN (SELECT p.grantee FROM preset p WHERE p.place = s.place))),
           NULL
    FROM reset s JOIN object o ON o.place = s.place
    UNION ALL
    -- the privileges, each by the role that has granted it
    SELECT false, g.place, CASE WHEN g.attnum = 0 THEN 3 ELSE 4 END, g.number, l.line::int,
           CASE WHEN g.attnum > 0 THEN ARRAY[g.attname] END, NULL, NULL, NULL, l.statement,
           CASE WHEN g.grantor <> o.owner AND NOT caller.rolsuper AND NOT pg_catalog.pg_has_role(caller.oid, g.grantor, caller.membership)
                THEN format('%I has granted privileges on it, and %I may not SET ROLE to it', by.rolname, caller.rolname) END
    FROM granting g JOIN object o ON o.place = g.place JOIN pg_catalog.pg_roles by ON by.oid = g.grantor LEFT JOIN pg_catalog.pg_roles r ON r.oid = g.grantee CROSS JOIN caller
    CROSS JOIN LATERAL unnest(ARRAY[
        CASE WHEN g.grantor <> o.owner THEN format('SET LOCAL ROLE %I', by.rolname) END,
        format('GRANT %s ON %s TO %s%s', g.privileges, o.granted, CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(r.rolname) END, CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' END),
        CASE WHEN g.grantor <> o.owner THEN format('SELECT pg_catalog.set_config(''role'', %L, true)', caller.role) END
    ]) WITH ORDINALITY AS l (statement, line)
    WHERE l.statement IS NOT NULL AND (g.attnum > 0 OR g.place IN (SELECT s.place FROM reset s))
    UNION ALL
    -- the defaults of a view's columns
    SELECT false, o.place, 4, 0, a.attnum, ARRAY[a.attname::text], NULL, NULL, NULL,
           format('ALTER VIEW %I.%I ALTER COLUMN %I SET DEFAULT %s', o.schema, o.name, a.attname, pg_catalog.pg_get_expr(d.adbin, d.adrelid)), NULL
    FROM object o JOIN pg_catalog.pg_attrdef d ON o.kind = 'view' AND d.adrelid = o.objid JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    UNION ALL
    SELECT false, o.place, 5, 0, 0, NULL, NULL, NULL, NULL, format('COMMENT ON %s IS %L', o.target, d.description), NULL
    FROM object o JOIN pg_catalog.pg_description d ON d.classoid = o.classid AND d.objoid = o.objid AND d.objsubid = 0
    UNION ALL
    SELECT false, o.place, 5, a.attnum, 0, ARRAY[a.attname::text], NULL, NULL, NULL, format('COMMENT ON COLUMN %I.%I.%I IS %L', o.schema, o.name, a.attname, d.description), NULL
    FROM object o JOIN pg_catalog.pg_description d ON d.classoid = 'pg_catalog.pg_class'::regclass AND d.objoid = o.relid AND d.objsubid > 0
    JOIN pg_catalog.pg_attribute a ON a.attrelid = o.relid AND a.attnum = d.objsubid
    WHERE o.relid > 0
    UNION ALL
    SELECT false, o.place, 5, k.oid, 1, ARRAY[k.conname::text], NULL, NULL, NULL, format('COMMENT ON CONSTRAINT %I ON %s IS %L', k.conname, o.target, d.description), NULL
    FROM object o JOIN pg_catalog.pg_constraint k ON o.kind = 'domain' AND k.contypid = o.objid
    JOIN pg_catalog.pg_description d ON d.classoid = 'pg_catalog.pg_constraint'::regclass AND d.objoid = k.oid
    UNION ALL
    SELECT false, t.place, 6, t.oid, l.line::int, NULL, NULL, NULL, NULL, l.statement, NULL
    FROM trigger_tree t JOIN object o ON o.place = t.place JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_description d ON t.oid <> o.objid AND d.classoid = 'pg_catalog.pg_trigger'::regclass AND d.objoid = t.oid
    CROSS JOIN LATERAL unnest(ARRAY[
        CASE WHEN t.tgenabled <> 'O' THEN format('ALTER TABLE ONLY %I.%I %s TRIGGER %I', n.nspname, c.relname,
             CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, t.tgname) END,
        format('COMMENT ON TRIGGER %I ON %I.%I IS %L', t.tgname, n.nspname, c.relname, nullif(d.description, ''))
    ]) WITH ORDINALITY AS l (statement, line)
    WHERE l.statement IS NOT NULL AND (l.line = 1 OR d.description IS NOT NULL)
    UNION ALL
    SELECT false, o.place, 6, 0, 0, NULL, NULL, NULL, NULL,
           format('ALTER TABLE %I.%I %s RULE %I', o.schema, o.relation, CASE r.ev_enabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, o.name), NULL
    FROM object o JOIN pg_catalog.pg_rewrite r ON o.kind = 'rule' AND r.oid = o.objid AND r.ev_enabled <> 'O'
    UNION ALL
    SELECT false, o.place, 7, 0, 0, NULL, NULL, NULL, NULL,
           format('ALTER %s DEPENDS ON EXTENSION %I', CASE o.kind WHEN 'aggregate' THEN format('ROUTINE %I.%I(%s)', o.schema, o.name, o.arguments) ELSE o.target END, e.extname), NULL
    FROM object o JOIN extension e ON e.classid = o.classid AND e.objid = o.objid
    UNION ALL
    -- An index goes where it was, not to the default of this session.
    SELECT true, p.place, 1, p.objid, l.line::int, p.needs, p.kind, p.schema, p.name, l.statement, NULL
    FROM part p CROSS JOIN caller
    CROSS JOIN LATERAL unnest(ARRAY[
        CASE p.kind WHEN 'index' THEN format('SELECT pg_catalog.set_config(''default_tablespace'', %L, true)', coalesce(p.tablespace, '')) END,
        p.definition,
        CASE p.kind WHEN 'index' THEN format('SELECT pg_catalog.set_config(''default_tablespace'', %L, true)', caller.tablespace) END
    ]) WITH ORDINALITY AS l (statement, line)
    WHERE l.statement IS NOT NULL
    UNION ALL
    SELECT false, p.place, 8, p.objid, 1, NULL, p.kind, p.schema, p.name, format('ALTER MATERIALIZED VIEW %I.%I CLUSTER ON %I', o.schema, o.name, p.name), NULL
    FROM part p JOIN object o ON o.place = p.place WHERE p.is_clustered
    UNION ALL
    SELECT false, p.place, 8, p.objid, 2, NULL, p.kind, p.schema, p.name, format('ALTER %s OWNER TO %I', p.target, r.rolname),
           CASE WHEN r.oid <> caller.oid AND NOT caller.rolsuper AND NOT pg_catalog.pg_has_role(caller.oid, r.oid, caller.membership)
                THEN format('its owner is %I, and %I may not SET ROLE to it', r.rolname, caller.rolname) END
    FROM part p JOIN pg_catalog.pg_roles r ON r.oid = p.owner CROSS JOIN caller
    UNION ALL
    SELECT false, p.place, 8, p.objid, 3, NULL, p.kind, p.schema, p.name, format('COMMENT ON %s IS %L', p.target, d.description), NULL
    FROM part p JOIN pg_catalog.pg_description d ON d.classoid = p.classid AND d.objoid = p.objid AND d.objsubid = 0
    UNION ALL
    SELECT false, p.place, 8, p.objid, 3 + a.attnum, ARRAY[a.attname::text], p.kind, p.schema, p.name, format('ALTER %s ALTER COLUMN %s SET STATISTICS %s', p.target, a.attnum, a.attstattarget), NULL
    FROM part p JOIN pg_catalog.pg_attribute a ON p.kind = 'index' AND a.attrelid = p.objid AND a.attstattarget >= 0
     AND a.attnum IN (SELECT k.position FROM pg_catalog.pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY k (attnum, position) WHERE i.indexrelid = p.objid AND k.attnum = 0)
    UNION ALL
    SELECT false, p.place, 8, p.objid, 100, NULL, p.kind, p.schema, p.name, format('ALTER %s SET STATISTICS %s', p.target, s.stxstattarget), NULL
    FROM part p JOIN pg_catalog.pg_statistic_ext s ON p.kind = 'statistics object' AND s.oid = p.objid AND s.stxstattarget >= 0
    UNION ALL
    SELECT false, p.place, 8, p.objid, 101, NULL, p.kind, p.schema, p.name, format('ALTER %s DEPENDS ON EXTENSION %I', p.target, e.extname), NULL
    FROM part p JOIN extension e ON e.classid = p.classid AND e.objid = p.objid
)
SELECT (row_number() OVER (ORDER BY s.creates, s.place, s.step, s.sub, s.line))::int AS place,
       coalesce(s.part_kind, o.kind) AS kind, coalesce(s.part_schema, o.schema) AS schema, coalesce(s.part_name, o.name) AS name, o.relation, o.arguments, s.creates,
       CASE WHEN s.part_kind IS NOT NULL THEN o.schema END AS view_schema, CASE WHEN s.part_kind IS NOT NULL THEN o.name END AS view_name,
       s.needs, s.statement, s.problem
FROM step s JOIN object o ON o.place = s.place
ORDER BY 1
