SELECT CONCAT('ALTER DATABASE ', QUOTENAME({new}), ' SET COMPATIBILITY_LEVEL = ', old.compatibility_level)
FROM sys.databases AS old JOIN sys.databases AS new ON new.name = {new}
WHERE old.name = {name} AND old.compatibility_level <> new.compatibility_level
UNION ALL
SELECT CONCAT('ALTER DATABASE ', QUOTENAME({new}), ' SET RECOVERY ', old.recovery_model_desc)
FROM sys.databases AS old JOIN sys.databases AS new ON new.name = {new}
WHERE old.name = {name} AND old.recovery_model <> new.recovery_model
UNION ALL
SELECT CONCAT('ALTER DATABASE ', QUOTENAME({new}), ' SET READ_COMMITTED_SNAPSHOT ',
              CASE old.is_read_committed_snapshot_on WHEN 1 THEN 'ON' ELSE 'OFF' END, ' WITH ROLLBACK IMMEDIATE')
FROM sys.databases AS old JOIN sys.databases AS new ON new.name = {new}
WHERE old.name = {name} AND old.is_read_committed_snapshot_on <> new.is_read_committed_snapshot_on
UNION ALL
SELECT CONCAT('ALTER DATABASE ', QUOTENAME({new}), ' SET ALLOW_SNAPSHOT_ISOLATION ',
              CASE old.snapshot_isolation_state WHEN 1 THEN 'ON' ELSE 'OFF' END)
FROM sys.databases AS old JOIN sys.databases AS new ON new.name = {new}
WHERE old.name = {name} AND old.snapshot_isolation_state IN (0, 1)
  AND old.snapshot_isolation_state <> new.snapshot_isolation_state
UNION ALL
SELECT CONCAT('ALTER AUTHORIZATION ON DATABASE::', QUOTENAME({new}), ' TO ', QUOTENAME(SUSER_SNAME(old.owner_sid)))
FROM sys.databases AS old JOIN sys.databases AS new ON new.name = {new}
WHERE old.name = {name} AND old.owner_sid <> new.owner_sid AND SUSER_SNAME(old.owner_sid) IS NOT NULL
