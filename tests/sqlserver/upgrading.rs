//! Upgrades: batches, errors, messages.

use dbmigrate::{JournalTable, UpgradeOptions};
use insta::assert_snapshot;

use crate::recorder::Reply;
use crate::stage::{Stage, cell, error, error_in, greeting_of, whole, whole_of};

const TABLE: &str = "-- The first table\nCREATE TABLE t (id int PRIMARY KEY)\nGO\nINSERT INTO t VALUES (1)\nGO\n";

#[tokio::test]
async fn a_new_database_gets_everything() {
    let procedure = "-- Counting\r\nSET QUOTED_IDENTIFIER OFF\r\nGO\r\n-- keeps its comment\r\nCREATE PROCEDURE [dbo].[count_up] AS\r\n\
                     BEGIN TRAN\r\nUPDATE t SET id = id + 1\r\nCOMMIT\r\nGO\r\nEXEC count_up\r\nGO 3\r\n";
    let stage = Stage::set(&[TABLE, procedure], |_, _| None).await;
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn a_journal_of_another_schema_is_created_with_it() {
    let mut stage = Stage::set(&["SELECT 1 AS [it's];\\\n"], |_, _| None).await;
    stage.options.journal = JournalTable { schema: Some("o]ps".into()), name: "it's".into() };
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn what_is_applied_is_not_sent_again() {
    let journal = |_: usize, batch: &str| match batch {
        _ if batch.contains("THEN 0 ELSE 1") => Some(cell("1")),
        _ if batch.contains("max(format)") => {
            let checksum = dbmigrate::script::Checksum::of(TABLE).to_string();
            let row = [
                "1",
                "Script-0001.sql",
                "The first table",
                &checksum,
                "applied",
                "2026-01-31T12:00:00.000Z",
                "5",
                "deployer (me@here)",
                "00000000-0000-0000-0000-000000000000",
                "0.1.0",
            ];
            let row = row.iter().map(|cell| Some((*cell).to_owned())).chain([None, None, None]).collect();
            let format = Reply::Rows { columns: &[""], rows: vec![vec![Some("1".into())]] };
            let no_objects = Reply::Rows { columns: &[""], rows: Vec::new() };
            Some(vec![format, Reply::Rows { columns: &[""; 13], rows: vec![row] }, no_objects])
        }
        _ => None,
    };
    let stage = Stage::set(&[TABLE, "PRINT 'more'"], journal).await;
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn a_failing_batch_is_shown_at_its_line_with_every_error() {
    let fails = |_: usize, batch: &str| {
        let dependent = "The object 'DF_price' is dependent on column 'price'.";
        let dropped = "ALTER TABLE DROP COLUMN price failed because one or more objects access this column.";
        batch.contains("DROP COLUMN").then(|| vec![error(5074, dependent, 3), error(4922, dropped, 3)])
    };
    let script = "-- Prices\n\nSELECT 1\nGO\n-- no more\n\nALTER TABLE items DROP COLUMN price\nGO\nSELECT 2\n";
    let stage = Stage::set(&[TABLE, script], fails).await;
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn an_error_after_rows_is_not_lost() {
    let fails = |_: usize, batch: &str| {
        let rows = Reply::Rows { columns: &["a"], rows: vec![vec![Some("1".into())]] };
        batch.contains("1/0").then(|| vec![rows.clone(), error(8134, "Divide by zero error encountered.", 2), rows])
    };
    let stage = Stage::set(&["SELECT 1\nSELECT 1/0\nSELECT 2"], fails).await;
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn an_error_in_a_procedure_names_it_and_its_line() {
    let fails = |_: usize, batch: &str| {
        batch.contains("dbo.refresh").then(|| vec![error_in("dbo.refresh", 50000, "no stock", 7)])
    };
    let stage = Stage::set(&["SELECT 1\nEXEC dbo.refresh\n"], fails).await;
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn an_error_in_the_definition_of_a_procedure_is_shown_in_the_file() {
    let fails = |_: usize, batch: &str| {
        batch.contains("CREATE PROC").then(|| vec![error_in("p", 102, "Incorrect syntax near 'SELEC'.", 4)])
    };
    let stage = Stage::set(&["SELECT 1\nGO\n-- counts\nCREATE PROC p AS\nBEGIN\n  SELEC 1\nEND\n"], fails).await;
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn only_messages_are_passed_on() {
    let talks = |_: usize, batch: &str| {
        let info = |message: &str| Reply::Info { number: 0, message: message.into() };
        batch
            .contains("RAISERROR")
            .then(|| vec![info("Begin transaction"), Reply::Database("shop".into()), info("done")])
    };
    let stage = Stage::set(&["PRINT 'Begin transaction'; USE shop; RAISERROR('done', 0, 1)"], talks).await;
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn a_script_that_ends_the_transaction_is_named() {
    let ended = |_: usize, batch: &str| batch.contains("XACT_STATE()").then(|| whole("0 0", "shop"));
    let stage = Stage::set(&["EXEC ('COMMIT')", "SELECT 2"], ended).await;
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn a_failure_after_a_hidden_commit_is_not_called_rolled_back() {
    let fails = |_: usize, batch: &str| {
        let kept = Reply::Rows { columns: &["number"], rows: vec![vec![Some("1".into())]] };
        let failed = error(266, "Transaction count after EXECUTE indicates a mismatching number.", 1);
        match batch {
            "SELECT number FROM #dbmigrate" => Some(vec![kept]),
            "EXEC ('COMMIT')" => Some(vec![failed]),
            _ => None,
        }
    };
    let stage = Stage::set(&["EXEC ('COMMIT')"], fails).await;
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn a_script_that_changes_the_database_is_named() {
    let moved = |_: usize, batch: &str| batch.contains("XACT_STATE()").then(|| whole("1 1", "master"));
    let stage = Stage::set(&["SELECT 1"], moved).await;
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn a_script_outside_a_transaction_has_a_checkpoint_after_each_batch() {
    let script =
        "-- dbmigrate: no-transaction\nSET ANSI_NULLS ON\nGO\nALTER DATABASE CURRENT SET RECOVERY SIMPLE\nGO 2\n";
    let stage = Stage::set(&[TABLE, script, "SELECT 3"], |_, _| None).await;
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn a_failure_outside_a_transaction_is_recorded() {
    let fails = |_: usize, batch: &str| {
        let message = "User does not have permission to alter database 'shop'.";
        batch.contains("ALTER DATABASE").then(|| vec![error(5011, message, 1)])
    };
    let script = "-- dbmigrate: no-transaction\nSELECT 1\nGO\nALTER DATABASE CURRENT SET RECOVERY SIMPLE\nGO\n";
    let stage = Stage::set(&[script], fails).await;
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn a_statement_that_needs_no_transaction_says_what_to_do() {
    let fails = |_: usize, batch: &str| {
        let message = "The procedure 'sys.sp_addlinkedserver' cannot be executed within a transaction.";
        batch.contains("sp_addlinkedserver").then(|| vec![error_in("sp_addlinkedserver", 15002, message, 12)])
    };
    let stage = Stage::set(&["EXEC sp_addlinkedserver 'x'"], fails).await;
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn a_preview_is_what_is_sent() {
    let outside = "-- dbmigrate: no-transaction\nSELECT 3\nGO\nSELECT 4\n";
    let stage = Stage::set(&[TABLE, "SELECT 2\nGO 2\n", outside], |_, _| None).await;
    let mut sql = String::new();
    stage.migrator().dry_run(&UpgradeOptions::new(), &mut |part| sql.push_str(part)).await.expect("nothing is wrong");
    let before = stage.recorder.batches().len();
    stage.upgrade().await;
    // queries are not shown: for the session, the lock, the journal's rows, whether the transaction is whole
    let is_asked = |batch: &str| {
        let own =
            ["@@SPID", "OBJECT_ID(", "SELECT TOP (0)", "APPLOCK_", "sp_getapplock", "XACT_STATE()", "SELECT count(*)"];
        let own = own.iter().any(|own| batch.contains(own)) && !batch.contains("BEGIN TRANSACTION");
        own || batch.starts_with("SELECT CAST(") || batch.contains("sys.")
    };
    let batches = stage.recorder.batches().split_off(before);
    let sent = batches.into_iter().map(|(_, batch)| batch).filter(|batch| !is_asked(batch));
    let bare = |text: &str| {
        let lines = text.lines().filter(|line| !line.starts_with("--") && !line.starts_with("GO") && !line.is_empty());
        stage.masked(&lines.collect::<Vec<_>>().join("\n"))
    };
    // the first batch of a session puts its settings in order
    let sent = sent.skip(1).collect::<Vec<_>>().join("\n");
    assert_eq!(bare(&sql), bare(&sent));
    assert_snapshot!(stage.masked(&sql));
}

#[tokio::test]
async fn another_transaction_than_the_first_one_is_detected() {
    let begun = std::sync::atomic::AtomicBool::new(false);
    let another = move |_: usize, batch: &str| {
        let first = batch.starts_with("SELECT CAST(CURRENT") && !begun.swap(true, std::sync::atomic::Ordering::Relaxed);
        first.then(|| cell("4710"))
    };
    let stage = Stage::set(&["EXEC ('ROLLBACK; BEGIN TRAN')"], another).await;
    let told = stage.upgrade().await;
    let broken = "error: Script-0001.sql broke the transaction: the open transaction is not the one that was begun";
    assert!(told.contains(broken) && !told.contains("COMMIT TRANSACTION"), "{told}");
}

/// A server before 2016 on which a script's `EXEC ('ROLLBACK; BEGIN TRAN')` has taken away what the run has done so far.
#[tokio::test]
async fn a_server_that_numbers_no_transactions_tells_them_apart_by_a_row() {
    let rolled_back = std::sync::atomic::AtomicBool::new(false);
    let old = move |_: usize, batch: &str| {
        use std::sync::atomic::Ordering;
        rolled_back.fetch_or(batch.starts_with("EXEC ('ROLLBACK"), Ordering::Relaxed);
        let count = if rolled_back.load(Ordering::Relaxed) { "0" } else { "1" };
        match batch {
            _ if batch.contains("@@SPID") => Some(greeting_of("12.0.6024.0")),
            _ if batch.starts_with("SELECT CAST(COUNT(*) AS nvarchar(20)) FROM #dbmigrate") => Some(cell(count)),
            _ if batch.contains("XACT_STATE()") && batch.contains("#dbmigrate") => Some(whole_of("1 1", "shop", count)),
            _ => None,
        }
    };
    let stage = Stage::set(&["SELECT 1", "SELECT 2", "EXEC ('ROLLBACK; BEGIN TRAN')", "SELECT 4"], old).await;
    assert_snapshot!(stage.upgrade().await);
}

/// A server that runs nothing from a batch on, and again from another on.
fn suspended(on: &'static str, off: &'static str) -> impl Fn(usize, &str) -> Option<Vec<Reply>> + Send + Sync {
    let asleep = std::sync::atomic::AtomicBool::new(false);
    move |_: usize, batch: &str| {
        use std::sync::atomic::Ordering;
        if batch.contains(on) {
            asleep.store(true, Ordering::Relaxed);
        }
        if batch.contains(off) {
            asleep.store(false, Ordering::Relaxed);
        }
        let proof = asleep.load(Ordering::Relaxed) && batch.contains("XACT_STATE()");
        proof.then(Vec::new)
    }
}

#[tokio::test]
async fn a_script_that_skips_its_rest_is_not_called_applied() {
    let script = "SELECT 1\nGO\nIF @@TRANCOUNT > 0 SET NOEXEC ON\nGO\nUPDATE t SET id = 2\nGO\n";
    let stage = Stage::set(&["SELECT 0", script], suspended("SET NOEXEC ON", "NOEXEC, PARSEONLY")).await;
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn of_several_guards_the_last_is_shown_as_one_of_many() {
    let guard = "IF @@TRANCOUNT > 0 SET NOEXEC ON\nGO\n";
    let stage = Stage::set(&[&[guard, guard].concat()], suspended("SET NOEXEC ON", "NOEXEC, PARSEONLY")).await;
    let told = stage.upgrade().await;
    assert!(
        told.contains("failed: this, or another like it before it, is still on at the end of the script"),
        "{told}"
    );
    assert!(told.contains("at Script-0001.sql:3:"), "{told}");
}

#[tokio::test]
async fn a_session_that_answers_with_plans_is_reset_before_its_rollback() {
    let shows = std::sync::atomic::AtomicBool::new(false);
    let plans = move |_: usize, batch: &str| {
        use std::sync::atomic::Ordering;
        match batch {
            "SET SHOWPLAN_TEXT ON" => shows.store(true, Ordering::Relaxed),
            "SET SHOWPLAN_TEXT OFF" => shows.store(false, Ordering::Relaxed),
            "SELECT 1 / 0" => return Some(vec![error(8134, "Divide by zero error encountered.", 1)]),
            _ if shows.load(Ordering::Relaxed) => return Some(cell(batch)),
            _ => {}
        }
        None
    };
    let script = "SET SHOWPLAN_TEXT ON\nGO\nSELECT 1 / 0\nGO\nSET SHOWPLAN_TEXT OFF";
    let stage = Stage::set(&[script], plans).await;
    let told = stage.upgrade().await;
    assert!(told.contains("note: rolled back: 0001 was not applied"), "{told}");
    let woken = told.rfind("SET SHOWPLAN_TEXT OFF").expect("it is woken");
    assert!(told[woken..].contains("ROLLBACK TRANSACTION"), "{told}");
}

#[tokio::test]
async fn outside_a_transaction_a_skipped_rest_is_still_pending() {
    let script =
        "-- dbmigrate: no-transaction\nSELECT 1\nGO\nIF 1 = 1\n  SET FMTONLY ON\nGO\nUPDATE t SET id = 2\nGO\n";
    let stage = Stage::set(&[script], suspended("SET FMTONLY ON", "FMTONLY, NUMERIC")).await;
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn a_script_may_say_which_of_its_batches_are_not_to_run() {
    let script = "SET NOEXEC ON\nGO\nUPDATE t SET id = 2\nGO\nSET NOEXEC OFF\nGO\nSELECT 3\n";
    for directive in ["", "-- dbmigrate: no-transaction\n"] {
        let text = format!("{directive}{script}");
        let stage = Stage::set(&[&text], suspended("SET NOEXEC ON", "SET NOEXEC OFF")).await;
        let told = stage.upgrade().await;
        assert!(told.contains("nothing -> 0001: Script-0001.sql"), "{told}");
    }
}

#[tokio::test]
async fn a_script_that_leaves_a_transaction_open_is_not_called_applied() {
    let open = |_: usize, batch: &str| batch.contains("XACT_STATE()").then(|| whole("1 1", "shop"));
    let script = "-- dbmigrate: no-transaction\nEXEC ('SET IMPLICIT_TRANSACTIONS ON')\nGO\nSELECT 2\n";
    let stage = Stage::set(&[script], open).await;
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn a_journal_that_may_not_be_seen_is_not_taken_for_a_missing_one() {
    let hidden = |_: usize, batch: &str| {
        let message = "The SELECT permission was denied on the object 'dbmigrate_journal'.";
        batch.starts_with("SELECT TOP (0)").then(|| vec![error(229, message, 1)])
    };
    let stage = Stage::set(&["SELECT 1"], hidden).await;
    let told = stage.upgrade().await;
    assert!(
        told.contains("error: the journal [dbo].[dbmigrate_journal] cannot be read: The SELECT permission"),
        "{told}"
    );
}

#[tokio::test]
async fn a_checkpoint_is_written_by_the_run_in_single_user_mode() {
    let alone = |connection: usize, _: &crate::recorder::Login| {
        let message = "Cannot open database \"shop\" requested by the login. The login failed.";
        if connection > 2 { Err(vec![error(4060, message, 1)]) } else { Ok(()) }
    };
    let script = "-- dbmigrate: no-transaction\nALTER DATABASE CURRENT SET SINGLE_USER\n";
    let stage = Stage::set_greeting(&[script], alone, |_, _| None).await;
    assert_snapshot!(stage.upgrade().await);
}
