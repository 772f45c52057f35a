-- takes over from the old database what no script has set in the new one
(SELECT format('ALTER %sDATABASE %I SET %I TO %s',
               CASE WHEN setting.setrole = 0 THEN '' ELSE format('ROLE %I IN ', pg_get_userbyid(setting.setrole)) END,
               {new},
               split_part(pair, '=', 1),
               CASE WHEN split_part(pair, '=', 1) IN ('search_path', 'session_preload_libraries', 'local_preload_libraries',
                                                      'temp_tablespaces')
                    THEN substr(pair, strpos(pair, '=') + 1)
                    ELSE quote_literal(substr(pair, strpos(pair, '=') + 1)) END)
FROM pg_db_role_setting AS setting
JOIN pg_database AS old ON old.oid = setting.setdatabase AND old.datname = {name}
CROSS JOIN LATERAL unnest(setting.setconfig) WITH ORDINALITY AS pairs (pair, place)
WHERE NOT EXISTS (SELECT FROM pg_db_role_setting AS said
                  JOIN pg_database AS new ON new.oid = said.setdatabase AND new.datname = {new}
                  CROSS JOIN LATERAL unnest(said.setconfig) AS own
                  WHERE said.setrole = setting.setrole AND split_part(own, '=', 1) = split_part(pair, '=', 1))
ORDER BY setting.setrole, place)
UNION ALL
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', {new})
FROM pg_database AS old WHERE old.datname = {name} AND old.datacl IS NOT NULL
UNION ALL
SELECT format('GRANT %s ON DATABASE %I TO %s%s', acl.privilege_type, {new},
              CASE WHEN acl.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(acl.grantee)) END,
              CASE WHEN acl.is_grantable AND acl.grantee <> old.datdba THEN ' WITH GRANT OPTION' ELSE '' END)
FROM pg_database AS old CROSS JOIN LATERAL aclexplode(old.datacl) AS acl
WHERE old.datname = {name}
UNION ALL
SELECT format('ALTER DATABASE %I CONNECTION LIMIT %s', new.datname, old.datconnlimit)
FROM pg_database AS old JOIN pg_database AS new ON new.datname = {new}
WHERE old.datname = {name} AND old.datconnlimit >= 0 AND new.datconnlimit = -1
UNION ALL
SELECT format('COMMENT ON DATABASE %I IS %L', new.datname, said.comment)
FROM pg_database AS old JOIN pg_database AS new ON new.datname = {new} CROSS JOIN LATERAL (SELECT {comment} AS comment) AS said
WHERE old.datname = {name} AND said.comment IS NOT NULL AND shobj_description(new.oid, 'pg_database') IS NULL
