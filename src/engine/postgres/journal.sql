CREATE TABLE {table} (
    number          bigint PRIMARY KEY,
    script          text NOT NULL,
    title           text,
    checksum        text NOT NULL,
    state           text NOT NULL,
    applied_at      timestamptz NOT NULL,
    duration_ms     bigint NOT NULL,
    applied_by      text NOT NULL,
    run             text NOT NULL,
    tool_version    text NOT NULL,
    git_commit      text,
    statements_done integer,
    done_checksum   text,
    error           text,
    body            text,
    format          integer NOT NULL
)
