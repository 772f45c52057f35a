//! `upgrade --dry-run`.

use insta::assert_snapshot;

use crate::engine::mysql::{new_database, project_on};
use crate::project::ONE;

const AWKWARD: &str = "-- Awkward\nINSERT INTO customers VALUES (1, 'it''s; \\\\');\nDELIMITER $$\n\
    CREATE PROCEDURE p()\nBEGIN\n  SELECT 1; -- $\n  SELECT 2;\nEND$$\nDELIMITER ;\nCALL p(); -- twice\nSELECT 2";

#[test]
#[expect(clippy::too_many_lines, reason = "what is printed is long")]
fn the_sql_of_a_dry_run() {
    let database = new_database();
    let project = project_on(&database, &[ONE, AWKWARD, "INSERT INTO customers VALUES (2, 'b');\n"]);
    assert_snapshot!(project.run("upgrade --dry-run"), @r"
    exit 0
    --- stdout
    -- resumable, not atomic: Script-0001 (CREATE TABLE customers) and Script-0002 (CREATE PROCEDURE p) commit statement by statement; the rest in one transaction
    -- the journal
    CREATE TABLE `shop`.`dbmigrate_journal` (
        number          bigint PRIMARY KEY,
        script          varchar(255) NOT NULL,
        title           text,
        checksum        varchar(100) NOT NULL,
        state           varchar(20) NOT NULL,
        applied_at      datetime(3) NOT NULL,
        duration_ms     bigint NOT NULL,
        applied_by      text NOT NULL,
        run             varchar(36) NOT NULL,
        tool_version    varchar(100) NOT NULL,
        git_commit      varchar(100),
        statements_done integer,
        done_checksum   varchar(100),
        error           text,
        body            mediumtext,
        format          integer NOT NULL
    ) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

    -- migrations/Script-0001.sql
    UNLOCK TABLES;
    SET [settings], timestamp = DEFAULT, autocommit = 1;
    COMMIT;
    USE `shop`;
    START TRANSACTION;
    -- the journal
    INSERT INTO `shop`.`dbmigrate_journal` (number, script, title, checksum, state, applied_at, duration_ms, applied_by, run, tool_version, git_commit, statements_done, done_checksum, error, body, format) VALUES (1, 'Script-0001.sql', 'Customers', 'sha256:00199edd5d9c61fc7d61e9fa49bc0d4657294856b9fed3d1c5a71a936eebde17', 'started', UTC_TIMESTAMP(3), 0, 'root ([user@host])', '[uuid]', '[version]', NULL, NULL, NULL, NULL, '-- Customers
    CREATE TABLE customers (id integer PRIMARY KEY, name text);
    ', 2);
    -- Customers
    CREATE TABLE customers (id integer PRIMARY KEY, name text);
    START TRANSACTION;
    -- the journal
    UPDATE `shop`.`dbmigrate_journal` SET duration_ms = TIMESTAMPDIFF(MICROSECOND, applied_at, UTC_TIMESTAMP(6)) DIV 1000, number = 1, script = 'Script-0001.sql', title = 'Customers', checksum = 'sha256:00199edd5d9c61fc7d61e9fa49bc0d4657294856b9fed3d1c5a71a936eebde17', state = 'applied', applied_at = UTC_TIMESTAMP(3), applied_by = 'root ([user@host])', run = '[uuid]', tool_version = '[version]', git_commit = NULL, statements_done = 1, done_checksum = 'sha256:1e65f6f7c211b24e298c8c1988f16755ee351e34f4d773c591a18770b59764b2', error = NULL, format = 2 WHERE number = 1;
    SELECT duration_ms FROM `shop`.`dbmigrate_journal` WHERE number = 1;

    -- migrations/Script-0002.sql
    -- the journal
    INSERT INTO `shop`.`dbmigrate_journal` (number, script, title, checksum, state, applied_at, duration_ms, applied_by, run, tool_version, git_commit, statements_done, done_checksum, error, body, format) VALUES (2, 'Script-0002.sql', 'Awkward', 'sha256:557df9ddc150ef8fadd345b4ff1349a9731a7031e1607811be52c4c9dec997c2', 'paused', UTC_TIMESTAMP(3), 0, 'root ([user@host])', '[uuid]', '[version]', NULL, NULL, NULL, NULL, '-- Awkward
    INSERT INTO customers VALUES (1, ''it''''s; \\\\'');
    DELIMITER $$
    CREATE PROCEDURE p()
    BEGIN
      SELECT 1; -- $
      SELECT 2;
    END$$
    DELIMITER ;
    CALL p(); -- twice
    SELECT 2', 2);
    START TRANSACTION;
    -- Awkward
    INSERT INTO customers VALUES (1, 'it''s; \\');
    -- the journal
    UPDATE `shop`.`dbmigrate_journal` SET state = 'paused', statements_done = 1, done_checksum = 'sha256:2bd4d2fc74f5455f5b4492d679212a90f69640a8a7b857f4fb462afe14c1fdac' WHERE number = 2;
    COMMIT;
    START TRANSACTION;
    -- the journal
    UPDATE `shop`.`dbmigrate_journal` SET state = 'started' WHERE number = 2;
    COMMIT;
    DELIMITER $$
    CREATE PROCEDURE p()
    BEGIN
      SELECT 1; -- $
      SELECT 2;
    END
    $$
    DELIMITER ;
    START TRANSACTION;
    -- the journal
    UPDATE `shop`.`dbmigrate_journal` SET state = 'paused', statements_done = 2, done_checksum = 'sha256:16b3532c1702363cb929713ef2d9589a709e1b9ec0ebd8f7086c46383f42d920' WHERE number = 2;
    COMMIT;
    START TRANSACTION;
    -- the journal
    UPDATE `shop`.`dbmigrate_journal` SET state = 'started' WHERE number = 2;
    COMMIT;
    CALL p();
    START TRANSACTION;
    -- the journal
    UPDATE `shop`.`dbmigrate_journal` SET state = 'paused', statements_done = 3, done_checksum = 'sha256:50d3649267b96139211d63119ae5a66ef081b4ca35b3e104857fcfe91d320ef8' WHERE number = 2;
    COMMIT;
    START TRANSACTION;
     -- twice
    SELECT 2;
    -- the journal
    UPDATE `shop`.`dbmigrate_journal` SET state = 'paused', statements_done = 4, done_checksum = 'sha256:557df9ddc150ef8fadd345b4ff1349a9731a7031e1607811be52c4c9dec997c2' WHERE number = 2;
    COMMIT;
    UNLOCK TABLES;
    SET [settings], timestamp = DEFAULT, autocommit = 1;
    COMMIT;
    USE `shop`;
    DO LAST_INSERT_ID(0);
    START TRANSACTION;
    -- the journal
    UPDATE `shop`.`dbmigrate_journal` SET duration_ms = TIMESTAMPDIFF(MICROSECOND, applied_at, UTC_TIMESTAMP(6)) DIV 1000, number = 2, script = 'Script-0002.sql', title = 'Awkward', checksum = 'sha256:557df9ddc150ef8fadd345b4ff1349a9731a7031e1607811be52c4c9dec997c2', state = 'applied', applied_at = UTC_TIMESTAMP(3), applied_by = 'root ([user@host])', run = '[uuid]', tool_version = '[version]', git_commit = NULL, statements_done = 4, done_checksum = 'sha256:557df9ddc150ef8fadd345b4ff1349a9731a7031e1607811be52c4c9dec997c2', error = NULL, format = 2 WHERE number = 2;
    SELECT duration_ms FROM `shop`.`dbmigrate_journal` WHERE number = 2;
    COMMIT;
    -- in a new session
    UNLOCK TABLES;
    SET [settings], timestamp = DEFAULT, autocommit = 1;
    COMMIT;
    USE `shop`;

    -- migrations/Script-0003.sql
    START TRANSACTION;
    SAVEPOINT dbmigrate_transaction;
    SET @dbmigrate_begun = UTC_TIMESTAMP(6);
    INSERT INTO customers VALUES (2, 'b');
    SET [settings], timestamp = DEFAULT;
    USE `shop`;
    DO LAST_INSERT_ID(0);
    -- the journal
    INSERT INTO `shop`.`dbmigrate_journal` (number, script, title, checksum, state, applied_at, duration_ms, applied_by, run, tool_version, git_commit, statements_done, done_checksum, error, body, format) VALUES (3, 'Script-0003.sql', NULL, 'sha256:40fe3b0eed99aab94c9ec699dfa94fcf0f6919a434751405a67e5fb892b2cdf6', 'applied', UTC_TIMESTAMP(3), TIMESTAMPDIFF(MICROSECOND, @dbmigrate_begun, UTC_TIMESTAMP(6)) DIV 1000, 'root ([user@host])', '[uuid]', '[version]', NULL, NULL, NULL, NULL, 'INSERT INTO customers VALUES (2, ''b'');
    ', 2);
    SELECT duration_ms FROM `shop`.`dbmigrate_journal` WHERE number = 3;
    SET @dbmigrate_begun = UTC_TIMESTAMP(6);
    RELEASE SAVEPOINT dbmigrate_transaction;
    COMMIT;
    -- the schema is recorded beside the journal
    ");
    assert_eq!(database.ask("SHOW TABLES"), "");
}
