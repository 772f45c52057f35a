//! Locks, limits and interrupts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dbmigrate::UpgradeOptions;
use insta::assert_snapshot;

use crate::recorder::Reply;
use crate::stage::{Stage, cell, error};

const SCRIPT: &str = "UPDATE t SET id = 1";

#[tokio::test]
async fn another_run_is_named() {
    let held = |_: usize, batch: &str| match batch {
        _ if batch.contains("sp_getapplock") => Some(cell("-1")),
        _ if batch.contains("dm_tran_locks") => Some(cell("session 61, user ci, host web1, application x, since then")),
        _ => None,
    };
    let mut stage = Stage::set(&[SCRIPT], held).await;
    stage.options.lock_timeout = Some(Duration::ZERO);
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn a_refused_lock_is_an_error() {
    let stage = Stage::set(&[SCRIPT], |_, batch| batch.contains("sp_getapplock").then(|| cell("-999"))).await;
    let told = stage.upgrade().await;
    assert!(told.contains("error: taking the lock failed: sp_getapplock returned -999"), "{told}");
    assert!(!told.contains("BEGIN TRANSACTION"), "{told}");
}

#[tokio::test]
async fn a_lock_that_is_lost_before_the_commit_prevents_it() {
    let stage = Stage::set(&[SCRIPT], |_, batch| batch.contains("APPLOCK_MODE").then(|| cell("NoLock"))).await;
    assert_snapshot!(stage.upgrade().await);
}

/// A server that does not give a lock the first time.
async fn contested(number: u32, message: &'static str) -> Stage {
    let tries = Arc::new(AtomicUsize::new(0));
    let answer = move |_: usize, batch: &str| {
        let first = batch.contains("UPDATE t") && tries.fetch_add(1, Ordering::Relaxed) == 0;
        first.then(|| vec![error(number, message, 1)])
    };
    let mut stage = Stage::set(&["SELECT 1", SCRIPT], answer).await;
    stage.options.lock_timeout = Some(Duration::from_millis(1500));
    stage
}

#[tokio::test]
async fn a_lock_timeout_begins_the_whole_transaction_again() {
    let stage = contested(1222, "Lock request time out period exceeded.").await;
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn so_does_a_deadlock() {
    let stage = contested(1205, "Transaction (Process ID 57) was deadlocked. Rerun the transaction.").await;
    let told = stage.upgrade().await;
    assert_eq!(told.matches("BEGIN TRANSACTION").count(), 2, "{told}");
    assert!(told.contains("nothing -> 0002"), "{told}");
}

/// A server that hangs in a statement.
fn hangs(_: usize, batch: &str) -> Option<Vec<Reply>> {
    batch.contains("UPDATE t").then(|| vec![Reply::Hang])
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_stopped() {
    let mut stage = Stage::set(&["SELECT 1", SCRIPT], hangs).await;
    stage.options.statement_timeout = Some(Duration::from_millis(100));
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn outside_a_transaction_a_stopped_statement_may_have_run() {
    let mut stage = Stage::set(&["-- dbmigrate: no-transaction\nSELECT 1\nGO\nUPDATE t SET id = 1"], hangs).await;
    stage.options.statement_timeout = Some(Duration::from_millis(100));
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn an_interrupt_stops_the_statement_and_rolls_back() {
    let stage = Stage::set(&[SCRIPT], hangs).await;
    let interrupt = async {
        while !stage.recorder.batches().iter().any(|(_, batch)| batch.contains("UPDATE t")) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stage.interrupt.cancel();
    };
    let migrator = stage.migrator();
    let options = UpgradeOptions::new();
    let (answer, ()) = tokio::join!(migrator.upgrade_with(&options), interrupt);
    assert_snapshot!(stage.transcript(&answer));
}

#[tokio::test]
async fn a_connection_that_is_lost_in_a_script_says_so() {
    let stage = Stage::set(&[SCRIPT], |_, batch| batch.contains("UPDATE t").then(|| vec![Reply::Close])).await;
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn after_a_connection_that_is_lost_in_the_commit_the_journal_decides() {
    let stage = Stage::set(&[SCRIPT], |_, batch| batch.starts_with("COMMIT").then(|| vec![Reply::Close])).await;
    let told = stage.upgrade().await;
    assert!(told.contains("error: the commit failed: the connection was lost"), "{told}");
    assert!(told.contains("rolled back: 0001 was not applied"), "{told}");
}
