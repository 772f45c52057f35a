-- what the new database is, apart from what scripts put into it, and its owner: as the old one if there is one, otherwise as
-- CREATE DATABASE makes it; as JSON, because the columns for the locale differ between versions
SELECT concat_ws(' ', current_setting('server_version'), pg_encoding_to_char(one.encoding),
                 (SELECT jsonb_path_query_array(to_jsonb(one), '$[*].keyvalue() ? (@.key like_regex "^dat(loc|icu|collate$|ctype|collversion)").value')),
                 (SELECT spcname FROM pg_tablespace WHERE oid = one.dattablespace), owner.name),
       owner.name
FROM pg_database AS one,
    LATERAL (SELECT CASE WHEN one.datname = {name} THEN pg_get_userbyid(one.datdba) ELSE current_user END AS name) AS owner
WHERE one.datname IN ({name}, 'template1')
ORDER BY one.datname = {name} DESC
LIMIT 1
