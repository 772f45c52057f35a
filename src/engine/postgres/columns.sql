SELECT table_schema, table_name, column_name FROM information_schema.columns AS found
WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
  AND (lower(table_name) IN ({names})
       OR EXISTS (SELECT FROM information_schema.columns AS other
                  WHERE other.table_schema = found.table_schema AND other.table_name = found.table_name
                    AND other.column_name IN ({columns})))
