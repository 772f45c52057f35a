-- an ordinary copy of template1 if its locale and encoding are the same, or else template0 with the old ones;
-- as JSON, because the columns for the locale differ between versions
SELECT CASE WHEN locale.old = locale.template AND old.encoding = template.encoding THEN ''
            ELSE format('TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L',
                        pg_encoding_to_char(old.encoding), old.datcollate, old.datctype)
                 || CASE WHEN to_jsonb(old) ->> 'datlocprovider' = 'i'
                         THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L',
                                     COALESCE(to_jsonb(old) ->> 'datlocale', to_jsonb(old) ->> 'daticulocale'))
                         ELSE '' END
       END
    || format(' OWNER %I', pg_get_userbyid(old.datdba))
    || CASE WHEN old.dattablespace = template.dattablespace THEN ''
            ELSE (SELECT format(' TABLESPACE %I', spcname) FROM pg_tablespace WHERE oid = old.dattablespace) END
FROM pg_database AS old, pg_database AS template,
    LATERAL (SELECT jsonb_path_query_array(to_jsonb(old), '$[*].keyvalue() ? (@.key like_regex "^dat(loc|icu|collate$|ctype)").value') AS old,
                    jsonb_path_query_array(to_jsonb(template), '$[*].keyvalue() ? (@.key like_regex "^dat(loc|icu|collate$|ctype)").value') AS template) AS locale
WHERE old.datname = {name} AND template.datname = 'template1'
