DO $dbmigrate$ BEGIN IF to_regclass({literal}) IS NULL THEN CREATE TABLE {table} (
    run             text PRIMARY KEY,
    number          bigint NOT NULL,
    script          text NOT NULL,
    action          text NOT NULL,
    old_checksum    text NOT NULL,
    new_checksum    text,
    old_state       text NOT NULL,
    statements_done integer,
    reason          text NOT NULL,
    repaired_at     timestamptz NOT NULL,
    repaired_by     text NOT NULL,
    tool_version    text NOT NULL,
    git_commit      text,
    old_body        text,
    format          integer NOT NULL
); END IF; END $dbmigrate$
