CREATE TABLE customers (
    id int AUTO_INCREMENT PRIMARY KEY, `odd; ``name``` varchar(200) DEFAULT 'a\\b''c', rank_ int CHECK (rank_ > 0),
    doubled int AS (rank_ * 2) STORED, tripled int AS (rank_ * 3) VIRTUAL, kind enum('new', 'it''s paid', 'sent; gone'),
    moods set('a', 'b'), document json, changed timestamp NULL DEFAULT '2025-01-01 00:00:00', UNIQUE (rank_)
) COMMENT 'What; people ''order'' \\ "here"';
INSERT INTO customers (`odd; ``name```, rank_, kind, moods, document) VALUES
    ('line\none\ttab \\ backslash', 1, 'new', 'a,b', '{"a": "b\\nc;"}'),
    ('a bare CR \r, a CRLF \r\n, a ''quote'' and a ";" and a \Z', 2, 'it''s paid', '', NULL),
    (NULL, NULL, NULL, NULL, NULL),
    ('ü 😀 -- no comment /* nor this', 3, 'sent; gone', 'b', '[]'),
    ('DELIMITER ;;\nDELIMITER ;', 4, 'new', 'a', '1');
CREATE TABLE orders (
    id int, customer int, placed date NOT NULL, price decimal(12, 2), amount double, PRIMARY KEY (id, placed),
    KEY by_customer (customer)
) PARTITION BY RANGE (year(placed)) (
    PARTITION p2025 VALUES LESS THAN (2026), PARTITION rest VALUES LESS THAN MAXVALUE);
INSERT INTO orders VALUES (1, 1, '2025-12-31', 1.25, 1e300), (2, 2, '2026-01-01', NULL, -0.1);
CREATE TABLE bytes (id int PRIMARY KEY, every_ blob, fixed binary(4), bits bit(9), place point);
INSERT INTO bytes VALUES
    (1, x'000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF', 'ab', b'100000001', ST_GeomFromText('POINT(1 2)')),
    (2, '', NULL, NULL, NULL),
    (3, NULL, NULL, NULL, NULL);
CREATE TABLE lines_of_orders (
    id int AUTO_INCREMENT PRIMARY KEY, customer int, FOREIGN KEY (customer) REFERENCES customers (id) ON DELETE CASCADE
) AUTO_INCREMENT = 500;
CREATE TABLE `empty; ``table``` (id int);
CREATE TABLE log (id int AUTO_INCREMENT PRIMARY KEY, said text, FULLTEXT (said));
INSERT INTO log (said) VALUES ('-- said'), ('/* said; */');

CREATE VIEW first_of_all AS SELECT total.id, total.n FROM (SELECT id, rank_ AS n FROM customers) AS total;
CREATE VIEW a_view_of_a_view AS SELECT id FROM first_of_all WHERE n > 1;
DELIMITER //
CREATE FUNCTION twice(n int) RETURNS int DETERMINISTIC COMMENT 'a; comment'
BEGIN
    -- a comment; with a semicolon
    IF n > 0 THEN RETURN n * 2; END IF;
    RETURN CASE WHEN n IS NULL THEN 0 ELSE -1 END;
END//
CREATE PROCEDURE nothing(IN a int, OUT b varchar(9))
l: BEGIN
    DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN SELECT 'caught;'; END;
    SET b = ';;';
    LEAVE l;
END//
CREATE TRIGGER customers_said AFTER INSERT ON customers FOR EACH ROW
BEGIN
    INSERT INTO log (said) VALUES (concat('new; ', NEW.id));
END//
CREATE TRIGGER customers_changed BEFORE UPDATE ON customers FOR EACH ROW SET NEW.changed = NULL//
CREATE EVENT clean ON SCHEDULE EVERY 1 YEAR STARTS '2035-01-01 00:00:00' DISABLE COMMENT 'a; comment' DO
BEGIN
    DELETE FROM log; DELETE FROM log;
END//
DELIMITER ;
