-- Product attributes as JSON

ALTER TABLE products
    ADD COLUMN attributes jsonb NOT NULL DEFAULT '{}'
    CHECK (jsonb_typeof(attributes) = 'object');

-- The colour was part of the description: 'Steel burrs, colour: black.'
UPDATE products
   SET attributes  = attributes || jsonb_build_object('colour', substring(description FROM 'colour: (\w+)')),
       description = regexp_replace(description, ', colour: \w+', '')
 WHERE description ~ 'colour: \w+';

-- The weight is part of the SKU.
UPDATE products
   SET attributes = attributes || jsonb_build_object(
           'weight_g',
           CASE
               WHEN sku LIKE '%-1K' THEN 1000
               ELSE right(sku, 3)::integer
           END)
 WHERE sku LIKE 'COF-%' OR sku LIKE 'TEA-%';

UPDATE products
   SET attributes = attributes || '{"origin": "Ethiopia", "tags": ["floral", "single origin"]}'
 WHERE sku LIKE 'COF-ETH-%';

CREATE INDEX products_attributes ON products USING gin (attributes jsonb_path_ops);
