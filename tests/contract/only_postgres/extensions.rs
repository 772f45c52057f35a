//! Extensions that are in a database before anything else is.

use crate::database::Database;

mod postgres {
    crate::tests! { crate::engine::postgres::Postgres:
        a_database_with_nothing_but_extensions_is_empty,
        objects_beside_extensions_do_not_belong_to_these,
    }
}

/// Every extension that the server has, each in the schema that it wants.
const ALL: &str = "DO $$ DECLARE extension text; BEGIN \
    FOR extension IN SELECT name FROM pg_available_extensions ORDER BY name LOOP \
        BEGIN EXECUTE format('CREATE EXTENSION IF NOT EXISTS %I CASCADE', extension); \
        EXCEPTION WHEN OTHERS THEN RAISE NOTICE '%: %', extension, SQLERRM; END; \
    END LOOP; END $$";

async fn a_database_with_nothing_but_extensions_is_empty(db: Database) {
    db.query(ALL);
    for extension in ["btree_gist", "citext", "cube", "hstore", "pg_stat_statements"] {
        let found = db.query(&format!("SELECT count(*) FROM pg_extension WHERE extname = '{extension}'"));
        assert_eq!(found, "1", "{extension}");
    }
    db.scripts(["CREATE TABLE t (id integer, name citext);"]);
    assert_eq!(db.upgrade().await, ["nothing -> 0001: Script-0001.sql; atomic (one transaction)"]);
}

async fn objects_beside_extensions_do_not_belong_to_these(db: Database) {
    db.query("CREATE EXTENSION btree_gist");
    db.scripts(["SELECT 1;"]);
    for (make, drop) in [
        ("CREATE TABLE own (name text)", "DROP TABLE own"),
        ("CREATE VIEW own AS SELECT 1", "DROP VIEW own"),
        ("CREATE MATERIALIZED VIEW own AS SELECT 1", "DROP MATERIALIZED VIEW own"),
        ("CREATE SEQUENCE own", "DROP SEQUENCE own"),
        ("CREATE FUNCTION own() RETURNS int LANGUAGE sql AS 'SELECT 1'", "DROP FUNCTION own"),
        ("CREATE TYPE own AS ENUM ('a')", "DROP TYPE own"),
        ("CREATE TYPE own AS (a int)", "DROP TYPE own"),
        ("CREATE TYPE own AS RANGE (subtype = int)", "DROP TYPE own"),
        ("CREATE DOMAIN own AS int", "DROP DOMAIN own"),
    ] {
        db.query(make);
        assert_eq!(db.upgrade().await[0], "error: the database is not empty and has no journal", "{make}");
        db.query(drop);
    }
    assert_eq!(db.upgrade().await[0], "nothing -> 0001: Script-0001.sql; atomic (one transaction)");
}
