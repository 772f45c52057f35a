SELECT {person}
FROM information_schema.innodb_lock_waits AS wait
JOIN information_schema.innodb_trx AS waiting ON waiting.trx_id = wait.requesting_trx_id
JOIN information_schema.innodb_trx AS blocking ON blocking.trx_id = wait.blocking_trx_id
JOIN information_schema.processlist AS person ON person.id = blocking.trx_mysql_thread_id
WHERE waiting.trx_mysql_thread_id = {id}
UNION
-- the server does not show who holds a metadata lock: any session with an open transaction may hold it
SELECT CONCAT({person}, ' (perhaps)')
FROM information_schema.processlist AS me
JOIN information_schema.innodb_trx AS open ON open.trx_mysql_thread_id <> me.id
JOIN information_schema.processlist AS person ON person.id = open.trx_mysql_thread_id
WHERE me.id = {id} AND me.state = 'Waiting for table metadata lock'
ORDER BY 1 LIMIT 3
