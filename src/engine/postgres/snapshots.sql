CREATE TABLE IF NOT EXISTS {table} (
    entry            text PRIMARY KEY,
    kind             text NOT NULL,
    name             text,
    parent           text,
    place            bigint,
    definition       text,
    owner            text,
    grants           text,
    invented         smallint,
    hash             text NOT NULL,
    run              text NOT NULL,
    recorded_at      timestamptz,
    recorded_by      text,
    journal_position text,
    tool_version     text NOT NULL,
    format           integer NOT NULL
)
