SELECT CASE WHEN elastic_pool_name IS NULL THEN CONCAT('SERVICE_OBJECTIVE = ''', service_objective, '''')
            ELSE CONCAT('SERVICE_OBJECTIVE = ELASTIC_POOL (name = ', QUOTENAME(elastic_pool_name), ')') END
FROM sys.database_service_objectives WHERE database_id = DB_ID({name})
