CREATE PUBLICATION cols FOR TABLE public.customers (id, name);
CREATE PUBLICATION filtered FOR TABLE public.customers WHERE (id IN (1, 2)), TABLES IN SCHEMA "Odd Name" WITH (publish = 'insert');
CREATE TABLE app.nulls (a int, b int, CONSTRAINT nulls_ab UNIQUE NULLS NOT DISTINCT (a, b)); CREATE UNIQUE INDEX nulls_b ON app.nulls (b) NULLS NOT DISTINCT;
CREATE TABLE app.settled (a int, b int, up int, UNIQUE (a, b), CONSTRAINT settled_up FOREIGN KEY (a, up) REFERENCES app.settled (a, b) ON DELETE SET NULL (up));
CREATE VIEW app.invoker WITH (security_invoker) AS SELECT id FROM public.customers;
CREATE UNLOGGED SEQUENCE app.unlogged;
