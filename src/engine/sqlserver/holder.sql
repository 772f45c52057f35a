SELECT TOP (1) CONCAT('session ', person.session_id, ', user ', person.login_name, ', host ', person.host_name,
                      ', application ', person.program_name,
                      ', since ', REPLACE(CONVERT(varchar(19), person.login_time, 120), ' ', 'T'))
FROM sys.dm_tran_locks AS held
JOIN sys.dm_exec_sessions AS person ON person.session_id = held.request_session_id
WHERE held.resource_type = 'APPLICATION' AND held.request_status = 'GRANT' AND held.resource_database_id = DB_ID()
  AND held.resource_description LIKE {lock}
