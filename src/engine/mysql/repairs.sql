CREATE TABLE IF NOT EXISTS {table} (
    run             varchar(36) PRIMARY KEY,
    number          bigint NOT NULL,
    script          varchar(255) NOT NULL,
    action          varchar(20) NOT NULL,
    old_checksum    varchar(100) NOT NULL,
    new_checksum    varchar(100),
    old_state       varchar(20) NOT NULL,
    statements_done integer,
    reason          text NOT NULL,
    repaired_at     datetime(3) NOT NULL,
    repaired_by     text NOT NULL,
    tool_version    varchar(100) NOT NULL,
    git_commit      varchar(100),
    old_body        mediumtext,
    format          integer NOT NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
