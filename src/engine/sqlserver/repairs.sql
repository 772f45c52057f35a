IF OBJECT_ID({literal}, N'U') IS NULL CREATE TABLE {table} (
    run             nvarchar(36) NOT NULL PRIMARY KEY,
    number          bigint NOT NULL,
    script          nvarchar(255) NOT NULL,
    action          nvarchar(20) NOT NULL,
    old_checksum    nvarchar(100) NOT NULL,
    new_checksum    nvarchar(100) NULL,
    old_state       nvarchar(20) NOT NULL,
    statements_done int NULL,
    reason          nvarchar(max) NOT NULL,
    repaired_at     datetime2(3) NOT NULL,
    repaired_by     nvarchar(max) NOT NULL,
    tool_version    nvarchar(100) NOT NULL,
    git_commit      nvarchar(100) NULL,
    old_body        nvarchar(max) NULL,
    format          int NOT NULL
)
