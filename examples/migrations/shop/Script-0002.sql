-- The first items
INSERT INTO item (name, price) VALUES ('apple', 0.50), ('bread', 3.20);
