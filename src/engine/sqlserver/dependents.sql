-- The objects, and what their definitions bind to them: the server refuses to drop what something is bound to. A trigger goes with its view.
WITH asked (kind, sch, name, tbl) AS (
    SELECT a.kind, a.sch, a.name, a.tbl FROM (VALUES {objects}) AS a (kind, sch, name, tbl)
), reached (id, depth) AS (
    SELECT o.object_id, 0
    FROM asked a
    JOIN sys.schemas s ON s.name = a.sch
    JOIN sys.objects o ON o.schema_id = s.schema_id AND o.name = a.name
    WHERE o.type IN ('V', 'P', 'PC', 'FN', 'IF', 'TF', 'FS', 'FT', 'AF', 'SN', 'TR', 'TA')
    UNION ALL
    SELECT n.id, r.depth + 1
    FROM reached r
    CROSS APPLY (
        SELECT d.referencing_id FROM sys.sql_expression_dependencies d
        WHERE d.referenced_id = r.id AND d.referencing_id <> r.id AND d.referencing_class = 1 AND d.is_schema_bound_reference = 1
        UNION ALL
        SELECT t.object_id FROM sys.triggers t WHERE t.parent_class = 1 AND t.parent_id = r.id
    ) AS n (id)
), needed (id, depth) AS (
    SELECT id, MAX(depth) FROM reached GROUP BY id
), named (id, depth, kind, word, sch, name, tbl) AS (
    SELECT n.id, n.depth,
           CASE WHEN o.type = 'V' THEN N'view' WHEN o.type IN ('P', 'PC') THEN N'procedure' WHEN o.type IN ('FN', 'IF', 'TF', 'FS', 'FT') THEN N'function'
                WHEN o.type = 'AF' THEN N'aggregate' WHEN o.type = 'SN' THEN N'synonym' WHEN o.type IN ('TR', 'TA') THEN N'trigger' ELSE N'other' END,
           LOWER(REPLACE(o.type_desc, N'_', N' ')), s.name, o.name, CASE WHEN o.type IN ('TR', 'TA') THEN OBJECT_NAME(o.parent_object_id) END
    FROM needed n
    JOIN sys.objects o ON o.object_id = n.id
    JOIN sys.schemas s ON s.schema_id = o.schema_id
)
SELECT CONVERT(nvarchar(20), ROW_NUMBER() OVER (ORDER BY n.depth DESC, n.sch, n.name)), n.kind, n.sch, n.name, n.tbl, CONVERT(nvarchar(10), NULL),
       CASE WHEN n.kind = N'other' THEN n.word ELSE n.kind END + N' ' + n.sch + N'.' + n.name,
       CASE WHEN n.kind <> N'other' THEN N'DROP ' + UPPER(n.kind) + N' ' + QUOTENAME(n.sch) + N'.' + QUOTENAME(n.name) END,
       CONVERT(nvarchar(10), NULL)
FROM named n
ORDER BY n.depth DESC, n.sch, n.name
