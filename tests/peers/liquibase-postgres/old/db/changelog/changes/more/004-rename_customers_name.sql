--liquibase formatted sql

--changeset ada:9-rename-customers-name
ALTER TABLE customers RENAME COLUMN name TO full_name;
--rollback ALTER TABLE customers RENAME COLUMN full_name TO name;
