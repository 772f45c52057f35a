-- the tables that keep what is in a virtual one belong to SQLite, and journals to dbmigrate
WITH journal AS MATERIALIZED (
    SELECT j.name FROM main.sqlite_schema j
    WHERE j.type = 'table' AND j.sql LIKE '%statements_done%done_checksum%'
      AND 9 = (SELECT count(*) FROM pragma_table_info(j.name) c
               WHERE c.name IN ('number', 'script', 'checksum', 'state', 'applied_at', 'tool_version', 'statements_done',
                                'done_checksum', 'format'))
)
SELECT s.type, s.name,
       -- a trigger may write its table's name in another case
       CASE s.type WHEN 'trigger'
           THEN COALESCE((SELECT t.name FROM main.sqlite_schema t
                          WHERE t.type IN ('table', 'view') AND t.name = s.tbl_name COLLATE NOCASE), s.tbl_name)
           ELSE s.tbl_name END,
       s.sql
FROM main.sqlite_schema s
WHERE s.name NOT LIKE 'sqlite\_%' ESCAPE '\'
  AND s.tbl_name NOT IN (SELECT name FROM journal UNION ALL SELECT name || '_repairs' FROM journal
                         UNION ALL SELECT name || '_schema' FROM journal
                         UNION ALL SELECT name || '_objects' FROM journal)
  AND s.name NOT IN (SELECT t.name FROM pragma_table_list t WHERE t.schema = 'main' AND t.type = 'shadow')
