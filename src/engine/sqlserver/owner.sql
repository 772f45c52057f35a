SELECT CONCAT('ALTER AUTHORIZATION ON DATABASE::', QUOTENAME({name}), ' TO ', QUOTENAME(SUSER_SNAME(was.owner_sid)))
FROM sys.databases AS was JOIN sys.databases AS now ON now.name = {name}
WHERE was.name = {old} AND was.owner_sid <> now.owner_sid AND SUSER_SNAME(was.owner_sid) IS NOT NULL
