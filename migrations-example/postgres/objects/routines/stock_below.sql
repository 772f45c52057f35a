-- What to order again: products of which less than a minimum is in stock

CREATE OR REPLACE FUNCTION stock_below(minimum integer)
RETURNS TABLE (sku text, name text, in_stock bigint, sold bigint)
LANGUAGE sql STABLE AS $$
    SELECT p.sku, p.name, coalesce(sum(s.quantity), 0), t.quantity::bigint
      FROM products AS p
      JOIN product_sales AS t ON t.product_id = p.id
      LEFT JOIN stock AS s ON s.product_id = p.id
     WHERE p.active
     GROUP BY p.id, t.quantity
    HAVING coalesce(sum(s.quantity), 0) < minimum
     ORDER BY 3, 1
$$;
