CREATE COLLATION app.ruled (provider = icu, locale = 'und', rules = '&a < g');
