--liquibase formatted sql

--changeset ada:10-index-customers-email runInTransaction:false
CREATE INDEX CONCURRENTLY ix_customers_email ON customers (email);
--rollback DROP INDEX CONCURRENTLY ix_customers_email;
