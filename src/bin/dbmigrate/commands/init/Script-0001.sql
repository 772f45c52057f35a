-- Customers
--
-- An example: write your own first change here. Each change is a script of its own, and `dbmigrate new` creates the next
-- one. The first line of its comment is its title. A script that has been applied never changes again.
CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL);
