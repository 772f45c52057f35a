CREATE TABLE customer (
    id integer PRIMARY KEY AUTOINCREMENT,
    name text NOT NULL COLLATE NOCASE,
    email text UNIQUE,
    discount numeric(5, 2) DEFAULT 0 CHECK (discount < 100),
    created text NOT NULL DEFAULT (strftime('%Y', 'now')),
    label text GENERATED ALWAYS AS (name || ' <' || email || '>') VIRTUAL
);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer integer NOT NULL REFERENCES customer (id) ON DELETE CASCADE,
    state text DEFAULT 'new',
    total real,
    CONSTRAINT positive CHECK (total >= 0),
    CONSTRAINT one_a_state UNIQUE (customer, state)
);
CREATE TABLE line (
    "order" integer NOT NULL,
    number integer NOT NULL,
    item text, -- what was bought
    PRIMARY KEY ("order", number),
    FOREIGN KEY ("order") REFERENCES orders (id) DEFERRABLE INITIALLY DEFERRED
) WITHOUT ROWID;
CREATE TABLE strict_one (a integer, b any) STRICT;
CREATE TABLE notes (body text, at text);
CREATE INDEX orders_total ON orders (total DESC) WHERE total > 10;
CREATE UNIQUE INDEX line_item ON line (item COLLATE NOCASE);
CREATE INDEX upper_name ON customer (upper(name), id);
CREATE VIEW totals (customer, total) AS
SELECT c.name, sum(o.total) FROM customer c JOIN orders o ON o.customer = c.id WHERE o.state <> 'new' GROUP BY c.name;
CREATE VIEW plain AS SELECT id FROM orders;
CREATE TRIGGER keep BEFORE DELETE ON orders WHEN old.total > 0 BEGIN
    SELECT raise(ABORT, 'it is paid');
END;
CREATE TRIGGER note AFTER UPDATE OF state ON orders FOR EACH ROW BEGIN
    INSERT INTO notes (body, at) VALUES (old.state || '; ' || new.state, 'now');
    DELETE FROM notes WHERE body IS NULL;
END;
CREATE TRIGGER into_totals INSTEAD OF INSERT ON totals BEGIN SELECT 1; END;
CREATE VIRTUAL TABLE search USING fts5(title, body);
CREATE TABLE named (a integer, CONSTRAINT c CHECK (a > 0));
CREATE TABLE counted (id integer PRIMARY KEY AUTOINCREMENT, state text DEFAULT 'new');
