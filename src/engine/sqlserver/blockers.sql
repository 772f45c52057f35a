SELECT CONCAT('session ', person.session_id, ', user ', person.login_name, ', host ', person.host_name,
              ', application ', person.program_name, ', ', person.status)
FROM sys.dm_exec_requests AS request
JOIN sys.dm_exec_sessions AS person ON person.session_id = request.blocking_session_id
WHERE request.session_id = {id} AND request.blocking_session_id > 0
