CREATE TABLE {table} (
    number          bigint NOT NULL PRIMARY KEY,
    script          nvarchar(255) NOT NULL,
    title           nvarchar(max) NULL,
    checksum        nvarchar(100) NOT NULL,
    state           nvarchar(20) NOT NULL,
    applied_at      datetime2(3) NOT NULL,
    duration_ms     bigint NOT NULL,
    applied_by      nvarchar(max) NOT NULL,
    run             nvarchar(36) NOT NULL,
    tool_version    nvarchar(100) NOT NULL,
    git_commit      nvarchar(100) NULL,
    statements_done int NULL,
    done_checksum   nvarchar(100) NULL,
    error           nvarchar(max) NULL,
    body            nvarchar(max) NULL,
    format          int NOT NULL
)
