SELECT EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema = {database} AND table_name NOT IN ({table}, {beside}))
    OR EXISTS (SELECT 1 FROM information_schema.routines WHERE routine_schema = {database})
    OR EXISTS (SELECT 1 FROM information_schema.events WHERE event_schema = {database})
