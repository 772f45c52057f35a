SELECT CASE WHEN EXISTS (SELECT 1 FROM sys.objects
                         WHERE is_ms_shipped = 0{schemas} AND parent_object_id = 0 AND object_id NOT IN (ISNULL(OBJECT_ID({table}), 0), ISNULL(OBJECT_ID({repairs}), 0), ISNULL(OBJECT_ID({schema}), 0))
                           AND name NOT IN ('sysdiagrams', 'fn_diagramobjects', 'sp_alterdiagram', 'sp_creatediagram',
                                            'sp_dropdiagram', 'sp_helpdiagramdefinition', 'sp_helpdiagrams',
                                            'sp_renamediagram', 'sp_upgraddiagrams'))
              OR EXISTS (SELECT 1 FROM sys.types WHERE is_user_defined = 1{schemas})
            THEN 1 ELSE 0 END
