SELECT CASE table_schema WHEN 'public' THEN '' ELSE table_schema || '.' END || table_name FROM information_schema.tables
WHERE table_type = 'BASE TABLE' AND {schemas}
ORDER BY 1
