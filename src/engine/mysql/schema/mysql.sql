SET @dbmigrate_modes = @@sql_mode, @dbmigrate_zone = @@time_zone, @dbmigrate_longest = @@group_concat_max_len, sql_mode = '', time_zone = '+00:00', group_concat_max_len = 4194304;
SELECT o.kind,
       NULLIF(CONCAT_WS('.', IF(o.own IS NULL OR o.parent IS NULL OR o.kind = 'trigger', NULL, IF(o.parent REGEXP '^[0-9A-Za-z_$]+$', o.parent, CONCAT('`', REPLACE(o.parent, '`', '``'), '`'))),
                      IF(o.own REGEXP '^[0-9A-Za-z_$]+$', o.own, CONCAT('`', REPLACE(o.own, '`', '``'), '`'))), '') AS name,
       IF(o.parent REGEXP '^[0-9A-Za-z_$]+$', o.parent, CONCAT('`', REPLACE(o.parent, '`', '``'), '`')) AS parent,
       CAST(o.position AS UNSIGNED) AS position, REPLACE(o.definition, CHAR(13, 10 USING utf8mb4), CHAR(10 USING utf8mb4)) AS definition, o.owner, o.grants
FROM (
    SELECT 'database' AS kind, 'database' AS own, NULL AS parent, NULL AS position,
           CONCAT('CHARACTER SET ', DEFAULT_CHARACTER_SET_NAME, ' COLLATE ', DEFAULT_COLLATION_NAME) AS definition,
           NULL AS owner,
           (SELECT GROUP_CONCAT(GRANTEE, ': ', PRIVILEGE_TYPE, IF(IS_GRANTABLE = 'YES', ' WITH GRANT OPTION', '') ORDER BY GRANTEE, PRIVILEGE_TYPE SEPARATOR '; ')
            FROM information_schema.SCHEMA_PRIVILEGES WHERE DATABASE() LIKE TABLE_SCHEMA) AS grants
    FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = DATABASE()
    UNION ALL
    SELECT 'table', t.TABLE_NAME, NULL, NULL,
           IF(t.ENGINE IS NULL, NULL, CONCAT('ENGINE = ', t.ENGINE, COALESCE(CONCAT(' COLLATE ', t.TABLE_COLLATION), ''),
                  IF(TRIM(REPLACE(COALESCE(t.CREATE_OPTIONS, ''), 'partitioned', '')) = '', '', CONCAT(CHAR(10 USING utf8mb4), 'OPTIONS ', TRIM(REPLACE(t.CREATE_OPTIONS, 'partitioned', '')))),
                  IF(t.TABLE_COMMENT = '', '', CONCAT(CHAR(10 USING utf8mb4), 'COMMENT ', QUOTE(t.TABLE_COMMENT))),
                  COALESCE(CONCAT(CHAR(10 USING utf8mb4), p.definition), ''))),
           NULL, IF(t.ENGINE IS NULL, CONCAT('cannot be read: ', t.TABLE_COMMENT), g.grants)
    FROM information_schema.TABLES t
    LEFT JOIN (
        SELECT CAST(TABLE_NAME AS BINARY) AS tbl,
               CONCAT('PARTITION BY ', MIN(PARTITION_METHOD), COALESCE(CONCAT(' (', MIN(PARTITION_EXPRESSION), ')'), ''),
                      COALESCE(CONCAT(' SUBPARTITION BY ', MIN(SUBPARTITION_METHOD), COALESCE(CONCAT(' (', MIN(SUBPARTITION_EXPRESSION), ')'), '')), ''), ' (',
                      GROUP_CONCAT(CHAR(10 USING utf8mb4), '    PARTITION `', PARTITION_NAME, '`',
                                   COALESCE(CASE WHEN PARTITION_METHOD LIKE 'RANGE%' THEN CONCAT(' VALUES LESS THAN (', PARTITION_DESCRIPTION, ')')
                                                 WHEN PARTITION_METHOD LIKE 'LIST%' THEN CONCAT(' VALUES IN (', PARTITION_DESCRIPTION, ')')
                                                 ELSE CONCAT(' ', PARTITION_DESCRIPTION) END, ''),
                                   COALESCE(CONCAT(' SUBPARTITION `', SUBPARTITION_NAME, '`'), ''),
                                   IF(COALESCE(PARTITION_COMMENT, '') = '', '', CONCAT(' COMMENT ', QUOTE(PARTITION_COMMENT)))
                                   ORDER BY PARTITION_ORDINAL_POSITION, SUBPARTITION_ORDINAL_POSITION SEPARATOR ','),
                      CHAR(10 USING utf8mb4), ')') AS definition
        FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = DATABASE() AND PARTITION_NAME IS NOT NULL
        GROUP BY CAST(TABLE_NAME AS BINARY)
    ) p ON p.tbl = CAST(t.TABLE_NAME AS BINARY)
    LEFT JOIN (
        SELECT CAST(TABLE_NAME AS BINARY) AS tbl, GROUP_CONCAT(GRANTEE, ': ', PRIVILEGE_TYPE, IF(IS_GRANTABLE = 'YES', ' WITH GRANT OPTION', '') ORDER BY GRANTEE, PRIVILEGE_TYPE SEPARATOR '; ') AS grants
        FROM information_schema.TABLE_PRIVILEGES WHERE TABLE_SCHEMA = DATABASE() AND (@@lower_case_table_names <> 0 OR CAST(TABLE_SCHEMA AS BINARY) = CAST(DATABASE() AS BINARY)) GROUP BY CAST(TABLE_NAME AS BINARY)
    ) g ON g.tbl = CAST(t.TABLE_NAME AS BINARY)
    WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE NOT LIKE '%VIEW' AND t.TABLE_TYPE NOT LIKE '%TEMPORARY%'
    UNION ALL
    SELECT 'column', c.COLUMN_NAME, c.TABLE_NAME, c.ORDINAL_POSITION,
           CONCAT(c.COLUMN_TYPE, COALESCE(CONCAT(' CHARACTER SET ', c.CHARACTER_SET_NAME, ' COLLATE ', c.COLLATION_NAME), ''),
                  IF(COALESCE(c.GENERATION_EXPRESSION, '') = '', '', CONCAT(' GENERATED ALWAYS AS (', REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(c.GENERATION_EXPRESSION, CONCAT('_utf8mb4', CHAR(92, 39 USING utf8mb4)), ''''), CONCAT('_utf8mb3', CHAR(92, 39 USING utf8mb4)), ''''), CONCAT('_latin1', CHAR(92, 39 USING utf8mb4)), ''''), CONCAT('_ascii', CHAR(92, 39 USING utf8mb4)), ''''), CHAR(92, 39 USING utf8mb4), ''''), CHAR(92, 92 USING utf8mb4), CHAR(92 USING utf8mb4)), ')', IF(c.EXTRA LIKE '%STORED GENERATED%', ' STORED', ' VIRTUAL'))),
                  IF(c.IS_NULLABLE = 'NO', ' NOT NULL', ' NULL'), COALESCE(CONCAT(' SRID ', c.SRS_ID), ''),
                  CASE WHEN c.COLUMN_DEFAULT IS NULL THEN '' WHEN c.EXTRA LIKE '%DEFAULT_GENERATED%' THEN CONCAT(' DEFAULT (', REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(c.COLUMN_DEFAULT, CONCAT('_utf8mb4', CHAR(92, 39 USING utf8mb4)), ''''), CONCAT('_utf8mb3', CHAR(92, 39 USING utf8mb4)), ''''), CONCAT('_latin1', CHAR(92, 39 USING utf8mb4)), ''''), CONCAT('_ascii', CHAR(92, 39 USING utf8mb4)), ''''), CHAR(92, 39 USING utf8mb4), ''''), CHAR(92, 92 USING utf8mb4), CHAR(92 USING utf8mb4)), ')') ELSE CONCAT(' DEFAULT ', QUOTE(c.COLUMN_DEFAULT)) END,
                  COALESCE(CONCAT(' ', NULLIF(TRIM(REPLACE(REPLACE(REPLACE(c.EXTRA, 'VIRTUAL GENERATED', ''), 'STORED GENERATED', ''), 'DEFAULT_GENERATED', '')), '')), ''),
                  IF(c.COLUMN_COMMENT = '', '', CONCAT(' COMMENT ', QUOTE(c.COLUMN_COMMENT)))),
           NULL, g.grants
    FROM information_schema.COLUMNS c
    LEFT JOIN (
        SELECT CAST(TABLE_NAME AS BINARY) AS tbl, COLUMN_NAME AS col, GROUP_CONCAT(GRANTEE, ': ', PRIVILEGE_TYPE, IF(IS_GRANTABLE = 'YES', ' WITH GRANT OPTION', '') ORDER BY GRANTEE, PRIVILEGE_TYPE SEPARATOR '; ') AS grants
        FROM information_schema.COLUMN_PRIVILEGES WHERE TABLE_SCHEMA = DATABASE() AND (@@lower_case_table_names <> 0 OR CAST(TABLE_SCHEMA AS BINARY) = CAST(DATABASE() AS BINARY)) GROUP BY CAST(TABLE_NAME AS BINARY), COLUMN_NAME
    ) g ON g.tbl = CAST(c.TABLE_NAME AS BINARY) AND g.col = c.COLUMN_NAME
    WHERE c.TABLE_SCHEMA = DATABASE()
      AND CAST(c.TABLE_NAME AS BINARY) NOT IN (SELECT CAST(TABLE_NAME AS BINARY) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'VIEW')
    UNION ALL
    SELECT CASE WHEN MIN(INDEX_NAME) = 'PRIMARY' THEN 'primary key' WHEN MIN(NON_UNIQUE) = 0 THEN 'unique' ELSE 'index' END, MIN(INDEX_NAME), MIN(TABLE_NAME), NULL,
           CONCAT(CASE WHEN MIN(INDEX_NAME) = 'PRIMARY' THEN 'PRIMARY KEY' WHEN MIN(NON_UNIQUE) = 0 THEN 'UNIQUE' ELSE 'INDEX' END, ' (',
                  GROUP_CONCAT(IF(COLUMN_NAME IS NULL, CONCAT('(', REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(EXPRESSION, CONCAT('_utf8mb4', CHAR(92, 39 USING utf8mb4)), ''''), CONCAT('_utf8mb3', CHAR(92, 39 USING utf8mb4)), ''''), CONCAT('_latin1', CHAR(92, 39 USING utf8mb4)), ''''), CONCAT('_ascii', CHAR(92, 39 USING utf8mb4)), ''''), CHAR(92, 39 USING utf8mb4), ''''), CHAR(92, 92 USING utf8mb4), CHAR(92 USING utf8mb4)), ')'), CONCAT('`', REPLACE(COLUMN_NAME, '`', '``'), '`')), COALESCE(CONCAT('(', SUB_PART, ')'), ''), IF(COLLATION = 'D', ' DESC', '') ORDER BY SEQ_IN_INDEX SEPARATOR ', '), ') USING ', MIN(INDEX_TYPE),
                  IF(MIN(IS_VISIBLE) = 'NO', ' INVISIBLE', ''), IF(MIN(COMMENT) = 'disabled', ' DISABLED', ''),
                  IF(MIN(INDEX_COMMENT) = '', '', CONCAT(' COMMENT ', QUOTE(MIN(INDEX_COMMENT))))),
           NULL, NULL
    FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()
    GROUP BY CAST(TABLE_NAME AS BINARY), INDEX_NAME
    UNION ALL
    SELECT 'foreign key', k.CONSTRAINT_NAME, k.TABLE_NAME, NULL,
           CONCAT('FOREIGN KEY (', k.own_columns, ')', CHAR(10 USING utf8mb4), 'REFERENCES ', IF(k.other = DATABASE(), '', CONCAT('`', REPLACE(k.other, '`', '``'), '`.')), '`', REPLACE(k.referenced, '`', '``'), '` (', k.referenced_columns, ')',
                  CHAR(10 USING utf8mb4), 'ON DELETE ', REPLACE(r.DELETE_RULE, 'NO ACTION', 'RESTRICT'), ' ON UPDATE ', REPLACE(r.UPDATE_RULE, 'NO ACTION', 'RESTRICT')),
           NULL, NULL
    FROM (
        SELECT MIN(CONSTRAINT_NAME) AS CONSTRAINT_NAME, MIN(TABLE_NAME) AS TABLE_NAME, CAST(TABLE_NAME AS BINARY) AS tbl, MIN(REFERENCED_TABLE_SCHEMA) AS other, MIN(REFERENCED_TABLE_NAME) AS referenced,
               GROUP_CONCAT('`', REPLACE(COLUMN_NAME, '`', '``'), '`' ORDER BY ORDINAL_POSITION SEPARATOR ', ') AS own_columns,
               GROUP_CONCAT('`', REPLACE(REFERENCED_COLUMN_NAME, '`', '``'), '`' ORDER BY ORDINAL_POSITION SEPARATOR ', ') AS referenced_columns
        FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NOT NULL
        GROUP BY CAST(TABLE_NAME AS BINARY), CONSTRAINT_NAME
    ) k
    JOIN (
        SELECT CAST(TABLE_NAME AS BINARY) AS tbl, CONSTRAINT_NAME, MIN(DELETE_RULE) AS DELETE_RULE, MIN(UPDATE_RULE) AS UPDATE_RULE
        FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE() GROUP BY CAST(TABLE_NAME AS BINARY), CONSTRAINT_NAME
    ) r ON r.tbl = k.tbl AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME
    UNION ALL
    SELECT 'check', c.CONSTRAINT_NAME, t.TABLE_NAME, NULL, CONCAT('CHECK (', REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(c.CHECK_CLAUSE, CONCAT('_utf8mb4', CHAR(92, 39 USING utf8mb4)), ''''), CONCAT('_utf8mb3', CHAR(92, 39 USING utf8mb4)), ''''), CONCAT('_latin1', CHAR(92, 39 USING utf8mb4)), ''''), CONCAT('_ascii', CHAR(92, 39 USING utf8mb4)), ''''), CHAR(92, 39 USING utf8mb4), ''''), CHAR(92, 92 USING utf8mb4), CHAR(92 USING utf8mb4)), ')', IF(t.ENFORCED = 'NO', ' NOT ENFORCED', '')), NULL, NULL
    FROM information_schema.TABLE_CONSTRAINTS t
    JOIN information_schema.CHECK_CONSTRAINTS c ON c.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA AND c.CONSTRAINT_NAME = t.CONSTRAINT_NAME
    WHERE t.TABLE_SCHEMA = DATABASE() AND t.CONSTRAINT_SCHEMA = DATABASE() AND t.CONSTRAINT_TYPE = 'CHECK'
    UNION ALL
    SELECT 'view', v.TABLE_NAME, NULL, NULL,
           IF(v.VIEW_DEFINITION = '', NULL, CONCAT('(', COALESCE(n.names, ''), ') SQL SECURITY ', v.SECURITY_TYPE, ' AS', CHAR(10 USING utf8mb4),
                  REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(v.VIEW_DEFINITION, CONCAT('`', REPLACE(DATABASE(), '`', '``'), '`.'), ''), '`,', CONCAT('`,', CHAR(10 USING utf8mb4), '    ')), ' from `', CONCAT(CHAR(10 USING utf8mb4), 'from `')), ' from (`', CONCAT(CHAR(10 USING utf8mb4), 'from (`')), ' where `', CONCAT(CHAR(10 USING utf8mb4), 'where `')), ' where (', CONCAT(CHAR(10 USING utf8mb4), 'where (')), ' group by `', CONCAT(CHAR(10 USING utf8mb4), 'group by `')), ' order by `', CONCAT(CHAR(10 USING utf8mb4), 'order by `')), ' union ', CONCAT(CHAR(10 USING utf8mb4), 'union ')),
                  IF(v.CHECK_OPTION = 'NONE', '', CONCAT(CHAR(10 USING utf8mb4), 'WITH ', v.CHECK_OPTION, ' CHECK OPTION')))),
           v.DEFINER, IF(v.VIEW_DEFINITION = '', 'its text needs the privileges SELECT and SHOW VIEW', g.grants)
    FROM information_schema.VIEWS v
    LEFT JOIN (
        SELECT CAST(TABLE_NAME AS BINARY) AS tbl, GROUP_CONCAT(GRANTEE, ': ', PRIVILEGE_TYPE, IF(IS_GRANTABLE = 'YES', ' WITH GRANT OPTION', '') ORDER BY GRANTEE, PRIVILEGE_TYPE SEPARATOR '; ') AS grants
        FROM information_schema.TABLE_PRIVILEGES WHERE TABLE_SCHEMA = DATABASE() AND (@@lower_case_table_names <> 0 OR CAST(TABLE_SCHEMA AS BINARY) = CAST(DATABASE() AS BINARY)) GROUP BY CAST(TABLE_NAME AS BINARY)
    ) g ON g.tbl = CAST(v.TABLE_NAME AS BINARY)
    LEFT JOIN (
        SELECT CAST(TABLE_NAME AS BINARY) AS tbl, GROUP_CONCAT('`', REPLACE(COLUMN_NAME, '`', '``'), '`' ORDER BY ORDINAL_POSITION SEPARATOR ', ') AS names
        FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() GROUP BY CAST(TABLE_NAME AS BINARY)
    ) n ON n.tbl = CAST(v.TABLE_NAME AS BINARY)
    WHERE v.TABLE_SCHEMA = DATABASE()
    UNION ALL
    SELECT LOWER(r.ROUTINE_TYPE), r.ROUTINE_NAME, NULL, NULL,
           CONCAT('(', COALESCE(CONCAT(p.parameters, CHAR(10 USING utf8mb4)), ''), ')', COALESCE(CONCAT(CHAR(10 USING utf8mb4), 'RETURNS ', p.returns), ''), CHAR(10 USING utf8mb4),
                  IF(r.IS_DETERMINISTIC = 'YES', 'DETERMINISTIC', 'NOT DETERMINISTIC'), ' ', r.SQL_DATA_ACCESS, ' SQL SECURITY ', r.SECURITY_TYPE,
                  CHAR(10 USING utf8mb4), 'SQL_MODE ', QUOTE(r.SQL_MODE), IF(r.ROUTINE_COMMENT = '', '', CONCAT(CHAR(10 USING utf8mb4), 'COMMENT ', QUOTE(r.ROUTINE_COMMENT))),
                  CHAR(10 USING utf8mb4), r.ROUTINE_DEFINITION),
           r.DEFINER, IF(r.ROUTINE_DEFINITION IS NULL, 'its body needs the privilege SHOW_ROUTINE', NULL)
    FROM information_schema.ROUTINES r
    LEFT JOIN (
        SELECT SPECIFIC_NAME, ROUTINE_TYPE,
               GROUP_CONCAT(IF(ORDINAL_POSITION = 0, NULL, CONCAT(CHAR(10 USING utf8mb4), '    ', COALESCE(CONCAT(IF(ROUTINE_TYPE = 'FUNCTION' AND PARAMETER_MODE = 'IN', '', CONCAT(PARAMETER_MODE, ' '))), ''), '`', PARAMETER_NAME, '` ', DTD_IDENTIFIER,
                            COALESCE(CONCAT(' CHARACTER SET ', CHARACTER_SET_NAME, ' COLLATE ', COLLATION_NAME), ''))) ORDER BY ORDINAL_POSITION SEPARATOR ',') AS parameters,
               MAX(IF(ORDINAL_POSITION = 0, CONCAT(DTD_IDENTIFIER, COALESCE(CONCAT(' CHARACTER SET ', CHARACTER_SET_NAME, ' COLLATE ', COLLATION_NAME), '')), NULL)) AS returns
        FROM information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA = DATABASE() GROUP BY SPECIFIC_NAME, ROUTINE_TYPE
    ) p ON p.SPECIFIC_NAME = r.SPECIFIC_NAME AND p.ROUTINE_TYPE = r.ROUTINE_TYPE
    WHERE r.ROUTINE_SCHEMA = DATABASE()
    UNION ALL
    SELECT 'trigger', TRIGGER_NAME, EVENT_OBJECT_TABLE, NULL,
           CONCAT(ACTION_TIMING, ' ', EVENT_MANIPULATION, ' ON `', REPLACE(EVENT_OBJECT_TABLE, '`', '``'), '` ORDER ', ACTION_ORDER, CHAR(10 USING utf8mb4), 'SQL_MODE ', QUOTE(SQL_MODE), CHAR(10 USING utf8mb4), ACTION_STATEMENT),
           DEFINER, NULL
    FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() AND (@@lower_case_table_names <> 0 OR CAST(TRIGGER_SCHEMA AS BINARY) = CAST(DATABASE() AS BINARY))
    UNION ALL
    SELECT 'event', EVENT_NAME, NULL, NULL,
           CONCAT('ON SCHEDULE ', IF(EVENT_TYPE = 'RECURRING', CONCAT('EVERY ', QUOTE(INTERVAL_VALUE), ' ', INTERVAL_FIELD), 'AT'),
                  IF(SECOND(EXECUTE_AT) = 0, CONCAT(' ', QUOTE(EXECUTE_AT)), ''),
                  IF(SECOND(STARTS) = 0 AND COALESCE(CONVERT_TZ(STARTS, TIME_ZONE, '+00:00'), STARTS) <> CREATED, CONCAT(' STARTS ', QUOTE(STARTS)), ''), IF(ENDS IS NULL, '', CONCAT(' ENDS ', QUOTE(ENDS))), ' TIME ZONE ', QUOTE(TIME_ZONE),
                  CHAR(10 USING utf8mb4), 'ON COMPLETION ', ON_COMPLETION, ' ', STATUS, CHAR(10 USING utf8mb4), 'SQL_MODE ', QUOTE(SQL_MODE),
                  IF(EVENT_COMMENT = '', '', CONCAT(CHAR(10 USING utf8mb4), 'COMMENT ', QUOTE(EVENT_COMMENT))), CHAR(10 USING utf8mb4), EVENT_DEFINITION),
           DEFINER, NULL
    FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE() AND (@@lower_case_table_names <> 0 OR CAST(EVENT_SCHEMA AS BINARY) = CAST(DATABASE() AS BINARY))
    UNION ALL
    SELECT k.kind, NULL, NULL, NULL, NULL, NULL, CONCAT(k.reason, IF(h.role AND @dbmigrate_privileges IS NULL, '; whether a role gives it cannot be read', ''))
    FROM (
        SELECT MAX(p.name IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'REFERENCES', 'INDEX', 'ALTER', 'CREATE VIEW', 'SHOW VIEW', 'TRIGGER')) AS sees_tables, MAX(p.name IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')) AS sees_columns,
               MAX(p.name IN ('EXECUTE', 'CREATE ROUTINE', 'ALTER ROUTINE', 'SHOW_ROUTINE', 'SELECT ON ROUTINES')) AS sees_routines, MAX(p.name IN ('TRIGGER')) AS sees_triggers, MAX(p.name = 'EVENT') AS sees_events,
               CURRENT_ROLE() <> 'NONE' AS role
        FROM (
            SELECT NULL AS grantee, 'USAGE' AS name
            UNION ALL
            SELECT GRANTEE, PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES
            UNION ALL
            SELECT GRANTEE, 'SELECT ON ROUTINES' FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = 'SELECT'
            UNION ALL
            SELECT GRANTEE, PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES
            WHERE IF(@@lower_case_table_names = 0, CAST(DATABASE() AS BINARY) LIKE CAST(TABLE_SCHEMA AS BINARY), DATABASE() LIKE TABLE_SCHEMA)
            UNION ALL
            SELECT NULL, g.name FROM (SELECT 'SELECT' AS name UNION ALL SELECT 'INSERT' UNION ALL SELECT 'UPDATE' UNION ALL SELECT 'DELETE' UNION ALL SELECT 'CREATE' UNION ALL SELECT 'DROP' UNION ALL SELECT 'REFERENCES' UNION ALL SELECT 'INDEX' UNION ALL SELECT 'ALTER' UNION ALL SELECT 'CREATE VIEW' UNION ALL SELECT 'SHOW VIEW' UNION ALL SELECT 'TRIGGER' UNION ALL SELECT 'EVENT' UNION ALL SELECT 'EXECUTE' UNION ALL SELECT 'CREATE ROUTINE' UNION ALL SELECT 'ALTER ROUTINE' UNION ALL SELECT 'SHOW_ROUTINE') g
            WHERE FIND_IN_SET(g.name, @dbmigrate_privileges)
        ) p
        WHERE p.grantee IS NULL OR p.grantee = CONCAT('''', LEFT(CURRENT_USER(), CHAR_LENGTH(CURRENT_USER()) - CHAR_LENGTH(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)) - 1), '''@''', SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''')
    ) h
    JOIN (
        SELECT 'table' AS kind, 'tables' AS needs, 'needs the privilege SELECT on the database' AS reason UNION ALL
        SELECT 'view', 'tables', 'needs the privileges SELECT and SHOW VIEW on the database' UNION ALL
        SELECT 'column', 'columns', 'needs the privilege SELECT on the database' UNION ALL
        SELECT 'foreign key', 'columns', 'needs the privilege SELECT on the database' UNION ALL
        SELECT 'function', 'routines', 'needs the privilege SHOW_ROUTINE' UNION ALL
        SELECT 'procedure', 'routines', 'needs the privilege SHOW_ROUTINE' UNION ALL
        SELECT 'trigger', 'triggers', 'needs the privilege TRIGGER on the database' UNION ALL
        SELECT 'event', 'events', 'needs the privilege EVENT on the database'
    ) k
    WHERE CASE k.needs
          WHEN 'tables' THEN NOT h.sees_tables
          WHEN 'columns' THEN NOT h.sees_columns AND EXISTS (
              SELECT 1
              FROM information_schema.TABLES t
              LEFT JOIN (
                  SELECT CAST(TABLE_NAME AS BINARY) AS tbl FROM information_schema.TABLE_PRIVILEGES
                  WHERE GRANTEE = CONCAT('''', LEFT(CURRENT_USER(), CHAR_LENGTH(CURRENT_USER()) - CHAR_LENGTH(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)) - 1), '''@''', SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''') AND TABLE_SCHEMA = DATABASE() AND PRIVILEGE_TYPE IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
              ) g ON g.tbl = CAST(t.TABLE_NAME AS BINARY)
              LEFT JOIN (
                  SELECT CAST(TABLE_NAME AS BINARY) AS tbl, COUNT(*) = MAX(ORDINAL_POSITION) AS complete FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() GROUP BY CAST(TABLE_NAME AS BINARY)
              ) c ON c.tbl = CAST(t.TABLE_NAME AS BINARY)
              WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE NOT LIKE '%VIEW' AND g.tbl IS NULL AND NOT (CURRENT_ROLE() <> 'NONE' AND COALESCE(c.complete, FALSE)))
          WHEN 'routines' THEN NOT h.sees_routines
          WHEN 'triggers' THEN NOT h.sees_triggers
          ELSE NOT h.sees_events END
) o
WHERE CAST(COALESCE(IF(o.kind = 'table', o.own, o.parent), '') AS BINARY) NOT IN (
        SELECT CONCAT(j.tbl, s.suffix)
        FROM (
            SELECT CAST(c.TABLE_NAME AS BINARY) AS tbl
            FROM information_schema.COLUMNS c
            JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME AND CAST(t.TABLE_NAME AS BINARY) = CAST(c.TABLE_NAME AS BINARY) AND t.TABLE_TYPE = 'BASE TABLE'
            WHERE c.TABLE_SCHEMA = DATABASE() AND c.COLUMN_NAME IN ('number', 'script', 'checksum', 'state', 'applied_at', 'tool_version', 'statements_done', 'done_checksum', 'format')
            GROUP BY CAST(c.TABLE_NAME AS BINARY) HAVING COUNT(*) = 9
        ) j JOIN (SELECT '' AS suffix UNION ALL SELECT '_repairs' UNION ALL SELECT '_schema' UNION ALL SELECT '_objects') s
    );
SET sql_mode = @dbmigrate_modes, time_zone = @dbmigrate_zone, group_concat_max_len = @dbmigrate_longest
