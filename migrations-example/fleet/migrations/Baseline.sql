-- What every tenant had before
CREATE TABLE customer (id integer PRIMARY KEY, name text NOT NULL, email text NOT NULL);
