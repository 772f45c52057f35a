-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY ix_customers_email ON customers (email);

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY ix_customers_email;
