-- a statistics target is set to its default
ALTER TABLE app.self ALTER COLUMN note SET STATISTICS 5; ALTER TABLE app.self ALTER COLUMN note SET STATISTICS DEFAULT; ALTER STATISTICS app.st SET STATISTICS 9; ALTER STATISTICS app.st SET STATISTICS DEFAULT;
-- the right to maintain is granted (grants column only)
GRANT MAINTAIN ON app.self TO pg_read_all_data;
