---- tern: disable-tx ----
CREATE INDEX CONCURRENTLY ix_customers_email ON customers (email);

---- create above / drop below ----

DROP INDEX CONCURRENTLY ix_customers_email;
