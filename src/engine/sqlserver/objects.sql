IF OBJECT_ID({literal}, N'U') IS NULL CREATE TABLE {table} (
    entry        nvarchar(100) NOT NULL PRIMARY KEY,
    object_path  nvarchar(max) NOT NULL,
    checksum     nvarchar(100) NOT NULL,
    variables    nvarchar(max) NULL,
    names        nvarchar(max) NULL,
    place        bigint NULL,
    state        nvarchar(100) NULL,
    applied_at   datetime2(3) NULL,
    applied_by   nvarchar(max) NULL,
    run          nvarchar(36) NULL,
    git_commit   nvarchar(100) NULL,
    body         nvarchar(max) NULL,
    tool_version nvarchar(100) NOT NULL,
    format       int NOT NULL
)
