-- the text of a table has the names of its columns: most tables need no closer look
SELECT NULL, found.name, columns.name FROM sqlite_schema AS found JOIN pragma_table_info(found.name) AS columns
WHERE found.type = 'table' AND found.sql NOT LIKE 'CREATE VIRTUAL%'
  AND (lower(found.name) IN ({names})
       OR EXISTS (SELECT 1 FROM json_each(json_array({columns})) AS wanted WHERE instr(found.sql, wanted.value) > 0)
          AND EXISTS (SELECT 1 FROM pragma_table_info(found.name) AS own WHERE own.name IN ({columns})))
