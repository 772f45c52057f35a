-- a table is added => added table extra
CREATE TABLE extra (a integer);
-- a table is dropped with all that belongs to it => removed table line
DROP TABLE line;
-- a table has a new name => removed table notes; added table remarks
DROP TRIGGER note;
ALTER TABLE notes RENAME TO remarks;
CREATE TRIGGER note AFTER UPDATE OF state ON orders FOR EACH ROW BEGIN
    INSERT INTO notes (body, at) VALUES (old.state || '; ' || new.state, 'now');
    DELETE FROM notes WHERE body IS NULL;
END;
-- a column is added => added column notes.author
ALTER TABLE notes ADD COLUMN author text;
-- a column is dropped => removed column strict_one.b
ALTER TABLE strict_one DROP COLUMN b;
-- a column has a new name => removed column strict_one.b; added column strict_one.c
ALTER TABLE strict_one RENAME COLUMN b TO c;
-- only the case of a column's name differs => removed column strict_one.b; added column strict_one.B
ALTER TABLE strict_one RENAME COLUMN b TO B;
-- a column has another type => changed column notes.body
DROP TABLE notes;
CREATE TABLE notes (body blob, at text);
-- a column has a length => changed column notes.body
DROP TABLE notes;
CREATE TABLE notes (body text(10), at text);
-- a column becomes NOT NULL => changed column notes.at
DROP TABLE notes;
CREATE TABLE notes (body text, at text NOT NULL);
-- a column gets a default => changed column notes.at
DROP TABLE notes;
CREATE TABLE notes (body text, at text DEFAULT CURRENT_TIMESTAMP);
-- a column gets a collation => changed column notes.body
DROP TABLE notes;
CREATE TABLE notes (body text COLLATE RTRIM, at text);
-- a column is generated => changed column notes.at
DROP TABLE notes;
CREATE TABLE notes (body text, at text AS (body || 'x') STORED);
-- the columns stand in another order => order table notes
DROP TABLE notes;
CREATE TABLE notes (at text, body text);
-- a table becomes strict => changed table notes
DROP TABLE notes;
CREATE TABLE notes (body text, at text) STRICT;
-- a table loses STRICT => changed table strict_one
DROP TABLE strict_one;
CREATE TABLE strict_one (a integer, b any);
-- a table loses WITHOUT ROWID => changed table line
DROP TABLE line;
CREATE TABLE line ("order" integer NOT NULL, number integer NOT NULL, item text, PRIMARY KEY ("order", number),
    FOREIGN KEY ("order") REFERENCES orders (id) DEFERRABLE INITIALLY DEFERRED);
CREATE UNIQUE INDEX line_item ON line (item COLLATE NOCASE);
-- a table gets a primary key => added primary key notes.PRIMARY KEY (at)
DROP TABLE notes;
CREATE TABLE notes (body text, at text PRIMARY KEY);
-- the columns of a primary key stand in another order => added primary key line.PRIMARY KEY (number, "order"); removed primary key line.PRIMARY KEY ("order", number)
DROP TABLE line;
CREATE TABLE line ("order" integer NOT NULL, number integer NOT NULL, item text, PRIMARY KEY (number, "order"),
    FOREIGN KEY ("order") REFERENCES orders (id) DEFERRABLE INITIALLY DEFERRED) WITHOUT ROWID;
CREATE UNIQUE INDEX line_item ON line (item COLLATE NOCASE);
-- a column no longer counts up => added primary key counted.PRIMARY KEY (id); removed primary key counted.PRIMARY KEY (id AUTOINCREMENT)
DROP TABLE counted;
CREATE TABLE counted (id integer PRIMARY KEY, state text DEFAULT 'new');
-- a default is another one => changed column counted.state
DROP TABLE counted;
CREATE TABLE counted (id integer PRIMARY KEY AUTOINCREMENT, state text DEFAULT 'old');
-- a default is gone => changed column counted.state
DROP TABLE counted;
CREATE TABLE counted (id integer PRIMARY KEY AUTOINCREMENT, state text);
-- the key is no longer the number of the row => added primary key counted.id PRIMARY KEY DESC; removed primary key counted.PRIMARY KEY (id AUTOINCREMENT)
DROP TABLE counted;
CREATE TABLE counted (id integer PRIMARY KEY DESC, state text DEFAULT 'new');
-- a unique constraint is added => added unique notes.UNIQUE (body)
DROP TABLE notes;
CREATE TABLE notes (body text UNIQUE, at text);
-- a conflict is resolved otherwise => added unique notes.UNIQUE (body) ON CONFLICT REPLACE
DROP TABLE notes;
CREATE TABLE notes (body text UNIQUE ON CONFLICT REPLACE, at text);
-- a check is added => added check notes.CHECK (length(body) > 1)
DROP TABLE notes;
CREATE TABLE notes (body text CHECK (length(body) > 1), at text);
-- a foreign key is added => added foreign key notes.FOREIGN KEY (body) REFERENCES customer(email)
DROP TABLE notes;
CREATE TABLE notes (body text REFERENCES customer (email), at text);
-- a foreign key does something else at a deletion => added foreign key line.FOREIGN KEY ("order") REFERENCES orders(id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED; removed foreign key line.FOREIGN KEY ("order") REFERENCES orders(id) DEFERRABLE INITIALLY DEFERRED
DROP TABLE line;
CREATE TABLE line ("order" integer NOT NULL, number integer NOT NULL, item text, PRIMARY KEY ("order", number),
    FOREIGN KEY ("order") REFERENCES orders (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED) WITHOUT ROWID;
CREATE UNIQUE INDEX line_item ON line (item COLLATE NOCASE);
-- a foreign key is no longer deferred => added foreign key line.FOREIGN KEY ("order") REFERENCES orders(id); removed foreign key line.FOREIGN KEY ("order") REFERENCES orders(id) DEFERRABLE INITIALLY DEFERRED
DROP TABLE line;
CREATE TABLE line ("order" integer NOT NULL, number integer NOT NULL, item text, PRIMARY KEY ("order", number),
    FOREIGN KEY ("order") REFERENCES orders (id)) WITHOUT ROWID;
CREATE UNIQUE INDEX line_item ON line (item COLLATE NOCASE);
-- a constraint with a name changes => changed check named.c
ALTER TABLE named RENAME TO old;
CREATE TABLE named (a integer, CONSTRAINT c CHECK (a > 1));
DROP TABLE old;
-- a constraint has another name => removed check named.c; added check named.d
DROP TABLE named;
CREATE TABLE named (a integer, CONSTRAINT d CHECK (a > 0));
-- a constraint loses its name => removed check named.c; added check named.CHECK (a > 0)
DROP TABLE named;
CREATE TABLE named (a integer CHECK (a > 0));
-- an index is added => added index notes.notes_at
CREATE INDEX notes_at ON notes (at);
-- an index is dropped => removed index orders.orders_total
DROP INDEX orders_total;
-- an index is on another column => changed index orders.orders_total
DROP INDEX orders_total;
CREATE INDEX orders_total ON orders (state DESC) WHERE total > 10;
-- an index loses its direction => changed index orders.orders_total
DROP INDEX orders_total;
CREATE INDEX orders_total ON orders (total) WHERE total > 10;
-- an index has another condition => changed index orders.orders_total
DROP INDEX orders_total;
CREATE INDEX orders_total ON orders (total DESC) WHERE total > 11;
-- an index is no longer unique => changed index line.line_item
DROP INDEX line_item;
CREATE INDEX line_item ON line (item COLLATE NOCASE);
-- an index has another collation => changed index line.line_item
DROP INDEX line_item;
CREATE UNIQUE INDEX line_item ON line (item);
-- an index is on another expression => changed index customer.upper_name
DROP INDEX upper_name;
CREATE INDEX upper_name ON customer (lower(name), id);
-- a view is added => added view more
CREATE VIEW more AS SELECT 1 AS a;
-- a view is dropped with its triggers => removed view totals
DROP VIEW totals;
-- a view selects something else => changed view plain
DROP VIEW plain;
CREATE VIEW plain AS SELECT id, state FROM orders;
-- a string in a view has another case => changed view plain
DROP VIEW plain;
CREATE VIEW plain AS SELECT 'A' AS id FROM orders;
-- a trigger is added => added trigger notes.more
CREATE TRIGGER more AFTER DELETE ON notes BEGIN SELECT 1; END;
-- a trigger is dropped => removed trigger orders.keep
DROP TRIGGER keep;
-- a trigger runs at another time => changed trigger orders.keep
DROP TRIGGER keep;
CREATE TRIGGER keep AFTER DELETE ON orders WHEN old.total > 0 BEGIN SELECT raise(ABORT, 'it is paid'); END;
-- a trigger has another condition => changed trigger orders.keep
DROP TRIGGER keep;
CREATE TRIGGER keep BEFORE DELETE ON orders WHEN old.total > 1 BEGIN SELECT raise(ABORT, 'it is paid'); END;
-- a trigger does something else => changed trigger orders.keep
DROP TRIGGER keep;
CREATE TRIGGER keep BEFORE DELETE ON orders WHEN old.total > 0 BEGIN SELECT raise(FAIL, 'it is paid'); END;
-- a trigger is for other columns => changed trigger orders.note
DROP TRIGGER note;
CREATE TRIGGER note AFTER UPDATE OF state, total ON orders FOR EACH ROW BEGIN
    INSERT INTO notes (body, at) VALUES (old.state || '; ' || new.state, 'now');
    DELETE FROM notes WHERE body IS NULL;
END;
-- a virtual table has another column => changed virtual table search
DROP TABLE search;
CREATE VIRTUAL TABLE search USING fts5(title, body, author);
-- a virtual table uses another module => changed virtual table search
DROP TABLE search;
CREATE VIRTUAL TABLE search USING fts4(title, body);
