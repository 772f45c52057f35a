-- Search over products

SET ANSI_NULLS ON
GO
SET QUOTED_IDENTIFIER ON
GO

-- Each word that is found in the name counts twice. Rows are read one by one:
-- good for the few hundred products that we have.
CREATE FUNCTION dbo.search_products (@query nvarchar(200), @limit int = 20)
RETURNS TABLE
AS
RETURN (
    SELECT TOP (@limit) p.sku, p.name, SUM(w.points) AS score
      FROM dbo.products AS p
     CROSS APPLY (SELECT CASE WHEN CHARINDEX(s.value, p.name) > 0 THEN 2 ELSE 0 END
                       + CASE WHEN CHARINDEX(s.value, p.description) > 0 THEN 1 ELSE 0 END AS points
                    FROM STRING_SPLIT(@query, N' ') AS s
                   WHERE s.value <> N'') AS w
     WHERE p.active = 1
     GROUP BY p.sku, p.name
    HAVING SUM(w.points) > 0
     ORDER BY score DESC, p.sku
);
GO
