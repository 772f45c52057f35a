-- Product attributes as JSON

ALTER TABLE products
    ADD COLUMN attributes TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(attributes));

-- The colour was part of the description: 'Steel burrs, colour: black.'
UPDATE products
   SET attributes  = json_set(attributes, '$.colour',
                              rtrim(substr(description, instr(description, 'colour: ') + 8), '.')),
       description = rtrim(substr(description, 1, instr(description, 'colour: ') - 1), ', ') || '.'
 WHERE description LIKE '%colour: %';

-- The weight is part of the SKU.
UPDATE products
   SET attributes = json_set(attributes, '$.weight_g',
                             CASE
                                 WHEN sku LIKE '%-1K' THEN 1000
                                 ELSE CAST(substr(sku, -3) AS INTEGER)
                             END)
 WHERE sku LIKE 'COF-%' OR sku LIKE 'TEA-%';

UPDATE products
   SET attributes = json_set(attributes, '$.origin', 'Ethiopia', '$.tags', json('["floral", "single origin"]'))
 WHERE sku LIKE 'COF-ETH-%';

ALTER TABLE products
    ADD COLUMN colour TEXT GENERATED ALWAYS AS (json_extract(attributes, '$.colour')) VIRTUAL;
CREATE INDEX products_colour ON products (colour) WHERE colour IS NOT NULL;
