-- Full-text search over products

CREATE VIRTUAL TABLE product_search USING fts5 (
    name,
    description,
    content = 'products',
    content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2'
);

INSERT INTO product_search (product_search) VALUES ('rebuild');

CREATE TRIGGER products_search_insert AFTER INSERT ON products
BEGIN
    INSERT INTO product_search (rowid, name, description)
    VALUES (NEW.id, NEW.name, NEW.description);
END;

CREATE TRIGGER products_search_delete AFTER DELETE ON products
BEGIN
    INSERT INTO product_search (product_search, rowid, name, description)
    VALUES ('delete', OLD.id, OLD.name, OLD.description);
END;

CREATE TRIGGER products_search_update AFTER UPDATE OF name, description ON products
BEGIN
    INSERT INTO product_search (product_search, rowid, name, description)
    VALUES ('delete', OLD.id, OLD.name, OLD.description);
    INSERT INTO product_search (rowid, name, description)
    VALUES (NEW.id, NEW.name, NEW.description);
END;
