DO $$ DECLARE names text; BEGIN
    SELECT string_agg(format('%I.%I', nspname, conname), ', ') INTO names
        FROM pg_catalog.pg_constraint JOIN pg_catalog.pg_namespace n ON n.oid = connamespace
        WHERE condeferrable AND NOT condeferred;
    SET CONSTRAINTS ALL DEFERRED;
    IF names IS NOT NULL THEN EXECUTE 'SET CONSTRAINTS ' || names || ' IMMEDIATE'; END IF;
END $$
