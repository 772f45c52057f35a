-- the columns of newer versions are NULL on older ones
SELECT v.name, v.value FROM pg_catalog.pg_database d, to_jsonb(d) j, LATERAL (VALUES
    ('encoding', pg_encoding_to_char(d.encoding)),
    ('collation', coalesce(j ->> 'datlocale', j ->> 'daticulocale', d.datcollate::text)),
    ('character type', d.datctype::text),
    ('collation provider', j ->> 'datlocprovider')) v (name, value)
WHERE d.datname = current_database() AND v.value IS NOT NULL
