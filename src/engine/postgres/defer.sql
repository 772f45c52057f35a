DO $$ DECLARE names text; BEGIN
    SELECT string_agg(format('%I.%I', nspname, conname), ', ') INTO names
        FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_namespace n ON n.oid = connamespace
        WHERE condeferrable AND NOT condeferred
            AND has_schema_privilege(n.oid, 'USAGE') AND NOT pg_is_other_temp_schema(n.oid)
            -- SET CONSTRAINTS applies to all constraints of that name in the schema
            AND NOT EXISTS (
                SELECT FROM pg_catalog.pg_constraint other
                WHERE other.connamespace = n.oid AND other.conname = c.conname AND other.condeferred);
    SET CONSTRAINTS ALL DEFERRED;
    IF names IS NOT NULL THEN EXECUTE 'SET CONSTRAINTS ' || names || ' IMMEDIATE'; END IF;
END $$
