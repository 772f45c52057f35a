--liquibase formatted sql

--changeset ada:13-note-on-orders
ALTER TABLE orders ADD COLUMN note TEXT;
CREATE UNIQUE INDEX ux_customers_email ON customers (email) WHERE email IS NOT NULL;
--rollback DROP INDEX ux_customers_email;
--rollback ALTER TABLE orders DROP COLUMN note;
