CREATE TABLE customers (
  id int unsigned NOT NULL AUTO_INCREMENT COMMENT 'it''s the key',
  email varchar(190) NOT NULL,
  nick varchar(40) CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT 'n\\a',
  born date DEFAULT NULL,
  extra longtext,
  PRIMARY KEY (id),
  UNIQUE KEY uq_email (email),
  KEY ix_nick (nick(10) ) COMMENT 'by nick'
) ENGINE=InnoDB AUTO_INCREMENT=100 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='people';
CREATE TABLE orders (
  id bigint NOT NULL AUTO_INCREMENT,
  customer_id int unsigned,
  code char(8) NOT NULL DEFAULT 'x;y',
  qty int NOT NULL DEFAULT 1 CHECK (qty > 0),
  price decimal(10,2) NOT NULL DEFAULT 0.00,
  total decimal(12,2) GENERATED ALWAYS AS (qty * price) VIRTUAL,
  stored_total decimal(12,2) GENERATED ALWAYS AS (qty * price) STORED,
  state enum('new','paid','sent') NOT NULL DEFAULT 'new',
  flags set('a','b') DEFAULT NULL,
  body text,
  secret int DEFAULT 5 INVISIBLE,
  token varchar(36) DEFAULT (uuid()),
  made timestamp NOT NULL DEFAULT current_timestamp(),
  since timestamp NULL DEFAULT '2020-01-01 00:00:00',
  ending varchar(9) DEFAULT 'a b',
  touched datetime(3) DEFAULT NULL ON UPDATE current_timestamp(3),
  PRIMARY KEY (id),
  UNIQUE KEY uq_code (code, state),
  KEY ix_1 (customer_id, made DESC),
  KEY ix_qty (qty),
  FULLTEXT KEY ft_body (body),
  CONSTRAINT ck_price CHECK (price >= 0),
  CONSTRAINT fk_customer FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE SET NULL ON UPDATE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC STATS_PERSISTENT=1;
CREATE TABLE items (
  order_id bigint NOT NULL, line int NOT NULL, place point NOT NULL, doc json,
  PRIMARY KEY (order_id, line), SPATIAL KEY sp_place (place),
  CONSTRAINT fk_order FOREIGN KEY (order_id) REFERENCES orders (id)
) ENGINE=InnoDB;
CREATE TABLE measures (id int NOT NULL, at date NOT NULL, v double, PRIMARY KEY (id, at)) ENGINE=InnoDB
PARTITION BY RANGE (YEAR(at)) SUBPARTITION BY HASH (id) SUBPARTITIONS 2 (PARTITION p2023 VALUES LESS THAN (2024) COMMENT 'old', PARTITION p2024 VALUES LESS THAN (2025), PARTITION pmax VALUES LESS THAN MAXVALUE);
CREATE TABLE regions (id int NOT NULL PRIMARY KEY, r varchar(5)) PARTITION BY KEY (id) PARTITIONS 3;
CREATE TABLE zones (id int NOT NULL, z varchar(5) NOT NULL, PRIMARY KEY (id, z)) PARTITION BY LIST COLUMNS (z) (PARTITION pa VALUES IN ('a','b'), PARTITION pb VALUES IN ('c'));
CREATE TABLE memo (id int, k varchar(10), KEY ix_hash (k) USING HASH) ENGINE=MEMORY;
CREATE TABLE notes (id int, t text, KEY ix_t (t(20))) ENGINE=MyISAM MAX_ROWS=1000 CHECKSUM=1;
CREATE TABLE longs (id int, b text) ENGINE=InnoDB;
CREATE TABLE `odd name.x` (`a``b` int, `select` int, KEY `ix y` (`a``b`));
CREATE TABLE CaseT (id int PRIMARY KEY, a int, KEY ix_c (a));
CREATE TABLE caset (id int PRIMARY KEY, b int, KEY ix_c (b));
CREATE TABLE parents (id int PRIMARY KEY, name varchar(20), UNIQUE (name));
CREATE TABLE children (id int PRIMARY KEY, parent int, other int, CHECK (parent > id), FOREIGN KEY (parent) REFERENCES parents (id), FOREIGN KEY (other) REFERENCES parents (id) ON DELETE SET NULL, INDEX (other, id));
CREATE VIEW v_orders AS SELECT o.id, o.qty, c.email FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.qty > 1 ORDER BY o.id;
CREATE SQL SECURITY INVOKER VIEW v_paid (num, st) AS SELECT id, state FROM orders WHERE state = 'paid' WITH CASCADED CHECK OPTION;
CREATE ALGORITHM=TEMPTABLE VIEW v_sum AS SELECT customer_id, sum(qty) AS s, count(*) AS n FROM orders GROUP BY customer_id HAVING sum(qty) > 3;
CREATE VIEW v_on_view AS SELECT * FROM v_paid UNION ALL SELECT 1, 'a from b';
CREATE VIEW v_longs AS SELECT id, concat('x', b) AS xb FROM longs;
CREATE FUNCTION f_tax(p decimal(10,2), r varchar(5) CHARACTER SET latin1) RETURNS decimal(10,2) DETERMINISTIC NO SQL COMMENT 'tax' RETURN p * 1.2;
CREATE FUNCTION f_plain() RETURNS varchar(20) CHARSET utf8mb4 READS SQL DATA SQL SECURITY INVOKER RETURN 'a';
CREATE PROCEDURE p_fill(IN a int, OUT b int, INOUT c varchar(20)) MODIFIES SQL DATA INSERT INTO caset VALUES (a, 1);
CREATE PROCEDURE p_nothing() SELECT 1;
CREATE TRIGGER tr_bi BEFORE INSERT ON orders FOR EACH ROW SET NEW.qty = NEW.qty + 0;
CREATE TRIGGER tr_bi2 BEFORE INSERT ON orders FOR EACH ROW SET NEW.price = NEW.price + 0;
CREATE TRIGGER tr_au AFTER UPDATE ON orders FOR EACH ROW INSERT INTO caset VALUES (1, 1);
CREATE EVENT ev_night ON SCHEDULE EVERY 1 DAY STARTS '2031-01-01 03:00:00' ON COMPLETION PRESERVE DISABLE COMMENT 'nightly' DO DELETE FROM caset WHERE b = 0;
CREATE EVENT ev_once ON SCHEDULE AT '2035-05-05 05:05:00' DO DELETE FROM caset;
DO SLEEP(IF(SECOND(NOW()) IN (59, 0), 2, 0));
CREATE EVENT ev_implicit ON SCHEDULE EVERY 90 SECOND DISABLE DO DELETE FROM caset WHERE b = 1;
INSERT INTO customers (email) VALUES ('a@b');
