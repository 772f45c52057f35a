//! Scripts outside a transaction: statement by statement, journaled as they go.

use std::time::Duration;

use dbmigrate::{CancellationToken, Event, UpgradeOptions};

use crate::database::{Database, until};

contract! {
    a_script_outside_a_transaction_separates_groups,
    a_failure_is_recorded_and_the_next_upgrade_resumes_there,
    the_rest_of_a_failed_script_may_be_edited,
    a_changed_prefix_of_a_failed_script_is_refused,
    a_failed_script_is_shown_by_status,
    what_was_committed_before_a_failure_stays,
    a_killed_run_does_not_know_whether_the_statement_ran,
    resuming_begins_at_the_given_statement,
    resuming_without_anything_unfinished_is_refused,
    a_script_interrupted_between_two_statements_resumes,
    a_script_that_failed_at_its_first_statement_may_run_in_a_transaction,
    a_failed_script_beyond_the_goal_waits,
    rows_of_the_journal_that_a_script_deleted_are_missed,
}

/// What has statements that are made of texts.
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlserver"))]
mod servers {
    use super::a_journal_that_cannot_be_written_any_more_is_not_called_rolled_back;

    contract_on_servers! { a_journal_that_cannot_be_written_any_more_is_not_called_rolled_back }
}

const ALONE: &str = "-- dbmigrate: no-transaction\n";

async fn a_script_outside_a_transaction_separates_groups(db: Database) {
    db.upgraded([FIRST]).await;
    let maintain = db.texts().maintain;
    db.script(2, &alone(&db, &[maintain, "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)", maintain]));
    db.script(3, "INSERT INTO t VALUES (3);");
    assert_eq!(db.upgrade().await, [REST]);
    assert_eq!(db.query("SELECT id FROM t ORDER BY id"), "1\n2\n3");
    assert_eq!(db.journal()[1..], ["2 Script-0002.sql applied 4", "3 Script-0003.sql applied"]);
    assert_eq!(db.upgrade().await, ["0003 -> 0003: ; nothing to do"]);
}

const FIRST: &str = "CREATE TABLE t (id integer PRIMARY KEY);";

fn alone(db: &Database, statements: &[&str]) -> String {
    format!("{ALONE}{}", db.joined(statements))
}

/// A table, and a script outside a transaction whose third of four statements fails.
async fn failed(db: &Database) {
    db.upgraded([FIRST]).await;
    let texts = db.texts();
    let nope = "INSERT INTO nope VALUES (3)";
    db.script(2, &alone(db, &["INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)", nope, texts.maintain]));
    db.script(3, "INSERT INTO t VALUES (4);");
    let failure = [
        &format!("error: Script-0002.sql failed: {}", texts.no_table),
        &format!("at Script-0002.sql:{}:13: nope", 1 + db.line_of(3)),
        &format!("note: {}", texts.no_table_code),
        "note: Script-0002.sql runs outside a transaction: 2 of its 4 statements ran and stay; the database is at 0001",
        "hint: fix it from statement 3 on and run `Migrator::upgrade` again: it resumes there",
    ];
    assert_eq!(db.upgrade().await, failure);
    assert_eq!(db.journal()[1..], ["2 Script-0002.sql failed 2"]);
    let error = db.bare_text(&db.query("SELECT error FROM dbmigrate_journal WHERE number = 2"));
    let place = format!("Script-0002.sql:{}:13: {}", 1 + db.line_of(3), texts.no_table);
    assert!(error.ends_with(&place), "{error}");
}

const REST: &str = "0001 -> 0003: Script-0002.sql, Script-0003.sql; atomic except Script-0002 (no-transaction)";

async fn a_failure_is_recorded_and_the_next_upgrade_resumes_there(mut db: Database) {
    db.options.drift = dbmigrate::Drift::Off;
    failed(&db).await;
    db.query("CREATE TABLE nope (id integer)");
    assert_eq!(db.upgrade().await, [REST]);
    assert_eq!(db.query("SELECT id FROM t ORDER BY id; SELECT id FROM nope;"), "1\n2\n4\n3");
    assert_eq!(db.journal()[1..], ["2 Script-0002.sql applied 4", "3 Script-0003.sql applied"]);
    assert_eq!(db.query("SELECT count(*) FROM dbmigrate_journal WHERE error IS NOT NULL"), "0");
}

async fn the_rest_of_a_failed_script_may_be_edited(db: Database) {
    failed(&db).await;
    db.script(2, &alone(&db, &["INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (30)"]));
    assert_eq!(db.upgrade().await, [REST]);
    assert_eq!(db.query("SELECT id FROM t ORDER BY id"), "1\n2\n4\n30");
    // what is recorded is the text that ran
    assert_eq!(db.upgrade().await, ["0003 -> 0003: ; nothing to do"]);
}

async fn a_changed_prefix_of_a_failed_script_is_refused(db: Database) {
    failed(&db).await;
    db.script(2, &alone(&db, &["INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (20)", "INSERT INTO t VALUES (3)"]));
    let before = db.dump();
    let answer = [
        "error: Script-0002.sql has changed in its first 2 statements, which are already applied",
        "hint: undo the change to that part; what follows it may be changed",
        "note: nothing was applied",
    ];
    assert_eq!(db.upgrade().await, answer);
    assert_eq!(db.dump(), before);
}

async fn a_failed_script_is_shown_by_status(db: Database) {
    failed(&db).await;
    let status = [
        "Script-0001.sql applied",
        "Script-0002.sql failed",
        "Script-0003.sql pending",
        "1 applied, 2 pending",
        "atomic except Script-0002 (no-transaction)",
        "warning: Script-0002.sql failed at statement 3; fix it from there, and upgrade will resume it",
    ];
    assert_eq!(db.status().await, status);
}

async fn what_was_committed_before_a_failure_stays(db: Database) {
    db.upgraded([FIRST]).await;
    db.script(2, "INSERT INTO t VALUES (1);");
    db.script(3, &alone(&db, &[db.texts().maintain]));
    db.script(4, "INSERT INTO t VALUES (2);\nINSERT INTO nope VALUES (1);");
    let answer = db.upgrade().await;
    let state = "note: rolled back: 0004 was not applied, 0002-0003 are applied and stay, the database is at 0003";
    assert_eq!(answer.last().map(String::as_str), Some(state));
    assert_eq!(db.query("SELECT id FROM t"), "1");
    assert_eq!(db.journal().len(), 3);
}

/// A run that is killed in the third of four statements of a script outside a transaction.
async fn killed(db: &Database) {
    db.upgraded([FIRST]).await;
    let slow = db.texts().slow;
    db.script(
        2,
        &alone(db, &["INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)", slow, "INSERT INTO t VALUES (4)"]),
    );
    let mut program = db.program(&["upgrade"]).spawn().expect("the program runs");
    until("two statements done", || db.journal().get(1).is_some_and(|row| row.ends_with("started 2"))).await;
    program.kill().expect("it runs");
    program.wait().expect("it ends");
    db.end_sessions();
}

async fn a_killed_run_does_not_know_whether_the_statement_ran(db: Database) {
    killed(&db).await;
    let before = db.dump();
    let answer = [
        "error: Script-0002.sql stopped in the middle: it is unknown whether statement 3 of 4 ran",
        &format!("at Script-0002.sql:{}:1: {}", 1 + db.line_of(3), db.texts().slow),
        "hint: make sure that no run is under way, inspect the database, then run `Migrator::upgrade` with `UpgradeOptions::resume_at` 3 to run that statement again, or `UpgradeOptions::resume_at` 4 to \
         continue after it",
        "note: nothing was applied",
    ];
    assert_eq!(db.upgrade().await, answer);
    assert_eq!(db.dump(), before);
}

async fn resuming_begins_at_the_given_statement(db: Database) {
    killed(&db).await;
    let beyond = db.upgrade_with(UpgradeOptions::new().resume_at(Some(6))).await;
    assert_eq!(beyond[0], "error: there is no statement 6 of an unfinished script to resume at");
    let done = db.upgrade_with(UpgradeOptions::new().resume_at(Some(4))).await;
    assert_eq!(done, ["0001 -> 0002: Script-0002.sql; not atomic: Script-0002 (no-transaction)"]);
    assert_eq!(db.query("SELECT id FROM t ORDER BY id"), "1\n2\n4");
    assert_eq!(db.journal()[1], "2 Script-0002.sql applied 4");
}

async fn resuming_without_anything_unfinished_is_refused(db: Database) {
    db.scripts([FIRST]);
    let before = db.dump();
    let answer = [
        "error: there is no statement 1 of an unfinished script to resume at",
        "hint: leave `UpgradeOptions::resume_at` out",
        "note: nothing was applied",
    ];
    assert_eq!(db.upgrade_with(UpgradeOptions::new().resume_at(Some(1))).await, answer);
    assert_eq!(db.dump(), before);
}

async fn a_script_interrupted_between_two_statements_resumes(mut db: Database) {
    db.upgraded([FIRST]).await;
    // statements with a limit of their own do not share a message
    db.options.statement_timeout = Some(Duration::from_mins(1));
    db.script(2, &alone(&db, &["INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (3)"]));
    let interrupt = CancellationToken::new();
    let raised = interrupt.clone();
    let watcher = move |event: &Event<'_>| {
        if matches!(event, Event::Progress { statements: 2, .. }) {
            raised.cancel();
        }
    };
    let migrator = db.migrator().cancel_token(interrupt).on_event(watcher);
    let stopped = db.outcome(&migrator.upgrade().await);
    let answer = [
        "error: interrupted in Script-0002.sql",
        "note: Script-0002.sql runs outside a transaction: 2 of its 3 statements ran and stay; the database is at 0001",
    ];
    assert_eq!(stopped[..2], answer);
    assert_eq!(db.upgrade().await, ["0001 -> 0002: Script-0002.sql; not atomic: Script-0002 (no-transaction)"]);
    assert_eq!(db.query("SELECT id FROM t ORDER BY id"), "1\n2\n3");
}

async fn a_script_that_failed_at_its_first_statement_may_run_in_a_transaction(db: Database) {
    db.upgraded([FIRST]).await;
    db.script(2, &alone(&db, &["INSERT INTO nope VALUES (1)", "INSERT INTO t VALUES (2)"]));
    db.upgrade().await;
    assert_eq!(db.journal()[1], "2 Script-0002.sql failed 0");
    db.script(2, "INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2);");
    assert_eq!(db.upgrade().await, ["0001 -> 0002: Script-0002.sql; atomic (one transaction)"]);
    assert_eq!(db.query("SELECT id FROM t ORDER BY id"), "1\n2");
    assert_eq!(db.journal()[1], "2 Script-0002.sql applied");
}

async fn a_failed_script_beyond_the_goal_waits(db: Database) {
    failed(&db).await;
    db.query("CREATE TABLE nope (id integer)");
    let before = db.dump();
    assert_eq!(db.upgrade_to(1).await, ["0001 -> 0001: ; nothing to do"]);
    assert_eq!(db.dump(), before);
}

#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlserver"))]
async fn a_journal_that_cannot_be_written_any_more_is_not_called_rolled_back(db: Database) {
    db.upgraded([FIRST]).await;
    let lost = db.texts().unseen.replace("{sql}", db.texts().lose_journal);
    db.script(2, &alone(&db, &["INSERT INTO t VALUES (1)", &lost, db.texts().maintain]));
    let answer = db.upgrade().await;
    assert_eq!(answer[0], "error: Script-0002.sql changed the journal: it is gone");
    assert!(answer[1].contains("statements ran and stay"), "{answer:?}");
    assert!(answer[1].ends_with("; the journal no longer says what is applied"), "{answer:?}");
    assert!(answer[2].starts_with("hint: restore the journal's table from a backup, or "), "{answer:?}");
    assert!(!answer.iter().any(|line| line.contains("rolled back")), "{answer:?}");
}

async fn rows_of_the_journal_that_a_script_deleted_are_missed(db: Database) {
    db.upgraded([FIRST]).await;
    let taken = db.texts().unseen.replace("{sql}", "DELETE FROM dbmigrate_journal");
    db.script(2, &alone(&db, &["INSERT INTO t VALUES (1)", &taken, db.texts().maintain]));
    let answer = db.upgrade().await;
    assert_eq!(answer[0], "error: Script-0002.sql changed the journal: 2 of 2 rows missing");
    assert!(answer[1].ends_with("the journal no longer says what is applied"), "{answer:?}");
    assert!(!answer.iter().any(|line| line.contains("rolled back")), "{answer:?}");
    assert_eq!(db.query("SELECT count(*) FROM t"), "1");
}
