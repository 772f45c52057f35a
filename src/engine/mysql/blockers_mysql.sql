SELECT DISTINCT {person}
FROM performance_schema.threads AS waiting
JOIN (
    SELECT requesting_thread_id AS waiting, blocking_thread_id AS blocking FROM performance_schema.data_lock_waits
    UNION ALL
    SELECT pending.owner_thread_id, granted.owner_thread_id
    FROM performance_schema.metadata_locks AS pending
    JOIN performance_schema.metadata_locks AS granted
      ON granted.object_type = pending.object_type AND granted.object_schema <=> pending.object_schema
     AND granted.object_name <=> pending.object_name AND granted.lock_status = 'GRANTED'
    WHERE pending.lock_status = 'PENDING' AND pending.object_type <> 'USER LEVEL LOCK'
) AS wait ON wait.waiting = waiting.thread_id
JOIN performance_schema.threads AS blocking ON blocking.thread_id = wait.blocking AND blocking.thread_id <> waiting.thread_id
JOIN information_schema.processlist AS person ON person.id = blocking.processlist_id
WHERE waiting.processlist_id = {id}
ORDER BY 1 LIMIT 3
