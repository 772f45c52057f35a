-- Find a customer's latest orders through an index
-- dbmigrate: no-transaction
--
-- Orders are written all day, so the index is built without blocking them.
-- A build that was interrupted leaves an invalid index behind: remove it first.

DROP INDEX CONCURRENTLY IF EXISTS orders_customer_placed;

CREATE INDEX CONCURRENTLY orders_customer_placed ON orders (customer_id, placed_at DESC);
