ALTER TABLE orders ADD KEY ix_hidden (state) INVISIBLE;
CREATE TABLE shapes (
  id int NOT NULL AUTO_INCREMENT,
  place point NOT NULL SRID 4326,
  doc json DEFAULT (json_array(1, 'a')),
  word varchar(30) DEFAULT (concat('it''s ', 'a;b')),
  number int DEFAULT ((1 + 2)),
  low varchar(30) GENERATED ALWAYS AS (lower(word)) VIRTUAL INVISIBLE,
  kind varchar(10) CHARACTER SET latin1,
  PRIMARY KEY (id DESC),
  KEY ix_low ((lower(word)), number DESC),
  KEY ix_tags ((cast(doc->'$[*]' as unsigned array))),
  KEY ((number * 2)),
  SPATIAL KEY sp_shape (place),
  CONSTRAINT ck_word CHECK (word <> 'it''s bad') NOT ENFORCED,
  CONSTRAINT ck_kind CHECK (kind IN ('a', 'b''c')),
  CHECK (number > 0)
) ENGINE=InnoDB;
SET sql_generate_invisible_primary_key = 1;
CREATE TABLE unkeyed (a int, b bit(3) DEFAULT b'101', c varbinary(5) DEFAULT 0x4100, d year);
SET sql_generate_invisible_primary_key = 0;
CREATE TABLE later (id int PRIMARY KEY, at_time timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, t text DEFAULT (_utf8mb4'x')) ENCRYPTION='N' MAX_ROWS=10 AVG_ROW_LENGTH=20;
CREATE TABLE parts (id int NOT NULL, at_day datetime NOT NULL) PARTITION BY RANGE COLUMNS (at_day, id) (PARTITION p0 VALUES LESS THAN ('2024-01-01', 5), PARTITION p1 VALUES LESS THAN (MAXVALUE, MAXVALUE));
