-- a trigger may write its table's name in another case
SELECT s.type AS kind, NULL AS "schema", s.name AS name,
       CASE s.type WHEN 'trigger'
           THEN COALESCE((SELECT t.name FROM main.sqlite_schema t
                          WHERE t.type IN ('table', 'view') AND t.name = s.tbl_name COLLATE NOCASE), s.tbl_name) END AS on_table,
       NULL AS arguments
FROM main.sqlite_schema s
WHERE s.type IN ('view', 'trigger')
