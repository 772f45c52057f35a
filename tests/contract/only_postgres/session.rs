//! What a script sets reaches neither the next script nor the journal, and no back door leads out of the transaction.

use std::sync::Arc;
use std::time::Duration;

use crate::database::{Database, until};

mod postgres {
    crate::tests! { crate::engine::postgres::Postgres:
        settings_do_not_reach_the_next_script,
        settings_of_a_script_outside_a_transaction_end_with_it,
        the_session_is_reset_after_a_script,
        what_a_script_leaves_for_the_commit_is_checked_after_it,
        a_deferrable_constraint_is_deferred_only_if_a_script_says_so,
        a_commit_that_the_checks_cannot_see_is_detected,
        a_commit_in_a_procedure_is_an_error,
        an_error_that_a_block_handles_is_ignored,
        a_transaction_made_read_only_fails_and_is_rolled_back,
        a_script_cannot_release_the_lock,
        a_lock_of_another_program_is_waited_for_again_and_again,
    }
}

const SEEN: &str = "INSERT INTO public.seen SELECT concat_ws(' ', session_user = current_user, current_setting('search_path'), \
                    current_setting('statement_timeout'), current_setting('standard_conforming_strings'), \
                    current_setting('DateStyle'), current_setting('client_encoding'));";

async fn settings_do_not_reach_the_next_script(db: Database) {
    let local =
        db.texts().setting.replace("SET ", "SET LOCAL ").replace("SET LOCAL SESSION AUTHORIZATION", "SET LOCAL ROLE");
    db.upgraded([
        "CREATE TABLE seen (what text);",
        SEEN,
        db.texts().setting,
        SEEN,
        &local.replace("other", "other2"),
        SEEN,
    ])
    .await;
    let clean = "t \"$user\", public 0 on ISO, MDY UTF8";
    assert_eq!(db.query("SELECT what FROM seen"), [clean; 3].join("\n"));
}

async fn the_session_is_reset_after_a_script(db: Database) {
    let leaves = "SELECT nextval('s'); DECLARE c CURSOR WITH HOLD FOR SELECT 1; LISTEN heard; SELECT pg_advisory_lock(7); \
                  PREPARE p AS SELECT 1; CREATE TEMP TABLE temporary (id integer);";
    let seen = "INSERT INTO seen SELECT concat_ws(' ', (SELECT count(*) FROM pg_cursors WHERE name = 'c'), \
                (SELECT count(*) FROM pg_listening_channels()), (SELECT count(*) FROM pg_prepared_statements), \
                (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()), \
                to_regclass('temporary') IS NULL);";
    let tables = "CREATE SEQUENCE s; CREATE TABLE seen (what text);";
    db.upgraded([tables, leaves, seen, &format!("-- dbmigrate: no-transaction\n{leaves}"), seen]).await;
    assert_eq!(db.query("SELECT what FROM seen"), ["0 0 0 0 t"; 2].join("\n"));
    db.script(6, "SELECT currval('s');");
    assert!(db.upgrade().await[0].contains("currval of sequence \"s\" is not yet defined in this session"));
}

async fn settings_of_a_script_outside_a_transaction_end_with_it(db: Database) {
    let alone = format!("-- dbmigrate: no-transaction\n{}", db.texts().setting);
    db.upgraded(["CREATE TABLE seen (what text);", &alone, SEEN]).await;
    assert_eq!(db.query("SELECT what FROM seen"), "t \"$user\", public 0 on ISO, MDY UTF8");
    assert_eq!(db.journal()[1], "2 Script-0002.sql applied 8");
}

async fn what_a_script_leaves_for_the_commit_is_checked_after_it(db: Database) {
    let child = "CREATE TABLE child (t integer, CONSTRAINT points FOREIGN KEY (t) REFERENCES t (id)";
    db.upgraded([
        "CREATE TABLE t (id integer PRIMARY KEY); CREATE TABLE other (id integer CONSTRAINT points CHECK (id > 0));\n\
         CREATE TABLE more (id integer CONSTRAINT points UNIQUE DEFERRABLE);",
        &format!("{child} DEFERRABLE INITIALLY DEFERRED);"),
        // the order within a script is free, also of the next one and the one after that
        "INSERT INTO child VALUES (1); INSERT INTO t VALUES (1);",
        "INSERT INTO child VALUES (2); INSERT INTO t VALUES (2);",
    ])
    .await;
    db.script(5, "SET CONSTRAINTS ALL IMMEDIATE; INSERT INTO t VALUES (3);");
    db.script(6, "INSERT INTO child VALUES (4);");
    db.script(7, "INSERT INTO t VALUES (4);");
    let refused = "error: the check after Script-0006.sql failed: insert or update on table \"child\" violates foreign key \
                   constraint \"points\"";
    assert_eq!(db.upgrade().await[0], refused);
    assert_eq!(db.journal().len(), 4);
}

async fn a_deferrable_constraint_is_deferred_only_if_a_script_says_so(db: Database) {
    db.upgraded([
        "CREATE TABLE t (id integer PRIMARY KEY DEFERRABLE);",
        "INSERT INTO t VALUES (1), (2); SET CONSTRAINTS ALL DEFERRED; UPDATE t SET id = id + 1;",
    ])
    .await;
    db.script(3, "SET CONSTRAINTS ALL DEFERRED; INSERT INTO t VALUES (7);");
    db.script(4, "INSERT INTO t VALUES (7); DELETE FROM t;");
    assert_eq!(
        db.upgrade().await[0],
        "error: Script-0004.sql failed: duplicate key value violates unique constraint \"t_pkey\""
    );
    db.query("DROP EXTENSION plpgsql");
    db.script(4, "INSERT INTO t VALUES (8);");
    assert_eq!(db.upgrade().await, ["0002 -> 0004: Script-0003.sql, Script-0004.sql; atomic (one transaction)"]);
}

async fn a_commit_that_the_checks_cannot_see_is_detected(db: Database) {
    db.upgraded(["CREATE TABLE t (id integer);"]).await;
    db.script(2, "INSERT INTO t VALUES (1);");
    // the setting is taken back with the savepoint, which only the server knows; COPY ends a message
    let hidden = "SAVEPOINT a; SET standard_conforming_strings = off; ROLLBACK TO a; RELEASE a;\nCOPY t FROM stdin;\n\\.\n\
                  SELECT '\\'; COMMIT; BEGIN; --';\n;";
    db.script(3, hidden);
    let answer = [
        "error: Script-0002.sql to Script-0003.sql broke the transaction: the transaction is not the one that was begun",
        "note: it is unknown whether 0002-0003 are applied",
        "hint: find what ended the transaction, and check the database with `Migrator::status`",
    ];
    assert_eq!(db.upgrade().await, answer);
    // what the script committed is there, and the journal has the row that was committed with it
    assert_eq!(db.query("SELECT id FROM t"), "1");
    assert_eq!(db.journal(), ["1 Script-0001.sql applied", "2 Script-0002.sql applied"]);
}

async fn a_commit_in_a_procedure_is_an_error(db: Database) {
    let procedure = "CREATE TABLE t (id integer);\nCREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO t VALUES (1); COMMIT; END $$;";
    db.upgraded([procedure]).await;
    let before = db.dump();
    db.script(2, "CALL p();");
    assert_eq!(db.upgrade().await[0], "error: Script-0002.sql failed: invalid transaction termination");
    assert_eq!(db.dump(), before);
}

async fn an_error_that_a_block_handles_is_ignored(db: Database) {
    let swallow =
        "DO $$ BEGIN INSERT INTO nope VALUES (1); EXCEPTION WHEN OTHERS THEN NULL; END $$;\nINSERT INTO t VALUES (1);";
    db.upgraded(["CREATE TABLE t (id integer);", swallow]).await;
    assert_eq!(db.query("SELECT id FROM t"), "1");
}

async fn a_transaction_made_read_only_fails_and_is_rolled_back(db: Database) {
    db.upgraded(["CREATE TABLE t (id integer);"]).await;
    let before = db.dump();
    db.script(2, "INSERT INTO t VALUES (1);\nSET TRANSACTION READ ONLY;");
    let answer = db.upgrade().await;
    assert_eq!(
        answer[0],
        "error: writing Script-0002.sql into the journal failed: cannot execute INSERT in a read-only transaction"
    );
    assert_eq!(db.dump(), before);
}

async fn a_script_cannot_release_the_lock(db: Database) {
    db.upgraded(["CREATE TABLE t (id integer);"]).await;
    let holders = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database \
                   WHERE datname = current_database())";
    db.script(2, &format!("SELECT pg_advisory_unlock_all();\nCREATE TABLE seen AS {holders};"));
    assert_eq!(db.upgrade().await, ["0001 -> 0002: Script-0002.sql; atomic (one transaction)"]);
    assert_eq!(db.query("SELECT count FROM seen"), "1");
}

async fn a_lock_of_another_program_is_waited_for_again_and_again(mut db: Database) {
    db.upgraded(["CREATE TABLE t (id integer PRIMARY KEY);"]).await;
    let mut other = db.session().await;
    other.run(db.texts().hold).await;
    db.script(2, "CREATE TABLE u (id integer);");
    db.script(3, "INSERT INTO t VALUES (1);");
    db.options.lock_timeout = Some(Duration::from_millis(100));
    let db = Arc::new(db);
    let waiting = tokio::spawn({
        let db = Arc::clone(&db);
        async move { db.upgrade().await }
    });
    let retrying = |event: &String| event.starts_with("retrying after attempt 1 of 5");
    until("the run begins again", || db.events().iter().any(retrying)).await;
    other.run("ROLLBACK").await;
    let both = "0001 -> 0003: Script-0002.sql, Script-0003.sql; atomic (one transaction)";
    assert_eq!(waiting.await.expect("no panic"), [both]);
    assert_eq!(db.journal().len(), 3);
}
