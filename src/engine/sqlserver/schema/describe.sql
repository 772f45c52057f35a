-- Reads catalog views only; SQL Server 2016 and later, Azure SQL Database and Managed Instance, and Babelfish.
-- It answers with one result set. The temporary tables and the settings end with the call of sp_executesql.
-- Lists are joined by the server itself: STRING_AGG needs SQL Server 2017, and FOR XML fails on control characters.
SET NOCOUNT ON;
SET QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT OFF;
DECLARE @lf nvarchar(1) = NCHAR(10), @width int, @longest int, @missing nvarchar(200), @babelfish int = CONVERT(int, SERVERPROPERTY('Babelfish')), @collation nvarchar(128) = CONVERT(nvarchar(128), DATABASEPROPERTYEX(DB_NAME(), 'Collation'));
-- Names as they are written.
CREATE TABLE #word (class nvarchar(20) COLLATE Latin1_General_100_BIN2 NOT NULL, id int NOT NULL, sub int NOT NULL, text nvarchar(258) COLLATE Latin1_General_100_BIN2 NOT NULL, PRIMARY KEY (class, id, sub));
-- The objects that stand on their own.
CREATE TABLE #thing (object_id int NOT NULL PRIMARY KEY, type nvarchar(2) COLLATE Latin1_General_100_BIN2 NOT NULL, owner int NULL, name nvarchar(517) COLLATE Latin1_General_100_BIN2 NOT NULL);
CREATE TABLE #journal (object_id int NOT NULL PRIMARY KEY);
-- Types as they are written.
CREATE TABLE #typed (class nvarchar(20) COLLATE Latin1_General_100_BIN2 NOT NULL, id int NOT NULL, sub int NOT NULL, text nvarchar(1100) COLLATE Latin1_General_100_BIN2 NOT NULL, PRIMARY KEY (class, id, sub));
CREATE TABLE #field (object_id int NOT NULL, column_id int NOT NULL, name nvarchar(258) COLLATE Latin1_General_100_BIN2 NOT NULL, position int NOT NULL, definition nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL, PRIMARY KEY (object_id, column_id));
CREATE TABLE #storage (object_id int NOT NULL, index_id int NOT NULL, text nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL, PRIMARY KEY (object_id, index_id));
CREATE TABLE #module (object_id int NOT NULL PRIMARY KEY, text nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL, reason nvarchar(100) COLLATE Latin1_General_100_BIN2 NULL);
-- The members of lists, each with its separator before it; once joined, the whole list stands at place 0.
CREATE TABLE #line (class nvarchar(20) COLLATE Latin1_General_100_BIN2 NOT NULL, id int NOT NULL, sub int NOT NULL, place int NOT NULL, text nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL, PRIMARY KEY (class, id, sub, place));
CREATE TABLE #comment (class int NOT NULL, major_id int NOT NULL, minor_id int NOT NULL, text nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL);
-- class, major_id and minor_id find the comment (sys.extended_properties) and the grants (sys.database_permissions), which number them alike.
-- reason: why the definition cannot be told; name is NULL if objects of the kind may be missing altogether.
CREATE TABLE #entry (kind nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL, name nvarchar(1100) COLLATE Latin1_General_100_BIN2 NULL, parent nvarchar(517) COLLATE Latin1_General_100_BIN2 NULL, position int NULL,
    definition nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL, owner int NULL, invented int NULL, class int NULL, major_id int NULL, minor_id int NULL, reason nvarchar(300) COLLATE Latin1_General_100_BIN2 NULL);
-- What not every server has is copied here if it is there.
CREATE TABLE #masked (object_id int NOT NULL, column_id int NOT NULL, text nvarchar(4000) COLLATE Latin1_General_100_BIN2 NULL);
CREATE TABLE #delay (object_id int NOT NULL, index_id int NOT NULL, minutes int NULL);
CREATE TABLE #period (object_id int NOT NULL, start_column_id int NULL, end_column_id int NULL);
CREATE TABLE #clr (class nvarchar(20) COLLATE Latin1_General_100_BIN2 NOT NULL, id int NOT NULL, assembly_id int NULL, assembly_class nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL, assembly_method nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL);
CREATE TABLE #sequence (object_id int NOT NULL, user_type_id int NOT NULL, digits int NULL, scale int NULL, start_value nvarchar(50) COLLATE Latin1_General_100_BIN2 NULL, increment nvarchar(50) COLLATE Latin1_General_100_BIN2 NULL,
    minimum_value nvarchar(50) COLLATE Latin1_General_100_BIN2 NULL, maximum_value nvarchar(50) COLLATE Latin1_General_100_BIN2 NULL, is_cycling int NULL, is_cached int NULL, cache_size int NULL);
CREATE TABLE #filter (object_id int NOT NULL, name nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL, text nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL);
CREATE TABLE #seed (object_id int NOT NULL, column_id int NOT NULL, seed nvarchar(50) COLLATE Latin1_General_100_BIN2 NULL, increment nvarchar(50) COLLATE Latin1_General_100_BIN2 NULL);
CREATE TABLE #policy (object_id int NOT NULL, is_enabled int NULL, is_not_for_replication int NULL);
CREATE TABLE #predicate (object_id int NOT NULL, type nvarchar(60) COLLATE Latin1_General_100_BIN2 NULL, definition nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL, target_object_id int NULL, operation nvarchar(60) COLLATE Latin1_General_100_BIN2 NULL);
CREATE TABLE #xsd (xml_collection_id int NOT NULL, text nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL);
CREATE TABLE #grid (object_id int NOT NULL, index_id int NOT NULL, text nvarchar(1000) COLLATE Latin1_General_100_BIN2 NULL);
IF OBJECT_ID(N'sys.masked_columns') IS NOT NULL
    EXEC sp_executesql N'INSERT INTO #masked (object_id, column_id, text) SELECT object_id, column_id, masking_function COLLATE Latin1_General_100_BIN2 FROM sys.masked_columns WHERE is_masked = 1';
IF EXISTS (SELECT 1 FROM sys.all_columns WHERE object_id = OBJECT_ID(N'sys.indexes') AND name = N'compression_delay')
    EXEC sp_executesql N'INSERT INTO #delay (object_id, index_id, minutes) SELECT object_id, index_id, compression_delay FROM sys.indexes WHERE compression_delay > 0';
IF OBJECT_ID(N'sys.periods') IS NOT NULL
    EXEC sp_executesql N'INSERT INTO #period (object_id, start_column_id, end_column_id) SELECT object_id, start_column_id, end_column_id FROM sys.periods';
IF OBJECT_ID(N'sys.assemblies') IS NOT NULL
    EXEC sp_executesql N'INSERT INTO #word (class, id, sub, text) SELECT N''assembly'', assembly_id, 0, QUOTENAME(name) COLLATE Latin1_General_100_BIN2 FROM sys.assemblies';
IF OBJECT_ID(N'sys.assembly_modules') IS NOT NULL
    EXEC sp_executesql N'INSERT INTO #clr (class, id, assembly_id, assembly_class, assembly_method) SELECT N''module'', object_id, assembly_id, assembly_class COLLATE Latin1_General_100_BIN2, assembly_method COLLATE Latin1_General_100_BIN2 FROM sys.assembly_modules';
IF OBJECT_ID(N'sys.assembly_types') IS NOT NULL
    EXEC sp_executesql N'INSERT INTO #clr (class, id, assembly_id, assembly_class) SELECT N''type'', user_type_id, assembly_id, assembly_class COLLATE Latin1_General_100_BIN2 FROM sys.assembly_types WHERE is_user_defined = 1';
IF OBJECT_ID(N'sys.column_encryption_keys') IS NOT NULL
    EXEC sp_executesql N'INSERT INTO #word (class, id, sub, text) SELECT N''column key'', column_encryption_key_id, 0, QUOTENAME(name) COLLATE Latin1_General_100_BIN2 FROM sys.column_encryption_keys';
IF OBJECT_ID(N'sys.security_policies') IS NOT NULL
    EXEC sp_executesql N'INSERT INTO #policy (object_id, is_enabled, is_not_for_replication) SELECT object_id, is_enabled, is_not_for_replication FROM sys.security_policies';
IF OBJECT_ID(N'sys.security_predicates') IS NOT NULL
    EXEC sp_executesql N'INSERT INTO #predicate (object_id, type, definition, target_object_id, operation) SELECT object_id, predicate_type_desc COLLATE Latin1_General_100_BIN2, predicate_definition COLLATE Latin1_General_100_BIN2, target_object_id, operation_desc COLLATE Latin1_General_100_BIN2 FROM sys.security_predicates';
IF OBJECT_ID(N'sys.xml_schema_namespaces') IS NOT NULL AND EXISTS (SELECT 1 FROM sys.xml_schema_collections WHERE schema_id <> 4)
    EXEC sp_executesql N'INSERT INTO #xsd (xml_collection_id, text) SELECT xml_collection_id, CONVERT(nvarchar(max), XML_SCHEMA_NAMESPACE(SCHEMA_NAME(schema_id), name)) COLLATE Latin1_General_100_BIN2 FROM sys.xml_schema_collections WHERE schema_id <> 4';
IF OBJECT_ID(N'sys.spatial_index_tessellations') IS NOT NULL
    EXEC sp_executesql N'INSERT INTO #grid (object_id, index_id, text)
        SELECT object_id, index_id, NCHAR(10) + N''USING '' + tessellation_scheme COLLATE Latin1_General_100_BIN2
             + ISNULL(NCHAR(10) + N''BOUNDING_BOX = ('' + CONVERT(nvarchar(40), bounding_box_xmin, 2) + N'', '' + CONVERT(nvarchar(40), bounding_box_ymin, 2) + N'', '' + CONVERT(nvarchar(40), bounding_box_xmax, 2) + N'', '' + CONVERT(nvarchar(40), bounding_box_ymax, 2) + N'')'', N'''')
             + ISNULL(NCHAR(10) + N''GRIDS = ('' + (level_1_grid_desc + N'', '' + level_2_grid_desc + N'', '' + level_3_grid_desc + N'', '' + level_4_grid_desc) COLLATE Latin1_General_100_BIN2 + N'')'', N'''')
             + ISNULL(NCHAR(10) + N''CELLS_PER_OBJECT = '' + CONVERT(nvarchar(11), cells_per_object), N'''')
        FROM sys.spatial_index_tessellations';
-- In brackets only if a name holds a dot, a comma, a blank or a bracket.
INSERT INTO #word (class, id, sub, text)
    SELECT label.class, label.id, label.sub, CASE WHEN label.raw LIKE N'%[.,[ ]%' OR CHARINDEX(N']', label.raw) > 0 THEN QUOTENAME(label.raw) ELSE label.raw END
    FROM (
        SELECT N'object', object_id, 0, name COLLATE Latin1_General_100_BIN2 FROM sys.objects
        UNION ALL SELECT N'column', object_id, column_id, name COLLATE Latin1_General_100_BIN2 FROM sys.columns
        -- Babelfish appends the table's name and 32 digits to the names of indexes
        UNION ALL SELECT N'index', i.object_id, i.index_id, CASE WHEN @babelfish = 1 AND LEN(i.name) > LEN(o.name) + 32 AND i.name LIKE N'%' + LOWER(o.name) + REPLICATE(N'[0-9a-f]', 32) THEN LEFT(i.name, LEN(i.name) - LEN(o.name) - 32) ELSE i.name END COLLATE Latin1_General_100_BIN2
                         FROM sys.indexes i LEFT JOIN sys.objects o ON o.object_id = i.object_id WHERE i.name IS NOT NULL
        UNION ALL SELECT N'schema', schema_id, 0, name COLLATE Latin1_General_100_BIN2 FROM sys.schemas
        UNION ALL SELECT N'type', user_type_id, 0, name COLLATE Latin1_General_100_BIN2 FROM sys.types
        UNION ALL SELECT N'principal', principal_id, 0, name COLLATE Latin1_General_100_BIN2 FROM sys.database_principals WHERE principal_id >= 0
        UNION ALL SELECT N'data space', data_space_id, 0, name COLLATE Latin1_General_100_BIN2 FROM sys.data_spaces
        UNION ALL SELECT N'partition function', function_id, 0, name COLLATE Latin1_General_100_BIN2 FROM sys.partition_functions
        UNION ALL SELECT N'trigger', object_id, 0, name COLLATE Latin1_General_100_BIN2 FROM sys.triggers
        UNION ALL SELECT N'catalog', fulltext_catalog_id, 0, name COLLATE Latin1_General_100_BIN2 FROM sys.fulltext_catalogs
        UNION ALL SELECT N'collection', xml_collection_id, 0, name COLLATE Latin1_General_100_BIN2 FROM sys.xml_schema_collections
    ) label (class, id, sub, raw);
-- The tool's own tables: a journal is known by its columns.
INSERT INTO #journal (object_id)
    SELECT c.object_id FROM sys.columns c JOIN sys.tables t ON t.object_id = c.object_id
    WHERE c.name COLLATE Latin1_General_100_BIN2 IN (N'number', N'script', N'checksum', N'state', N'applied_at', N'tool_version', N'statements_done', N'done_checksum', N'format')
    GROUP BY c.object_id HAVING COUNT(*) = 9;
INSERT INTO #journal (object_id)
    SELECT DISTINCT o.object_id FROM #journal g JOIN sys.tables j ON j.object_id = g.object_id JOIN sys.tables o ON o.schema_id = j.schema_id
    WHERE o.name COLLATE Latin1_General_100_BIN2 IN (j.name COLLATE Latin1_General_100_BIN2 + N'_repairs', j.name COLLATE Latin1_General_100_BIN2 + N'_schema', j.name COLLATE Latin1_General_100_BIN2 + N'_objects')
      AND o.object_id NOT IN (SELECT object_id FROM #journal);
INSERT INTO #thing (object_id, type, owner, name)
    SELECT o.object_id, RTRIM(o.type) COLLATE Latin1_General_100_BIN2, ISNULL(o.principal_id, s.principal_id), sw.text + N'.' + ow.text
    FROM sys.objects o
    JOIN sys.schemas s ON s.schema_id = o.schema_id
    JOIN #word sw ON sw.class = N'schema' AND sw.id = o.schema_id
    JOIN #word ow ON ow.class = N'object' AND ow.id = o.object_id
    WHERE o.is_ms_shipped = 0 AND o.parent_object_id = 0
      AND NOT EXISTS (SELECT 1 FROM #journal j WHERE j.object_id = o.object_id)
      AND NOT EXISTS (SELECT 1 FROM sys.extended_properties e WHERE e.class = 1 AND e.major_id = o.object_id AND e.minor_id = 0 AND e.name = N'microsoft_database_tools_support')
      -- a history table that the server named itself goes with its table
      AND NOT EXISTS (SELECT 1 FROM sys.tables h WHERE h.object_id = o.object_id AND h.temporal_type = 1 AND h.name LIKE N'MSSQL[_]%HistoryFor[_]%');
INSERT INTO #sequence (object_id, user_type_id, digits, scale, start_value, increment, minimum_value, maximum_value, is_cycling, is_cached, cache_size)
    SELECT object_id, user_type_id, [precision], scale, CONVERT(nvarchar(50), start_value) COLLATE Latin1_General_100_BIN2, CONVERT(nvarchar(50), increment) COLLATE Latin1_General_100_BIN2,
           CONVERT(nvarchar(50), minimum_value) COLLATE Latin1_General_100_BIN2, CONVERT(nvarchar(50), maximum_value) COLLATE Latin1_General_100_BIN2, is_cycling, is_cached, cache_size
    FROM sys.sequences;
INSERT INTO #seed (object_id, column_id, seed, increment)
    SELECT object_id, column_id, CONVERT(nvarchar(50), seed_value) COLLATE Latin1_General_100_BIN2, CONVERT(nvarchar(50), increment_value) COLLATE Latin1_General_100_BIN2 FROM sys.identity_columns WHERE seed_value IS NOT NULL;
INSERT INTO #filter (object_id, name, text)
    SELECT object_id, name COLLATE Latin1_General_100_BIN2, filter_definition COLLATE Latin1_General_100_BIN2 FROM sys.indexes WHERE has_filter = 1 AND name IS NOT NULL;
-- Babelfish leaves these out of its views. Its own catalog has them.
IF @babelfish = 1
    EXEC sp_executesql N'
        INSERT INTO #sequence (object_id, user_type_id, digits, start_value, increment, minimum_value, maximum_value, is_cycling, is_cached, cache_size)
            SELECT s.seqrelid, s.seqtypid, 0, CONVERT(nvarchar(50), s.seqstart), CONVERT(nvarchar(50), s.seqincrement), CONVERT(nvarchar(50), s.seqmin), CONVERT(nvarchar(50), s.seqmax), CONVERT(int, s.seqcycle), CASE WHEN s.seqcache > 1 THEN 1 ELSE 0 END, s.seqcache
            FROM pg_catalog.pg_sequence s JOIN #thing o ON o.object_id = s.seqrelid
            WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.objid = s.seqrelid AND d.deptype = ''i'') AND NOT EXISTS (SELECT 1 FROM #sequence q WHERE q.object_id = o.object_id);
        INSERT INTO #seed (object_id, column_id, seed, increment)
            SELECT d.refobjid, d.refobjsubid, CONVERT(nvarchar(50), s.seqstart), CONVERT(nvarchar(50), s.seqincrement)
            FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_depend d ON d.objid = s.seqrelid AND d.deptype = ''i'' JOIN #thing o ON o.object_id = d.refobjid WHERE d.refobjsubid > 0 AND NOT EXISTS (SELECT 1 FROM #seed q WHERE q.object_id = d.refobjid AND q.column_id = d.refobjsubid);
        INSERT INTO #filter (object_id, name, text)
            SELECT i.indrelid, c.relname, pg_catalog.pg_get_expr(i.indpred, i.indrelid) FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid WHERE i.indpred IS NOT NULL';
-- The types of columns, alias types, sequences and partition functions.
INSERT INTO #typed (class, id, sub, text)
    SELECT h.class, h.id, h.sub,
           CASE WHEN t.is_user_defined = 1 THEN ISNULL(sw.text, N'?') + N'.' + tw.text
                WHEN tw.text = N'timestamp' THEN N'rowversion'
                ELSE tw.text
                  + CASE WHEN tw.text IN (N'char', N'varchar', N'binary', N'varbinary') THEN N'(' + CASE h.max_length WHEN -1 THEN N'max' ELSE CONVERT(nvarchar(11), h.max_length) END + N')'
                         WHEN tw.text IN (N'nchar', N'nvarchar') THEN N'(' + CASE h.max_length WHEN -1 THEN N'max' ELSE CONVERT(nvarchar(11), h.max_length / 2) END + N')'
                         WHEN tw.text IN (N'decimal', N'numeric') THEN N'(' + CONVERT(nvarchar(11), h.digits) + N', ' + CONVERT(nvarchar(11), h.scale) + N')'
                         WHEN tw.text IN (N'time', N'datetime2', N'datetimeoffset') THEN N'(' + CONVERT(nvarchar(11), h.scale) + N')'
                         WHEN tw.text = N'vector' THEN N'(' + CONVERT(nvarchar(11), (h.max_length - 8) / 4) + N')'
                         WHEN tw.text = N'xml' AND h.xml_collection_id > 0 THEN ISNULL(N'(' + CASE h.is_xml_document WHEN 1 THEN N'DOCUMENT ' ELSE N'' END + xs.text + N'.' + xw.text + N')', N'(?)')
                         ELSE N'' END
           END
    FROM (
        SELECT N'column', object_id, column_id, user_type_id, CONVERT(int, max_length), CONVERT(int, [precision]), CONVERT(int, scale), xml_collection_id, CONVERT(int, is_xml_document) FROM sys.columns
        UNION ALL SELECT N'type', user_type_id, 0, CONVERT(int, system_type_id), CONVERT(int, max_length), CONVERT(int, [precision]), CONVERT(int, scale), 0, 0 FROM sys.types WHERE is_user_defined = 1 AND is_table_type = 0 AND is_assembly_type = 0
        UNION ALL SELECT N'sequence', object_id, 0, user_type_id, 0, digits, ISNULL(scale, 0), 0, 0 FROM #sequence
        UNION ALL SELECT N'partition function', function_id, 0, user_type_id, CONVERT(int, max_length), CONVERT(int, [precision]), CONVERT(int, scale), 0, 0 FROM sys.partition_parameters WHERE parameter_id = 1
    ) h (class, id, sub, user_type_id, max_length, digits, scale, xml_collection_id, is_xml_document)
    JOIN sys.types t ON t.user_type_id = h.user_type_id
    JOIN #word tw ON tw.class = N'type' AND tw.id = t.user_type_id
    LEFT JOIN #word sw ON sw.class = N'schema' AND sw.id = t.schema_id
    LEFT JOIN sys.xml_schema_collections x ON x.xml_collection_id = h.xml_collection_id AND h.xml_collection_id > 0
    LEFT JOIN #word xw ON xw.class = N'collection' AND xw.id = x.xml_collection_id
    LEFT JOIN #word xs ON xs.class = N'schema' AND xs.id = x.schema_id;
-- The columns of tables and of table types.
INSERT INTO #field (object_id, column_id, name, position, definition)
    SELECT c.object_id, c.column_id, w.text,
           CONVERT(int, ROW_NUMBER() OVER (PARTITION BY c.object_id ORDER BY c.column_id)),
           CASE WHEN c.is_computed = 1
                THEN N'AS ' + REPLACE(k.definition COLLATE Latin1_General_100_BIN2, NCHAR(13) + NCHAR(10), NCHAR(10))
                   + CASE WHEN k.is_persisted = 1 THEN N' PERSISTED' + CASE c.is_nullable WHEN 0 THEN N' NOT NULL' ELSE N'' END ELSE N'' END
                ELSE t.text
                   + CASE WHEN c.is_filestream = 1 THEN N' FILESTREAM' ELSE N'' END
                   + CASE WHEN c.collation_name COLLATE Latin1_General_100_BIN2 <> @collation COLLATE Latin1_General_100_BIN2
                          THEN N' COLLATE ' + c.collation_name COLLATE Latin1_General_100_BIN2 ELSE N'' END
                   + CASE WHEN c.is_sparse = 1 THEN N' SPARSE' ELSE N'' END
                   + CASE WHEN c.is_column_set = 1 THEN N' COLUMN_SET FOR ALL_SPARSE_COLUMNS' ELSE N'' END
                   + ISNULL(N' MASKED WITH (FUNCTION = ''' + REPLACE(m.text, N'''', N'''''') + N''')', N'')
                   + CASE WHEN c.generated_always_type > 0 THEN N' GENERATED ALWAYS ' + REPLACE(c.generated_always_type_desc COLLATE Latin1_General_100_BIN2, N'_', N' ') ELSE N'' END
                   + CASE WHEN c.is_hidden = 1 THEN N' HIDDEN' ELSE N'' END
                   + CASE c.is_nullable WHEN 1 THEN N' NULL' ELSE N' NOT NULL' END
                   + CASE WHEN c.is_identity = 1 THEN N' IDENTITY(' + d.seed + N', ' + d.increment + N')' + CASE i.is_not_for_replication WHEN 1 THEN N' NOT FOR REPLICATION' ELSE N'' END ELSE N'' END
                   + CASE WHEN c.is_rowguidcol = 1 THEN N' ROWGUIDCOL' ELSE N'' END
                   + CASE WHEN c.encryption_type IS NOT NULL
                          THEN N' ENCRYPTED WITH (COLUMN_ENCRYPTION_KEY = ' + ISNULL(e.text, N'?') + N', ENCRYPTION_TYPE = ' + c.encryption_type_desc COLLATE Latin1_General_100_BIN2
                             + N', ALGORITHM = ''' + c.encryption_algorithm_name COLLATE Latin1_General_100_BIN2 + N''')' ELSE N'' END
                   + ISNULL(N' BOUND DEFAULT ' + bd.name, N'') + ISNULL(N' BOUND RULE ' + br.name, N'')
                   + CASE WHEN c.is_ansi_padded = 0 AND c.max_length <> -1 AND c.system_type_id IN (165, 167, 173, 175) THEN N' ANSI_PADDING OFF' ELSE N'' END
           END
    FROM sys.columns c
    JOIN #word w ON w.class = N'column' AND w.id = c.object_id AND w.sub = c.column_id
    LEFT JOIN #typed t ON t.class = N'column' AND t.id = c.object_id AND t.sub = c.column_id
    LEFT JOIN sys.computed_columns k ON k.object_id = c.object_id AND k.column_id = c.column_id
    LEFT JOIN sys.identity_columns i ON i.object_id = c.object_id AND i.column_id = c.column_id
    LEFT JOIN #seed d ON d.object_id = c.object_id AND d.column_id = c.column_id
    LEFT JOIN #masked m ON m.object_id = c.object_id AND m.column_id = c.column_id
    LEFT JOIN #word e ON e.class = N'column key' AND e.id = c.column_encryption_key_id
    LEFT JOIN #thing bd ON bd.object_id = c.default_object_id
    LEFT JOIN #thing br ON br.object_id = c.rule_object_id
    WHERE EXISTS (SELECT 1 FROM #thing o WHERE o.object_id = c.object_id AND o.type = N'U') OR EXISTS (SELECT 1 FROM sys.table_types y WHERE y.type_table_object_id = c.object_id);
-- Texts of routines, views and triggers; CREATE OR ALTER is kept as CREATE and three blanks.
INSERT INTO #module (object_id, text, reason)
    SELECT m.object_id,
           CASE m.uses_ansi_nulls WHEN 0 THEN N'SET ANSI_NULLS OFF' + @lf ELSE N'' END + CASE m.uses_quoted_identifier WHEN 0 THEN N'SET QUOTED_IDENTIFIER OFF' + @lf ELSE N'' END
         + REPLACE(CASE WHEN UPPER(LEFT(m.definition, 9)) COLLATE Latin1_General_100_BIN2 = N'CREATE   ' THEN STUFF(m.definition, 7, 3, N' ') ELSE m.definition END COLLATE Latin1_General_100_BIN2, NCHAR(13) + NCHAR(10), NCHAR(10)),
           CASE WHEN m.definition IS NOT NULL THEN NULL WHEN OBJECTPROPERTY(m.object_id, 'IsEncrypted') = 1 THEN N'its text is encrypted' END
    FROM sys.sql_modules m;
INSERT INTO #module (object_id, text)
    SELECT a.id, N'EXTERNAL NAME ' + ISNULL(w.text, N'?') + N'.' + QUOTENAME(a.assembly_class) COLLATE Latin1_General_100_BIN2 + ISNULL(N'.' + QUOTENAME(a.assembly_method) COLLATE Latin1_General_100_BIN2, N'')
    FROM #clr a LEFT JOIN #word w ON w.class = N'assembly' AND w.id = a.assembly_id
    WHERE a.class = N'module' AND a.id NOT IN (SELECT object_id FROM #module);
-- Lists: the columns of an index.
INSERT INTO #line (class, id, sub, place, text)
    SELECT N'columns', k.object_id, k.index_id, ROW_NUMBER() OVER (PARTITION BY k.object_id, k.index_id ORDER BY k.key_ordinal, k.index_column_id) - 1, N', ' + c.text + CASE k.is_descending_key WHEN 1 THEN N' DESC' ELSE N'' END
    FROM sys.indexes i JOIN sys.index_columns k ON k.object_id = i.object_id AND k.index_id = i.index_id
    JOIN #word c ON c.class = N'column' AND c.id = k.object_id AND c.sub = k.column_id
    WHERE k.is_included_column = 0 AND (k.key_ordinal > 0 OR i.type IN (3, 4));
INSERT INTO #line (class, id, sub, place, text)
    SELECT N'included', k.object_id, k.index_id, ROW_NUMBER() OVER (PARTITION BY k.object_id, k.index_id ORDER BY c.text) - 1, N', ' + c.text
    FROM sys.index_columns k JOIN #word c ON c.class = N'column' AND c.id = k.object_id AND c.sub = k.column_id
    WHERE k.is_included_column = 1;
INSERT INTO #line (class, id, sub, place, text)
    SELECT N'compression', p.object_id, p.index_id, ROW_NUMBER() OVER (PARTITION BY p.object_id, p.index_id ORDER BY p.partition_number) - 1, N', ' + p.data_compression_desc COLLATE Latin1_General_100_BIN2 + N' ON PARTITION ' + CONVERT(nvarchar(11), p.partition_number)
    FROM sys.partitions p
    JOIN (SELECT object_id, index_id FROM sys.partitions GROUP BY object_id, index_id HAVING MIN(data_compression) <> MAX(data_compression)) q ON q.object_id = p.object_id AND q.index_id = p.index_id;
INSERT INTO #line (class, id, sub, place, text)
    SELECT N'foreign', k.constraint_object_id, 0, ROW_NUMBER() OVER (PARTITION BY k.constraint_object_id ORDER BY k.constraint_column_id) - 1, N', ' + ISNULL(c.text, N'?')
    FROM sys.foreign_key_columns k LEFT JOIN #word c ON c.class = N'column' AND c.id = k.parent_object_id AND c.sub = k.parent_column_id;
INSERT INTO #line (class, id, sub, place, text)
    SELECT N'referenced', k.constraint_object_id, 0, ROW_NUMBER() OVER (PARTITION BY k.constraint_object_id ORDER BY k.constraint_column_id) - 1, N', ' + ISNULL(c.text, N'?')
    FROM sys.foreign_key_columns k LEFT JOIN #word c ON c.class = N'column' AND c.id = k.referenced_object_id AND c.sub = k.referenced_column_id;
-- the comments of the columns of a view
INSERT INTO #line (class, id, sub, place, text)
    SELECT N'comments', o.object_id, 0, ROW_NUMBER() OVER (PARTITION BY o.object_id ORDER BY c.text) - 1,
           @lf + N'COMMENT ON ' + c.text + N' ''' + REPLACE(REPLACE(CONVERT(nvarchar(4000), e.value) COLLATE Latin1_General_100_BIN2, N'''', N''''''), NCHAR(13) + NCHAR(10), NCHAR(10)) + N''''
    FROM #thing o JOIN sys.extended_properties e ON e.class = 1 AND e.major_id = o.object_id AND e.minor_id > 0 AND e.name = N'MS_Description'
    JOIN #word c ON c.class = N'column' AND c.id = e.major_id AND c.sub = e.minor_id
    WHERE o.type = N'V';
INSERT INTO #line (class, id, sub, place, text)
    SELECT N'events', e.object_id, 0, ROW_NUMBER() OVER (PARTITION BY e.object_id ORDER BY e.type) - 1, @lf + CASE e.is_first WHEN 1 THEN N'FIRST' ELSE N'LAST' END + N' FOR ' + e.type_desc COLLATE Latin1_General_100_BIN2
    FROM sys.trigger_events e WHERE e.is_first = 1 OR e.is_last = 1;
INSERT INTO #line (class, id, sub, place, text)
    SELECT N'predicates', line.object_id, 0, ROW_NUMBER() OVER (PARTITION BY line.object_id ORDER BY line.text) - 1, line.text
    FROM (SELECT p.object_id, @lf + p.type + N' PREDICATE ' + p.definition + N' ON ' + ISNULL(t.name, N'?') + ISNULL(N' ' + p.operation, N'') AS text
          FROM #predicate p LEFT JOIN #thing t ON t.object_id = p.target_object_id) line;
INSERT INTO #line (class, id, sub, place, text)
    SELECT N'boundaries', v.function_id, 0, ROW_NUMBER() OVER (PARTITION BY v.function_id ORDER BY v.boundary_id) - 1,
           N',' + @lf + N'    '
           + CASE WHEN v.value IS NULL THEN N'NULL'
                  WHEN v.base IN (N'date', N'datetime', N'datetime2', N'smalldatetime') THEN N'''' + CONVERT(nvarchar(40), TRY_CONVERT(datetime2(7), v.value), 126) + N''''
                  WHEN v.base = N'datetimeoffset' THEN N'''' + CONVERT(nvarchar(40), TRY_CONVERT(datetimeoffset(7), v.value), 126) + N''''
                  WHEN v.base = N'time' THEN N'''' + CONVERT(nvarchar(40), TRY_CONVERT(time(7), v.value), 126) + N''''
                  WHEN v.base IN (N'binary', N'varbinary') THEN CONVERT(nvarchar(4000), TRY_CONVERT(varbinary(1900), v.value), 1)
                  WHEN v.base IN (N'float', N'real') THEN CONVERT(nvarchar(40), TRY_CONVERT(float, v.value), 2)
                  WHEN v.base IN (N'money', N'smallmoney') THEN CONVERT(nvarchar(40), TRY_CONVERT(money, v.value), 2)
                  WHEN v.base IN (N'char', N'varchar', N'nchar', N'nvarchar', N'uniqueidentifier') THEN N'''' + REPLACE(CONVERT(nvarchar(4000), v.value) COLLATE Latin1_General_100_BIN2, N'''', N'''''') + N''''
                  ELSE CONVERT(nvarchar(4000), v.value) COLLATE Latin1_General_100_BIN2 END
    FROM (SELECT function_id, boundary_id, value, CONVERT(nvarchar(128), SQL_VARIANT_PROPERTY(value, 'BaseType')) COLLATE Latin1_General_100_BIN2 AS base FROM sys.partition_range_values WHERE parameter_id = 1) v;
INSERT INTO #line (class, id, sub, place, text)
    SELECT N'destinations', d.partition_scheme_id, 0, ROW_NUMBER() OVER (PARTITION BY d.partition_scheme_id ORDER BY d.destination_id) - 1, N',' + @lf + N'    ' + ISNULL(w.text, N'?')
    FROM sys.destination_data_spaces d LEFT JOIN #word w ON w.class = N'data space' AND w.id = d.data_space_id;
INSERT INTO #line (class, id, sub, place, text)
    SELECT N'searched', k.object_id, 0, ROW_NUMBER() OVER (PARTITION BY k.object_id ORDER BY c.text) - 1,
           N',' + @lf + N'    ' + c.text + ISNULL(N' TYPE COLUMN ' + tc.text, N'') + N' LANGUAGE ' + CONVERT(nvarchar(11), k.language_id) + CASE k.statistical_semantics WHEN 1 THEN N' STATISTICAL_SEMANTICS' ELSE N'' END
    FROM sys.fulltext_index_columns k
    JOIN #word c ON c.class = N'column' AND c.id = k.object_id AND c.sub = k.column_id
    LEFT JOIN #word tc ON tc.class = N'column' AND tc.id = k.object_id AND tc.sub = k.type_column_id;
-- the grants; those on columns of views and functions are told with the view or the function
INSERT INTO #line (class, id, sub, place, text)
    SELECT line.class, line.id, line.sub, ROW_NUMBER() OVER (PARTITION BY line.class, line.id, line.sub ORDER BY line.text) - 1, line.text
    FROM (SELECT N'grants ' + CONVERT(nvarchar(3), p.class) AS class, p.major_id AS id, CASE WHEN p.class = 1 AND o.type <> N'U' THEN 0 ELSE p.minor_id END AS sub,
                 @lf + CASE p.state WHEN 'D' THEN N'DENY ' WHEN 'R' THEN N'REVOKE ' ELSE N'GRANT ' END + p.permission_name COLLATE Latin1_General_100_BIN2
                 + CASE WHEN p.class = 1 AND p.minor_id <> 0 AND o.type <> N'U' THEN ISNULL(N' (' + c.text + N')', N' (?)') ELSE N'' END
                 + N' TO ' + ISNULL(gw.text, N'?') + CASE p.state WHEN 'W' THEN N' WITH GRANT OPTION' ELSE N'' END AS text
          FROM sys.database_permissions p
          LEFT JOIN #thing o ON p.class = 1 AND o.object_id = p.major_id
          LEFT JOIN #word gw ON gw.class = N'principal' AND gw.id = p.grantee_principal_id
          LEFT JOIN #word c ON p.class = 1 AND c.class = N'column' AND c.id = p.major_id AND c.sub = p.minor_id
          WHERE p.class <> 0) line;
-- Each round joins neighbours and halves the number of parts.
SELECT @width = 1, @longest = MAX(place) FROM #line;
WHILE @width <= @longest
BEGIN
    UPDATE a SET text = a.text + b.text FROM #line a JOIN #line b ON b.class = a.class AND b.id = a.id AND b.sub = a.sub AND b.place = a.place + @width WHERE a.place % (2 * @width) = 0;
    SET @width = 2 * @width;
END;
-- The lines of a table type. The server invents the names of its keys; those of its indexes are given.
INSERT INTO #line (class, id, sub, place, text)
    SELECT N'table type', line.id, 0, ROW_NUMBER() OVER (PARTITION BY line.id ORDER BY line.part, line.position, line.text) - 1, N',' + @lf + N'    ' + line.text
    FROM (SELECT c.object_id AS id, 1 AS part, c.position, c.name + N' ' + c.definition
                 + CASE WHEN d.object_id IS NULL THEN N'' ELSE N' DEFAULT ' + d.definition COLLATE Latin1_General_100_BIN2 END AS text
          FROM sys.table_types y JOIN #field c ON c.object_id = y.type_table_object_id
          LEFT JOIN sys.default_constraints d ON d.parent_object_id = c.object_id AND d.parent_column_id = c.column_id
          UNION ALL
          SELECT i.object_id, 2, 0,
                 CASE WHEN i.is_primary_key = 1 THEN N'PRIMARY KEY ' WHEN i.is_unique_constraint = 1 THEN N'UNIQUE ' ELSE N'INDEX ' + ISNULL(iw.text, N'?') + CASE i.is_unique WHEN 1 THEN N' UNIQUE ' ELSE N' ' END END
                 + i.type_desc COLLATE Latin1_General_100_BIN2 + N' (' + ISNULL(STUFF(k.text, 1, 2, N''), N'') + N')' + ISNULL(N' INCLUDE (' + STUFF(n.text, 1, 2, N'') + N')', N'')
                 + CASE i.ignore_dup_key WHEN 1 THEN N' WITH (IGNORE_DUP_KEY = ON)' ELSE N'' END + ISNULL(N' BUCKET_COUNT ' + CONVERT(nvarchar(20), h.bucket_count), N'')
          FROM sys.table_types y JOIN sys.indexes i ON i.object_id = y.type_table_object_id
          LEFT JOIN #line k ON k.class = N'columns' AND k.id = i.object_id AND k.sub = i.index_id AND k.place = 0
          LEFT JOIN #line n ON n.class = N'included' AND n.id = i.object_id AND n.sub = i.index_id AND n.place = 0
          LEFT JOIN #word iw ON iw.class = N'index' AND iw.id = i.object_id AND iw.sub = i.index_id
          LEFT JOIN sys.hash_indexes h ON h.object_id = i.object_id AND h.index_id = i.index_id
          WHERE i.type <> 0
          UNION ALL
          SELECT k.parent_object_id, 3, 0, N'CHECK ' + k.definition COLLATE Latin1_General_100_BIN2
          FROM sys.table_types y JOIN sys.check_constraints k ON k.parent_object_id = y.type_table_object_id) line;
SELECT @width = 1, @longest = MAX(place) FROM #line WHERE class = N'table type';
WHILE @width <= @longest
BEGIN
    UPDATE a SET text = a.text + b.text FROM #line a JOIN #line b ON b.class = a.class AND b.id = a.id AND b.sub = a.sub AND b.place = a.place + @width WHERE a.class = N'table type' AND a.place % (2 * @width) = 0;
    SET @width = 2 * @width;
END;
-- Where a table or an index lies, and how it is compressed.
INSERT INTO #storage (object_id, index_id, text)
    SELECT i.object_id, i.index_id,
           CASE WHEN d.type = 'PS' THEN @lf + N'ON ' + w.text + ISNULL(N' (' + (SELECT MIN(c.text) FROM sys.index_columns k JOIN #word c ON c.class = N'column' AND c.id = k.object_id AND c.sub = k.column_id
                     WHERE k.object_id = i.object_id AND k.index_id = i.index_id AND k.partition_ordinal = 1) + N')', N'')
                WHEN d.type = 'FG' AND d.is_default = 0 THEN @lf + N'ON ' + w.text
                ELSE N'' END
         + CASE WHEN l.text IS NOT NULL THEN @lf + N'DATA_COMPRESSION = ' + STUFF(l.text, 1, 2, N'')
                WHEN p.compression IN (1, 2, 4) THEN @lf + N'DATA_COMPRESSION = ' + p.compression_desc
                ELSE N'' END
    FROM sys.indexes i
    LEFT JOIN sys.data_spaces d ON d.data_space_id = i.data_space_id
    LEFT JOIN #word w ON w.class = N'data space' AND w.id = d.data_space_id
    LEFT JOIN (SELECT object_id, index_id, MAX(data_compression) AS compression, MAX(data_compression_desc COLLATE Latin1_General_100_BIN2) AS compression_desc FROM sys.partitions GROUP BY object_id, index_id) p
           ON p.object_id = i.object_id AND p.index_id = i.index_id
    LEFT JOIN #line l ON l.class = N'compression' AND l.id = i.object_id AND l.sub = i.index_id AND l.place = 0
    WHERE EXISTS (SELECT 1 FROM #thing o WHERE o.object_id = i.object_id AND o.type IN (N'U', N'V'));
INSERT INTO #comment (class, major_id, minor_id, text)
    SELECT e.class, e.major_id, e.minor_id, REPLACE(REPLACE(CONVERT(nvarchar(4000), e.value) COLLATE Latin1_General_100_BIN2, N'''', N''''''), NCHAR(13) + NCHAR(10), NCHAR(10))
    FROM sys.extended_properties e WHERE e.name = N'MS_Description';
-- The rows of the answer.
INSERT INTO #entry (kind, name, definition, owner, class, major_id, minor_id)
    SELECT N'schema', w.text, N'CREATE SCHEMA', s.principal_id, 3, s.schema_id, 0
    FROM sys.schemas s JOIN #word w ON w.class = N'schema' AND w.id = s.schema_id
    WHERE s.schema_id NOT BETWEEN 2 AND 4 AND s.schema_id NOT BETWEEN 16384 AND 16393 AND s.name NOT IN (N'guest', N'sys', N'INFORMATION_SCHEMA');
INSERT INTO #entry (kind, name, definition, owner, class, major_id, minor_id)
    SELECT N'type', sw.text + N'.' + w.text,
           CASE WHEN t.is_assembly_type = 1 THEN N'EXTERNAL NAME ' + ISNULL(aw.text, N'?') + N'.' + ISNULL(QUOTENAME(a.assembly_class) COLLATE Latin1_General_100_BIN2, N'?')
                WHEN t.is_table_type = 1 THEN N'AS TABLE (' + STUFF(l.text, 1, 1, N'') + @lf + N')' + CASE tt.is_memory_optimized WHEN 1 THEN N' WITH (MEMORY_OPTIMIZED = ON)' ELSE N'' END
                ELSE N'FROM ' + ty.text + CASE t.is_nullable WHEN 1 THEN N' NULL' ELSE N' NOT NULL' END + ISNULL(N' BOUND DEFAULT ' + bd.name, N'') + ISNULL(N' BOUND RULE ' + br.name, N'')
           END, ISNULL(t.principal_id, s.principal_id), 6, t.user_type_id, 0
    FROM sys.types t
    JOIN sys.schemas s ON s.schema_id = t.schema_id
    JOIN #word sw ON sw.class = N'schema' AND sw.id = t.schema_id
    JOIN #word w ON w.class = N'type' AND w.id = t.user_type_id
    LEFT JOIN #typed ty ON ty.class = N'type' AND ty.id = t.user_type_id
    LEFT JOIN sys.table_types tt ON tt.user_type_id = t.user_type_id
    LEFT JOIN #line l ON l.class = N'table type' AND l.id = tt.type_table_object_id AND l.place = 0
    LEFT JOIN #clr a ON a.class = N'type' AND a.id = t.user_type_id
    LEFT JOIN #word aw ON aw.class = N'assembly' AND aw.id = a.assembly_id
    LEFT JOIN #thing bd ON bd.object_id = t.default_object_id
    LEFT JOIN #thing br ON br.object_id = t.rule_object_id
    WHERE t.is_user_defined = 1 AND (@babelfish IS NULL OR t.name NOT LIKE N'@%');
INSERT INTO #entry (kind, name, definition, owner, class, major_id, minor_id)
    SELECT N'xml schema collection', sw.text + N'.' + w.text, y.text, ISNULL(x.principal_id, s.principal_id), 10, x.xml_collection_id, 0
    FROM sys.xml_schema_collections x
    JOIN sys.schemas s ON s.schema_id = x.schema_id
    JOIN #word sw ON sw.class = N'schema' AND sw.id = x.schema_id
    JOIN #word w ON w.class = N'collection' AND w.id = x.xml_collection_id
    LEFT JOIN #xsd y ON y.xml_collection_id = x.xml_collection_id
    WHERE x.schema_id <> 4;
INSERT INTO #entry (kind, name, definition, owner, class, major_id, minor_id)
    SELECT N'sequence', o.name,
           N'AS ' + t.text + @lf + N'START WITH ' + q.start_value + @lf + N'INCREMENT BY ' + q.increment + @lf + N'MINVALUE ' + q.minimum_value + @lf + N'MAXVALUE ' + q.maximum_value
           + @lf + CASE q.is_cycling WHEN 1 THEN N'CYCLE' ELSE N'NO CYCLE' END
           + @lf + CASE WHEN q.is_cached = 0 THEN N'NO CACHE' ELSE N'CACHE' + ISNULL(N' ' + CONVERT(nvarchar(11), q.cache_size), N'') END,
           o.owner, 1, o.object_id, 0
    FROM #thing o JOIN #sequence q ON q.object_id = o.object_id LEFT JOIN #typed t ON t.class = N'sequence' AND t.id = o.object_id;
INSERT INTO #entry (kind, name, definition, owner, class, major_id, minor_id)
    SELECT N'table', o.name,
           N'CREATE ' + CASE t.is_external WHEN 1 THEN N'EXTERNAL ' ELSE N'' END + N'TABLE' + CASE t.is_filetable WHEN 1 THEN N' AS FILETABLE' ELSE N'' END
           + ISNULL(@lf + N'PERIOD FOR SYSTEM_TIME (' + ps.text + N', ' + pe.text + N')', N'')
           + CASE t.temporal_type WHEN 1 THEN @lf + N'HISTORY TABLE' WHEN 2 THEN @lf + N'SYSTEM_VERSIONING = ON (HISTORY_TABLE = ' + ISNULL(h.name, N'named by the server') + N')' ELSE N'' END
           + CASE t.is_memory_optimized WHEN 1 THEN @lf + N'MEMORY_OPTIMIZED = ON, DURABILITY = ' + t.durability_desc COLLATE Latin1_General_100_BIN2 ELSE N'' END
           + ISNULL(g.text, N'')
           + CASE t.lock_escalation WHEN 0 THEN N'' ELSE ISNULL(@lf + N'LOCK_ESCALATION = ' + t.lock_escalation_desc COLLATE Latin1_General_100_BIN2, N'') END
           + CASE c.is_track_columns_updated_on WHEN 0 THEN @lf + N'CHANGE_TRACKING' WHEN 1 THEN @lf + N'CHANGE_TRACKING WITH (TRACK_COLUMNS_UPDATED = ON)' ELSE N'' END
           + CASE WHEN t.text_in_row_limit > 0 THEN @lf + N'text in row ' + CONVERT(nvarchar(11), t.text_in_row_limit) ELSE N'' END
           + CASE t.large_value_types_out_of_row WHEN 1 THEN @lf + N'large value types out of row' ELSE N'' END
           + CASE t.uses_ansi_nulls WHEN 0 THEN @lf + N'ANSI_NULLS OFF' ELSE N'' END,
           o.owner, 1, o.object_id, 0
    FROM #thing o JOIN sys.tables t ON t.object_id = o.object_id
    LEFT JOIN #period p ON p.object_id = t.object_id
    LEFT JOIN #word ps ON ps.class = N'column' AND ps.id = p.object_id AND ps.sub = p.start_column_id
    LEFT JOIN #word pe ON pe.class = N'column' AND pe.id = p.object_id AND pe.sub = p.end_column_id
    LEFT JOIN #thing h ON h.object_id = t.history_table_id
    LEFT JOIN #storage g ON g.object_id = t.object_id AND g.index_id IN (0, 1)
    LEFT JOIN sys.change_tracking_tables c ON c.object_id = t.object_id;
INSERT INTO #entry (kind, name, parent, position, definition, class, major_id, minor_id)
    SELECT N'column', o.name + N'.' + c.name, o.name, c.position, c.definition, 1, c.object_id, c.column_id
    FROM #thing o JOIN #field c ON c.object_id = o.object_id
    WHERE o.type = N'U';
INSERT INTO #entry (kind, name, parent, definition, invented, class, major_id, minor_id)
    SELECT CASE WHEN i.is_primary_key = 1 THEN N'primary key' WHEN i.is_unique_constraint = 1 THEN N'unique' ELSE N'index' END,
           o.name + N'.' + w.text, o.name,
           CASE WHEN i.is_primary_key = 1 THEN N'PRIMARY KEY ' WHEN i.is_unique = 1 THEN N'UNIQUE ' WHEN x.xml_index_type IN (0, 2) THEN N'PRIMARY ' ELSE N'' END
           + CASE WHEN x.xml_index_type IN (2, 3) THEN N'SELECTIVE ' ELSE N'' END
           + i.type_desc COLLATE Latin1_General_100_BIN2
           + CASE WHEN i.type = 5 THEN N'' WHEN i.type = 6 THEN ISNULL(N' (' + STUFF(v.text, 1, 2, N'') + N')', N'')
                  ELSE ISNULL(N' (' + STUFF(k.text, 1, 2, N'') + N')', N'') + ISNULL(@lf + N'INCLUDE (' + STUFF(v.text, 1, 2, N'') + N')', N'') END
           + ISNULL(@lf + N'USING XML INDEX ' + xw.text + ISNULL(N' FOR ' + x.secondary_type_desc COLLATE Latin1_General_100_BIN2, N''), N'')
           + ISNULL(s.text, N'')
           + CASE WHEN f.name IS NOT NULL THEN @lf + N'WHERE ' + f.text ELSE N'' END
           + ISNULL(@lf + N'BUCKET_COUNT = ' + CONVERT(nvarchar(20), h.bucket_count), N'')
           + CASE WHEN i.is_padded = 1 AND @babelfish IS NULL THEN @lf + N'PAD_INDEX = ON' ELSE N'' END
           + CASE WHEN i.fill_factor NOT IN (0, 100) THEN @lf + N'FILLFACTOR = ' + CONVERT(nvarchar(11), i.fill_factor) ELSE N'' END
           + CASE WHEN i.ignore_dup_key = 1 THEN @lf + N'IGNORE_DUP_KEY = ON' ELSE N'' END
           + CASE WHEN i.allow_row_locks = 0 AND i.type IN (1, 2) AND ISNULL(u.is_memory_optimized, 0) = 0 THEN @lf + N'ALLOW_ROW_LOCKS = OFF' ELSE N'' END
           + CASE WHEN i.allow_page_locks = 0 AND i.type IN (1, 2) AND ISNULL(u.is_memory_optimized, 0) = 0 THEN @lf + N'ALLOW_PAGE_LOCKS = OFF' ELSE N'' END
           + CASE WHEN n.no_recompute = 1 THEN @lf + N'STATISTICS_NORECOMPUTE = ON' ELSE N'' END
           + CASE WHEN n.is_incremental = 1 THEN @lf + N'STATISTICS_INCREMENTAL = ON' ELSE N'' END
           + ISNULL(@lf + N'COMPRESSION_DELAY = ' + CONVERT(nvarchar(11), z.minutes), N'')
           + CASE WHEN i.index_id > 1 OR o.type = N'V' THEN ISNULL(g.text, N'') ELSE N'' END
           + CASE WHEN i.is_disabled = 1 THEN @lf + N'DISABLED' ELSE N'' END,
           CASE WHEN @babelfish = 1 THEN 0 ELSE c.is_system_named END, CASE WHEN c.object_id IS NULL THEN 7 ELSE 1 END, ISNULL(c.object_id, i.object_id), CASE WHEN c.object_id IS NULL THEN i.index_id ELSE 0 END
    FROM #thing o JOIN sys.indexes i ON i.object_id = o.object_id
    JOIN #word w ON w.class = N'index' AND w.id = i.object_id AND w.sub = i.index_id
    LEFT JOIN #line k ON k.class = N'columns' AND k.id = i.object_id AND k.sub = i.index_id AND k.place = 0
    LEFT JOIN #line v ON v.class = N'included' AND v.id = i.object_id AND v.sub = i.index_id AND v.place = 0
    LEFT JOIN #storage g ON g.object_id = i.object_id AND g.index_id = i.index_id
    LEFT JOIN sys.tables u ON u.object_id = i.object_id
    LEFT JOIN sys.key_constraints c ON c.parent_object_id = i.object_id AND c.name = i.name
    LEFT JOIN sys.xml_indexes x ON x.object_id = i.object_id AND x.index_id = i.index_id
    LEFT JOIN #word xw ON xw.class = N'index' AND xw.id = x.object_id AND xw.sub = x.using_xml_index_id
    LEFT JOIN #filter f ON f.object_id = i.object_id AND f.name = i.name COLLATE Latin1_General_100_BIN2
    LEFT JOIN #delay z ON z.object_id = i.object_id AND z.index_id = i.index_id
    LEFT JOIN #grid s ON s.object_id = i.object_id AND s.index_id = i.index_id
    LEFT JOIN sys.hash_indexes h ON h.object_id = i.object_id AND h.index_id = i.index_id
    LEFT JOIN sys.stats n ON n.object_id = i.object_id AND n.stats_id = i.index_id
    WHERE o.type IN (N'U', N'V') AND i.type <> 0 AND i.is_hypothetical = 0;
INSERT INTO #entry (kind, name, parent, definition, invented, class, major_id, minor_id)
    SELECT N'foreign key', o.name + N'.' + w.text, o.name,
           N'FOREIGN KEY (' + ISNULL(STUFF(k.text, 1, 2, N''), N'?') + N')' + @lf + N'REFERENCES ' + ISNULL(rs.text + N'.' + rw.text, N'?') + N' (' + ISNULL(STUFF(y.text, 1, 2, N''), N'?') + N')'
           + CASE f.delete_referential_action WHEN 0 THEN N'' ELSE @lf + N'ON DELETE ' + REPLACE(f.delete_referential_action_desc COLLATE Latin1_General_100_BIN2, N'_', N' ') END
           + CASE f.update_referential_action WHEN 0 THEN N'' ELSE @lf + N'ON UPDATE ' + REPLACE(f.update_referential_action_desc COLLATE Latin1_General_100_BIN2, N'_', N' ') END
           + CASE f.is_not_for_replication WHEN 1 THEN @lf + N'NOT FOR REPLICATION' ELSE N'' END
           + CASE f.is_disabled WHEN 1 THEN @lf + N'DISABLED' ELSE N'' END
           + CASE WHEN f.is_not_trusted = 1 AND f.is_disabled = 0 AND f.is_not_for_replication = 0 THEN @lf + N'NOT TRUSTED (WITH NOCHECK)' ELSE N'' END,
           CASE WHEN @babelfish = 1 THEN 0 ELSE f.is_system_named END, 1, f.object_id, 0
    FROM #thing o JOIN sys.foreign_keys f ON f.parent_object_id = o.object_id
    JOIN #word w ON w.class = N'object' AND w.id = f.object_id
    LEFT JOIN #line k ON k.class = N'foreign' AND k.id = f.object_id AND k.place = 0
    LEFT JOIN #line y ON y.class = N'referenced' AND y.id = f.object_id AND y.place = 0
    LEFT JOIN sys.objects r ON r.object_id = f.referenced_object_id
    LEFT JOIN #word rs ON rs.class = N'schema' AND rs.id = r.schema_id
    LEFT JOIN #word rw ON rw.class = N'object' AND rw.id = r.object_id;
INSERT INTO #entry (kind, name, parent, definition, invented, class, major_id, minor_id)
    SELECT N'check', o.name + N'.' + w.text, o.name,
           N'CHECK ' + REPLACE(k.definition COLLATE Latin1_General_100_BIN2, NCHAR(13) + NCHAR(10), NCHAR(10))
           + CASE k.is_not_for_replication WHEN 1 THEN @lf + N'NOT FOR REPLICATION' ELSE N'' END
           + CASE k.is_disabled WHEN 1 THEN @lf + N'DISABLED' ELSE N'' END
           + CASE WHEN k.is_not_trusted = 1 AND k.is_disabled = 0 AND k.is_not_for_replication = 0 THEN @lf + N'NOT TRUSTED (WITH NOCHECK)' ELSE N'' END,
           k.is_system_named, 1, k.object_id, 0
    FROM #thing o JOIN sys.check_constraints k ON k.parent_object_id = o.object_id
    JOIN #word w ON w.class = N'object' AND w.id = k.object_id;
INSERT INTO #entry (kind, name, parent, definition, invented, class, major_id, minor_id)
    -- Babelfish does not keep their names and invents other ones in every database
    SELECT N'default', o.name + N'.' + CASE WHEN @babelfish = 1 THEN N'DF_' + ow.text + N'_' + c.text ELSE w.text END, o.name,
           N'DEFAULT ' + CASE WHEN @babelfish = 1 THEN REPLACE(d.definition COLLATE Latin1_General_100_BIN2, N'nextval(''' + LOWER(DB_NAME()) COLLATE Latin1_General_100_BIN2 + N'_', N'nextval(''')
                              ELSE REPLACE(d.definition COLLATE Latin1_General_100_BIN2, NCHAR(13) + NCHAR(10), NCHAR(10)) END + N' FOR ' + c.text,
           CASE WHEN @babelfish = 1 THEN 0 ELSE d.is_system_named END, 1, d.object_id, 0
    FROM #thing o JOIN sys.default_constraints d ON d.parent_object_id = o.object_id
    JOIN #word w ON w.class = N'object' AND w.id = d.object_id
    JOIN #word ow ON ow.class = N'object' AND ow.id = d.parent_object_id
    JOIN #word c ON c.class = N'column' AND c.id = d.parent_object_id AND c.sub = d.parent_column_id;
INSERT INTO #entry (kind, name, definition, owner, class, major_id, minor_id, reason)
    SELECT CASE WHEN o.type = N'V' THEN N'view' WHEN o.type IN (N'P', N'PC') THEN N'procedure' WHEN o.type = N'AF' THEN N'aggregate' WHEN o.type = N'R' THEN N'rule' WHEN o.type = N'D' THEN N'default' ELSE N'function' END,
           o.name, m.text + ISNULL(l.text, N''), o.owner, 1, o.object_id, 0, m.reason
    FROM #thing o JOIN #module m ON m.object_id = o.object_id
    LEFT JOIN #line l ON l.class = N'comments' AND l.id = o.object_id AND l.place = 0
    WHERE o.type IN (N'V', N'P', N'PC', N'FN', N'IF', N'TF', N'FS', N'FT', N'AF', N'R', N'D');
INSERT INTO #entry (kind, name, parent, definition, class, major_id, minor_id, reason)
    SELECT N'trigger', ISNULL(o.name + N'.', N'') + w.text, o.name,
           m.text + CASE g.is_not_for_replication WHEN 1 THEN @lf + N'NOT FOR REPLICATION' ELSE N'' END + ISNULL(l.text, N'') + CASE g.is_disabled WHEN 1 THEN @lf + N'DISABLED' ELSE N'' END,
           1, g.object_id, 0, m.reason
    FROM sys.triggers g
    JOIN #word w ON w.class = N'trigger' AND w.id = g.object_id
    LEFT JOIN #module m ON m.object_id = g.object_id
    LEFT JOIN #thing o ON o.object_id = g.parent_id AND g.parent_class = 1
    LEFT JOIN #line l ON l.class = N'events' AND l.id = g.object_id AND l.place = 0
    WHERE g.is_ms_shipped = 0 AND (g.parent_class = 0 OR o.object_id IS NOT NULL);
INSERT INTO #entry (kind, name, definition, owner, class, major_id, minor_id)
    SELECT N'synonym', o.name, N'FOR ' + y.base_object_name COLLATE Latin1_General_100_BIN2, o.owner, 1, o.object_id, 0
    FROM #thing o JOIN sys.synonyms y ON y.object_id = o.object_id;
INSERT INTO #entry (kind, name, definition, owner, class, major_id, minor_id)
    SELECT N'security policy', o.name,
           N'STATE = ' + CASE y.is_enabled WHEN 1 THEN N'ON' ELSE N'OFF' END + CASE y.is_not_for_replication WHEN 1 THEN @lf + N'NOT FOR REPLICATION' ELSE N'' END
           + CASE WHEN l.place IS NULL THEN N'' ELSE l.text END, o.owner, 1, o.object_id, 0
    FROM #thing o JOIN #policy y ON y.object_id = o.object_id
    LEFT JOIN #line l ON l.class = N'predicates' AND l.id = o.object_id AND l.place = 0;
INSERT INTO #entry (kind, name, definition, class, major_id, minor_id)
    SELECT N'partition function', w.text,
           N'(' + ISNULL(t.text, N'?') + N') RANGE ' + CASE f.boundary_value_on_right WHEN 1 THEN N'RIGHT' ELSE N'LEFT' END + N' FOR VALUES (' + ISNULL(STUFF(l.text, 1, 1, N''), N'') + @lf + N')', 21, f.function_id, 0
    FROM sys.partition_functions f
    JOIN #word w ON w.class = N'partition function' AND w.id = f.function_id
    LEFT JOIN #typed t ON t.class = N'partition function' AND t.id = f.function_id
    LEFT JOIN #line l ON l.class = N'boundaries' AND l.id = f.function_id AND l.place = 0
    WHERE f.is_system = 0;
INSERT INTO #entry (kind, name, definition, class, major_id, minor_id)
    SELECT N'partition scheme', w.text, N'AS PARTITION ' + ISNULL(fw.text, N'?') + N' TO (' + ISNULL(STUFF(l.text, 1, 1, N''), N'') + @lf + N')', 20, p.data_space_id, 0
    FROM sys.partition_schemes p
    JOIN #word w ON w.class = N'data space' AND w.id = p.data_space_id
    LEFT JOIN #word fw ON fw.class = N'partition function' AND fw.id = p.function_id
    LEFT JOIN #line l ON l.class = N'destinations' AND l.id = p.data_space_id AND l.place = 0
    WHERE p.is_system = 0;
INSERT INTO #entry (kind, name, definition, owner, class, major_id, minor_id)
    SELECT N'full-text catalog', w.text, N'ACCENT_SENSITIVITY = ' + CASE c.is_accent_sensitivity_on WHEN 1 THEN N'ON' ELSE N'OFF' END + CASE c.is_default WHEN 1 THEN N' AS DEFAULT' ELSE N'' END, c.principal_id, 23, c.fulltext_catalog_id, 0
    FROM sys.fulltext_catalogs c JOIN #word w ON w.class = N'catalog' AND w.id = c.fulltext_catalog_id;
INSERT INTO #entry (kind, name, parent, definition)
    SELECT N'full-text index', o.name, o.name,
           N'(' + ISNULL(STUFF(l.text, 1, 1, N''), N'') + @lf + N')' + @lf + N'KEY INDEX ' + ISNULL(iw.text, N'?') + @lf + N'ON ' + ISNULL(cw.text, N'?') + @lf + N'CHANGE_TRACKING ' + f.change_tracking_state_desc COLLATE Latin1_General_100_BIN2
           + CASE WHEN f.stoplist_id IS NULL THEN @lf + N'STOPLIST OFF' WHEN f.stoplist_id = 0 THEN N'' ELSE @lf + N'STOPLIST ' + ISNULL(sl.name COLLATE Latin1_General_100_BIN2, N'?') END
           + CASE f.is_enabled WHEN 0 THEN @lf + N'DISABLED' ELSE N'' END
    FROM #thing o JOIN sys.fulltext_indexes f ON f.object_id = o.object_id
    LEFT JOIN #line l ON l.class = N'searched' AND l.id = o.object_id AND l.place = 0
    LEFT JOIN #word iw ON iw.class = N'index' AND iw.id = f.object_id AND iw.sub = f.unique_index_id
    LEFT JOIN #word cw ON cw.class = N'catalog' AND cw.id = f.fulltext_catalog_id
    LEFT JOIN sys.fulltext_stoplists sl ON sl.stoplist_id = f.stoplist_id;
-- What this user may not see is missing from the catalog views without a word. Babelfish answers 0 to every user.
IF @babelfish IS NULL AND ISNULL(HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'VIEW DEFINITION'), 0) <> 1
    SET @missing = N'needs VIEW DEFINITION on the database';
ELSE IF USER_NAME() <> N'dbo' AND EXISTS (SELECT 1 FROM sys.database_permissions p JOIN sys.database_principals g ON g.principal_id = p.grantee_principal_id
                 WHERE p.state = 'D' AND p.class <> 0 AND p.permission_name IN (N'VIEW DEFINITION', N'CONTROL') AND (g.name IN (USER_NAME(), N'public') OR IS_ROLEMEMBER(g.name) = 1))
    SET @missing = N'VIEW DEFINITION is denied on some schemas or objects';
UPDATE #entry SET reason = ISNULL(@missing, N'the server does not tell its definition') WHERE definition IS NULL AND reason IS NULL;
IF @missing IS NOT NULL
    INSERT INTO #entry (kind, reason)
        SELECT k.kind, @missing FROM (VALUES (N'schema'), (N'type'), (N'xml schema collection'), (N'sequence'), (N'table'), (N'column'), (N'primary key'), (N'unique'), (N'index'), (N'foreign key'), (N'check'), (N'default'), (N'view'), (N'function'),
            (N'procedure'), (N'trigger'), (N'synonym'), (N'aggregate'), (N'rule'), (N'security policy'), (N'partition function'), (N'partition scheme'), (N'full-text catalog'), (N'full-text index')) k (kind);
SELECT n.kind, n.name, n.parent, n.position,
       CASE WHEN n.reason IS NULL THEN n.definition + ISNULL(@lf + N'COMMENT ''' + e.text + N'''', N'') END AS definition,
       w.text AS owner,
       ISNULL(n.reason, STUFF(g.text, 1, 1, N'')) AS grants,
       CONVERT(bit, ISNULL(n.invented, 0)) AS invented
FROM #entry n
LEFT JOIN #word w ON w.class = N'principal' AND w.id = n.owner
LEFT JOIN #comment e ON e.class = n.class AND e.major_id = n.major_id AND e.minor_id = n.minor_id
LEFT JOIN #line g ON g.class = N'grants ' + CONVERT(nvarchar(3), n.class) AND g.id = n.major_id AND g.sub = n.minor_id AND g.place = 0
