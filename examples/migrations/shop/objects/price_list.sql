-- What the shop sells
DROP VIEW IF EXISTS price_list;
CREATE VIEW price_list AS
SELECT name || ' ' || price AS line FROM item;
