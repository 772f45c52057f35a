-- Country codes instead of country names in addresses

CREATE TABLE countries (
    code TEXT PRIMARY KEY CHECK (length(code) = 2),
    name TEXT NOT NULL UNIQUE,
    eu   INTEGER NOT NULL DEFAULT 1
) WITHOUT ROWID;

INSERT INTO countries (code, name, eu) VALUES
    ('AT', 'Austria', 1),
    ('CH', 'Switzerland', 0),
    ('CI', 'Côte d''Ivoire', 0),
    ('DE', 'Germany', 1),
    ('FR', 'France', 1),
    ('GB', 'United Kingdom', 0),
    ('IE', 'Ireland', 1),
    ('NL', 'Netherlands', 1),
    ('PL', 'Poland', 1);

ALTER TABLE addresses ADD COLUMN country_code TEXT REFERENCES countries (code);

UPDATE addresses
   SET country_code = (SELECT code FROM countries WHERE name = addresses.country);

UPDATE addresses SET country_code = 'DE' WHERE country IN ('Deutschland', 'BRD');
UPDATE addresses SET country_code = 'NL' WHERE country IN ('The Netherlands', 'Holland');

-- Stop here when a name was not understood: the CHECK refuses the row.
CREATE TABLE unknown_countries (
    address_id INTEGER,
    country    TEXT CHECK (country IS NULL)
);
INSERT INTO unknown_countries (address_id, country)
SELECT id, country FROM addresses WHERE country_code IS NULL;
DROP TABLE unknown_countries;

ALTER TABLE addresses DROP COLUMN country;
CREATE INDEX addresses_country ON addresses (country_code);
