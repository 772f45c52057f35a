CREATE TABLE IF NOT EXISTS {table} (
    entry        TEXT PRIMARY KEY,
    object_path  TEXT NOT NULL,
    checksum     TEXT NOT NULL,
    variables    TEXT,
    names        TEXT,
    place        INTEGER,
    state        TEXT,
    applied_at   TEXT,
    applied_by   TEXT,
    run          TEXT,
    git_commit   TEXT,
    body         TEXT,
    tool_version TEXT NOT NULL,
    format       INTEGER NOT NULL
)
