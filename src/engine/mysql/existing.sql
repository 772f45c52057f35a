-- MySQL 8.0 and later, MariaDB 10.6 and later. It opens no table and no view: an invalid view is listed like any other.
-- By TRIGGER_SCHEMA, MariaDB would look through the tables of all databases.
-- The cast: where names of databases differ by case only, EVENTS would show those of the other database too.
SELECT 'view' AS kind, NULL AS `schema`, TABLE_NAME AS name, NULL AS on_table, NULL AS arguments
FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'VIEW'
UNION ALL
SELECT LOWER(ROUTINE_TYPE), NULL, ROUTINE_NAME, NULL, NULL
FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()
UNION ALL
SELECT 'trigger', NULL, TRIGGER_NAME, EVENT_OBJECT_TABLE, NULL
FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = DATABASE()
UNION ALL
SELECT 'event', NULL, EVENT_NAME, NULL, NULL
FROM information_schema.EVENTS
WHERE EVENT_SCHEMA = DATABASE() AND (@@lower_case_table_names <> 0 OR CAST(EVENT_SCHEMA AS BINARY) = CAST(DATABASE() AS BINARY))
