//! Errors of the server or the scripts that need an explanation of what to do.

use crate::project::Project;

/// Returns what `check` says about a script.
fn check(url: &str, text: &str) -> String {
    Project::scripts(&[text]).run(&format!("check --url {url}"))
}

const URLS: [&str; 3] = ["postgres://localhost/shop", "mysql://localhost/shop", "sqlite:shop.db"];

#[test]
fn an_invisible_character_is_named_at_its_place() {
    for url in URLS {
        for (character, name) in [
            ('\u{FEFF}', "U+FEFF (byte order mark)"),
            ('\u{200B}', "U+200B (zero width space)"),
            ('\u{A0}', "U+00A0 (no-break space)"),
        ] {
            // SQLite treats a byte order mark as a blank
            if url.starts_with("sqlite") && character == '\u{FEFF}' {
                continue;
            }
            let shown = check(url, &format!("SELECT 1;\n{character}CREATE TABLE t (a int);\n"));
            assert!(shown.contains(name) && shown.contains("Script-0001.sql:2:1"), "{url}: {shown}");
            assert!(check(url, &format!("SELECT 1;\nDROP{character}TABLE t;\n")).contains(name), "{url}");
            // in a string or a comment, the character is not a mistake
            let fine = format!("SELECT 'a{character}b'; -- {character}\n/* {character} */\n");
            assert!(check(url, &fine).starts_with("exit 0"), "{url}: {}", check(url, &fine));
        }
    }
    // a byte order mark at the start of the file is not part of the text
    assert!(check(URLS[0], "\u{FEFF}SELECT 1;\n").starts_with("exit 0"));
}

#[test]
fn the_semicolon_of_an_executed_comment_belongs_after_it() {
    let shown = check(URLS[1], "/*!50651 ALTER TABLE a ADD b int; */\n");
    assert!(shown.contains("the ; belongs after the */"), "{shown}");
}

#[test]
fn a_name_that_looks_like_a_block_needs_quotes() {
    let text = "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1 AS begin; END;\nSELECT 1;\n";
    let shown = check(URLS[0], text);
    assert!(shown.contains("quote any name in it that is BEGIN, CASE or END"), "{shown}");
}

#[cfg(feature = "postgres")]
mod postgres {
    use crate::engine::postgres::{new_database, project_on};
    use crate::support::Database;

    /// Returns what an upgrade says.
    fn upgrade(texts: &[&str]) -> String {
        project_on(&new_database(), texts).run("upgrade")
    }

    #[test]
    fn a_row_that_cannot_be_written_names_its_script_and_the_cause() {
        for text in
            ["SET TRANSACTION READ ONLY;\n", "DO $$ BEGIN EXECUTE 'DROP TABLE dbmigrate_' || 'journal'; END $$;\n"]
        {
            let shown = upgrade(&["CREATE TABLE a (i int);\n", text]);
            assert!(shown.contains("writing Script-0002.sql into the journal failed"), "{shown}");
            assert!(
                shown.contains("help: a statement of this script prevents dbmigrate from writing its row"),
                "{shown}"
            );
        }
    }

    #[test]
    fn the_place_of_the_journal_can_be_configured() {
        let database = new_database();
        database.ask("DROP SCHEMA public");
        let shown = project_on(&database, &["CREATE SCHEMA app;\n"]).run("upgrade");
        assert!(shown.contains("[journal] schema and table in dbmigrate.toml"), "{shown}");
        let database = new_database();
        let project = project_on(&database, &["CREATE SCHEMA deploy;\nCREATE TABLE deploy.t (a int);\n"]);
        project.file("dbmigrate.toml", "[journal]\nschema = \"deploy\"\n");
        let shown = project.run("upgrade");
        assert!(shown.contains("write CREATE SCHEMA IF NOT EXISTS"), "{shown}");
    }

    #[test]
    fn a_new_enum_value_is_used_in_the_next_script() {
        let shown = upgrade(&[
            "CREATE TYPE mood AS ENUM ('sad');\n",
            "ALTER TYPE mood ADD VALUE 'ok';\nCREATE TABLE p (m mood DEFAULT 'ok');\n",
        ]);
        assert!(shown.contains("use the new value in the next script"), "{shown}");
    }

    #[test]
    fn a_procedure_that_commits_needs_the_directive() {
        let procedure = "CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;\n";
        let shown = upgrade(&[procedure, "CALL p();\n"]);
        assert!(shown.contains("-- dbmigrate: no-transaction"), "{shown}");
        assert!(upgrade(&[procedure, "-- dbmigrate: no-transaction\nCALL p();\n"]).starts_with("exit 0"));
    }

    /// A database in another encoding.
    fn encoded(encoding: &str) -> Database {
        let database = new_database();
        let name = &database.name;
        database.admin(&format!("DROP DATABASE {name}"));
        database.admin(&format!(
            "CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
        ));
        database
    }

    #[test]
    fn a_comment_in_characters_that_the_database_lacks_is_accepted() {
        for encoding in ["LATIN1", "LATIN9", "WIN1252", "KOI8R", "UTF8", "SQL_ASCII"] {
            let database = encoded(encoding);
            let scripts = ["-- Prices – in ₽\nCREATE TABLE a (i int); /* – */\n", "-- Ä\nCREATE TABLE b (i int);\n"];
            let shown = project_on(&database, &scripts).run("upgrade");
            assert!(shown.starts_with("exit 0"), "{encoding}: {shown}");
            let lacks = !matches!(encoding, "UTF8" | "SQL_ASCII");
            assert_eq!(
                shown.contains(&format!("the database's encoding {encoding} lacks characters")),
                lacks,
                "{shown}"
            );
            let apart = "-- dbmigrate: no-transaction\n-- ₽\nCREATE TABLE c (i int); -- –\nCREATE INDEX CONCURRENTLY ci ON c (i);\n";
            let project = project_on(&database, &[scripts[0], scripts[1], apart]);
            assert!(project.run("upgrade").contains("applied 1 script in"), "{encoding}");
            assert!(project.run("status").contains("3 applied, at 0003"), "{encoding}");
        }
    }

    #[test]
    fn a_literal_in_characters_that_the_database_lacks_is_shown_where_it_is() {
        let database = encoded("LATIN1");
        let shown = project_on(&database, &["-- –\nSELECT 1;\nSELECT 'é';\nSELECT '₽';\nSELECT 2;\n"]).run("upgrade");
        assert!(shown.contains("Script-0001.sql:4:9") && shown.contains("has no equivalent in encoding"), "{shown}");
    }

    #[test]
    fn limits_of_the_database_do_not_end_the_run() {
        let database = new_database();
        for limit in ["statement_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout"] {
            // an older server may not have this limit
            let set = format!("ALTER DATABASE {} SET {limit} = '250ms'", database.name);
            let known = database.ask(&format!("SELECT count(*) FROM pg_settings WHERE name = '{limit}'"));
            if known.trim() == "1" {
                database.admin(&set);
            }
        }
        let slow = "SELECT pg_sleep(0.6);\n";
        let apart = format!(
            "-- dbmigrate: no-transaction\nCREATE TABLE a (i int);\n{slow}CREATE INDEX CONCURRENTLY ai ON a (i);\n{slow}"
        );
        let project = project_on(&database, &[slow, &apart, slow]);
        let shown = project.run("upgrade");
        assert!(shown.starts_with("exit 0"), "{shown}");
        let shown = project.run("rebuild --yes");
        assert!(shown.starts_with("exit 0"), "{shown}");
        // a script's own limit applies to that script only
        project.script(4, "SET statement_timeout = '100ms';\nSELECT pg_sleep(5);\n");
        assert!(project.run("upgrade").contains("canceling statement due to statement timeout"));
        project.script(4, "SET statement_timeout = '100ms';\n");
        project.script(5, slow);
        assert!(project.run("upgrade").contains("applied 2 scripts in"));
        let database = new_database();
        let shown = project_on(&database, &[slow]).run("upgrade --statement-timeout 100ms");
        assert!(shown.contains("statement timeout"), "{shown}");
    }
}

#[cfg(feature = "mysql")]
mod mysql {
    use crate::engine::mysql::{new_database, project_on};

    #[test]
    fn a_control_z_at_the_end_is_ignored_as_the_client_ignores_it() {
        let database = new_database();
        let project =
            project_on(&database, &["CREATE TABLE a (i int);\n\u{1a}", "CREATE TABLE b (i int);\r\n\u{1a}\r\n"]);
        let shown = project.run("upgrade");
        assert!(shown.starts_with("exit 0"), "{shown}");
    }

    #[test]
    fn a_character_set_that_a_new_database_lacks_is_named() {
        let database = new_database();
        database.ask(&format!("ALTER DATABASE {} CHARACTER SET latin1", database.name));
        database.ask(&format!("CREATE TABLE {}.old (i int)", database.name));
        let project = project_on(&database, &["CREATE TABLE a (i int);\n"]);
        let shown = project.run("baseline --to 1");
        assert!(shown.contains("charset = \"latin1\" in the target of dbmigrate.toml"), "{shown}");
        let database = new_database();
        database.ask(&format!("CREATE TABLE {}.old (i int)", database.name));
        let shown = project_on(&database, &["CREATE TABLE a (i int);\n"]).run("baseline --to 1");
        assert!(shown.starts_with("exit 0") && !shown.contains("charset ="), "{shown}");
    }
}

#[test]
fn undo_commands_point_to_a_new_script() {
    for arguments in ["down", "rollback 1", "undo --all", "revert", "redo", "reset"] {
        let shown = Project::empty().run(arguments);
        assert!(shown.starts_with("exit 2") && shown.contains("scripts only go up"), "{arguments}: {shown}");
    }
}

#[test]
fn a_variable_whose_value_breaks_the_statement_is_named_at_its_place() {
    for (url, value) in
        [("sqlite:shop.db", "it's"), ("postgres://localhost/shop", "a'; b"), ("sqlserver://localhost/shop", "'")]
    {
        let project = Project::scripts(&["-- T\nSELECT '$(fine)';\nSELECT '$(fine)', '$(broken)';\n"]);
        let broken = format!("broken={value}");
        let shown = project.run_with(&["check", "--url", url, "--var", "fine=1", "--var", &broken]);
        assert!(shown.contains("with the value of broken") && shown.contains("Script-0001.sql:3:20"), "{url}: {shown}");
    }
}
