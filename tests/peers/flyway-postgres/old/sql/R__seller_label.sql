DROP VIEW IF EXISTS seller_label;
CREATE VIEW seller_label AS SELECT '${seller}' AS seller;
