IF OBJECT_ID({literal}, N'U') IS NULL CREATE TABLE {table} (
    entry            nvarchar(100) NOT NULL PRIMARY KEY,
    kind             nvarchar(100) NOT NULL,
    name             nvarchar(max) NULL,
    parent           nvarchar(max) NULL,
    place            bigint NULL,
    definition       nvarchar(max) NULL,
    owner            nvarchar(max) NULL,
    grants           nvarchar(max) NULL,
    invented         smallint NULL,
    hash             nvarchar(100) NOT NULL,
    run              nvarchar(36) NOT NULL,
    recorded_at      datetime2(3) NULL,
    recorded_by      nvarchar(max) NULL,
    journal_position nvarchar(100) NULL,
    tool_version     nvarchar(100) NOT NULL,
    format           int NOT NULL
)
