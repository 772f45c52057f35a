SELECT DISTINCT CONCAT(table_schema, '.', table_name)
FROM information_schema.key_column_usage
WHERE referenced_table_schema = {database} AND table_schema <> {database}
ORDER BY 1 LIMIT 5
