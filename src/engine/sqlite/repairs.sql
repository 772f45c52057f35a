CREATE TABLE IF NOT EXISTS {table} (
    run             TEXT PRIMARY KEY,
    number          INTEGER NOT NULL,
    script          TEXT NOT NULL,
    action          TEXT NOT NULL,
    old_checksum    TEXT NOT NULL,
    new_checksum    TEXT,
    old_state       TEXT NOT NULL,
    statements_done INTEGER,
    reason          TEXT NOT NULL,
    repaired_at     TEXT NOT NULL,
    repaired_by     TEXT NOT NULL,
    tool_version    TEXT NOT NULL,
    git_commit      TEXT,
    old_body        TEXT,
    format          INTEGER NOT NULL
)
