CREATE TABLE {table} (
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
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
