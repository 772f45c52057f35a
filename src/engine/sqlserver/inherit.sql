SELECT CONCAT('ALTER DATABASE ', QUOTENAME({new}), ' SET ', setting.text)
FROM sys.databases AS old
JOIN sys.databases AS new ON new.name = {new}
CROSS APPLY (VALUES
    (CASE WHEN old.compatibility_level <> new.compatibility_level
          THEN CONCAT('COMPATIBILITY_LEVEL = ', old.compatibility_level) END),
    (CASE WHEN old.recovery_model <> new.recovery_model THEN CONCAT('RECOVERY ', old.recovery_model_desc) END),
    (CASE WHEN old.containment <> new.containment THEN CONCAT('CONTAINMENT = ', old.containment_desc) END),
    (CASE WHEN old.is_read_committed_snapshot_on <> new.is_read_committed_snapshot_on
          THEN CONCAT('READ_COMMITTED_SNAPSHOT ', CASE old.is_read_committed_snapshot_on WHEN 1 THEN 'ON' ELSE 'OFF' END,
                      ' WITH ROLLBACK IMMEDIATE') END),
    (CASE WHEN old.snapshot_isolation_state <> new.snapshot_isolation_state AND old.snapshot_isolation_state IN (0, 1)
          THEN CONCAT('ALLOW_SNAPSHOT_ISOLATION ', CASE old.snapshot_isolation_state WHEN 1 THEN 'ON' ELSE 'OFF' END) END)
) AS setting (text)
WHERE old.name = {name} AND setting.text IS NOT NULL
