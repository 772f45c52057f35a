CREATE TABLE IF NOT EXISTS {table} (
    entry            varchar(100) PRIMARY KEY,
    kind             varchar(100) NOT NULL,
    name             text,
    parent           text,
    place            bigint,
    definition       mediumtext,
    owner            text,
    grants           mediumtext,
    invented         smallint,
    hash             varchar(100) NOT NULL,
    run              varchar(36) NOT NULL,
    recorded_at      datetime(3),
    recorded_by      text,
    journal_position varchar(100),
    tool_version     varchar(100) NOT NULL,
    format           integer NOT NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
