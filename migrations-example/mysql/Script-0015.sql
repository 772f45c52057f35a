-- Country codes instead of country names in addresses

CREATE TABLE countries (
    code CHAR(2) NOT NULL PRIMARY KEY,
    name VARCHAR(100) NOT NULL UNIQUE,
    eu   BOOLEAN NOT NULL DEFAULT TRUE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

INSERT INTO countries (code, name, eu) VALUES
    ('AT', 'Austria', TRUE),
    ('CH', 'Switzerland', FALSE),
    ('CI', 'Côte d\'Ivoire', FALSE),
    ('DE', 'Germany', TRUE),
    ('FR', 'France', TRUE),
    ('GB', 'United Kingdom', FALSE),
    ('IE', 'Ireland', TRUE),
    ('NL', 'Netherlands', TRUE),
    ('PL', 'Poland', TRUE);

ALTER TABLE addresses
    ADD COLUMN country_code CHAR(2) NULL,
    ADD KEY addresses_country (country_code),
    ADD CONSTRAINT addresses_country_fk FOREIGN KEY (country_code) REFERENCES countries (code);

UPDATE addresses
  JOIN countries AS c ON c.name = addresses.country
   SET addresses.country_code = c.code;

UPDATE addresses SET country_code = 'DE' WHERE country IN ('Deutschland', 'BRD');
UPDATE addresses SET country_code = 'NL' WHERE country IN ('The Netherlands', 'Holland');

-- Stop here when a name was not understood.
DELIMITER //
CREATE PROCEDURE refuse_unknown_countries()
READS SQL DATA
BEGIN
    DECLARE v_message VARCHAR(128) CHARACTER SET utf8mb4;

    SELECT LEFT(CONCAT('addresses with unknown countries: ', GROUP_CONCAT(DISTINCT QUOTE(country) SEPARATOR ', ')), 128)
      INTO v_message
      FROM addresses
     WHERE country_code IS NULL;

    IF v_message IS NOT NULL THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = v_message;
    END IF;
END //
DELIMITER ;

CALL refuse_unknown_countries();
DROP PROCEDURE refuse_unknown_countries;

ALTER TABLE addresses
    MODIFY COLUMN country_code CHAR(2) NOT NULL,
    DROP COLUMN country;
