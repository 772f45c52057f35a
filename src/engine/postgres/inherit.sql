SELECT format('ALTER %sDATABASE %I SET %I TO %s',
              CASE WHEN setting.setrole = 0 THEN '' ELSE format('ROLE %I IN ', pg_get_userbyid(setting.setrole)) END,
              {new},
              split_part(pair, '=', 1),
              CASE WHEN split_part(pair, '=', 1) IN ('search_path', 'session_preload_libraries', 'local_preload_libraries',
                                                     'temp_tablespaces')
                   THEN substr(pair, strpos(pair, '=') + 1)
                   ELSE quote_literal(substr(pair, strpos(pair, '=') + 1)) END)
FROM pg_db_role_setting AS setting
JOIN pg_database AS old ON old.oid = setting.setdatabase AND old.datname = {name}
CROSS JOIN LATERAL unnest(setting.setconfig) AS pair
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
SELECT format('ALTER DATABASE %I CONNECTION LIMIT %s', {new}, old.datconnlimit)
FROM pg_database AS old WHERE old.datname = {name} AND old.datconnlimit >= 0
UNION ALL
SELECT format('COMMENT ON DATABASE %I IS %s', {new}, COALESCE(quote_literal(shobj_description(old.oid, 'pg_database')), 'NULL'))
FROM pg_database AS old WHERE old.datname = {name}
