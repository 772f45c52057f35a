-- @leave_out: the tables that are left out, with their schemas, separated by commas.
-- Reads catalog views only; SQL Server 2016 SP1 and later, Azure SQL Database and Managed Instance.
SET NOCOUNT ON;
SET QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT OFF;
DECLARE @lf nchar(1) = NCHAR(10);
DECLARE @word table (class nvarchar(20) COLLATE Latin1_General_100_BIN2 NOT NULL, id int NOT NULL, sub int NOT NULL, text nvarchar(258) COLLATE Latin1_General_100_BIN2 NOT NULL, PRIMARY KEY (class, id, sub));
DECLARE @thing table (object_id int NOT NULL PRIMARY KEY, type nchar(2) COLLATE Latin1_General_100_BIN2 NOT NULL, owner int NULL, name nvarchar(517) COLLATE Latin1_General_100_BIN2 NOT NULL);
DECLARE @typed table (class nvarchar(20) COLLATE Latin1_General_100_BIN2 NOT NULL, id int NOT NULL, sub int NOT NULL, text nvarchar(1100) COLLATE Latin1_General_100_BIN2 NOT NULL, PRIMARY KEY (class, id, sub));
DECLARE @field table (object_id int NOT NULL, column_id int NOT NULL, name nvarchar(258) COLLATE Latin1_General_100_BIN2 NOT NULL, position int NOT NULL, definition nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL, PRIMARY KEY (object_id, column_id));
DECLARE @storage table (object_id int NOT NULL, index_id int NOT NULL, text nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL, PRIMARY KEY (object_id, index_id));
DECLARE @keyed table (object_id int NOT NULL, index_id int NOT NULL, columns nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL, included nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL, PRIMARY KEY (object_id, index_id));
-- The names as they are written: in brackets only if they hold a dot, a comma, a blank or a bracket.
INSERT @word (class, id, sub, text)
    SELECT class, id, sub, CASE WHEN raw LIKE N'%[.,[ ]%' OR CHARINDEX(N']', raw) > 0 THEN QUOTENAME(raw) ELSE raw END
    FROM (
        SELECT N'object', object_id, 0, name COLLATE Latin1_General_100_BIN2 FROM sys.objects
        UNION ALL SELECT N'column', object_id, column_id, name COLLATE Latin1_General_100_BIN2 FROM sys.columns
        UNION ALL SELECT N'index', object_id, index_id, name COLLATE Latin1_General_100_BIN2 FROM sys.indexes WHERE name IS NOT NULL
        UNION ALL SELECT N'schema', schema_id, 0, name COLLATE Latin1_General_100_BIN2 FROM sys.schemas
        UNION ALL SELECT N'type', user_type_id, 0, name COLLATE Latin1_General_100_BIN2 FROM sys.types
        UNION ALL SELECT N'principal', principal_id, 0, name COLLATE Latin1_General_100_BIN2 FROM sys.database_principals
        UNION ALL SELECT N'data space', data_space_id, 0, name COLLATE Latin1_General_100_BIN2 FROM sys.data_spaces
        UNION ALL SELECT N'partition function', function_id, 0, name COLLATE Latin1_General_100_BIN2 FROM sys.partition_functions
        UNION ALL SELECT N'trigger', object_id, 0, name COLLATE Latin1_General_100_BIN2 FROM sys.triggers
        UNION ALL SELECT N'catalog', fulltext_catalog_id, 0, name COLLATE Latin1_General_100_BIN2 FROM sys.fulltext_catalogs
        UNION ALL SELECT N'collection', xml_collection_id, 0, name COLLATE Latin1_General_100_BIN2 FROM sys.xml_schema_collections
        UNION ALL SELECT N'assembly', assembly_id, 0, name COLLATE Latin1_General_100_BIN2 FROM sys.assemblies
        UNION ALL SELECT N'column key', column_encryption_key_id, 0, name COLLATE Latin1_General_100_BIN2 FROM sys.column_encryption_keys
    ) label (class, id, sub, raw);
-- The objects that stand on their own: not the system's, not the tool's.
INSERT @thing (object_id, type, owner, name)
    SELECT o.object_id, o.type COLLATE Latin1_General_100_BIN2 AS type, ISNULL(o.principal_id, s.principal_id) AS owner, sw.text + N'.' + ow.text AS name
    FROM sys.objects o
    JOIN sys.schemas s ON s.schema_id = o.schema_id
    JOIN @word sw ON sw.class = N'schema' AND sw.id = o.schema_id
    JOIN @word ow ON ow.class = N'object' AND ow.id = o.object_id
    WHERE o.is_ms_shipped = 0 AND o.parent_object_id = 0
      AND CHARINDEX((N',' + sw.text + N'.' + ow.text + N',') COLLATE DATABASE_DEFAULT, (N',' + ISNULL(@leave_out, N'') + N',') COLLATE DATABASE_DEFAULT) = 0
      AND NOT EXISTS (SELECT 1 FROM sys.extended_properties e WHERE e.class = 1 AND e.major_id = o.object_id AND e.minor_id = 0 AND e.name = N'microsoft_database_tools_support')
      -- a history table that the server named itself goes with its table
      AND NOT EXISTS (SELECT 1 FROM sys.tables h WHERE h.object_id = o.object_id AND h.temporal_type = 1 AND h.name LIKE N'MSSQL[_]%HistoryFor[_]%');
-- The types of columns, alias types, sequences and partition functions.
INSERT @typed (class, id, sub, text)
    SELECT h.class, h.id, h.sub,
           CASE WHEN t.is_user_defined = 1 THEN sw.text + N'.' + tw.text
                WHEN tw.text = N'timestamp' THEN N'rowversion'
                ELSE tw.text
                  + CASE WHEN tw.text IN (N'char', N'varchar', N'binary', N'varbinary') THEN N'(' + CASE h.max_length WHEN -1 THEN N'max' ELSE CONVERT(nvarchar(11), h.max_length) END + N')'
                         WHEN tw.text IN (N'nchar', N'nvarchar') THEN N'(' + CASE h.max_length WHEN -1 THEN N'max' ELSE CONVERT(nvarchar(11), h.max_length / 2) END + N')'
                         WHEN tw.text IN (N'decimal', N'numeric') THEN N'(' + CONVERT(nvarchar(11), h.precision) + N', ' + CONVERT(nvarchar(11), h.scale) + N')'
                         WHEN tw.text IN (N'time', N'datetime2', N'datetimeoffset') THEN N'(' + CONVERT(nvarchar(11), h.scale) + N')'
                         WHEN tw.text = N'vector' THEN N'(' + CONVERT(nvarchar(11), (h.max_length - 8) / 4) + N')'
                         WHEN tw.text = N'xml' AND h.xml_collection_id > 0 THEN ISNULL(N'(' + CASE h.is_xml_document WHEN 1 THEN N'DOCUMENT ' ELSE N'' END + xs.text + N'.' + xw.text + N')', N'(?)')
                         ELSE N'' END
           END
    FROM (
        SELECT N'column', object_id, column_id, user_type_id, max_length, precision, scale, xml_collection_id, is_xml_document FROM sys.columns
        UNION ALL SELECT N'type', user_type_id, 0, CONVERT(int, system_type_id), max_length, precision, scale, 0, 0 FROM sys.types WHERE is_user_defined = 1 AND is_table_type = 0 AND is_assembly_type = 0
        UNION ALL SELECT N'sequence', object_id, 0, user_type_id, 0, precision, ISNULL(scale, 0), 0, 0 FROM sys.sequences
        UNION ALL SELECT N'partition function', function_id, 0, user_type_id, max_length, precision, scale, 0, 0 FROM sys.partition_parameters WHERE parameter_id = 1
    ) h (class, id, sub, user_type_id, max_length, precision, scale, xml_collection_id, is_xml_document)
    JOIN sys.types t ON t.user_type_id = h.user_type_id
    JOIN @word tw ON tw.class = N'type' AND tw.id = t.user_type_id
    JOIN @word sw ON sw.class = N'schema' AND sw.id = t.schema_id
    LEFT JOIN sys.xml_schema_collections x ON x.xml_collection_id = h.xml_collection_id AND h.xml_collection_id > 0
    LEFT JOIN @word xw ON xw.class = N'collection' AND xw.id = x.xml_collection_id
    LEFT JOIN @word xs ON xs.class = N'schema' AND xs.id = x.schema_id;
-- The columns of tables and of table types.
INSERT @field (object_id, column_id, name, position, definition)
    SELECT c.object_id, c.column_id, w.text AS name,
           CONVERT(int, ROW_NUMBER() OVER (PARTITION BY c.object_id ORDER BY c.column_id)) AS position,
           CASE WHEN c.is_computed = 1
                THEN N'AS ' + ISNULL(k.definition COLLATE Latin1_General_100_BIN2, N'(not visible without VIEW DEFINITION)')
                   + CASE WHEN k.is_persisted = 1 THEN N' PERSISTED' + CASE c.is_nullable WHEN 0 THEN N' NOT NULL' ELSE N'' END ELSE N'' END
                ELSE t.text
                   + CASE WHEN c.is_filestream = 1 THEN N' FILESTREAM' ELSE N'' END
                   + CASE WHEN c.collation_name COLLATE Latin1_General_100_BIN2 <> CONVERT(nvarchar(128), DATABASEPROPERTYEX(DB_NAME(), 'Collation')) COLLATE Latin1_General_100_BIN2
                          THEN N' COLLATE ' + c.collation_name COLLATE Latin1_General_100_BIN2 ELSE N'' END
                   + CASE WHEN c.is_sparse = 1 THEN N' SPARSE' ELSE N'' END
                   + CASE WHEN c.is_column_set = 1 THEN N' COLUMN_SET FOR ALL_SPARSE_COLUMNS' ELSE N'' END
                   + CASE WHEN m.masking_function IS NOT NULL THEN N' MASKED WITH (FUNCTION = ''' + REPLACE(m.masking_function COLLATE Latin1_General_100_BIN2, N'''', N'''''') + N''')' ELSE N'' END
                   + CASE WHEN c.generated_always_type > 0 THEN N' GENERATED ALWAYS ' + REPLACE(c.generated_always_type_desc COLLATE Latin1_General_100_BIN2, N'_', N' ') ELSE N'' END
                   + CASE WHEN c.is_hidden = 1 THEN N' HIDDEN' ELSE N'' END
                   + CASE c.is_nullable WHEN 1 THEN N' NULL' ELSE N' NOT NULL' END
                   + CASE WHEN c.is_identity = 1 THEN N' IDENTITY(' + ISNULL(CONVERT(nvarchar(50), i.seed_value) COLLATE Latin1_General_100_BIN2, N'?') + N', '
                          + ISNULL(CONVERT(nvarchar(50), i.increment_value) COLLATE Latin1_General_100_BIN2, N'?') + N')'
                          + CASE i.is_not_for_replication WHEN 1 THEN N' NOT FOR REPLICATION' ELSE N'' END ELSE N'' END
                   + CASE WHEN c.is_rowguidcol = 1 THEN N' ROWGUIDCOL' ELSE N'' END
                   + CASE WHEN c.encryption_type IS NOT NULL
                          THEN N' ENCRYPTED WITH (COLUMN_ENCRYPTION_KEY = ' + ISNULL(e.text, N'?') + N', ENCRYPTION_TYPE = ' + c.encryption_type_desc COLLATE Latin1_General_100_BIN2
                             + N', ALGORITHM = ''' + c.encryption_algorithm_name COLLATE Latin1_General_100_BIN2 + N''')' ELSE N'' END
                   + ISNULL(N' BOUND DEFAULT ' + bd.name, N'') + ISNULL(N' BOUND RULE ' + br.name, N'')
                   + CASE WHEN c.is_ansi_padded = 0 AND c.max_length <> -1 AND c.system_type_id IN (165, 167, 173, 175) THEN N' ANSI_PADDING OFF' ELSE N'' END
           END AS definition
    FROM sys.columns c
    JOIN @word w ON w.class = N'column' AND w.id = c.object_id AND w.sub = c.column_id
    JOIN @typed t ON t.class = N'column' AND t.id = c.object_id AND t.sub = c.column_id
    LEFT JOIN sys.computed_columns k ON k.object_id = c.object_id AND k.column_id = c.column_id
    LEFT JOIN sys.identity_columns i ON i.object_id = c.object_id AND i.column_id = c.column_id
    LEFT JOIN sys.masked_columns m ON m.object_id = c.object_id AND m.column_id = c.column_id AND m.is_masked = 1
    LEFT JOIN @word e ON e.class = N'column key' AND e.id = c.column_encryption_key_id
    LEFT JOIN @thing bd ON bd.object_id = c.default_object_id
    LEFT JOIN @thing br ON br.object_id = c.rule_object_id
    WHERE EXISTS (SELECT 1 FROM @thing o WHERE o.object_id = c.object_id AND o.type = N'U ') OR EXISTS (SELECT 1 FROM sys.table_types y WHERE y.type_table_object_id = c.object_id);
-- Where a table or an index lies, and how it is compressed.
INSERT @storage (object_id, index_id, text)
    SELECT i.object_id, i.index_id,
           CASE WHEN d.type = 'PS' THEN @lf + N'ON ' + w.text + ISNULL(N' ('
                     + (SELECT MIN(c.text) FROM sys.index_columns k JOIN @word c ON c.class = N'column' AND c.id = k.object_id AND c.sub = k.column_id
                        WHERE k.object_id = i.object_id AND k.index_id = i.index_id AND k.partition_ordinal = 1) + N')', N'')
                WHEN d.type = 'FG' AND d.is_default = 0 THEN @lf + N'ON ' + w.text
                ELSE N'' END
         + ISNULL((SELECT @lf + N'DATA_COMPRESSION = '
                        + CASE WHEN MIN(p.data_compression) = MAX(p.data_compression) THEN MIN(p.data_compression_desc COLLATE Latin1_General_100_BIN2)
                               ELSE (SELECT STUFF((SELECT N', ' + q.data_compression_desc COLLATE Latin1_General_100_BIN2 + N' ON PARTITION ' + CONVERT(nvarchar(11), q.partition_number)
                                                   FROM sys.partitions q WHERE q.object_id = i.object_id AND q.index_id = i.index_id
                                                   ORDER BY q.partition_number FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'), 1, 2, N'')) COLLATE Latin1_General_100_BIN2 END
                   FROM sys.partitions p WHERE p.object_id = i.object_id AND p.index_id = i.index_id
                   HAVING MAX(p.data_compression) > 0 AND NOT (MIN(p.data_compression) = 3 AND MAX(p.data_compression) = 3)), N'')
    FROM sys.indexes i
    LEFT JOIN sys.data_spaces d ON d.data_space_id = i.data_space_id
    LEFT JOIN @word w ON w.class = N'data space' AND w.id = d.data_space_id
    WHERE EXISTS (SELECT 1 FROM @thing o WHERE o.object_id = i.object_id AND o.type IN (N'U ', N'V '));
-- The columns of an index.
INSERT @keyed (object_id, index_id, columns, included)
    SELECT i.object_id, i.index_id,
           STUFF((SELECT N', ' + c.text + CASE k.is_descending_key WHEN 1 THEN N' DESC' ELSE N'' END
                  FROM sys.index_columns k JOIN @word c ON c.class = N'column' AND c.id = k.object_id AND c.sub = k.column_id
                  WHERE k.object_id = i.object_id AND k.index_id = i.index_id AND k.is_included_column = 0 AND (k.key_ordinal > 0 OR i.type IN (3, 4))
                  ORDER BY k.key_ordinal, k.index_column_id FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'), 1, 2, N'') COLLATE Latin1_General_100_BIN2,
           STUFF((SELECT N', ' + c.text
                  FROM sys.index_columns k JOIN @word c ON c.class = N'column' AND c.id = k.object_id AND c.sub = k.column_id
                  WHERE k.object_id = i.object_id AND k.index_id = i.index_id AND k.is_included_column = 1
                  ORDER BY c.text FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'), 1, 2, N'') COLLATE Latin1_General_100_BIN2
    FROM sys.indexes i
    WHERE EXISTS (SELECT 1 FROM @thing o WHERE o.object_id = i.object_id AND o.type IN (N'U ', N'V ')) OR EXISTS (SELECT 1 FROM sys.table_types y WHERE y.type_table_object_id = i.object_id);
WITH module (object_id, text) AS (
    SELECT m.object_id,
           CASE m.uses_ansi_nulls WHEN 0 THEN N'SET ANSI_NULLS OFF' + @lf ELSE N'' END + CASE m.uses_quoted_identifier WHEN 0 THEN N'SET QUOTED_IDENTIFIER OFF' + @lf ELSE N'' END
         + CASE WHEN m.definition IS NOT NULL
                THEN -- CREATE OR ALTER is kept as CREATE and three blanks
                     REPLACE(CASE WHEN UPPER(LEFT(m.definition, 9)) COLLATE Latin1_General_100_BIN2 = N'CREATE   ' THEN STUFF(m.definition, 7, 3, N' ') ELSE m.definition END COLLATE Latin1_General_100_BIN2, NCHAR(13) + NCHAR(10), NCHAR(10))
                WHEN OBJECTPROPERTY(m.object_id, 'IsEncrypted') = 1 THEN N'WITH ENCRYPTION: the server does not show its text'
                ELSE N'not visible without VIEW DEFINITION' END
    FROM sys.sql_modules m
    UNION ALL
    SELECT a.object_id, N'EXTERNAL NAME ' + ISNULL(w.text, N'?') + N'.' + QUOTENAME(a.assembly_class) COLLATE Latin1_General_100_BIN2 + ISNULL(N'.' + QUOTENAME(a.assembly_method) COLLATE Latin1_General_100_BIN2, N'')
    FROM sys.assembly_modules a LEFT JOIN @word w ON w.class = N'assembly' AND w.id = a.assembly_id
), entry (kind, name, parent, position, definition, owner, invented, class, major_id, minor_id) AS (
    -- class, major_id and minor_id find the comment (sys.extended_properties) and the grants (sys.database_permissions), which number them alike
    SELECT N'schema', w.text, CONVERT(nvarchar(max), NULL) COLLATE Latin1_General_100_BIN2, CONVERT(int, NULL), CONVERT(nvarchar(max), N'CREATE SCHEMA') COLLATE Latin1_General_100_BIN2, s.principal_id, CONVERT(bit, 0), 3, s.schema_id, 0
    FROM sys.schemas s JOIN @word w ON w.class = N'schema' AND w.id = s.schema_id
    WHERE s.schema_id = 1 OR s.schema_id BETWEEN 5 AND 16383
    UNION ALL
    SELECT N'type', sw.text + N'.' + w.text, NULL, NULL,
           CASE WHEN t.is_assembly_type = 1 THEN N'EXTERNAL NAME ' + ISNULL(aw.text, N'?') + N'.' + ISNULL(QUOTENAME(a.assembly_class) COLLATE Latin1_General_100_BIN2, N'?')
                WHEN t.is_table_type = 1 THEN
                    N'AS TABLE ('
                    + ISNULL(STUFF((SELECT N',' + @lf + N'    ' + c.name + N' ' + c.definition + ISNULL(N' DEFAULT ' + d.definition COLLATE Latin1_General_100_BIN2, N'')
                             FROM @field c LEFT JOIN sys.default_constraints d ON d.parent_object_id = c.object_id AND d.parent_column_id = c.column_id
                             WHERE c.object_id = tt.type_table_object_id ORDER BY c.position FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'), 1, 1, N'') COLLATE Latin1_General_100_BIN2, N'')
                    -- the server invents the names of a table type's keys; those of its indexes are given
                    + ISNULL((SELECT line.text FROM (SELECT N',' + @lf + N'    '
                                     + CASE WHEN i.is_primary_key = 1 THEN N'PRIMARY KEY ' WHEN i.is_unique_constraint = 1 THEN N'UNIQUE ' ELSE N'INDEX ' + ISNULL(iw.text, N'?') + CASE i.is_unique WHEN 1 THEN N' UNIQUE ' ELSE N' ' END END
                                     + i.type_desc COLLATE Latin1_General_100_BIN2 + N' (' + ISNULL(k.columns, N'') + N')' + ISNULL(N' INCLUDE (' + k.included + N')', N'')
                                     + CASE i.ignore_dup_key WHEN 1 THEN N' WITH (IGNORE_DUP_KEY = ON)' ELSE N'' END + ISNULL(N' BUCKET_COUNT ' + CONVERT(nvarchar(20), h.bucket_count), N'') AS text
                              FROM sys.indexes i JOIN @keyed k ON k.object_id = i.object_id AND k.index_id = i.index_id
                              LEFT JOIN @word iw ON iw.class = N'index' AND iw.id = i.object_id AND iw.sub = i.index_id
                              LEFT JOIN sys.hash_indexes h ON h.object_id = i.object_id AND h.index_id = i.index_id
                              WHERE i.object_id = tt.type_table_object_id AND i.type <> 0) line
                              ORDER BY line.text FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)') COLLATE Latin1_General_100_BIN2, N'')
                    + ISNULL((SELECT N',' + @lf + N'    CHECK ' + k.definition COLLATE Latin1_General_100_BIN2 FROM sys.check_constraints k WHERE k.parent_object_id = tt.type_table_object_id
                              ORDER BY k.definition COLLATE Latin1_General_100_BIN2 FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)') COLLATE Latin1_General_100_BIN2, N'')
                    + @lf + N')' + CASE tt.is_memory_optimized WHEN 1 THEN N' WITH (MEMORY_OPTIMIZED = ON)' ELSE N'' END
                ELSE N'FROM ' + ty.text + CASE t.is_nullable WHEN 1 THEN N' NULL' ELSE N' NOT NULL' END + ISNULL(N' BOUND DEFAULT ' + bd.name, N'') + ISNULL(N' BOUND RULE ' + br.name, N'')
           END, ISNULL(t.principal_id, s.principal_id), 0, 6, t.user_type_id, 0
    FROM sys.types t
    JOIN sys.schemas s ON s.schema_id = t.schema_id
    JOIN @word sw ON sw.class = N'schema' AND sw.id = t.schema_id
    JOIN @word w ON w.class = N'type' AND w.id = t.user_type_id
    LEFT JOIN @typed ty ON ty.class = N'type' AND ty.id = t.user_type_id
    LEFT JOIN sys.table_types tt ON tt.user_type_id = t.user_type_id
    LEFT JOIN sys.assembly_types a ON a.user_type_id = t.user_type_id
    LEFT JOIN @word aw ON aw.class = N'assembly' AND aw.id = a.assembly_id
    LEFT JOIN @thing bd ON bd.object_id = t.default_object_id
    LEFT JOIN @thing br ON br.object_id = t.rule_object_id
    WHERE t.is_user_defined = 1
    UNION ALL
    SELECT N'xml schema collection', sw.text + N'.' + w.text, NULL, NULL,
           ISNULL(CONVERT(nvarchar(max), XML_SCHEMA_NAMESPACE(SCHEMA_NAME(x.schema_id), x.name)) COLLATE Latin1_General_100_BIN2, N'not visible'),
           ISNULL(x.principal_id, s.principal_id), 0, 10, x.xml_collection_id, 0
    FROM sys.xml_schema_collections x
    JOIN sys.schemas s ON s.schema_id = x.schema_id
    JOIN @word sw ON sw.class = N'schema' AND sw.id = x.schema_id
    JOIN @word w ON w.class = N'collection' AND w.id = x.xml_collection_id
    WHERE x.schema_id <> 4
    UNION ALL
    SELECT N'sequence', o.name, NULL, NULL,
           N'AS ' + t.text + @lf + N'START WITH ' + CONVERT(nvarchar(50), q.start_value) COLLATE Latin1_General_100_BIN2 + @lf + N'INCREMENT BY ' + CONVERT(nvarchar(50), q.increment) COLLATE Latin1_General_100_BIN2
           + @lf + N'MINVALUE ' + CONVERT(nvarchar(50), q.minimum_value) COLLATE Latin1_General_100_BIN2 + @lf + N'MAXVALUE ' + CONVERT(nvarchar(50), q.maximum_value) COLLATE Latin1_General_100_BIN2
           + @lf + CASE q.is_cycling WHEN 1 THEN N'CYCLE' ELSE N'NO CYCLE' END
           + @lf + CASE WHEN q.is_cached = 0 THEN N'NO CACHE' ELSE N'CACHE' + ISNULL(N' ' + CONVERT(nvarchar(11), q.cache_size), N'') END,
           o.owner, 0, 1, o.object_id, 0
    FROM @thing o JOIN sys.sequences q ON q.object_id = o.object_id JOIN @typed t ON t.class = N'sequence' AND t.id = o.object_id
    UNION ALL
    SELECT N'table', o.name, NULL, NULL,
           N'CREATE ' + CASE t.is_external WHEN 1 THEN N'EXTERNAL ' ELSE N'' END + N'TABLE' + CASE t.is_filetable WHEN 1 THEN N' AS FILETABLE' ELSE N'' END
           + ISNULL(@lf + N'PERIOD FOR SYSTEM_TIME (' + ps.text + N', ' + pe.text + N')', N'')
           + CASE t.temporal_type WHEN 1 THEN @lf + N'HISTORY TABLE' WHEN 2 THEN @lf + N'SYSTEM_VERSIONING = ON (HISTORY_TABLE = ' + ISNULL(h.name, N'named by the server') + N')' ELSE N'' END
           + CASE t.is_memory_optimized WHEN 1 THEN @lf + N'MEMORY_OPTIMIZED = ON, DURABILITY = ' + t.durability_desc COLLATE Latin1_General_100_BIN2 ELSE N'' END
           + ISNULL(g.text, N'')
           + CASE t.lock_escalation WHEN 0 THEN N'' ELSE @lf + N'LOCK_ESCALATION = ' + t.lock_escalation_desc COLLATE Latin1_General_100_BIN2 END
           + CASE c.is_track_columns_updated_on WHEN 0 THEN @lf + N'CHANGE_TRACKING' WHEN 1 THEN @lf + N'CHANGE_TRACKING WITH (TRACK_COLUMNS_UPDATED = ON)' ELSE N'' END
           + CASE WHEN t.text_in_row_limit > 0 THEN @lf + N'text in row ' + CONVERT(nvarchar(11), t.text_in_row_limit) ELSE N'' END
           + CASE t.large_value_types_out_of_row WHEN 1 THEN @lf + N'large value types out of row' ELSE N'' END
           + CASE t.uses_ansi_nulls WHEN 0 THEN @lf + N'ANSI_NULLS OFF' ELSE N'' END,
           o.owner, 0, 1, o.object_id, 0
    FROM @thing o JOIN sys.tables t ON t.object_id = o.object_id
    LEFT JOIN sys.periods p ON p.object_id = t.object_id
    LEFT JOIN @word ps ON ps.class = N'column' AND ps.id = p.object_id AND ps.sub = p.start_column_id
    LEFT JOIN @word pe ON pe.class = N'column' AND pe.id = p.object_id AND pe.sub = p.end_column_id
    LEFT JOIN @thing h ON h.object_id = t.history_table_id
    LEFT JOIN @storage g ON g.object_id = t.object_id AND g.index_id IN (0, 1)
    LEFT JOIN sys.change_tracking_tables c ON c.object_id = t.object_id
    UNION ALL
    SELECT N'column', o.name + N'.' + c.name, o.name, c.position, c.definition, NULL, 0, 1, c.object_id, c.column_id
    FROM @thing o JOIN @field c ON c.object_id = o.object_id
    WHERE o.type = N'U '
    UNION ALL
    SELECT CASE WHEN i.is_primary_key = 1 THEN N'primary key' WHEN i.is_unique_constraint = 1 THEN N'unique' ELSE N'index' END,
           o.name + N'.' + w.text, o.name, NULL,
           CASE WHEN i.is_primary_key = 1 THEN N'PRIMARY KEY ' WHEN i.is_unique = 1 THEN N'UNIQUE ' WHEN x.xml_index_type IN (0, 2) THEN N'PRIMARY ' ELSE N'' END
           + CASE WHEN x.xml_index_type IN (2, 3) THEN N'SELECTIVE ' ELSE N'' END
           + i.type_desc COLLATE Latin1_General_100_BIN2
           + CASE WHEN i.type = 5 THEN N'' WHEN i.type = 6 THEN ISNULL(N' (' + k.included + N')', N'') ELSE ISNULL(N' (' + k.columns + N')', N'') + ISNULL(@lf + N'INCLUDE (' + k.included + N')', N'') END
           + ISNULL(@lf + N'USING XML INDEX ' + xw.text + ISNULL(N' FOR ' + x.secondary_type_desc COLLATE Latin1_General_100_BIN2, N''), N'')
           + ISNULL(@lf + N'USING ' + s.tessellation_scheme COLLATE Latin1_General_100_BIN2, N'')
           + ISNULL(@lf + N'BOUNDING_BOX = (' + CONVERT(nvarchar(40), st.bounding_box_xmin, 2) + N', ' + CONVERT(nvarchar(40), st.bounding_box_ymin, 2) + N', ' + CONVERT(nvarchar(40), st.bounding_box_xmax, 2) + N', ' + CONVERT(nvarchar(40), st.bounding_box_ymax, 2) + N')', N'')
           + ISNULL(@lf + N'GRIDS = (' + st.level_1_grid_desc COLLATE Latin1_General_100_BIN2 + N', ' + st.level_2_grid_desc COLLATE Latin1_General_100_BIN2 + N', ' + st.level_3_grid_desc COLLATE Latin1_General_100_BIN2 + N', ' + st.level_4_grid_desc COLLATE Latin1_General_100_BIN2 + N')', N'')
           + ISNULL(@lf + N'CELLS_PER_OBJECT = ' + CONVERT(nvarchar(11), st.cells_per_object), N'')
           + ISNULL(@lf + N'WHERE ' + i.filter_definition COLLATE Latin1_General_100_BIN2, N'')
           + ISNULL(@lf + N'BUCKET_COUNT = ' + CONVERT(nvarchar(20), h.bucket_count), N'')
           + CASE WHEN i.is_padded = 1 THEN @lf + N'PAD_INDEX = ON' ELSE N'' END
           + CASE WHEN i.fill_factor NOT IN (0, 100) THEN @lf + N'FILLFACTOR = ' + CONVERT(nvarchar(11), i.fill_factor) ELSE N'' END
           + CASE WHEN i.ignore_dup_key = 1 THEN @lf + N'IGNORE_DUP_KEY = ON' ELSE N'' END
           + CASE WHEN i.allow_row_locks = 0 AND i.type IN (1, 2) AND ISNULL(u.is_memory_optimized, 0) = 0 THEN @lf + N'ALLOW_ROW_LOCKS = OFF' ELSE N'' END
           + CASE WHEN i.allow_page_locks = 0 AND i.type IN (1, 2) AND ISNULL(u.is_memory_optimized, 0) = 0 THEN @lf + N'ALLOW_PAGE_LOCKS = OFF' ELSE N'' END
           + CASE WHEN n.no_recompute = 1 THEN @lf + N'STATISTICS_NORECOMPUTE = ON' ELSE N'' END
           + CASE WHEN n.is_incremental = 1 THEN @lf + N'STATISTICS_INCREMENTAL = ON' ELSE N'' END
           + CASE WHEN i.compression_delay > 0 THEN @lf + N'COMPRESSION_DELAY = ' + CONVERT(nvarchar(11), i.compression_delay) ELSE N'' END
           + CASE WHEN i.index_id > 1 OR o.type = N'V ' THEN g.text ELSE N'' END
           + CASE WHEN i.is_disabled = 1 THEN @lf + N'DISABLED' ELSE N'' END,
           NULL, ISNULL(c.is_system_named, 0), CASE WHEN c.object_id IS NULL THEN 7 ELSE 1 END, ISNULL(c.object_id, i.object_id), CASE WHEN c.object_id IS NULL THEN i.index_id ELSE 0 END
    FROM @thing o JOIN sys.indexes i ON i.object_id = o.object_id
    JOIN @word w ON w.class = N'index' AND w.id = i.object_id AND w.sub = i.index_id
    JOIN @keyed k ON k.object_id = i.object_id AND k.index_id = i.index_id
    JOIN @storage g ON g.object_id = i.object_id AND g.index_id = i.index_id
    LEFT JOIN sys.tables u ON u.object_id = i.object_id
    LEFT JOIN sys.key_constraints c ON c.parent_object_id = i.object_id AND c.unique_index_id = i.index_id
    LEFT JOIN sys.xml_indexes x ON x.object_id = i.object_id AND x.index_id = i.index_id
    LEFT JOIN @word xw ON xw.class = N'index' AND xw.id = x.object_id AND xw.sub = x.using_xml_index_id
    LEFT JOIN sys.spatial_indexes s ON s.object_id = i.object_id AND s.index_id = i.index_id
    LEFT JOIN sys.spatial_index_tessellations st ON st.object_id = i.object_id AND st.index_id = i.index_id
    LEFT JOIN sys.hash_indexes h ON h.object_id = i.object_id AND h.index_id = i.index_id
    LEFT JOIN sys.stats n ON n.object_id = i.object_id AND n.stats_id = i.index_id
    WHERE o.type IN (N'U ', N'V ') AND i.type <> 0 AND i.is_hypothetical = 0
    UNION ALL
    SELECT N'foreign key', o.name + N'.' + w.text, o.name, NULL,
           N'FOREIGN KEY ('
           + STUFF((SELECT N', ' + c.text FROM sys.foreign_key_columns k JOIN @word c ON c.class = N'column' AND c.id = k.parent_object_id AND c.sub = k.parent_column_id
                    WHERE k.constraint_object_id = f.object_id ORDER BY k.constraint_column_id FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'), 1, 2, N'') COLLATE Latin1_General_100_BIN2
           + N')' + @lf + N'REFERENCES ' + ISNULL(rs.text + N'.' + rw.text, N'?') + N' ('
           + ISNULL(STUFF((SELECT N', ' + c.text FROM sys.foreign_key_columns k JOIN @word c ON c.class = N'column' AND c.id = k.referenced_object_id AND c.sub = k.referenced_column_id
                           WHERE k.constraint_object_id = f.object_id ORDER BY k.constraint_column_id FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'), 1, 2, N'') COLLATE Latin1_General_100_BIN2, N'?')
           + N')'
           + CASE f.delete_referential_action WHEN 0 THEN N'' ELSE @lf + N'ON DELETE ' + REPLACE(f.delete_referential_action_desc COLLATE Latin1_General_100_BIN2, N'_', N' ') END
           + CASE f.update_referential_action WHEN 0 THEN N'' ELSE @lf + N'ON UPDATE ' + REPLACE(f.update_referential_action_desc COLLATE Latin1_General_100_BIN2, N'_', N' ') END
           + CASE f.is_not_for_replication WHEN 1 THEN @lf + N'NOT FOR REPLICATION' ELSE N'' END
           + CASE f.is_disabled WHEN 1 THEN @lf + N'DISABLED' ELSE N'' END
           + CASE WHEN f.is_not_trusted = 1 AND f.is_disabled = 0 AND f.is_not_for_replication = 0 THEN @lf + N'NOT TRUSTED (WITH NOCHECK)' ELSE N'' END,
           NULL, f.is_system_named, 1, f.object_id, 0
    FROM @thing o JOIN sys.foreign_keys f ON f.parent_object_id = o.object_id
    JOIN @word w ON w.class = N'object' AND w.id = f.object_id
    LEFT JOIN sys.objects r ON r.object_id = f.referenced_object_id
    LEFT JOIN @word rs ON rs.class = N'schema' AND rs.id = r.schema_id
    LEFT JOIN @word rw ON rw.class = N'object' AND rw.id = r.object_id
    UNION ALL
    SELECT N'check', o.name + N'.' + w.text, o.name, NULL,
           N'CHECK ' + ISNULL(REPLACE(k.definition COLLATE Latin1_General_100_BIN2, NCHAR(13) + NCHAR(10), NCHAR(10)), N'(not visible without VIEW DEFINITION)')
           + CASE k.is_not_for_replication WHEN 1 THEN @lf + N'NOT FOR REPLICATION' ELSE N'' END
           + CASE k.is_disabled WHEN 1 THEN @lf + N'DISABLED' ELSE N'' END
           + CASE WHEN k.is_not_trusted = 1 AND k.is_disabled = 0 AND k.is_not_for_replication = 0 THEN @lf + N'NOT TRUSTED (WITH NOCHECK)' ELSE N'' END,
           NULL, k.is_system_named, 1, k.object_id, 0
    FROM @thing o JOIN sys.check_constraints k ON k.parent_object_id = o.object_id
    JOIN @word w ON w.class = N'object' AND w.id = k.object_id
    UNION ALL
    SELECT N'default', o.name + N'.' + w.text, o.name, NULL,
           N'DEFAULT ' + ISNULL(REPLACE(d.definition COLLATE Latin1_General_100_BIN2, NCHAR(13) + NCHAR(10), NCHAR(10)), N'(not visible without VIEW DEFINITION)') + N' FOR ' + c.text,
           NULL, d.is_system_named, 1, d.object_id, 0
    FROM @thing o JOIN sys.default_constraints d ON d.parent_object_id = o.object_id
    JOIN @word w ON w.class = N'object' AND w.id = d.object_id
    JOIN @word c ON c.class = N'column' AND c.id = d.parent_object_id AND c.sub = d.parent_column_id
    UNION ALL
    SELECT CASE WHEN o.type = N'V ' THEN N'view' WHEN o.type IN (N'P ', N'PC') THEN N'procedure' WHEN o.type = N'AF' THEN N'aggregate' WHEN o.type = N'R ' THEN N'rule' WHEN o.type = N'D ' THEN N'default' ELSE N'function' END,
           o.name, NULL, NULL,
           m.text + ISNULL((SELECT @lf + N'COMMENT ON ' + c.text + N' ''' + REPLACE(CONVERT(nvarchar(4000), e.value), N'''', N'''''') COLLATE Latin1_General_100_BIN2 + N''''
                            FROM sys.extended_properties e JOIN @word c ON c.class = N'column' AND c.id = e.major_id AND c.sub = e.minor_id
                            WHERE e.class = 1 AND e.major_id = o.object_id AND e.minor_id > 0 AND e.name = N'MS_Description' AND o.type = N'V '
                            ORDER BY c.text FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)') COLLATE Latin1_General_100_BIN2, N''),
           o.owner, 0, 1, o.object_id, 0
    FROM @thing o JOIN module m ON m.object_id = o.object_id
    WHERE o.type IN (N'V ', N'P ', N'PC', N'FN', N'IF', N'TF', N'FS', N'FT', N'AF', N'R ', N'D ')
    UNION ALL
    SELECT N'trigger', ISNULL(o.name + N'.', N'') + w.text, o.name, NULL,
           m.text + CASE g.is_not_for_replication WHEN 1 THEN @lf + N'NOT FOR REPLICATION' ELSE N'' END
           + ISNULL((SELECT @lf + CASE e.is_first WHEN 1 THEN N'FIRST' ELSE N'LAST' END + N' FOR ' + e.type_desc COLLATE Latin1_General_100_BIN2 FROM sys.trigger_events e
                     WHERE e.object_id = g.object_id AND (e.is_first = 1 OR e.is_last = 1) ORDER BY e.type_desc COLLATE Latin1_General_100_BIN2 FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)') COLLATE Latin1_General_100_BIN2, N'')
           + CASE g.is_disabled WHEN 1 THEN @lf + N'DISABLED' ELSE N'' END,
           NULL, 0, 1, g.object_id, 0
    FROM sys.triggers g
    JOIN @word w ON w.class = N'trigger' AND w.id = g.object_id
    JOIN module m ON m.object_id = g.object_id
    LEFT JOIN @thing o ON o.object_id = g.parent_id AND g.parent_class = 1
    WHERE g.is_ms_shipped = 0 AND (g.parent_class = 0 OR o.object_id IS NOT NULL)
    UNION ALL
    SELECT N'synonym', o.name, NULL, NULL, N'FOR ' + y.base_object_name COLLATE Latin1_General_100_BIN2, o.owner, 0, 1, o.object_id, 0
    FROM @thing o JOIN sys.synonyms y ON y.object_id = o.object_id
    UNION ALL
    SELECT N'security policy', o.name, NULL, NULL,
           N'STATE = ' + CASE y.is_enabled WHEN 1 THEN N'ON' ELSE N'OFF' END + CASE y.is_not_for_replication WHEN 1 THEN @lf + N'NOT FOR REPLICATION' ELSE N'' END
           + ISNULL((SELECT line.text FROM (SELECT @lf + p.predicate_type_desc COLLATE Latin1_General_100_BIN2 + N' PREDICATE ' + ISNULL(p.predicate_definition COLLATE Latin1_General_100_BIN2, N'(not visible without VIEW DEFINITION)')
                                                   + N' ON ' + ISNULL(t.name, N'?') + ISNULL(N' ' + p.operation_desc COLLATE Latin1_General_100_BIN2, N'') AS text
                                            FROM sys.security_predicates p LEFT JOIN @thing t ON t.object_id = p.target_object_id WHERE p.object_id = y.object_id) line
                     ORDER BY line.text FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)') COLLATE Latin1_General_100_BIN2, N''),
           o.owner, 0, 1, o.object_id, 0
    FROM @thing o JOIN sys.security_policies y ON y.object_id = o.object_id
    UNION ALL
    SELECT N'partition function', w.text, NULL, NULL,
           N'(' + ISNULL(t.text, N'?') + N') RANGE ' + CASE f.boundary_value_on_right WHEN 1 THEN N'RIGHT' ELSE N'LEFT' END + N' FOR VALUES ('
           + ISNULL(STUFF((SELECT N',' + @lf + N'    ' + CASE WHEN v.value IS NULL THEN N'NULL'
                                WHEN b.base IN (N'date', N'datetime', N'datetime2', N'smalldatetime') THEN N'''' + CONVERT(nvarchar(40), TRY_CONVERT(datetime2(7), v.value), 126) + N''''
                                WHEN b.base IN (N'datetimeoffset') THEN N'''' + CONVERT(nvarchar(40), TRY_CONVERT(datetimeoffset(7), v.value), 126) + N''''
                                WHEN b.base IN (N'time') THEN N'''' + CONVERT(nvarchar(40), TRY_CONVERT(time(7), v.value), 126) + N''''
                                WHEN b.base IN (N'binary', N'varbinary') THEN CONVERT(nvarchar(4000), TRY_CONVERT(varbinary(1900), v.value), 1)
                                WHEN b.base IN (N'float', N'real') THEN CONVERT(nvarchar(40), TRY_CONVERT(float, v.value), 2)
                                WHEN b.base IN (N'money', N'smallmoney') THEN CONVERT(nvarchar(40), TRY_CONVERT(money, v.value), 2)
                                WHEN b.base IN (N'char', N'varchar', N'nchar', N'nvarchar', N'uniqueidentifier') THEN N'''' + REPLACE(CONVERT(nvarchar(4000), v.value), N'''', N'''''') COLLATE Latin1_General_100_BIN2 + N''''
                                ELSE CONVERT(nvarchar(4000), v.value) END
                           FROM sys.partition_range_values v CROSS APPLY (SELECT CONVERT(nvarchar(128), SQL_VARIANT_PROPERTY(v.value, 'BaseType')) COLLATE Latin1_General_100_BIN2 AS base) b
                           WHERE v.function_id = f.function_id AND v.parameter_id = 1 ORDER BY v.boundary_id FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'), 1, 1, N'') COLLATE Latin1_General_100_BIN2, N'')
           + @lf + N')', NULL, 0, 21, f.function_id, 0
    FROM sys.partition_functions f
    JOIN @word w ON w.class = N'partition function' AND w.id = f.function_id
    LEFT JOIN @typed t ON t.class = N'partition function' AND t.id = f.function_id
    WHERE f.is_system = 0
    UNION ALL
    SELECT N'partition scheme', w.text, NULL, NULL,
           N'AS PARTITION ' + ISNULL(fw.text, N'?') + N' TO ('
           + ISNULL(STUFF((SELECT N',' + @lf + N'    ' + dw.text FROM sys.destination_data_spaces d JOIN @word dw ON dw.class = N'data space' AND dw.id = d.data_space_id
                           WHERE d.partition_scheme_id = p.data_space_id ORDER BY d.destination_id FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'), 1, 1, N'') COLLATE Latin1_General_100_BIN2, N'')
           + @lf + N')', NULL, 0, 20, p.data_space_id, 0
    FROM sys.partition_schemes p
    JOIN @word w ON w.class = N'data space' AND w.id = p.data_space_id
    LEFT JOIN @word fw ON fw.class = N'partition function' AND fw.id = p.function_id
    WHERE p.is_system = 0
    UNION ALL
    SELECT N'full-text catalog', w.text, NULL, NULL,
           N'ACCENT_SENSITIVITY = ' + CASE c.is_accent_sensitivity_on WHEN 1 THEN N'ON' ELSE N'OFF' END + CASE c.is_default WHEN 1 THEN N' AS DEFAULT' ELSE N'' END,
           c.principal_id, 0, 23, c.fulltext_catalog_id, 0
    FROM sys.fulltext_catalogs c JOIN @word w ON w.class = N'catalog' AND w.id = c.fulltext_catalog_id
    UNION ALL
    SELECT N'full-text index', o.name, o.name, NULL,
           N'('
           + ISNULL(STUFF((SELECT N',' + @lf + N'    ' + c.text + ISNULL(N' TYPE COLUMN ' + tc.text, N'') + N' LANGUAGE ' + CONVERT(nvarchar(11), k.language_id) + CASE k.statistical_semantics WHEN 1 THEN N' STATISTICAL_SEMANTICS' ELSE N'' END
                           FROM sys.fulltext_index_columns k
                           JOIN @word c ON c.class = N'column' AND c.id = k.object_id AND c.sub = k.column_id
                           LEFT JOIN @word tc ON tc.class = N'column' AND tc.id = k.object_id AND tc.sub = k.type_column_id
                           WHERE k.object_id = f.object_id ORDER BY c.text FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'), 1, 1, N'') COLLATE Latin1_General_100_BIN2, N'')
           + @lf + N')' + @lf + N'KEY INDEX ' + ISNULL(iw.text, N'?') + @lf + N'ON ' + ISNULL(cw.text, N'?') + @lf + N'CHANGE_TRACKING ' + f.change_tracking_state_desc COLLATE Latin1_General_100_BIN2
           + CASE WHEN f.stoplist_id IS NULL THEN @lf + N'STOPLIST OFF' WHEN f.stoplist_id = 0 THEN N'' ELSE @lf + N'STOPLIST ' + ISNULL(sl.name COLLATE Latin1_General_100_BIN2, N'?') END
           + CASE f.is_enabled WHEN 0 THEN @lf + N'DISABLED' ELSE N'' END,
           NULL, 0, NULL, NULL, NULL
    FROM @thing o JOIN sys.fulltext_indexes f ON f.object_id = o.object_id
    LEFT JOIN @word iw ON iw.class = N'index' AND iw.id = f.object_id AND iw.sub = f.unique_index_id
    LEFT JOIN @word cw ON cw.class = N'catalog' AND cw.id = f.fulltext_catalog_id
    LEFT JOIN sys.fulltext_stoplists sl ON sl.stoplist_id = f.stoplist_id
)
SELECT CONVERT(nvarchar(max), n.kind) COLLATE Latin1_General_100_BIN2 AS kind,
       CONVERT(nvarchar(max), n.name) AS name,
       CONVERT(nvarchar(max), n.parent) AS parent,
       n.position,
       n.definition + ISNULL(@lf + N'COMMENT ''' + REPLACE(REPLACE(CONVERT(nvarchar(max), CONVERT(nvarchar(4000), e.value)) COLLATE Latin1_General_100_BIN2, N'''', N''''''), NCHAR(13) + NCHAR(10), NCHAR(10)) + N'''', N'') AS definition,
       CONVERT(nvarchar(max), w.text) AS owner,
       STUFF((SELECT @lf + line.text
              FROM (SELECT CASE p.state WHEN 'D' THEN N'DENY ' WHEN 'R' THEN N'REVOKE ' ELSE N'GRANT ' END + p.permission_name COLLATE Latin1_General_100_BIN2
                           + CASE WHEN p.minor_id <> n.minor_id THEN ISNULL(N' (' + c.text + N')', N' (?)') ELSE N'' END
                           + N' TO ' + ISNULL(gw.text, N'?') + CASE p.state WHEN 'W' THEN N' WITH GRANT OPTION' ELSE N'' END AS text
                    FROM sys.database_permissions p
                    LEFT JOIN @word gw ON gw.class = N'principal' AND gw.id = p.grantee_principal_id
                    LEFT JOIN @word c ON p.class = 1 AND c.class = N'column' AND c.id = p.major_id AND c.sub = p.minor_id
                    WHERE p.class = n.class AND p.major_id = n.major_id AND (p.minor_id = n.minor_id OR n.kind IN (N'view', N'function'))) line
              ORDER BY line.text FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'), 1, 1, N'') COLLATE Latin1_General_100_BIN2 AS grants,
       CONVERT(bit, n.invented) AS invented
FROM entry n
LEFT JOIN @word w ON w.class = N'principal' AND w.id = n.owner
LEFT JOIN sys.extended_properties e ON e.class = n.class AND e.major_id = n.major_id AND e.minor_id = n.minor_id AND e.name = N'MS_Description'
