-- Country codes instead of country names in addresses

CREATE TABLE countries (
    code char(2) PRIMARY KEY,
    name text NOT NULL UNIQUE,
    eu   boolean NOT NULL DEFAULT true
);

INSERT INTO countries (code, name, eu) VALUES
    ('AT', 'Austria', true),
    ('CH', 'Switzerland', false),
    ('CI', 'Côte d''Ivoire', false),
    ('DE', 'Germany', true),
    ('FR', 'France', true),
    ('GB', 'United Kingdom', false),
    ('IE', 'Ireland', true),
    ('NL', 'Netherlands', true),
    ('PL', 'Poland', true);

ALTER TABLE addresses ADD COLUMN country_code char(2) REFERENCES countries (code);

UPDATE addresses
   SET country_code = c.code
  FROM countries AS c
 WHERE c.name = addresses.country;

UPDATE addresses SET country_code = 'DE' WHERE country IN ('Deutschland', 'BRD');
UPDATE addresses SET country_code = 'NL' WHERE country IN ('The Netherlands', 'Holland');

DO $$
DECLARE
    v_unknown text;
BEGIN
    SELECT string_agg(DISTINCT quote_literal(country), ', ') INTO v_unknown
      FROM addresses
     WHERE country_code IS NULL;

    IF v_unknown IS NOT NULL THEN
        RAISE EXCEPTION 'addresses with unknown countries: %', v_unknown
            USING HINT = 'Add them to countries, or to the updates in this script.';
    END IF;
END
$$;

ALTER TABLE addresses
    ALTER COLUMN country_code SET NOT NULL,
    DROP COLUMN country;

CREATE INDEX addresses_country ON addresses (country_code);
