CREATE TABLE IF NOT EXISTS {table} (
    entry        text PRIMARY KEY,
    object_path  text NOT NULL,
    checksum     text NOT NULL,
    variables    text,
    names        text,
    place        bigint,
    state        text,
    applied_at   timestamptz,
    applied_by   text,
    run          text,
    git_commit   text,
    body         text,
    tool_version text NOT NULL,
    format       integer NOT NULL
)
