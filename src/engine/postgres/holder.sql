SELECT 'pid ' || pid
    || COALESCE(', user ' || usename, '')
    || COALESCE(', host ' || COALESCE(client_hostname, host(client_addr)), CASE WHEN usename IS NULL THEN '' ELSE ', host local' END)
    || COALESCE(', application ' || NULLIF(application_name, ''), '')
    || COALESCE(', since ' || to_char(COALESCE(xact_start, backend_start) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '')
    || {more}
FROM pg_catalog.pg_stat_activity WHERE pid = ANY({pids}) ORDER BY pid LIMIT 3
