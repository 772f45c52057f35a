--liquibase formatted sql

--changeset ada:10-vacuum runInTransaction:false
VACUUM;
--rollback SELECT 1;
