-- the databases of tests that no session holds a lock for
SELECT datname
FROM pg_database
WHERE datname ~ '^dbmigrate_test_[0-9a-f]{8}$' AND pg_has_role(datdba, 'MEMBER')
  AND NOT EXISTS (SELECT FROM pg_locks
                  WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid::bigint = {locks}
                    AND objid::bigint = ('x' || right(datname, 8))::bit(32)::bigint)
