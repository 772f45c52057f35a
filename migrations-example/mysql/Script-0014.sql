-- Product attributes as JSON

-- The colour was part of the description: 'Steel burrs, colour: black.' The
-- assignments are made from left to right: the description goes last.
UPDATE products
   SET attributes  = JSON_SET(attributes, '$.colour',
                              TRIM(TRAILING '.' FROM SUBSTRING_INDEX(description, 'colour: ', -1))),
       description = CONCAT(TRIM(TRAILING ', ' FROM SUBSTRING_INDEX(description, 'colour: ', 1)), '.')
 WHERE description LIKE '%colour: %';

-- The weight is part of the SKU.
UPDATE products
   SET attributes = JSON_SET(attributes, '$.weight_g',
                             CASE
                                 WHEN sku LIKE '%-1K' THEN 1000
                                 ELSE CAST(RIGHT(sku, 3) AS UNSIGNED)
                             END)
 WHERE sku LIKE 'COF-%' OR sku LIKE 'TEA-%';

UPDATE products
   SET attributes = JSON_SET(attributes, '$.origin', 'Ethiopia', '$.tags', JSON_ARRAY('floral', 'single origin'))
 WHERE sku LIKE 'COF-ETH-%';
