SELECT 1
FROM sys.dm_exec_sessions AS person
JOIN sys.dm_exec_connections AS line ON line.session_id = person.session_id
WHERE person.session_id = {id} AND person.status = 'sleeping' AND line.last_read < DATEADD(second, -5, GETDATE())
