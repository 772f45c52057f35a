-- Full-text search over products

ALTER TABLE products
    ADD COLUMN search tsvector
    GENERATED ALWAYS AS (
        setweight(to_tsvector('english', name), 'A') ||
        setweight(to_tsvector('english', description), 'B')
    ) STORED;

CREATE INDEX products_search ON products USING gin (search);

CREATE FUNCTION search_products(p_query text, p_limit integer DEFAULT 20)
RETURNS TABLE (sku text, name text, rank real)
LANGUAGE sql STABLE AS $$
    SELECT p.sku, p.name, ts_rank(p.search, q)
      FROM products AS p, websearch_to_tsquery('english', p_query) AS q
     WHERE p.active
       AND p.search @@ q
     ORDER BY 3 DESC, 1
     LIMIT p_limit;
$$;
