SELECT pg_locks.relation::regclass, pg_locks.mode
FROM pg_locks JOIN pg_class ON pg_class.oid = pg_locks.relation
WHERE pg_locks.pid = pg_backend_pid() AND pg_locks.granted AND pg_class.oid >= 16384
  AND pg_class.relkind IN ('r', 'p', 'm', 'v', 'S', 'f') AND pg_class.oid IS DISTINCT FROM to_regclass({journal})
ORDER BY pg_locks.relation::regclass::text, pg_locks.mode
