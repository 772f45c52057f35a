-- a unique constraint treats NULLs alike => changed unique "Odd Name"."Odd Table"."Odd Table_Odd Column_key"
ALTER TABLE "Odd Name"."Odd Table" DROP CONSTRAINT "Odd Table_Odd Column_key", ADD UNIQUE NULLS NOT DISTINCT ("Odd Column");
-- a unique constraint tells NULLs apart => changed unique app.nulls.nulls_ab
ALTER TABLE app.nulls DROP CONSTRAINT nulls_ab, ADD CONSTRAINT nulls_ab UNIQUE (a, b);
-- a unique index tells NULLs apart => changed index app.nulls_b
DROP INDEX app.nulls_b; CREATE UNIQUE INDEX nulls_b ON app.nulls (b);
-- a foreign key sets all columns to NULL => changed foreign key app.settled.settled_up
ALTER TABLE app.settled DROP CONSTRAINT settled_up, ADD CONSTRAINT settled_up FOREIGN KEY (a, up) REFERENCES app.settled (a, b) ON DELETE SET NULL;
-- a view reads with the rights of its owner => changed view app.invoker
ALTER VIEW app.invoker SET (security_invoker = false);
-- a publication loses its schema => changed publication filtered
ALTER PUBLICATION filtered DROP TABLES IN SCHEMA "Odd Name";
-- a publication's filter => changed publication filtered
ALTER PUBLICATION filtered SET TABLE public.customers WHERE (id = 3), TABLES IN SCHEMA "Odd Name";
-- a publication has no filter => changed publication filtered
ALTER PUBLICATION filtered SET TABLE public.customers, TABLES IN SCHEMA "Odd Name";
-- a publication has other columns => changed publication cols
ALTER PUBLICATION cols SET TABLE public.customers (id);
-- a sequence becomes logged => changed sequence app.unlogged
ALTER SEQUENCE app.unlogged SET LOGGED;
-- a table's access is by another method => changed table app.self
CREATE ACCESS METHOD other TYPE TABLE HANDLER heap_tableam_handler; ALTER TABLE app.self SET ACCESS METHOD other;
