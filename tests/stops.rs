//! What a run that stopped says about the database, and how the next one resumes.
#![cfg(feature = "sqlite")]

use std::path::Path;

use dbmigrate::{CancellationToken, Event, Migrator, Scripts, Target, TransactionMode, UpgradeOptions};

fn migrator(dir: &Path, script: &'static str) -> Migrator {
    Migrator::new(Target::sqlite(dir.join("app.db")), Scripts::from_files([("Script-0001.sql", script.as_bytes())]))
}

#[tokio::test]
async fn a_script_whose_first_statement_failed_may_drop_its_directive() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let failing = migrator(dir.path(), "-- dbmigrate: no-transaction\nCREATE INDEX i ON item (id);");
    failing.upgrade_with(&UpgradeOptions::new().create_database(true)).await.expect_err("there is no table");
    let fixed = migrator(dir.path(), "CREATE TABLE item (id integer);");
    let report = fixed.upgrade().await.expect("nothing of it ran before");
    assert_eq!(report.applied.len(), 1);
}

#[tokio::test]
async fn what_ran_outside_a_transaction_is_never_said_to_be_rolled_back() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let script = "-- dbmigrate: no-transaction\nCREATE TABLE kept (id integer);\n\
                  CREATE TRIGGER unseen AFTER INSERT ON kept BEGIN DELETE FROM dbmigrate_journal; END;\n\
                  INSERT INTO kept VALUES (1);";
    let error = migrator(dir.path(), script).upgrade_with(&UpgradeOptions::new().create_database(true)).await;
    let error = error.expect_err("the journal is gone");
    let state = error.state().expect("the run had begun").to_string();
    assert!(!state.contains("rolled back") && !state.contains("unchanged"), "{error}: {state}");
}

#[tokio::test]
async fn a_script_that_changes_during_a_run_does_not_hide_what_stays() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let script = |number: u32| dir.path().join(format!("Script-000{number}.sql"));
    for number in 1..=2 {
        std::fs::write(script(number), format!("CREATE TABLE t{number} (id integer);")).expect("written");
    }
    let second = script(2);
    let meddler = move |event: &Event<'_>| {
        if matches!(event, Event::Committed { .. }) {
            std::fs::write(&second, "SELECT 1;").expect("written");
        }
    };
    let scripts = Scripts::from_dir(dir.path()).expect("readable");
    let migrator = Migrator::new(Target::sqlite(dir.path().join("app.db")), scripts).on_event(meddler);
    let options = UpgradeOptions::new().transaction(TransactionMode::PerScript);
    let error = migrator.upgrade_with(&options.create_database(true)).await.expect_err("Script-0002 changed");
    assert!(error.notes().concat().contains("0001 is applied and stays"), "{error}: {:?}", error.notes());
}

#[tokio::test]
async fn a_script_that_was_stopped_between_two_statements_resumes() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let script = "-- dbmigrate: no-transaction\nCREATE TABLE one (id integer);\nCREATE TABLE two (id integer);";
    let interrupt = CancellationToken::new();
    let handle = interrupt.clone();
    let stopper = move |event: &Event<'_>| {
        if matches!(event, Event::Progress { statements: 1, .. }) {
            handle.cancel();
        }
    };
    let first = migrator(dir.path(), script).on_event(stopper).cancel_token(interrupt);
    first.upgrade_with(&UpgradeOptions::new().create_database(true)).await.expect_err("it was stopped");
    let again = migrator(dir.path(), script).upgrade().await;
    again.expect("the second statement was never sent");
}
