//! `PostgreSQL`.

use super::{Engine, Server};
use crate::project::Project;
use crate::support::Database;
use crate::support::postgres::{PRODUCT, comparable};

pub(crate) static POSTGRES: Server = Server {
    engine: Engine {
        product: Some(&PRODUCT),
        example: "postgres",
        words: &[
            ("postgres://postgres:[*]{3}@127[.]0[.]0[.]1:.port./shop", "[url]"),
            ("postgres://", "[scheme]://"),
            ("the postgres URL", "the [scheme] URL"),
            (r"PostgreSQL \[version\]", "[product] [version]"),
            (r#""PostgreSQL""#, r#""[product]""#),
            (r#"database "shop" does not exist"#, "[unknown database]"),
            ("PostgreSQL 3D000", "[code of an unknown database]"),
            (r#"relation "nope" does not exist"#, "[missing table nope]"),
            ("PostgreSQL 42P01", "[code of a missing table]"),
            (r#"syntax error at or near "VLAUES""#, "[syntax error at VLAUES]"),
            ("PostgreSQL 42601", "[code of a syntax error]"),
            ("canceling statement due to statement timeout", "[timeout]"),
            ("PostgreSQL 57014", "[code of a timeout]"),
            ("permission denied for schema public", "[no right to create a table]"),
            ("permission denied to create database", "[no right to create a database]"),
            ("PostgreSQL 42501", "[code of a missing right]"),
            (r#"password authentication failed for user \\?"shop_user\\?""#, "[wrong password]"),
            ("PostgreSQL 28P01", "[product] [code of a wrong password]"),
            ("28P01", "[code of a wrong password]"),
            ("ALTER ROLE name CREATEDB", "[statement that grants it]"),
            (r"pid \[n\], user \w+, host [0-9.]+, application dbmigrate \[version\], since \[time\]", "[holder]"),
            (r"pid \[n\], user \w+, host [0-9.]+, application psql, since \[time\], active", "[blocker]"),
            (
                r"atomic \(a new database replaces the old one at the end\)\n(ran [^\n]*)\nreplacing the old database\n",
                "[guarantee of a rebuild]\n${1}\n",
            ),
            (r"(atomic except|not atomic:) Script-0002 \(no-transaction\)", "[guarantee outside a transaction]"),
        ],
        hidden: &[],
        outside: "-- dbmigrate: no-transaction",
        awkward: &[
            "-- Awkward\nINSERT INTO customers VALUES (1, 'it''s; --'), (2, E'\\'');\nDO $do$ BEGIN PERFORM 1; END $do$;\n\
             COPY customers FROM stdin;\n3\tthree\n\\.\nSELECT 2",
            "-- dbmigrate: no-transaction\nCREATE INDEX CONCURRENTLY i ON customers (name);\n",
            "CREATE TYPE mood AS ENUM ('sad');\n",
            "ALTER TYPE mood ADD VALUE 'ok';\n",
            "CREATE TABLE moods (mood mood DEFAULT 'ok');\nSET search_path = pg_catalog;\n",
        ],
        awkward_object: "CREATE INDEX i",
        dump: |stage| comparable(&stage.database().dump(&["--no-owner", "--exclude-table=dbmigrate_journal*"])),
    },
    scheme: "postgres",
    ssl_mode: "sslmode",
    socket: "host",
    commits_definitions: false,
    endless: "SELECT\n  pg_sleep(600);\n",
    hold: "BEGIN; LOCK TABLE customers",
    rich: "CREATE SCHEMA shop;\nCREATE TYPE shop.mood AS ENUM ('sad', 'glad');\nCREATE TABLE shop.item (id serial PRIMARY KEY, \
           mood shop.mood DEFAULT 'glad');\nCREATE FUNCTION shop.one() RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$;\n\
           COMMENT ON TABLE shop.item IS 'it''s an item';\nGRANT SELECT ON shop.item TO PUBLIC;\n\
           INSERT INTO shop.item DEFAULT VALUES;\n",
    all_rights: "SUPERUSER",
    few_rights: "",
    // before PostgreSQL 15, every user may create objects in public
    revoke: "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    may_look: "SELECT 1",
};

/// An empty database.
pub(crate) fn new_database() -> Database {
    Database::new(&PRODUCT)
}

/// A folder with scripts for this database.
pub(crate) fn project_on(database: &Database, texts: &[&str]) -> Project {
    POSTGRES.engine.project(database, texts)
}

/// Returns the tables of the schema `public`.
pub(crate) fn tables(database: &Database) -> String {
    database.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
}
