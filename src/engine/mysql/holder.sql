SELECT CONCAT('connection ', IS_USED_LOCK({lock}),
              COALESCE((SELECT CONCAT(', user ', user, ', host ', host, ', ', LOWER(command), ' for ', time, ' s')
                        FROM information_schema.processlist WHERE id = IS_USED_LOCK({lock})), ''))
