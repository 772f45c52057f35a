CREATE TABLE {table} (
    number          INTEGER PRIMARY KEY,
    script          TEXT NOT NULL,
    title           TEXT,
    checksum        TEXT NOT NULL,
    state           TEXT NOT NULL,
    applied_at      TEXT NOT NULL,
    duration_ms     INTEGER NOT NULL,
    applied_by      TEXT NOT NULL,
    run             TEXT NOT NULL,
    tool_version    TEXT NOT NULL,
    git_commit      TEXT,
    statements_done INTEGER,
    done_checksum   TEXT,
    error           TEXT,
    body            TEXT,
    format          INTEGER NOT NULL
)
