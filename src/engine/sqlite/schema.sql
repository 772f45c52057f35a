-- the tables that keep what is in a virtual one belong to SQLite
SELECT s.type, s.name, s.tbl_name, s.sql FROM main.sqlite_schema s
WHERE s.name NOT LIKE 'sqlite\_%' ESCAPE '\' AND s.tbl_name NOT IN ({journal})
  AND NOT (s.type = 'table' AND EXISTS (SELECT 1 FROM pragma_table_list(s.name) t WHERE t.type = 'shadow'))
