-- a publication's tables in another order
ALTER PUBLICATION filtered SET TABLES IN SCHEMA "Odd Name"; ALTER PUBLICATION filtered ADD TABLE public.customers WHERE (id IN (1, 2));
-- a publication's columns in another order
ALTER PUBLICATION cols SET TABLE public.customers (name, id);
