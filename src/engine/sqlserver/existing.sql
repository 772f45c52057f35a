-- SQL Server 2016 and later, Azure SQL Database, Babelfish. A trigger on a table is in the schema of its table, one on the database in none.
SELECT CASE WHEN o.type = N'V' THEN N'view' WHEN o.type IN (N'P', N'PC') THEN N'procedure' WHEN o.type = N'SN' THEN N'synonym' WHEN o.type = N'AF' THEN N'aggregate' ELSE N'function' END COLLATE Latin1_General_100_BIN2 AS kind,
       s.name COLLATE Latin1_General_100_BIN2 AS [schema], o.name COLLATE Latin1_General_100_BIN2 AS name, CONVERT(nvarchar(128), NULL) COLLATE Latin1_General_100_BIN2 AS on_table, CONVERT(nvarchar(128), NULL) COLLATE Latin1_General_100_BIN2 AS arguments, CASE WHEN s.name = SCHEMA_NAME() THEN N'1' END AS is_default
FROM sys.objects o
JOIN sys.schemas s ON s.schema_id = o.schema_id
WHERE o.is_ms_shipped = 0{schemas} AND o.type IN (N'V', N'P', N'PC', N'FN', N'IF', N'TF', N'FS', N'FT', N'AF', N'SN')
  -- the procedures of database diagrams
  AND NOT EXISTS (SELECT 1 FROM sys.extended_properties e WHERE e.class = 1 AND e.major_id = o.object_id AND e.minor_id = 0 AND e.name = N'microsoft_database_tools_support')
UNION ALL
SELECT N'trigger', s.name COLLATE Latin1_General_100_BIN2, g.name COLLATE Latin1_General_100_BIN2, o.name COLLATE Latin1_General_100_BIN2, NULL, NULL
FROM sys.triggers g
LEFT JOIN sys.objects o ON o.object_id = g.parent_id AND g.parent_class = 1
LEFT JOIN sys.schemas s ON s.schema_id = o.schema_id
WHERE g.is_ms_shipped = 0{schemas} AND (g.parent_class = 0 OR o.is_ms_shipped = 0)
UNION ALL
SELECT N'type', s.name COLLATE Latin1_General_100_BIN2, t.name COLLATE Latin1_General_100_BIN2, NULL, NULL, CASE WHEN s.name = SCHEMA_NAME() THEN N'1' END
FROM sys.types t
JOIN sys.schemas s ON s.schema_id = t.schema_id
-- Babelfish keeps types of its own for variables of tables
WHERE t.is_user_defined = 1{schemas} AND (SERVERPROPERTY('Babelfish') IS NULL OR t.name NOT LIKE N'@%')
