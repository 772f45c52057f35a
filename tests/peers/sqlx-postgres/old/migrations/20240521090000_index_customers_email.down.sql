-- no-transaction
DROP INDEX CONCURRENTLY ix_customers_email;
