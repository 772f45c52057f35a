-- What objects have beside their definitions: the owner, the rights, disabled triggers; and, when all files are applied, the extended
-- properties and the indexes of views that no file has created.
WITH asked (kind, sch, name, tbl) AS (
    SELECT a.kind, a.sch, a.name, a.tbl FROM (VALUES {objects}) AS a (kind, sch, name, tbl)
), target (id, kind, sch, name, tbl, fullname, quoted, owner) AS (
    SELECT o.object_id, a.kind, a.sch, a.name, a.tbl, QUOTENAME(a.sch) + N'.' + QUOTENAME(a.name),
           N'N''' + REPLACE(QUOTENAME(a.sch) + N'.' + QUOTENAME(a.name), N'''', N'''''') + N'''', o.principal_id
    FROM asked a
    JOIN sys.schemas s ON s.name = a.sch
    JOIN sys.objects o ON o.schema_id = s.schema_id AND o.name = a.name
), step (id, place, late, creates, needs, statement) AS (
    SELECT t.id, 1, 0, 0, CONVERT(nvarchar(200), NULL), N'ALTER AUTHORIZATION ON OBJECT::' + t.fullname + N' TO ' + QUOTENAME(p.name)
    FROM target t JOIN sys.database_principals p ON p.principal_id = t.owner
    UNION ALL
    SELECT t.id, 2, 0, 0, c.name,
           CASE p.state WHEN 'D' THEN N'DENY ' WHEN 'R' THEN N'REVOKE ' ELSE N'GRANT ' END + p.permission_name COLLATE DATABASE_DEFAULT + N' ON OBJECT::' + t.fullname
           + CASE WHEN c.name IS NULL THEN N'' ELSE N' (' + QUOTENAME(c.name) + N')' END + N' TO ' + QUOTENAME(g.name)
           + CASE p.state WHEN 'W' THEN N' WITH GRANT OPTION' ELSE N'' END
    FROM target t
    JOIN sys.database_permissions p ON p.class = 1 AND p.major_id = t.id
    JOIN sys.database_principals g ON g.principal_id = p.grantee_principal_id
    LEFT JOIN sys.columns c ON c.object_id = p.major_id AND c.column_id = p.minor_id
    UNION ALL
    SELECT t.id, 3, 0, 0, NULL, N'DISABLE TRIGGER ' + t.fullname + N' ON ' + QUOTENAME(t.sch) + N'.' + QUOTENAME(t.tbl)
    FROM target t JOIN sys.triggers g ON g.object_id = t.id WHERE g.is_disabled = 1
    UNION ALL
    SELECT t.id, 4 + i.index_id, 1, 1, NULL,
           N'IF OBJECT_ID(' + t.quoted + N') IS NOT NULL AND INDEXPROPERTY(OBJECT_ID(' + t.quoted + N'), N''' + REPLACE(CONVERT(nvarchar(200), i.name), N'''', N'''''') + N''', ''IndexID'') IS NULL '
           + N'CREATE ' + CASE i.is_unique WHEN 1 THEN N'UNIQUE ' ELSE N'' END + i.type_desc COLLATE DATABASE_DEFAULT + N' INDEX ' + QUOTENAME(i.name) + N' ON ' + t.fullname + N' ('
           + (SELECT STRING_AGG(QUOTENAME(c.name) + CASE k.is_descending_key WHEN 1 THEN N' DESC' ELSE N'' END, N', ') WITHIN GROUP (ORDER BY k.key_ordinal)
              FROM sys.index_columns k JOIN sys.columns c ON c.object_id = k.object_id AND c.column_id = k.column_id
              WHERE k.object_id = i.object_id AND k.index_id = i.index_id AND k.is_included_column = 0) + N')'
           + COALESCE(N' INCLUDE (' + (SELECT STRING_AGG(QUOTENAME(c.name), N', ') WITHIN GROUP (ORDER BY k.index_column_id)
              FROM sys.index_columns k JOIN sys.columns c ON c.object_id = k.object_id AND c.column_id = k.column_id
              WHERE k.object_id = i.object_id AND k.index_id = i.index_id AND k.is_included_column = 1) + N')', N'')
    FROM target t JOIN sys.indexes i ON i.object_id = t.id WHERE t.kind = N'view' AND i.index_id > 0
    UNION ALL
    SELECT t.id, 1000 + e.minor_id, 1, 0, c.name,
           N'IF OBJECT_ID(' + t.quoted + N') IS NOT NULL'
           + CASE WHEN c.name IS NULL THEN N'' ELSE N' AND COL_LENGTH(' + t.quoted + N', N''' + REPLACE(CONVERT(nvarchar(200), c.name), N'''', N'''''') + N''') IS NOT NULL' END
           + N' AND NOT EXISTS (SELECT 1 FROM sys.extended_properties e WHERE e.class = 1 AND e.major_id = OBJECT_ID(' + t.quoted + N') AND e.minor_id = '
           + CASE WHEN c.name IS NULL THEN N'0' ELSE N'COLUMNPROPERTY(OBJECT_ID(' + t.quoted + N'), N''' + REPLACE(CONVERT(nvarchar(200), c.name), N'''', N'''''') + N''', ''ColumnId'')' END
           + N' AND e.name = N''' + REPLACE(CONVERT(nvarchar(200), e.name), N'''', N'''''') + N''') EXEC sys.sp_addextendedproperty @name = N''' + REPLACE(CONVERT(nvarchar(200), e.name), N'''', N'''''') + N''', @value = N''' + REPLACE(CONVERT(nvarchar(max), e.value), N'''', N'''''')
           + N''', @level0type = N''SCHEMA'', @level0name = N''' + REPLACE(t.sch, N'''', N'''''') + N''', @level1type = N'''
           + CASE WHEN t.tbl IS NULL THEN UPPER(t.kind) ELSE N'VIEW' END + N''', @level1name = N''' + REPLACE(COALESCE(t.tbl, t.name), N'''', N'''''') + N''''
           + CASE WHEN t.tbl IS NULL THEN N'' ELSE N', @level2type = N''TRIGGER'', @level2name = N''' + REPLACE(t.name, N'''', N'''''') + N'''' END
           + CASE WHEN c.name IS NULL THEN N'' ELSE N', @level2type = N''COLUMN'', @level2name = N''' + REPLACE(CONVERT(nvarchar(200), c.name), N'''', N'''''') + N'''' END
    FROM target t
    JOIN sys.extended_properties e ON e.class = 1 AND e.major_id = t.id
    LEFT JOIN sys.columns c ON c.object_id = e.major_id AND c.column_id = e.minor_id
    WHERE e.minor_id = 0 OR c.name IS NOT NULL
)
SELECT CONVERT(nvarchar(20), s.place), t.kind, t.sch, t.name, t.tbl, CONVERT(nvarchar(10), NULL), CONVERT(nvarchar(1), s.creates),
       CASE WHEN s.late = 1 THEN t.sch END, CASE WHEN s.late = 1 THEN t.name END, s.needs, s.statement, CONVERT(nvarchar(10), NULL)
FROM step s JOIN target t ON t.id = s.id
ORDER BY t.sch, t.name, s.place, s.needs
