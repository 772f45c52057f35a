//! What only `PostgreSQL` has.

mod connection;
mod extensions;
mod objects;
mod rebuild;
mod rehearse;
mod rights;
mod session;
mod templates;
mod tenants;

use crate::database::{Database, until};

mod postgres {
    crate::tests! { crate::engine::postgres::Postgres:
        an_index_is_built_concurrently,
        an_index_is_built_concurrently_while_another_run_waits,
        an_index_that_failed_to_build_is_named,
        an_invalid_index_is_not_taken_for_a_good_one,
        an_enum_value_is_used_by_a_later_script,
        a_failure_after_an_enum_value_says_what_stays,
        notices_of_the_server_are_reported,
        data_after_copy_is_loaded,
        data_after_copy_that_does_not_fit_is_shown,
        a_server_that_talks_during_copy_is_not_waited_for,
        a_statement_whose_progress_could_not_be_written_is_not_run_again,
        a_procedure_that_failed_may_have_committed_something,
        an_error_in_a_block_is_shown_with_the_server_s_context,
        a_lock_timeout_names_the_blocker,
        a_blocked_statement_names_its_blocker_while_it_waits,
    }
}

const TABLE: &str = "CREATE TABLE t (id integer PRIMARY KEY, name text);";

async fn an_index_is_built_concurrently(db: Database) {
    let index = "-- dbmigrate: no-transaction\nCREATE INDEX CONCURRENTLY t_name ON t (name);\nDROP INDEX CONCURRENTLY t_name;\n\
                 CREATE INDEX CONCURRENTLY t_name2 ON t (name);";
    db.scripts([TABLE, index, "INSERT INTO t VALUES (1);"]);
    let all = "nothing -> 0003: Script-0001.sql, Script-0002.sql, Script-0003.sql; atomic except Script-0002 (no-transaction)";
    assert_eq!(db.upgrade().await, [all]);
    assert_eq!(
        db.query("SELECT indexrelid::regclass, indisvalid FROM pg_index WHERE indrelid = 't'::regclass ORDER BY 1"),
        "t_pkey|t\nt_name2|t"
    );
    db.script(4, "DROP INDEX t_name2;\nCREATE INDEX CONCURRENTLY t_name ON t (name);");
    let refused = db.upgrade().await;
    assert_eq!(
        refused[..2],
        [
            "error: CREATE INDEX CONCURRENTLY cannot run in a transaction",
            "at Script-0004.sql:2:1: CREATE INDEX CONCURRENTLY t_name ON t (name)"
        ]
    );
}

async fn an_index_is_built_concurrently_while_another_run_waits(db: Database) {
    db.upgraded([TABLE]).await;
    db.script(2, "-- dbmigrate: no-transaction\nSELECT pg_sleep(1);\nCREATE INDEX CONCURRENTLY t_name ON t (name);");
    let (first, second) = tokio::join!(db.upgrade(), db.upgrade());
    let mut answers = [first.join("\n"), second.join("\n")];
    answers.sort();
    let applied = "0001 -> 0002: Script-0002.sql; not atomic: Script-0002 (no-transaction)";
    assert_eq!(answers, [applied, "0002 -> 0002: ; nothing to do"]);
}

async fn an_invalid_index_is_not_taken_for_a_good_one(mut db: Database) {
    db.options.drift = dbmigrate::Drift::Off;
    db.upgraded([TABLE, "INSERT INTO t VALUES (1, 'same'), (2, 'same');"]).await;
    db.script(3, "-- dbmigrate: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS t_name ON t (name);");
    db.upgrade().await;
    db.query("DELETE FROM t WHERE id = 2");
    let answer = db.upgrade().await;
    let invalid = "error: Script-0003.sql failed: the index t_name exists but is not valid: an earlier attempt failed";
    assert_eq!(answer[0], invalid);
    assert_eq!(db.journal()[2], "3 Script-0003.sql failed 0");
    db.query("DROP INDEX t_name");
    assert_eq!(db.upgrade().await, ["0002 -> 0003: Script-0003.sql; not atomic: Script-0003 (no-transaction)"]);
}

async fn an_enum_value_is_used_by_a_later_script(db: Database) {
    db.scripts([
        "CREATE TYPE mood AS ENUM ('sad');\nCREATE TABLE t (mood mood);",
        "ALTER TYPE mood ADD VALUE 'happy';",
        "INSERT INTO t VALUES ('happy');",
    ]);
    let all = "nothing -> 0003: Script-0001.sql, Script-0002.sql, Script-0003.sql; \
               atomic in 2 parts: commits after Script-0002 (ALTER TYPE mood ADD VALUE 'happy')";
    assert_eq!(db.upgrade().await, [all]);
    assert_eq!(db.query("SELECT mood FROM t"), "happy");
}

async fn a_failure_after_an_enum_value_says_what_stays(db: Database) {
    db.scripts([
        "CREATE TYPE mood AS ENUM ('sad');",
        "ALTER TYPE mood ADD VALUE 'happy';",
        "INSERT INTO nope VALUES (1);",
    ]);
    let answer = db.upgrade().await;
    let state = "note: rolled back: 0003 was not applied, 0001-0002 are applied and stay, the database is at 0002";
    assert_eq!(answer.last().map(String::as_str), Some(state));
    assert_eq!(db.journal().len(), 2);
}

async fn notices_of_the_server_are_reported(db: Database) {
    let raise = "DO $$ BEGIN RAISE NOTICE 'one'; RAISE WARNING 'two'; RAISE INFO 'three'; RAISE DEBUG 'four'; END $$;";
    db.upgraded(["CREATE TABLE IF NOT EXISTS t (id integer); CREATE TABLE IF NOT EXISTS t (id integer);", raise]).await;
    let told = db.events().into_iter().filter(|event| !event.contains("Script-")).collect::<Vec<_>>();
    assert_eq!(told, ["NOTICE: relation \"t\" already exists, skipping", "NOTICE: one", "WARNING: two", "INFO: three"]);
    // and the program prints them
    db.script(3, raise);
    let output = db.program(&["upgrade"]).output().expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(["one", "two", "three"].iter().all(|word| said.contains(word)), "{said}");
}

async fn data_after_copy_is_loaded(db: Database) {
    let copy = "COPY t (id, name) FROM stdin;\n1\tone; COMMIT;\n2\t\\N\n3\tdrei \\\\ ü\n\\.\nINSERT INTO t VALUES (4, 'four');\n\
                COPY t FROM stdin WITH (FORMAT csv);\n5,\"fünf, 5\"\n\\.\n";
    db.upgraded([TABLE, copy]).await;
    assert_eq!(db.query("SELECT * FROM t ORDER BY id"), "1|one; COMMIT;\n2|\n3|drei \\ ü\n4|four\n5|fünf, 5");
}

async fn data_after_copy_that_does_not_fit_is_shown(db: Database) {
    db.upgraded([TABLE]).await;
    let before = db.dump();
    db.script(2, "INSERT INTO t VALUES (7);\nCOPY t (id, name) FROM stdin;\n1\tone\nx\ttwo\n\\.\n");
    let answer = [
        "error: Script-0002.sql failed: invalid input syntax for type integer: \"x\"",
        "at Script-0002.sql:4:1: x two",
        "note: PostgreSQL 22P02",
        "note: in: COPY t, line 2, column id: \"x\"",
        "note: rolled back: 0002 was not applied, the database is unchanged at 0001",
    ];
    assert_eq!(db.upgrade().await, answer);
    assert_eq!(db.dump(), before);
}

/// Megabytes of notices fill every buffer between the server and a client that only sends.
async fn a_server_that_talks_during_copy_is_not_waited_for(db: Database) {
    let talk = "CREATE FUNCTION talk() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE NOTICE '%', repeat('x', 1000); RETURN NEW; END $$;
                CREATE TRIGGER talk BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION talk();";
    let row = format!("\t{}\n", "y".repeat(300));
    let rows = (1..=30_000).flat_map(|n| [n.to_string(), row.clone()]).collect::<String>();
    db.upgraded([TABLE, talk, &format!("COPY t FROM stdin;\n{rows}\\.\nINSERT INTO t VALUES (0);")]).await;
    assert_eq!(db.query("SELECT count(*) FROM t"), "30001");
    let heard = db.events().iter().filter(|event| event.contains("xxx")).count();
    assert_eq!(heard, 1, "after the data, the server is heard again");
}

async fn a_statement_whose_progress_could_not_be_written_is_not_run_again(db: Database) {
    let refuse = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
                  $$ BEGIN IF NEW.state = 'started' AND NEW.statements_done = 1 THEN RAISE 'not now'; END IF; RETURN NEW; END $$;
                  CREATE TRIGGER refuse BEFORE UPDATE ON dbmigrate_journal FOR EACH ROW EXECUTE FUNCTION refuse();";
    db.upgraded(["CREATE TABLE t (id integer);"]).await;
    db.query(refuse);
    db.script(2, "-- dbmigrate: no-transaction\nINSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2);");
    assert_eq!(db.upgrade().await[0], "error: writing Script-0002.sql into the journal failed: not now");
    assert_eq!(db.journal()[1], "2 Script-0002.sql failed 1");
    db.query("DROP TRIGGER refuse ON dbmigrate_journal");
    db.upgrade().await;
    assert_eq!(db.query("SELECT id FROM t ORDER BY id"), "1\n2");
}

async fn a_procedure_that_failed_may_have_committed_something(db: Database) {
    let procedure = "CREATE TABLE u (id integer);
                     CREATE PROCEDURE half() LANGUAGE plpgsql AS
                     $$ BEGIN INSERT INTO u VALUES (1); COMMIT; RAISE 'no further'; END $$;";
    db.upgraded([procedure]).await;
    db.script(2, "-- dbmigrate: no-transaction\nCALL half();");
    assert_eq!(db.upgrade().await[0], "error: Script-0002.sql failed: no further");
    let refused = db.upgrade().await;
    assert_eq!(refused[0], "error: Script-0002.sql stopped in the middle: it is unknown whether statement 1 of 1 ran");
    assert_eq!(db.query("SELECT count(*) FROM u"), "1");
}

async fn an_error_in_a_block_is_shown_with_the_server_s_context(db: Database) {
    db.upgraded([TABLE]).await;
    db.script(2, "SELECT 1;\nDO $$\nBEGIN\n  PERFORM 1;\n  INSERT INTO nope VALUES (1);\nEND $$;");
    let answer = [
        "error: Script-0002.sql failed: relation \"nope\" does not exist",
        "at Script-0002.sql:5:15: nope",
        "note: PostgreSQL 42P01",
        "note: in: INSERT INTO nope VALUES (1)",
        "note: PL/pgSQL function inline_code_block line 4 at SQL statement",
        "note: rolled back: 0002 was not applied, the database is unchanged at 0001",
    ];
    assert_eq!(db.upgrade().await, answer);
}

async fn a_lock_timeout_names_the_blocker(db: Database) {
    db.upgraded([TABLE]).await;
    let mut other = db.session().await;
    other.run("SET application_name = 'the other'; BEGIN; LOCK TABLE t").await;
    // without a limit of ours, the database's own counts
    let name = crate::engine::postgres::name(&db);
    db.query(&format!("ALTER DATABASE \"{name}\" SET lock_timeout = '2s'"));
    db.script(2, "SELECT 1;\nALTER TABLE t ADD COLUMN x text;");
    let answer = db.upgrade().await;
    assert_eq!(
        answer[..3],
        [
            "error: Script-0002.sql failed: canceling statement due to lock timeout",
            "at Script-0002.sql:2:1: ALTER TABLE t ADD COLUMN x text",
            "note: PostgreSQL 55P03",
        ]
    );
    assert!(
        answer[3].starts_with("note: blocked by pid <n>, user ") && answer[3].contains("application the other"),
        "{answer:?}"
    );
    assert_eq!(answer[4], "note: rolled back: 0002 was not applied, the database is unchanged at 0001");
    assert_eq!(answer[5], "hint: end the session that blocks, or wait longer with `Options::lock_timeout`");
}

async fn a_blocked_statement_names_its_blocker_while_it_waits(db: Database) {
    db.upgraded([TABLE]).await;
    let mut other = db.session().await;
    other.run("SET application_name = 'the other'; BEGIN; LOCK TABLE t").await;
    db.script(2, "INSERT INTO t VALUES (1);");
    let waits = |event: &String| event.starts_with("waiting for pid <n>, ") && event.contains("application the other");
    let release = async {
        until("the run says whom it waits for", || db.events().iter().any(waits)).await;
        other.run("ROLLBACK").await;
    };
    let (answer, ()) = tokio::join!(db.upgrade(), release);
    assert_eq!(answer, ["0001 -> 0002: Script-0002.sql; atomic (one transaction)"]);
}

async fn an_index_that_failed_to_build_is_named(db: Database) {
    db.upgraded([TABLE, "INSERT INTO t VALUES (1, 'same'), (2, 'same');"]).await;
    db.script(3, "-- dbmigrate: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY t_name ON t (name);");
    let answer = db.upgrade().await;
    assert_eq!(answer[0], "error: Script-0003.sql failed: could not create unique index \"t_name\"");
    assert_eq!(db.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 't_name'::regclass"), "f");
    let hint = "an index that failed to build remains as INVALID: drop it before you run `Migrator::upgrade` again";
    assert!(answer.last().is_some_and(|line| line.ends_with(hint)), "{answer:?}");
}
