-- Full-text search over products

ALTER TABLE products ADD FULLTEXT KEY products_search (name, description);

DELIMITER //

CREATE PROCEDURE search_products(
    IN p_query VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    IN p_limit INT
)
READS SQL DATA
COMMENT 'the best match first; active products only'
BEGIN
    SELECT p.sku, p.name, MATCH (p.name, p.description) AGAINST (p_query) AS score
      FROM products AS p
     WHERE p.active
       AND MATCH (p.name, p.description) AGAINST (p_query)
     ORDER BY score DESC, p.sku
     LIMIT p_limit;
END //

DELIMITER ;
