CREATE TABLE IF NOT EXISTS {table} (
    entry        varchar(100) PRIMARY KEY,
    object_path  text NOT NULL,
    checksum     varchar(100) NOT NULL,
    variables    text,
    names        text,
    place        bigint,
    state        varchar(100),
    applied_at   datetime(3),
    applied_by   text,
    run          varchar(36),
    git_commit   varchar(100),
    body         mediumtext,
    tool_version varchar(100) NOT NULL,
    format       integer NOT NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
