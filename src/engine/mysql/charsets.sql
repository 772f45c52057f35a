SELECT CASE WHEN charset <> {charset} OR collation = usual THEN charset END,
       CASE WHEN collation <> usual THEN collation END, fresh
FROM (SELECT DEFAULT_CHARACTER_SET_NAME AS charset, DEFAULT_COLLATION_NAME AS collation,
             COALESCE((SELECT MAX(COLLATION_NAME) FROM information_schema.COLLATIONS
                       WHERE CHARACTER_SET_NAME = DEFAULT_CHARACTER_SET_NAME AND IS_DEFAULT = 'Yes'), '') AS usual,
             COALESCE({collation}, (SELECT MAX(COLLATION_NAME) FROM information_schema.COLLATIONS
                                    WHERE CHARACTER_SET_NAME = {charset} AND IS_DEFAULT = 'Yes')) AS fresh
      FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = {database}) AS present
WHERE collation <> fresh
