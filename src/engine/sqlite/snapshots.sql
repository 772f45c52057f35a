CREATE TABLE IF NOT EXISTS {table} (
    entry            TEXT PRIMARY KEY,
    kind             TEXT NOT NULL,
    name             TEXT,
    parent           TEXT,
    place            INTEGER,
    definition       TEXT,
    owner            TEXT,
    grants           TEXT,
    invented         INTEGER,
    hash             TEXT NOT NULL,
    run              TEXT NOT NULL,
    recorded_at      TEXT,
    recorded_by      TEXT,
    journal_position TEXT,
    tool_version     TEXT NOT NULL,
    format           INTEGER NOT NULL
)
