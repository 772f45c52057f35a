WITH journal AS MATERIALIZED (
    -- the tables of every journal of dbmigrate in this database
    SELECT t.oid FROM (SELECT a.attrelid FROM pg_catalog.pg_attribute a WHERE a.attname = 'done_checksum' AND NOT a.attisdropped{attributes} OFFSET 0) a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
    JOIN pg_catalog.pg_class t ON t.relnamespace = c.relnamespace AND t.relkind = 'r' AND t.relname IN (c.relname, (c.relname || '_repairs')::name, (c.relname || '_schema')::name, (c.relname || '_objects')::name)
    WHERE (SELECT count(*) FROM pg_catalog.pg_attribute b WHERE b.attrelid = a.attrelid AND NOT b.attisdropped
           AND b.attname IN ('number', 'script', 'checksum', 'state', 'applied_at', 'tool_version', 'statements_done', 'format')) = 8
), ours AS MATERIALIZED (
    SELECT n.oid, n.nspname, n.nspowner, n.nspacl FROM pg_catalog.pg_namespace n
    WHERE {schemas}
), member AS MATERIALIZED (
    -- what belongs to an extension
    SELECT e.classid, e.objid FROM pg_catalog.pg_depend e WHERE e.refclassid = 'pg_catalog.pg_extension'::regclass AND e.deptype = 'e'
), relation AS MATERIALIZED (
    SELECT c.oid, c.relname, c.relkind, c.relpersistence, c.reloptions, c.relowner, c.relacl, c.relreplident, c.relrowsecurity,
           c.relforcerowsecurity, c.relispartition, c.relpartbound, c.reloftype, c.reltoastrelid, c.reltablespace, c.relam,
           n.nspname, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name
    FROM pg_catalog.pg_class c JOIN ours n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S'){relations} AND NOT EXISTS (SELECT FROM journal j WHERE j.oid = c.oid)
      AND NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid)
), owned AS MATERIALIZED (
    -- the sequences of columns: "i" for an identity, "a" for others
    SELECT s.oid, s.name, s.relacl, d.refobjid, d.refobjsubid, d.deptype, count(*) OVER (PARTITION BY d.refobjid, d.refobjsubid) AS of_column
    FROM relation s JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = s.oid AND d.objsubid = 0
     AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
    WHERE s.relkind = 'S'
), dropped AS MATERIALIZED (
    SELECT a.attrelid, array_agg(a.attnum) AS numbers FROM relation r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid WHERE a.attisdropped GROUP BY a.attrelid
), not_null AS MATERIALIZED (
    -- From 18 on, NOT NULL of a column is a constraint: its name counts unless the server has invented it.
    SELECT k.conrelid, k.conkey[1] AS attnum,
           CASE WHEN k.coninhcount > 0 OR k.conname = (r.relname || '_' || a.attname || '_not_null')::name THEN ''
                WHEN k.conname ~ '_not_null[0-9]*$' AND (
                    k.conname ~ '_not_null[0-9]+$' AND regexp_replace(k.conname, '[0-9]+$', '') = r.relname || '_' || a.attname || '_not_null'
                    -- a long name: the beginnings of the two names
                    OR octet_length(k.conname) > 59 AND EXISTS (
                        SELECT FROM regexp_replace(k.conname, '_not_null[0-9]*$', '') own CROSS JOIN LATERAL generate_series(1, length(own) - 2) place
                        WHERE own = left(r.relname, place) || '_' || left(a.attname, length(own) - place - 1))) THEN ''
                ELSE ' CONSTRAINT ' || quote_ident(k.conname) END
           || ' NOT NULL' || CASE WHEN k.connoinherit THEN ' NO INHERIT' ELSE '' END || CASE WHEN k.convalidated THEN '' ELSE ' NOT VALID' END
           || coalesce(' COMMENT ' || quote_literal(replace(d.description, E'\r\n', E'\n')), '') AS definition
    FROM pg_catalog.pg_constraint k JOIN relation r ON r.oid = k.conrelid JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
    LEFT JOIN pg_catalog.pg_description d ON d.classoid = 'pg_catalog.pg_constraint'::regclass AND d.objoid = k.oid AND d.objsubid = 0
    WHERE k.contype = 'n'
), attribute AS NOT MATERIALIZED (
    SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attcollation, a.attnotnull, a.attidentity, a.attgenerated, a.attacl,
           a.attnum - CASE WHEN p.attrelid IS NULL THEN 0 ELSE (SELECT count(*) FROM unnest(p.numbers) number WHERE number < a.attnum) END::int AS position,
           r.relkind, r.name AS relation, r.relowner, t.typcollation,
           -- What scripts set on a column beside its type: the same for tables, views and materialized views.
           CASE WHEN a.attstorage = t.typstorage AND a.attcompression = '' AND coalesce(a.attstattarget, -1) = -1 AND a.attoptions IS NULL AND a.attfdwoptions IS NULL THEN ''
             ELSE concat(' STORAGE ' || CASE WHEN a.attstorage <> t.typstorage THEN CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END,
                  ' COMPRESSION ' || CASE a.attcompression WHEN '' THEN NULL WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' ELSE a.attcompression::text END,
                  ' STATISTICS ' || nullif(a.attstattarget, -1),
                  ' WITH (' || (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(a.attoptions) o) || ')',
                  ' OPTIONS (' || (SELECT string_agg(CASE WHEN o ~* '^[^=]*(pass|secret|token|key)[^=]*=' THEN split_part(o, '=', 1) || '=***' ELSE o END, ', ' ORDER BY o COLLATE "C") FROM unnest(a.attfdwoptions) o) || ')') END AS settings,
           pg_get_expr(d.adbin, d.adrelid) AS expression
    FROM relation r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped AND r.relkind <> 'S'
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum LEFT JOIN dropped p ON p.attrelid = a.attrelid
), inherited AS MATERIALIZED (
    SELECT i.inhrelid, string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) AS parents, bool_or(i.inhdetachpending) AS detaching
    FROM relation r JOIN pg_catalog.pg_inherits i ON i.inhrelid = r.oid GROUP BY i.inhrelid
), disabled AS (
    SELECT t.tgconstraint, string_agg(DISTINCT CASE t.tgenabled WHEN 'D' THEN 'DISABLED' WHEN 'R' THEN 'REPLICA' ELSE 'ALWAYS' END, ', ') AS state
    FROM relation r JOIN pg_catalog.pg_trigger t ON t.tgrelid = r.oid WHERE t.tgisinternal AND t.tgenabled <> 'O' AND t.tgconstraint <> 0 GROUP BY 1
), object (kind, name, parent, position, definition, owner, acl, acltype, more_grants, classid, objid, subid, own, of_table, of_columns) AS (
    SELECT 'schema', format('%I', n.nspname), NULL::text, NULL::int, 'CREATE SCHEMA', n.nspowner, n.nspacl, 'n'::"char", NULL::text, 'pg_catalog.pg_namespace'::regclass::oid, n.oid, 0, NULL::text, NULL::text, NULL::text
    FROM ours n WHERE NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_catalog.pg_namespace'::regclass AND e.objid = n.oid)
    UNION ALL
    SELECT 'extension', format('%I', e.extname), NULL, NULL, 'CREATE EXTENSION', e.extowner, NULL, NULL, NULL, 0, 0, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_extension e WHERE e.extname <> 'plpgsql'
    UNION ALL
    SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, format('%I.%I', n.nspname, t.typname), NULL, NULL,
           CASE t.typtype
             WHEN 'e' THEN 'AS ENUM (' || coalesce((SELECT string_agg(E'\n    ' || quote_literal(v.enumlabel), ',' ORDER BY v.enumsortorder)
                                                    FROM pg_catalog.pg_enum v WHERE v.enumtypid = t.oid), '') || E'\n)'
             WHEN 'd' THEN 'AS ' || format_type(t.typbasetype, t.typtypmod)
                  || coalesce((SELECT format(' COLLATE %I.%I', cn.nspname, c.collname) FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace cn ON cn.oid = c.collnamespace
                               JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype WHERE c.oid = t.typcollation AND t.typcollation <> b.typcollation), '')
                  || CASE WHEN t.typnotnull THEN coalesce((SELECT CASE WHEN k.conname ~ '_not_null[0-9]*$' AND (own = t.typname OR octet_length(k.conname) > 59 AND starts_with(t.typname, own)) THEN '' ELSE ' CONSTRAINT ' || quote_ident(k.conname) END
                                                       || ' NOT NULL' || coalesce(' COMMENT ' || quote_literal(replace(obj_description(k.oid, 'pg_constraint'), E'\r\n', E'\n')), '')
                                                       FROM pg_catalog.pg_constraint k CROSS JOIN LATERAL regexp_replace(k.conname, '_not_null[0-9]*$', '') own WHERE k.contypid = t.oid AND k.contype = 'n'), ' NOT NULL') ELSE '' END
                  || coalesce(' DEFAULT ' || pg_get_expr(t.typdefaultbin, 0), '')
                  || coalesce((SELECT string_agg(E'\n    CONSTRAINT ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid)
                                                 || coalesce(' COMMENT ' || quote_literal(replace(obj_description(k.oid, 'pg_constraint'), E'\r\n', E'\n')), ''), '' ORDER BY k.conname COLLATE "C")
                               FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'), '')
             WHEN 'r' THEN (SELECT 'AS RANGE (SUBTYPE = ' || format_type(r.rngsubtype, NULL)
                                   || CASE WHEN o.opcdefault THEN '' ELSE format(', SUBTYPE_OPCLASS = %I.%I', oc.nspname, o.opcname) END
                                   || CASE WHEN r.rngcollation IN (0, b.typcollation) THEN '' ELSE ', COLLATION = ' || (SELECT format('%I.%I', cn.nspname, c.collname) FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace cn ON cn.oid = c.collnamespace WHERE c.oid = r.rngcollation) END
                                   || CASE WHEN r.rngcanonical = 0 THEN '' ELSE ', CANONICAL = ' || r.rngcanonical::regproc::text END
                                   || CASE WHEN r.rngsubdiff = 0 THEN '' ELSE ', SUBTYPE_DIFF = ' || r.rngsubdiff::regproc::text END
                                   || ', MULTIRANGE_TYPE_NAME = ' || format_type(r.rngmultitypid, NULL) || ')'
                            FROM pg_catalog.pg_range r JOIN pg_catalog.pg_opclass o ON o.oid = r.rngsubopc JOIN pg_catalog.pg_namespace oc ON oc.oid = o.opcnamespace
                            JOIN pg_catalog.pg_type b ON b.oid = r.rngsubtype WHERE r.rngtypid = t.oid)
             WHEN 'b' THEN format('(INPUT = %s, OUTPUT = %s, RECEIVE = %s, SEND = %s, TYPMOD_IN = %s, TYPMOD_OUT = %s, ANALYZE = %s, INTERNALLENGTH = %s, PASSEDBYVALUE = %s, ALIGNMENT = %s, STORAGE = %s, CATEGORY = %L, PREFERRED = %s, DEFAULT = %L, ELEMENT = %s, DELIMITER = %L, COLLATABLE = %s, SUBSCRIPT = %s)',
                                  t.typinput::regproc, t.typoutput::regproc, t.typreceive::regproc, t.typsend::regproc, t.typmodin::regproc, t.typmodout::regproc, t.typanalyze::regproc,
                                  t.typlen, t.typbyval, t.typalign, t.typstorage, t.typcategory, t.typispreferred, t.typdefault, CASE WHEN t.typelem = 0 THEN '-' ELSE format_type(t.typelem, NULL) END, t.typdelim, t.typcollation <> 0, t.typsubscript::regproc)
             WHEN 'p' THEN 'SHELL'
             ELSE 'AS (' || coalesce((SELECT string_agg(E'\n    ' || quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
                                              || CASE WHEN a.attcollation = b.typcollation THEN '' ELSE coalesce((SELECT format(' COLLATE %I.%I', cn.nspname, c.collname) FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace cn ON cn.oid = c.collnamespace WHERE c.oid = a.attcollation), '') END
                                              || coalesce(' COMMENT ' || quote_literal(replace(col_description(a.attrelid, a.attnum), E'\r\n', E'\n')), ''), ',' ORDER BY a.attnum)
                             FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type b ON b.oid = a.atttypid WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped), '') || E'\n)'
           END, t.typowner, t.typacl, 'T', NULL, 'pg_catalog.pg_type'::regclass, t.oid, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_type t JOIN ours n ON n.oid = t.typnamespace LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
    WHERE (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND c.relkind = 'c' OR t.typtype = 'p' AND NOT t.typisdefined
           OR t.typtype = 'b' AND NOT EXISTS (SELECT FROM pg_catalog.pg_type el WHERE el.oid = t.typelem AND el.typarray = t.oid))
      AND NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_catalog.pg_type'::regclass AND e.objid = t.oid){types}
    UNION ALL
    SELECT 'sequence', r.name, quote_ident(tn.nspname) || '.' || quote_ident(tc.relname), NULL,
           format('%sAS %s INCREMENT %s MINVALUE %s MAXVALUE %s START %s CACHE %s%s%s', CASE WHEN r.relpersistence = 'u' AND tc.relpersistence IS DISTINCT FROM 'u' THEN 'UNLOGGED ' ELSE '' END,
                  format_type(r.seqtypid, NULL), r.seqincrement, r.seqmin, r.seqmax, r.seqstart, r.seqcache, CASE WHEN r.seqcycle THEN ' CYCLE' ELSE '' END,
                  ' OWNED BY ' || quote_ident(tn.nspname) || '.' || quote_ident(tc.relname) || '.' || quote_ident(r.attname)),
           r.relowner, r.relacl, 's', NULL, 'pg_catalog.pg_class'::regclass, r.oid, 0, r.relname, tc.relname, r.attname
    FROM (SELECT r.oid, r.relname, r.name, r.relpersistence, r.relowner, r.relacl, s.seqtypid, s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache, s.seqcycle, d.refobjid,
                 (SELECT a.attname FROM pg_catalog.pg_attribute a WHERE a.attrelid = d.refobjid AND a.attnum = d.refobjsubid) AS attname
          FROM relation r JOIN pg_catalog.pg_sequence s ON s.seqrelid = r.oid LEFT JOIN owned d ON d.oid = r.oid WHERE d.deptype IS DISTINCT FROM 'i' OFFSET 0) r
    LEFT JOIN pg_catalog.pg_class tc ON tc.oid = r.refobjid LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = tc.relnamespace
    WHERE NOT EXISTS (SELECT FROM journal j WHERE j.oid = r.refobjid)
    UNION ALL
    SELECT CASE r.relkind WHEN 'f' THEN 'foreign table' ELSE 'table' END, r.name, NULL, NULL,
           'CREATE ' || CASE r.relpersistence WHEN 'u' THEN 'UNLOGGED ' ELSE '' END || CASE r.relkind WHEN 'f' THEN 'FOREIGN ' ELSE '' END || 'TABLE'
           || CASE WHEN r.reloftype = 0 THEN '' ELSE ' OF ' || format_type(r.reloftype, NULL) END
           || CASE WHEN h.inhrelid IS NULL THEN '' WHEN r.relispartition THEN ' PARTITION OF ' || h.parents || ' ' || pg_get_expr(r.relpartbound, r.oid) ELSE ' INHERITS (' || h.parents || ')' END
           || CASE WHEN h.detaching THEN ' DETACH PENDING' ELSE '' END
           || coalesce(' PARTITION BY ' || CASE r.relkind WHEN 'p' THEN pg_get_partkeydef(r.oid) END, '')
           || CASE WHEN r.relkind <> 'f' THEN '' ELSE coalesce((SELECT format(' SERVER %I', s.srvname) || coalesce(' OPTIONS (' || (SELECT string_agg(CASE WHEN o ~* '^[^=]*(pass|secret|token|key)[^=]*=' THEN split_part(o, '=', 1) || '=***' ELSE o END, ', ' ORDER BY o COLLATE "C") FROM unnest(f.ftoptions) o) || ')', '')
                        FROM pg_catalog.pg_foreign_table f JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver WHERE f.ftrelid = r.oid), '') END
           || coalesce(' USING ' || quote_ident(am.amname), '')
           || CASE WHEN r.reloptions IS NULL AND toast.reloptions IS NULL THEN '' ELSE coalesce(' WITH (' || (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM (SELECT unnest(r.reloptions) UNION ALL SELECT 'toast.' || unnest(toast.reloptions)) u (o)) || ')', '') END
           || coalesce(' TABLESPACE ' || quote_ident(ts.spcname), '')
           || CASE WHEN r.relrowsecurity THEN E'\nENABLE ROW LEVEL SECURITY' ELSE '' END || CASE WHEN r.relforcerowsecurity THEN E'\nFORCE ROW LEVEL SECURITY' ELSE '' END
           || CASE r.relreplident WHEN 'd' THEN '' WHEN 'n' THEN E'\nREPLICA IDENTITY NOTHING' WHEN 'f' THEN E'\nREPLICA IDENTITY FULL'
                ELSE coalesce((SELECT E'\nREPLICA IDENTITY USING INDEX ' || quote_ident(c.relname) FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid WHERE x.indrelid = r.oid AND x.indisreplident), E'\nREPLICA IDENTITY NOTHING') END,
           r.relowner, r.relacl, 'r', NULL, 'pg_catalog.pg_class'::regclass, r.oid, 0, NULL, NULL, NULL
    FROM relation r LEFT JOIN pg_catalog.pg_class toast ON toast.oid = r.reltoastrelid AND toast.reloptions IS NOT NULL
    LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = r.reltablespace LEFT JOIN pg_catalog.pg_am am ON am.oid = r.relam AND am.amname <> 'heap'
    LEFT JOIN inherited h ON h.inhrelid = r.oid
    WHERE r.relkind IN ('r', 'p', 'f')
    UNION ALL
    SELECT 'column', a.relation || '.' || quote_ident(a.attname), a.relation, a.position,
           format_type(a.atttypid, a.atttypmod)
           || CASE WHEN a.attcollation = a.typcollation THEN '' ELSE coalesce((SELECT format(' COLLATE %I.%I', cn.nspname, c.collname) FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace cn ON cn.oid = c.collnamespace WHERE c.oid = a.attcollation), '') END
           || coalesce(k.definition, CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END)
           || CASE a.attidentity WHEN '' THEN '' ELSE CASE a.attidentity WHEN 'a' THEN ' GENERATED ALWAYS AS IDENTITY' ELSE ' GENERATED BY DEFAULT AS IDENTITY' END
                || coalesce((SELECT ' (' || nullif(concat_ws(' ',
                CASE WHEN i.seqtypid <> a.atttypid THEN 'AS ' || format_type(i.seqtypid, NULL) END,
                CASE WHEN i.seqincrement <> 1 THEN 'INCREMENT ' || i.seqincrement END,
                CASE WHEN i.seqmin <> CASE WHEN i.seqincrement > 0 THEN 1 ELSE lowest.least END THEN 'MINVALUE ' || i.seqmin END,
                CASE WHEN i.seqmax <> CASE WHEN i.seqincrement > 0 THEN -(lowest.least + 1) ELSE -1 END THEN 'MAXVALUE ' || i.seqmax END,
                CASE WHEN i.seqstart <> CASE WHEN i.seqincrement > 0 THEN i.seqmin ELSE i.seqmax END THEN 'START ' || i.seqstart END,
                CASE WHEN i.seqcache <> 1 THEN 'CACHE ' || i.seqcache END, CASE WHEN i.seqcycle THEN 'CYCLE' END), '') || ')'
                FROM (SELECT CASE i.seqtypid WHEN 21 THEN -32768 WHEN 23 THEN -2147483648 ELSE -9223372036854775808 END::bigint AS least) lowest), '') END
           || coalesce(CASE a.attgenerated WHEN '' THEN ' DEFAULT ' || CASE WHEN s.of_column = 1 AND s.deptype = 'a' THEN replace(a.expression, 'nextval(' || quote_literal(s.name) || '::regclass)', 'nextval(own sequence)') ELSE a.expression END WHEN 'v' THEN ' GENERATED ALWAYS AS (' || a.expression || ') VIRTUAL' ELSE ' GENERATED ALWAYS AS (' || a.expression || ') STORED' END, '')
           || a.settings,
           CASE WHEN a.attacl IS NULL THEN NULL ELSE a.relowner END, a.attacl, 'c', CASE WHEN s.relacl IS NOT NULL AND a.attidentity <> '' THEN (SELECT 'SEQUENCE ' || string_agg(g::text, ', ' ORDER BY g::text COLLATE "C") FROM unnest(s.relacl) g) END,
           'pg_catalog.pg_class'::regclass, a.attrelid, a.attnum, NULL, NULL, NULL
    FROM attribute a LEFT JOIN owned s ON s.refobjid = a.attrelid AND s.refobjsubid = a.attnum AND (s.deptype = 'i' OR s.of_column = 1)
    LEFT JOIN pg_catalog.pg_sequence i ON i.seqrelid = s.oid AND s.deptype = 'i'
    LEFT JOIN not_null k ON k.conrelid = a.attrelid AND k.attnum = a.attnum
    WHERE a.relkind IN ('r', 'p', 'f')
    UNION ALL
    SELECT CASE k.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 'f' THEN 'foreign key' WHEN 'c' THEN 'check' ELSE 'exclusion' END,
           r.name || '.' || quote_ident(k.conname), r.name, NULL, pg_get_constraintdef(k.oid)
           || CASE WHEN k.contype IN ('p', 'u') AND i.reloptions IS NOT NULL THEN ' WITH (' || (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(i.reloptions) o) || ')' ELSE '' END
           || coalesce(' TABLESPACE ' || quote_ident(ts.spcname), '')
           || coalesce(E'\nTRIGGERS ' || d.state, '')
           || coalesce(E'\nINDEX COMMENT ' || quote_literal(replace(id.description, E'\r\n', E'\n')), ''),
           NULL, NULL, NULL, NULL, 'pg_catalog.pg_constraint'::regclass, k.oid, 0, k.conname, r.relname,
           CASE WHEN k.contype = 'p' OR k.conname !~ '_(key|excl|fkey|check)[0-9]*$' THEN NULL
                WHEN k.contype IN ('u', 'x') THEN (SELECT string_agg(a.attname, '_' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = k.conindid AND a.attnum > 0)
                WHEN k.contype = 'c' AND cardinality(k.conkey) > 1 THEN ''
                WHEN cardinality(k.conkey) = 1 THEN (SELECT a.attname FROM pg_catalog.pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1])
                ELSE coalesce((SELECT string_agg(a.attname, '_' ORDER BY u.place) FROM unnest(k.conkey) WITH ORDINALITY u (attnum, place)
                               JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum), '') END
    FROM relation r JOIN pg_catalog.pg_constraint k ON k.conrelid = r.oid
    LEFT JOIN pg_catalog.pg_class i ON i.oid = k.conindid AND k.contype IN ('p', 'u', 'x')
    LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = i.reltablespace
    LEFT JOIN pg_catalog.pg_description id ON id.classoid = 'pg_catalog.pg_class'::regclass AND id.objoid = i.oid AND id.objsubid = 0
    LEFT JOIN disabled d ON d.tgconstraint = k.oid
    WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND k.conislocal AND k.conparentid = 0
    UNION ALL
    SELECT 'index', format('%I.%I', r.nspname, i.relname), r.name, NULL,
           CASE WHEN x.indisunique THEN 'CREATE UNIQUE INDEX ' || substr(pg_get_indexdef(i.oid), 22 + length(quote_ident(i.relname))) ELSE 'CREATE INDEX ' || substr(pg_get_indexdef(i.oid), 15 + length(quote_ident(i.relname))) END
           || coalesce(' TABLESPACE ' || quote_ident(ts.spcname), '')
           || CASE WHEN x.indisvalid THEN '' ELSE ' INVALID' END
           || CASE WHEN x.indexprs IS NULL THEN '' ELSE coalesce((SELECT string_agg(format(' STATISTICS %s: %s', a.attnum, a.attstattarget), '' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.oid AND coalesce(a.attstattarget, -1) <> -1), '') END,
           NULL, NULL, NULL, NULL, 'pg_catalog.pg_class'::regclass, i.oid, 0, i.relname, r.relname,
           CASE WHEN i.relname ~ '_(key|idx)[0-9]*$' THEN (SELECT string_agg(a.attname, '_' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.oid AND a.attnum > 0) END
    FROM relation r JOIN pg_catalog.pg_index x ON x.indrelid = r.oid JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
    LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = i.reltablespace
    WHERE NOT i.relispartition AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = x.indrelid AND k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))
    UNION ALL
    SELECT CASE r.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, r.name, NULL, NULL,
           coalesce('WITH (' || (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM (SELECT unnest(r.reloptions) UNION ALL SELECT 'toast.' || unnest(toast.reloptions)) u (o)) || E')\n', '')
           || coalesce('USING ' || quote_ident(am.amname) || E'\n', '') || coalesce('TABLESPACE ' || quote_ident(ts.spcname) || E'\n', '')
           || CASE r.relpersistence WHEN 'u' THEN E'UNLOGGED\n' ELSE '' END
           || '(' || coalesce(a.names, '') || E') AS\n' || pg_get_viewdef(r.oid) || coalesce(a.more, ''),
           r.relowner, r.relacl, 'r', a.grants, 'pg_catalog.pg_class'::regclass, r.oid, 0, NULL, NULL, NULL
    FROM relation r LEFT JOIN pg_catalog.pg_class toast ON toast.oid = r.reltoastrelid AND toast.reloptions IS NOT NULL
    LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = r.reltablespace LEFT JOIN pg_catalog.pg_am am ON am.oid = r.relam AND am.amname <> 'heap'
    LEFT JOIN (
        SELECT a.attrelid, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS names,
               string_agg(E'\nCOLUMN ' || quote_ident(a.attname) || nullif(coalesce(' DEFAULT ' || a.expression, '') || a.settings || coalesce(' COMMENT ' || quote_literal(replace(d.description, E'\r\n', E'\n')), ''), ''), '' ORDER BY a.attnum) AS more,
               string_agg('COLUMN ' || quote_ident(a.attname) || ' ' || a.attacl::text, E'\n' ORDER BY a.attnum) AS grants
        FROM attribute a
        LEFT JOIN pg_catalog.pg_description d ON d.classoid = 'pg_catalog.pg_class'::regclass AND d.objoid = a.attrelid AND d.objsubid = a.attnum
        WHERE a.relkind IN ('v', 'm') GROUP BY a.attrelid) a ON a.attrelid = r.oid
    WHERE r.relkind IN ('v', 'm')
    UNION ALL
    SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
           format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)), NULL, NULL,
           CASE p.prokind
             WHEN 'a' THEN (SELECT format('CREATE AGGREGATE (%s) (', pg_get_function_arguments(p.oid)) || concat_ws(', ', 'SFUNC = ' || a.aggtransfn::regproc, 'STYPE = ' || format_type(a.aggtranstype, NULL),
                       CASE WHEN a.aggtransspace <> 0 THEN 'SSPACE = ' || a.aggtransspace END,
                       CASE WHEN a.aggfinalfn <> 0 THEN 'FINALFUNC = ' || a.aggfinalfn::regproc END, CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
                       CASE WHEN a.aggfinalfn <> 0 THEN 'FINALFUNC_MODIFY = ' || a.aggfinalmodify::text END,
                       CASE WHEN a.aggcombinefn <> 0 THEN 'COMBINEFUNC = ' || a.aggcombinefn::regproc END, CASE WHEN a.aggserialfn <> 0 THEN 'SERIALFUNC = ' || a.aggserialfn::regproc END,
                       CASE WHEN a.aggdeserialfn <> 0 THEN 'DESERIALFUNC = ' || a.aggdeserialfn::regproc END, 'INITCOND = ' || quote_literal(a.agginitval),
                       CASE WHEN a.aggmtransfn <> 0 THEN 'MSFUNC = ' || a.aggmtransfn::regproc END, CASE WHEN a.aggminvtransfn <> 0 THEN 'MINVFUNC = ' || a.aggminvtransfn::regproc END,
                       CASE WHEN a.aggmtranstype <> 0 THEN 'MSTYPE = ' || format_type(a.aggmtranstype, NULL) END, CASE WHEN a.aggmtransspace <> 0 THEN 'MSSPACE = ' || a.aggmtransspace END,
                       CASE WHEN a.aggmfinalfn <> 0 THEN 'MFINALFUNC = ' || a.aggmfinalfn::regproc END, CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
                       CASE WHEN a.aggmfinalfn <> 0 THEN 'MFINALFUNC_MODIFY = ' || a.aggmfinalmodify::text END, 'MINITCOND = ' || quote_literal(a.aggminitval),
                       CASE WHEN a.aggsortop <> 0 THEN 'SORTOP = ' || a.aggsortop::regoperator END, CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END,
                       CASE p.proparallel WHEN 's' THEN 'PARALLEL = SAFE' WHEN 'r' THEN 'PARALLEL = RESTRICTED' END) || ')'
                   FROM pg_catalog.pg_aggregate a WHERE a.aggfnoid = p.oid)
             WHEN 'p' THEN 'CREATE PROCEDURE ' || replace(substr(pg_get_functiondef(p.oid), 29 + length(format('%I.%I', n.nspname, p.proname))), E'\r\n', E'\n')
             ELSE 'CREATE FUNCTION ' || replace(substr(pg_get_functiondef(p.oid), 28 + length(format('%I.%I', n.nspname, p.proname))), E'\r\n', E'\n') END,
           p.proowner, p.proacl, 'f', NULL, 'pg_catalog.pg_proc'::regclass, p.oid, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_proc p JOIN ours n ON n.oid = p.pronamespace
    WHERE NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_catalog.pg_proc'::regclass AND e.objid = p.oid){routines}
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
    UNION ALL
    SELECT 'trigger', r.name || '.' || quote_ident(t.tgname), r.name, NULL,
           -- Before 15, a trigger that a partition has from its table is internal.
           'CREATE ' || CASE WHEN t.tgconstraint = 0 THEN 'TRIGGER ' || substr(pg_get_triggerdef(t.oid), 17 + length(quote_ident(t.tgname))) ELSE 'CONSTRAINT TRIGGER ' || substr(pg_get_triggerdef(t.oid), 28 + length(quote_ident(t.tgname))) END
           || CASE t.tgenabled WHEN 'O' THEN '' WHEN 'D' THEN E'\nDISABLED' WHEN 'R' THEN E'\nENABLE REPLICA' ELSE E'\nENABLE ALWAYS' END,
           NULL, NULL, NULL, NULL, 'pg_catalog.pg_trigger'::regclass, t.oid, 0, NULL, NULL, NULL
    FROM relation r JOIN pg_catalog.pg_trigger t ON t.tgrelid = r.oid AND (NOT t.tgisinternal OR t.tgparentid <> 0 AND t.tgconstrindid = 0)
    WHERE t.tgparentid = 0 OR EXISTS (SELECT FROM pg_catalog.pg_trigger u WHERE u.oid = t.tgparentid AND u.tgenabled <> t.tgenabled)
    UNION ALL
    SELECT 'rule', r.name || '.' || quote_ident(w.rulename), r.name, NULL,
           'CREATE RULE ' || substr(pg_get_ruledef(w.oid), 14 + length(quote_ident(w.rulename))) || CASE w.ev_enabled WHEN 'O' THEN '' WHEN 'D' THEN E'\nDISABLED' WHEN 'R' THEN E'\nENABLE REPLICA' ELSE E'\nENABLE ALWAYS' END,
           NULL, NULL, NULL, NULL, 'pg_catalog.pg_rewrite'::regclass, w.oid, 0, NULL, NULL, NULL
    FROM relation r JOIN pg_catalog.pg_rewrite w ON w.ev_class = r.oid WHERE w.rulename <> '_RETURN'
    UNION ALL
    SELECT 'policy', r.name || '.' || quote_ident(p.polname), r.name, NULL,
           CASE WHEN p.polpermissive THEN '' ELSE 'AS RESTRICTIVE ' END || 'FOR ' || CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END
           || ' TO ' || (SELECT string_agg(CASE o WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(o)) END, ', ' ORDER BY (CASE o WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(o)) END) COLLATE "C") FROM unnest(p.polroles) o)
           || coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '') || coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', ''),
           NULL, NULL, NULL, NULL, 'pg_catalog.pg_policy'::regclass, p.oid, 0, NULL, NULL, NULL
    FROM relation r JOIN pg_catalog.pg_policy p ON p.polrelid = r.oid
    UNION ALL
    SELECT 'statistics', format('%I.%I', n.nspname, s.stxname), r.name, NULL,
           'CREATE STATISTICS ' || substr(pg_get_statisticsobjdef(s.oid), 20 + length(format('%I.%I', n.nspname, s.stxname))) || coalesce(' STATISTICS ' || nullif(s.stxstattarget, -1), ''),
           s.stxowner, NULL, NULL, NULL, 'pg_catalog.pg_statistic_ext'::regclass, s.oid, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_statistic_ext s JOIN ours n ON n.oid = s.stxnamespace JOIN relation r ON r.oid = s.stxrelid
    UNION ALL
    SELECT 'operator', format('%I.%s(%s, %s)', n.nspname, o.oprname, CASE WHEN o.oprleft = 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END, CASE WHEN o.oprright = 0 THEN 'NONE' ELSE format_type(o.oprright, NULL) END), NULL, NULL,
           'CREATE OPERATOR (' || concat_ws(', ', 'FUNCTION = ' || o.oprcode::regproc, CASE WHEN o.oprcom <> 0 THEN 'COMMUTATOR = ' || CASE o.oprcom WHEN o.oid THEN 'itself' ELSE o.oprcom::regoperator::text END END,
               CASE WHEN o.oprnegate <> 0 THEN 'NEGATOR = ' || o.oprnegate::regoperator END, CASE WHEN o.oprrest <> 0 THEN 'RESTRICT = ' || o.oprrest::regproc END,
               CASE WHEN o.oprjoin <> 0 THEN 'JOIN = ' || o.oprjoin::regproc END, CASE WHEN o.oprcanhash THEN 'HASHES' END, CASE WHEN o.oprcanmerge THEN 'MERGES' END) || ')',
           o.oprowner, NULL, NULL, NULL, 'pg_catalog.pg_operator'::regclass, o.oid, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_operator o JOIN ours n ON n.oid = o.oprnamespace
    WHERE o.oprcode <> 0 AND NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_catalog.pg_operator'::regclass AND e.objid = o.oid)
    UNION ALL
    SELECT 'operator class', format('%I.%I USING %I', n.nspname, o.opcname, am.amname), NULL, NULL,
           'CREATE OPERATOR CLASS' || CASE WHEN o.opcdefault THEN ' DEFAULT' ELSE '' END || ' FOR TYPE ' || format_type(o.opcintype, NULL) || CASE WHEN f.opfname = o.opcname AND f.opfnamespace = o.opcnamespace THEN '' ELSE format(' FAMILY %I.%I', fn.nspname, f.opfname) END
           || CASE WHEN o.opckeytype = 0 THEN '' ELSE ' STORAGE ' || format_type(o.opckeytype, NULL) END
           || coalesce((SELECT string_agg(format(E'\n    OPERATOR %s %s%s', p.amopstrategy, p.amopopr::regoperator, CASE WHEN p.amopsortfamily = 0 THEN '' ELSE ' FOR ORDER BY' END), '' ORDER BY p.amopstrategy, p.amopopr::regoperator::text COLLATE "C") FROM pg_catalog.pg_amop p WHERE p.amopfamily = f.oid), '')
           || coalesce((SELECT string_agg(format(E'\n    FUNCTION %s (%s, %s) %s', p.amprocnum, format_type(p.amproclefttype, NULL), format_type(p.amprocrighttype, NULL), p.amproc::regprocedure), '' ORDER BY p.amprocnum, p.amproc::regprocedure::text COLLATE "C") FROM pg_catalog.pg_amproc p WHERE p.amprocfamily = f.oid), ''),
           o.opcowner, NULL, NULL, NULL, 'pg_catalog.pg_opclass'::regclass, o.oid, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_opclass o JOIN ours n ON n.oid = o.opcnamespace JOIN pg_catalog.pg_am am ON am.oid = o.opcmethod
    JOIN pg_catalog.pg_opfamily f ON f.oid = o.opcfamily JOIN pg_catalog.pg_namespace fn ON fn.oid = f.opfnamespace
    WHERE NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_catalog.pg_opclass'::regclass AND e.objid = o.oid)
    UNION ALL
    SELECT 'cast', format('(%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)), NULL, NULL,
           'CREATE CAST ' || CASE c.castmethod WHEN 'f' THEN 'WITH FUNCTION ' || c.castfunc::regprocedure WHEN 'i' THEN 'WITH INOUT' ELSE 'WITHOUT FUNCTION' END || CASE c.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END,
           NULL, NULL, NULL, NULL, 'pg_catalog.pg_cast'::regclass, c.oid, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_cast c
    WHERE c.oid >= 16384 AND NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_catalog.pg_cast'::regclass AND e.objid = c.oid)
      -- The server makes the cast of a range to its multirange by itself.
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_cast'::regclass AND d.objid = c.oid AND d.deptype = 'i')
    UNION ALL
    SELECT 'collation', format('%I.%I', n.nspname, c.collname), NULL, NULL,
           'CREATE COLLATION (PROVIDER = ' || CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'c' THEN 'libc' WHEN 'b' THEN 'builtin' ELSE c.collprovider::text END
           || coalesce(', LOCALE = ' || quote_literal(coalesce(j ->> 'colllocale', j ->> 'colliculocale')), ', LC_COLLATE = ' || quote_literal(c.collcollate) || ', LC_CTYPE = ' || quote_literal(c.collctype), '')
           || coalesce(', RULES = ' || quote_literal(j ->> 'collicurules'), '') || CASE WHEN c.collisdeterministic THEN '' ELSE ', DETERMINISTIC = false' END || ')',
           c.collowner, NULL, NULL, NULL, 'pg_catalog.pg_collation'::regclass, c.oid, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_collation c JOIN ours n ON n.oid = c.collnamespace CROSS JOIN LATERAL to_jsonb(c) j
    WHERE NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_catalog.pg_collation'::regclass AND e.objid = c.oid)
    UNION ALL
    SELECT 'text search configuration', format('%I.%I', n.nspname, c.cfgname), NULL, NULL,
           format('CREATE TEXT SEARCH CONFIGURATION (PARSER = %I.%I)', pn.nspname, p.prsname)
           || coalesce((SELECT string_agg(E'\n    MAPPING FOR ' || m.alias || ' WITH ' || m.dicts, '' ORDER BY m.alias COLLATE "C")
                        FROM (SELECT t.alias, string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno) AS dicts
                              FROM pg_catalog.pg_ts_config_map m JOIN LATERAL ts_token_type(c.cfgparser) t ON t.tokid = m.maptokentype WHERE m.mapcfg = c.oid GROUP BY t.alias) m), ''),
           c.cfgowner, NULL, NULL, NULL, 'pg_catalog.pg_ts_config'::regclass, c.oid, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_ts_config c JOIN ours n ON n.oid = c.cfgnamespace JOIN pg_catalog.pg_ts_parser p ON p.oid = c.cfgparser JOIN pg_catalog.pg_namespace pn ON pn.oid = p.prsnamespace
    WHERE NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_catalog.pg_ts_config'::regclass AND e.objid = c.oid)
    UNION ALL
    SELECT 'text search dictionary', format('%I.%I', n.nspname, d.dictname), NULL, NULL,
           format('CREATE TEXT SEARCH DICTIONARY (TEMPLATE = %I.%I%s)', tn.nspname, t.tmplname, ', ' || d.dictinitoption),
           d.dictowner, NULL, NULL, NULL, 'pg_catalog.pg_ts_dict'::regclass, d.oid, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_ts_dict d JOIN ours n ON n.oid = d.dictnamespace JOIN pg_catalog.pg_ts_template t ON t.oid = d.dicttemplate JOIN pg_catalog.pg_namespace tn ON tn.oid = t.tmplnamespace
    WHERE NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_catalog.pg_ts_dict'::regclass AND e.objid = d.oid)
    UNION ALL
    SELECT 'event trigger', format('%I', t.evtname), NULL, NULL,
           format('CREATE EVENT TRIGGER ON %s%s EXECUTE FUNCTION %s()', t.evtevent, ' WHEN TAG IN (' || (SELECT string_agg(quote_literal(g), ', ' ORDER BY g COLLATE "C") FROM unnest(t.evttags) g) || ')', t.evtfoid::regproc)
           || CASE t.evtenabled WHEN 'O' THEN '' WHEN 'D' THEN E'\nDISABLED' WHEN 'R' THEN E'\nENABLE REPLICA' ELSE E'\nENABLE ALWAYS' END,
           t.evtowner, NULL, NULL, NULL, 'pg_catalog.pg_event_trigger'::regclass, t.oid, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_event_trigger t
    WHERE NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_catalog.pg_event_trigger'::regclass AND e.objid = t.oid)
    UNION ALL
    SELECT 'publication', format('%I', p.pubname), NULL, NULL,
           'CREATE PUBLICATION' || CASE WHEN p.puballtables THEN ' FOR ALL TABLES' ELSE '' END
           || coalesce(E'\nFOR TABLE ' || (SELECT string_agg(r.name || coalesce(' (' || t.columns || ')', '') || coalesce(' WHERE ' || t.filter, ''), ', ' ORDER BY r.name COLLATE "C")
                FROM (SELECT NULL::pg_catalog.pg_node_tree AS prqual, NULL::int2vector AS prattrs) older CROSS JOIN LATERAL (
                    SELECT t.prrelid, pg_get_expr(prqual, t.prrelid) AS filter, (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.prrelid AND a.attnum = ANY (prattrs)) AS columns
                    FROM pg_catalog.pg_publication_rel t WHERE t.prpubid = p.oid) t JOIN relation r ON r.oid = t.prrelid), '')
           -- pg_publication_namespace (15 and later, oid 6237) is not named: its rows are read from what depends on what.
           || coalesce(E'\nFOR TABLES IN SCHEMA ' || (SELECT string_agg(quote_ident(n.nspname), ', ' ORDER BY n.nspname COLLATE "C")
                FROM pg_catalog.pg_depend a JOIN pg_catalog.pg_depend b ON b.classid = a.classid AND b.objid = a.objid AND b.refclassid = 'pg_catalog.pg_namespace'::regclass
                JOIN pg_catalog.pg_namespace n ON n.oid = b.refobjid WHERE a.classid = 6237 AND a.refclassid = 'pg_catalog.pg_publication'::regclass AND a.refobjid = p.oid), '')
           || E'\nWITH (' || concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END, CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END,
                CASE WHEN p.pubviaroot THEN 'publish_via_partition_root' END, CASE j ->> 'pubgencols' WHEN 's' THEN 'publish_generated_columns = stored' END) || ')',
           p.pubowner, NULL, NULL, NULL, 'pg_catalog.pg_publication'::regclass, p.oid, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_publication p CROSS JOIN LATERAL to_jsonb(p) j
    UNION ALL
    SELECT 'foreign data wrapper', format('%I', f.fdwname), NULL, NULL,
           'CREATE FOREIGN DATA WRAPPER' || CASE WHEN f.fdwhandler = 0 THEN '' ELSE ' HANDLER ' || f.fdwhandler::regproc END || CASE WHEN f.fdwvalidator = 0 THEN '' ELSE ' VALIDATOR ' || f.fdwvalidator::regproc END
           || coalesce(' OPTIONS (' || (SELECT string_agg(CASE WHEN o ~* '^[^=]*(pass|secret|token|key)[^=]*=' THEN split_part(o, '=', 1) || '=***' ELSE o END, ', ' ORDER BY o COLLATE "C") FROM unnest(f.fdwoptions) o) || ')', ''),
           f.fdwowner, f.fdwacl, 'F', NULL, 'pg_catalog.pg_foreign_data_wrapper'::regclass, f.oid, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_foreign_data_wrapper f
    WHERE NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_catalog.pg_foreign_data_wrapper'::regclass AND e.objid = f.oid)
    UNION ALL
    SELECT 'foreign server', format('%I', s.srvname), NULL, NULL,
           'CREATE SERVER' || coalesce(' TYPE ' || quote_literal(s.srvtype), '') || coalesce(' VERSION ' || quote_literal(s.srvversion), '') || format(' FOREIGN DATA WRAPPER %I', f.fdwname)
           || coalesce(' OPTIONS (' || (SELECT string_agg(CASE WHEN o ~* '^[^=]*(pass|secret|token|key)[^=]*=' THEN split_part(o, '=', 1) || '=***' ELSE o END, ', ' ORDER BY o COLLATE "C") FROM unnest(s.srvoptions) o) || ')', ''),
           s.srvowner, s.srvacl, 'S', NULL, 'pg_catalog.pg_foreign_server'::regclass, s.oid, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_foreign_server s JOIN pg_catalog.pg_foreign_data_wrapper f ON f.oid = s.srvfdw
    WHERE NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_catalog.pg_foreign_server'::regclass AND e.objid = s.oid)
)
SELECT o.kind, o.name, o.parent, o.position,
       o.definition || coalesce(E'\nCOMMENT ' || quote_literal(replace(d.description, E'\r\n', E'\n')), '') AS definition,
       CASE WHEN o.acltype = 'c' THEN NULL ELSE pg_get_userbyid(o.owner)::text END AS owner,
       CASE WHEN o.acl IS NULL AND o.more_grants IS NULL THEN NULL ELSE nullif(concat_ws(E'\n', CASE WHEN o.acl IS NULL THEN NULL ELSE (
           SELECT nullif(coalesce(string_agg(g::text, E'\n' ORDER BY g::text COLLATE "C"), 'nobody'),
                         (SELECT string_agg(s::text, E'\n' ORDER BY s::text COLLATE "C") FROM unnest(acldefault(o.acltype, o.owner)) s))
           FROM unnest(o.acl) g) END, o.more_grants), '') END AS grants,
       o.own, o.of_table, o.of_columns
FROM object o LEFT JOIN (
    SELECT d.classoid, d.objoid, d.objsubid, d.description FROM pg_catalog.pg_description d
    WHERE d.objoid >= 16384 OR d.classoid = 'pg_catalog.pg_namespace'::regclass AND d.description <> 'standard public schema'
) d ON d.classoid = o.classid AND d.objoid = o.objid AND d.objsubid = o.subid
