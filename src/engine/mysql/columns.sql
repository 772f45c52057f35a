SELECT NULL, table_name, column_name FROM information_schema.columns
WHERE table_schema = DATABASE()
  AND (LOWER(table_name) IN ({names})
       OR table_name IN (SELECT table_name FROM information_schema.columns
                         WHERE table_schema = DATABASE() AND column_name IN ({columns})))
