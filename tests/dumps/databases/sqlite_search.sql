CREATE VIRTUAL TABLE search USING fts5 (title, body, tokenize = 'porter');
INSERT INTO search VALUES ('one; two', 'the cats'' song'), ('COMMIT;', 'dogs');
CREATE VIRTUAL TABLE places USING rtree (id, low, high);
INSERT INTO places VALUES (1, 0.5, 2);
