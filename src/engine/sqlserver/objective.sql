SELECT CASE WHEN objective.elastic_pool_name IS NULL
            THEN CONCAT('SERVICE_OBJECTIVE = ''', objective.service_objective, '''')
            ELSE CONCAT('SERVICE_OBJECTIVE = ELASTIC_POOL (name = ', QUOTENAME(objective.elastic_pool_name), ')') END
FROM sys.database_service_objectives AS objective JOIN sys.databases AS own ON own.database_id = objective.database_id
WHERE own.name = {name}
