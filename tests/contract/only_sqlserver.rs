//! What only SQL Server has: batches, settings that procedures remember, errors that end no batch.

use std::time::Duration;

use crate::database::{Database, until};
use crate::engine::sqlserver::{SHOWS_LOCKS, end_sessions, name};

mod sqlserver {
    crate::tests! { #[ignore = "needs a server: DBMIGRATE_TEST_MSSQL_URL"] crate::engine::sqlserver::SqlServer:
        a_batch_runs_as_often_as_its_count_says,
        a_procedure_remembers_the_settings_of_its_script,
        settings_of_one_script_do_not_reach_the_next,
        transactions_of_procedures_are_their_own,
        a_use_of_the_same_database_is_accepted,
        a_transaction_that_a_script_ends_unseen_is_detected,
        a_failure_after_a_hidden_commit_is_not_called_rolled_back,
        an_error_after_rows_fails_the_script,
        an_error_that_ends_no_batch_fails_the_script,
        an_error_in_a_procedure_names_it,
        messages_are_reported_while_the_script_runs,
        a_large_batch_arrives_whole,
        a_text_with_a_backslash_at_the_end_of_a_line_is_kept,
        a_lock_timeout_begins_again_and_names_the_blocker,
        a_session_that_is_ended_rolls_back,
        a_rebuild_ends_the_sessions_of_the_old_database,
    }
}

const TABLE: &str = "CREATE TABLE t (id integer);";
const COMMITTED: [&str; 2] = [
    "note: it is unknown whether 0002 is applied (a COMMIT in a script has kept what ran before it)",
    "hint: find what ended the transaction, and check the database with `Migrator::status`",
];
const ROLLED_BACK: &str = "note: rolled back: 0002 was not applied, the database is unchanged at 0001";
const APPLIED: &str = "0001 -> 0002: Script-0002.sql; atomic (one transaction)";

async fn a_batch_runs_as_often_as_its_count_says(db: Database) {
    db.upgraded([TABLE, "INSERT INTO t SELECT count(*) FROM t\ngo 3 -- times\nINSERT INTO t VALUES (7)\nGO;\n"]).await;
    assert_eq!(db.query("SELECT id FROM t ORDER BY id"), "0\n1\n2\n7");
    assert_eq!(db.journal().len(), 2);
    let alone = "-- dbmigrate: no-transaction\nINSERT INTO t VALUES (8)\nGO 2\nCHECKPOINT\nGO\n";
    db.script(3, alone);
    db.upgrade().await;
    assert_eq!(db.journal()[2], "3 Script-0003.sql applied 3");
    assert_eq!(db.query("SELECT count(*) FROM t WHERE id = 8"), "2");
}

async fn a_procedure_remembers_the_settings_of_its_script(db: Database) {
    let off = "SET QUOTED_IDENTIFIER OFF\nGO\nCREATE PROCEDURE old AS SELECT 1\nGO\n";
    db.upgraded([off, "CREATE PROCEDURE usual AS SELECT 1"]).await;
    // not every server that speaks the protocol keeps the setting of a procedure
    db.query(&off.replace("old", "by_hand"));
    let remembered = |name: &str| {
        db.query(&format!("SELECT uses_quoted_identifier FROM sys.sql_modules WHERE OBJECT_NAME(object_id) = '{name}'"))
    };
    assert_eq!([remembered("old"), remembered("usual")], [remembered("by_hand"), "1".to_owned()]);
}

async fn settings_of_one_script_do_not_reach_the_next(db: Database) {
    db.upgraded([TABLE, "INSERT INTO t VALUES (1), (2), (3)", "SET ROWCOUNT 1; SET DATEFORMAT dmy", "DELETE FROM t"])
        .await;
    assert_eq!(db.query("SELECT count(*) FROM t"), "0");
}

async fn transactions_of_procedures_are_their_own(db: Database) {
    let procedure = "CREATE PROCEDURE add_one AS\nBEGIN TRAN\nINSERT INTO t VALUES (1)\nCOMMIT\nGO\nEXEC add_one\n";
    db.upgraded([TABLE, procedure]).await;
    assert_eq!(db.query("SELECT id FROM t"), "1");
}

async fn a_use_of_the_same_database_is_accepted(db: Database) {
    let script = format!("USE [{}]\nGO\nINSERT INTO t VALUES (1)", name(&db));
    db.upgraded([TABLE, &script]).await;
    assert_eq!(db.query("SELECT id FROM t"), "1");
    db.script(3, "USE master\nGO\nSELECT 1");
    assert_eq!(db.upgrade().await[0], "error: USE master would take the run out of its database");
}

async fn a_transaction_that_a_script_ends_unseen_is_detected(db: Database) {
    db.upgraded([TABLE]).await;
    db.scripts([TABLE, "EXEC ('COMMIT')", "INSERT INTO t VALUES (1)"]);
    let answer = db.upgrade().await;
    assert!(answer[0].starts_with("error: Script-0002.sql"), "{answer:?}");
    assert!(answer[answer.len() - 2].starts_with("note: it is unknown whether 0002-0003 are applied"), "{answer:?}");
    assert_eq!(db.query("SELECT count(*) FROM t"), "0");
    assert_eq!(db.journal().len(), 1);
}

async fn a_failure_after_a_hidden_commit_is_not_called_rolled_back(db: Database) {
    db.upgraded([TABLE]).await;
    db.script(2, "INSERT INTO t VALUES (1)\nEXEC ('COMMIT; BEGIN TRANSACTION')\nINSERT INTO t VALUES (2), (1/0)");
    let answer = db.upgrade().await;
    assert!(answer[0].starts_with("error: Script-0002.sql failed: "), "{answer:?}");
    assert_eq!(answer[answer.len() - 2..], COMMITTED);
    assert_eq!(db.query("SELECT id FROM t"), "1");
    // once the rows and the script are corrected, the upgrade succeeds
    db.query("DELETE FROM t");
    db.script(2, "INSERT INTO t VALUES (1)");
    assert_eq!(db.upgrade().await, [APPLIED]);
}

async fn an_error_after_rows_fails_the_script(db: Database) {
    db.upgraded([TABLE]).await;
    let before = db.dump();
    db.script(2, "INSERT INTO t VALUES (1)\nSELECT 1\nSELECT 1/0\nSELECT 2");
    let answer = db.upgrade().await;
    assert!(answer[0].starts_with("error: Script-0002.sql failed: "), "{answer:?}");
    assert_eq!(answer[1], "at Script-0002.sql:3:1: SELECT 1/0");
    assert_eq!(db.dump(), before);
}

async fn an_error_that_ends_no_batch_fails_the_script(db: Database) {
    db.upgraded([TABLE]).await;
    let before = db.dump();
    db.script(2, "INSERT INTO t VALUES (1)\nRAISERROR('no stock', 16, 3)\nINSERT INTO t VALUES (2)");
    let failure = [
        "error: Script-0002.sql failed: no stock",
        "at Script-0002.sql:2:1: RAISERROR('no stock', 16, 3)",
        "note: SQL Server 50000 (severity 16, state 3)",
        ROLLED_BACK,
    ];
    assert_eq!(db.upgrade().await, failure);
    assert_eq!(db.dump(), before);
}

async fn an_error_in_a_procedure_names_it(db: Database) {
    db.upgraded([TABLE, "CREATE PROCEDURE refuse AS\n\nRAISERROR('no stock', 16, 1)"]).await;
    db.script(3, "INSERT INTO t VALUES (1)\nEXEC refuse\n");
    let answer = db.upgrade().await;
    assert_eq!(answer[0], "error: Script-0003.sql failed: no stock");
    assert!(answer[1].starts_with("at Script-0003.sql:"), "{answer:?}");
    assert_eq!(db.query("SELECT count(*) FROM t"), "0");
}

async fn messages_are_reported_while_the_script_runs(db: Database) {
    db.upgraded([TABLE]).await;
    let before = db.events().len();
    db.script(2, "PRINT 'Begin transaction'\nRAISERROR('half done', 10, 1) WITH NOWAIT\nINSERT INTO t VALUES (1)");
    assert_eq!(db.upgrade().await, [APPLIED]);
    let told = ["started Script-0002.sql", "INFO: Begin transaction", "INFO: half done", "ran Script-0002.sql"];
    assert_eq!(db.events()[before..][..4], told);
}

async fn a_large_batch_arrives_whole(db: Database) {
    let long = "ä🦀".repeat(300_000);
    let script = format!("CREATE TABLE u (name nvarchar(max))\nGO\nINSERT INTO u VALUES (N'{long}')\n");
    db.upgraded([TABLE, &script]).await;
    assert_eq!(db.query("SELECT name FROM u"), long);
}

async fn a_text_with_a_backslash_at_the_end_of_a_line_is_kept(db: Database) {
    let script = "SELECT 1 -- C:\\\nSELECT 2 -- D:\\\n";
    db.upgraded([script]).await;
    assert_eq!(db.query("SELECT body FROM dbmigrate_journal"), script);
}

async fn a_lock_timeout_begins_again_and_names_the_blocker(mut db: Database) {
    db.upgraded([TABLE]).await;
    let mut other = db.session().await;
    other.run(db.texts().hold).await;
    db.script(2, "INSERT INTO t VALUES (2);");
    db.options.lock_timeout = Some(Duration::from_secs(1));
    if !*SHOWS_LOCKS {
        // such a server has no number of its own for a lock timeout, so that the run cannot know that it may begin again
        let answer = db.upgrade().await;
        assert!(answer[0].starts_with("error: Script-0002.sql failed: "), "{answer:?}");
        assert!(answer.contains(&ROLLED_BACK.to_owned()), "{answer:?}");
        return;
    }
    let release = async {
        until("it tries again", || db.events().iter().any(|event| event.starts_with("retrying after attempt 1"))).await;
        other.run("ROLLBACK").await;
    };
    let (answer, ()) = tokio::join!(db.upgrade(), release);
    assert_eq!(answer, [APPLIED]);
    let waited = |event: &String| event.starts_with("waiting for session <n>, user ");
    assert!(db.events().iter().any(waited), "{:?}", db.events());
}

async fn a_session_that_is_ended_rolls_back(db: Database) {
    db.upgraded([TABLE]).await;
    let before = db.dump();
    db.script(2, &db.joined(&["INSERT INTO t VALUES (1)", db.texts().slow]));
    let end = async {
        until("the script runs", || db.events().iter().any(|event| event == "started Script-0002.sql")).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        end_sessions(&name(&db));
    };
    let (answer, ()) = tokio::join!(db.upgrade(), end);
    assert!(answer[0].starts_with("error: Script-0002.sql failed: "), "{answer:?}");
    assert!(answer.contains(&ROLLED_BACK.to_owned()), "{answer:?}");
    assert_eq!(db.dump(), before);
}

async fn a_rebuild_ends_the_sessions_of_the_old_database(db: Database) {
    db.upgraded([TABLE]).await;
    let mut other = db.session().await;
    other.run("BEGIN TRANSACTION; INSERT INTO t VALUES (7)").await;
    assert_eq!(db.rebuild().await, [format!("nothing -> 0001: Script-0001.sql; {}", db.texts().rebuild)]);
    assert_eq!(db.query("SELECT count(*) FROM t"), "0");
    assert_eq!(db.left_beside(), Vec::<String>::new());
}
