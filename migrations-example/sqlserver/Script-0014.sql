-- Product attributes as JSON

ALTER TABLE dbo.products ADD
    attributes nvarchar(max) NOT NULL
    CONSTRAINT DF_products_attributes DEFAULT (N'{}')
    CONSTRAINT CK_products_attributes CHECK (ISJSON(attributes) = 1);
GO

-- The colour was part of the description: 'Steel burrs, colour: black.'
UPDATE dbo.products
   SET attributes  = JSON_MODIFY(attributes, '$.colour',
                         REPLACE(SUBSTRING(description, CHARINDEX(N', colour: ', description) + 10, 40), N'.', N'')),
       description = STUFF(description, CHARINDEX(N', colour: ', description), 100, N'.')
 WHERE description LIKE N'%, colour: %';

-- The weight is part of the SKU.
UPDATE dbo.products
   SET attributes = JSON_MODIFY(attributes, '$.weight_g',
                        CAST(CASE WHEN sku LIKE N'%-1K' THEN N'1000' ELSE RIGHT(sku, 3) END AS int))
 WHERE sku LIKE N'COF-%' OR sku LIKE N'TEA-%';

UPDATE dbo.products
   SET attributes = JSON_MODIFY(JSON_MODIFY(attributes, '$.origin', N'Ethiopia'),
                                '$.tags', JSON_QUERY(N'["floral", "single origin"]'))
 WHERE sku LIKE N'COF-ETH-%';
GO

ALTER TABLE dbo.products ADD colour AS CAST(JSON_VALUE(attributes, '$.colour') AS nvarchar(40));
GO

CREATE INDEX IX_products_colour ON dbo.products (colour) INCLUDE (sku, name);
GO
