-- a collation has other rules => changed collation app.ruled
DROP COLLATION app.ruled; CREATE COLLATION app.ruled (provider = icu, locale = 'und', rules = '&a < h');
-- a collation has no rules => changed collation app.ruled
DROP COLLATION app.ruled; CREATE COLLATION app.ruled (provider = icu, locale = 'und');
