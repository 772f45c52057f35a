//! Several at once: other runs, other programs, and interrupts.

use std::sync::Arc;
use std::time::{Duration, Instant};

use dbmigrate::error::ErrorClass;
use dbmigrate::{Error, Event, UpgradeOptions};

use crate::database::{Database, ended, until};
use crate::outcome::mask;

contract! {
    eight_upgrades_at_once_apply_each_script_once,
    eight_upgrades_at_once_apply_a_script_outside_a_transaction_once,
    eight_upgrades_at_once_create_the_database_once,
    a_run_that_waits_too_long_names_the_holder_of_the_lock,
    a_run_waits_until_the_other_has_ended,
    a_run_waits_for_a_script_outside_a_transaction_of_another,
    a_run_with_nothing_to_do_does_not_wait,
    a_run_in_progress_is_not_a_problem,
    a_statement_that_takes_too_long_is_rolled_back,
    an_interrupt_rolls_back_in_the_middle_of_a_statement,
    an_interrupt_ends_the_wait_for_a_lock,
    an_interrupt_ends_the_wait_for_another_run,
    an_interrupt_that_came_before_applies_nothing,
    a_signal_ends_the_program_cleanly,
}

#[cfg(feature = "sqlite")]
mod sqlite_between {
    crate::tests! { crate::engine::sqlite::Sqlite: an_interrupt_between_two_statements_does_not_fail_the_second }
}

#[cfg(feature = "postgres")]
mod postgres_between {
    crate::tests! { crate::engine::postgres::Postgres: an_interrupt_between_two_statements_does_not_fail_the_second }
}

const TABLE: &str = "CREATE TABLE t (id integer PRIMARY KEY);";

/// Runs the program eight times at once; each exits with success.
fn eight_times(db: &Database, arguments: &[&str]) {
    let spawn = |_| {
        let mut program = db.program(arguments);
        program.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped());
        program.spawn().expect("the program runs")
    };
    let programs = (0..8).map(spawn).collect::<Vec<_>>();
    for program in programs {
        let output = program.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{:?}", ended(&output));
    }
}

async fn eight_upgrades_at_once_apply_each_script_once(db: Database) {
    db.script(1, "CREATE TABLE counter (script integer);");
    for number in 2..=20 {
        db.script(number, &format!("INSERT INTO counter VALUES ({number});"));
    }
    eight_times(&db, &["upgrade"]);
    assert_eq!(db.query("SELECT count(*), count(DISTINCT script) FROM counter"), "19|19");
    assert_eq!(db.query("SELECT count(*), count(DISTINCT run) FROM dbmigrate_journal"), "20|1");
}

async fn eight_upgrades_at_once_apply_a_script_outside_a_transaction_once(db: Database) {
    let maintain = db.texts().maintain;
    let alone = |statements: &[&str]| format!("-- dbmigrate: no-transaction\n{}", db.joined(statements));
    db.scripts([
        &alone(&["CREATE TABLE counter (script integer)", "CREATE TABLE t (id integer)", maintain]),
        &alone(&["INSERT INTO counter VALUES (1)", maintain, "INSERT INTO counter VALUES (2)"]),
    ]);
    eight_times(&db, &["upgrade"]);
    assert_eq!(db.query("SELECT script FROM counter ORDER BY script"), "1\n2");
    assert_eq!(db.journal(), ["1 Script-0001.sql applied 3", "2 Script-0002.sql applied 3"]);
}

async fn eight_upgrades_at_once_create_the_database_once(db: Database) {
    db.scripts(["CREATE TABLE counter (script integer);", "INSERT INTO counter VALUES (2);"]);
    for _ in 0..3 {
        db.drop_database();
        eight_times(&db, &["upgrade", "--create-database"]);
        assert_eq!(db.query("SELECT script FROM counter"), "2");
    }
}

type Run = tokio::task::JoinHandle<Result<dbmigrate::Report, Error>>;

/// Another run in the middle of its only script, and the task that ends when it ends.
async fn another_run(db: &Database) -> Run {
    another_run_of(db, &format!("INSERT INTO t VALUES (1);\n{};", db.texts().slow)).await
}

async fn another_run_of(db: &Database, script: &str) -> Run {
    db.script(2, script);
    let other = db.migrator();
    let task = tokio::spawn(async move { other.upgrade().await });
    until("the other run is in its script", || db.events().iter().any(|event| event == "started Script-0002.sql"))
        .await;
    task
}

async fn a_run_that_waits_too_long_names_the_holder_of_the_lock(mut db: Database) {
    db.upgraded([TABLE]).await;
    let task = another_run(&db).await;
    let stop = std::mem::take(&mut db.interrupt);
    db.options.lock_timeout = Some(Duration::from_millis(200));
    let error = db.try_upgrade(UpgradeOptions::new()).await.expect_err("the lock is held");
    let Error::Locked { holder, waited } = &error else { panic!("{error:?}") };
    let holder = mask(holder);
    let named = db.texts().holder;
    assert!(holder.starts_with(named), "{holder}");
    assert_eq!(holder.contains(", host "), db.texts().shows_holder, "{holder}");
    assert_eq!(*waited, Duration::from_millis(200));
    assert_eq!(error.class(), ErrorClass::Locked);
    let baseline = db.baseline(Some(1)).await;
    let locked = format!("error: another run holds the lock (waited 200ms): {named}");
    assert!(baseline[0].starts_with(&locked), "{baseline:?}");
    let program = db.program(&["upgrade", "--lock-timeout", "200ms"]).output().expect("the program runs");
    assert_eq!(program.status.code(), Some(5), "{:?}", ended(&program));
    stop.cancel();
    assert!(matches!(task.await.expect("no panic"), Err(Error::Interrupted { .. })));
    assert_eq!(db.states(), ["1 Script-0001.sql applied"]);
}

async fn a_run_waits_until_the_other_has_ended(mut db: Database) {
    db.upgraded([TABLE]).await;
    let task = another_run(&db).await;
    let stop = std::mem::take(&mut db.interrupt);
    // the same number with another text: what counts is the journal once the lock is there
    db.script(2, "INSERT INTO t VALUES (7);");
    let db = Arc::new(db);
    let waiting = tokio::spawn({
        let db = Arc::clone(&db);
        async move { db.upgrade().await }
    });
    let waits = format!("waiting for the run of {}", db.texts().holder);
    until("a run waits", || db.events().iter().any(|event| event.starts_with(&waits))).await;
    stop.cancel();
    assert!(task.await.expect("no panic").is_err());
    assert_eq!(waiting.await.expect("no panic"), ["0001 -> 0002: Script-0002.sql; atomic (one transaction)"]);
    assert_eq!(db.query("SELECT id FROM t"), "7");
}

async fn a_run_with_nothing_to_do_does_not_wait(mut db: Database) {
    db.upgraded([TABLE]).await;
    let task = another_run(&db).await;
    let stop = std::mem::take(&mut db.interrupt);
    assert_eq!(db.upgrade_to(1).await, ["0001 -> 0001: ; nothing to do"]);
    assert_eq!(db.status().await[..2], ["Script-0001.sql applied", "Script-0002.sql pending"]);
    stop.cancel();
    assert!(task.await.expect("no panic").is_err());
}

async fn a_statement_that_takes_too_long_is_rolled_back(mut db: Database) {
    db.upgraded([TABLE]).await;
    let before = db.dump();
    let texts = db.texts();
    db.script(2, &db.joined(&["INSERT INTO t VALUES (1)", texts.slow]));
    db.options.statement_timeout = Some(Duration::from_millis(300));
    let failed = [
        format!("error: Script-0002.sql failed: {}", texts.too_slow),
        format!("at Script-0002.sql:{}:1: {}", db.line_of(2), texts.slow),
    ];
    let rolled_back = [
        "note: rolled back: 0002 was not applied, the database is unchanged at 0001",
        "hint: allow more time with `Options::statement_timeout`, or make the statement faster; without that option, the limit is the script's or the server's",
    ];
    let code = texts.too_slow_code.map(|code| format!("note: {code}"));
    let answer = failed.into_iter().chain(code).chain(rolled_back.map(Into::into)).collect::<Vec<_>>();
    assert_eq!(db.upgrade().await, answer);
    assert_eq!(db.dump(), before);
}

async fn an_interrupt_rolls_back_in_the_middle_of_a_statement(db: Database) {
    db.upgraded([TABLE]).await;
    let before = db.dump();
    let task = another_run(&db).await;
    db.interrupt.cancel();
    let answer = [
        "error: interrupted in Script-0002.sql",
        "note: rolled back: 0002 was not applied, the database is unchanged at 0001",
    ];
    assert_eq!(db.outcome(&task.await.expect("no panic")), answer);
    assert_eq!(db.dump(), before);
}

async fn an_interrupt_that_came_before_applies_nothing(db: Database) {
    db.scripts([TABLE]);
    let before = db.dump();
    db.interrupt.cancel();
    let answer = db.upgrade().await;
    assert!(answer[0].starts_with("error: interrupted"), "{answer:?}");
    assert_eq!(db.dump(), before);
}

#[cfg(unix)]
async fn a_signal_ends_the_program_cleanly(db: Database) {
    db.upgraded([TABLE]).await;
    let before = db.dump();
    db.script(2, &format!("INSERT INTO t VALUES (1);\n{};", db.texts().slow));
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let mut program = db.program(&["upgrade", "--log-format", "json"]);
        program.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped());
        let mut program = program.spawn().expect("the program runs");
        let mut said = std::io::BufReader::new(program.stderr.take().expect("it is piped"));
        let mut line = String::new();
        while !line.contains("Script-0002") {
            line.clear();
            assert!(std::io::BufRead::read_line(&mut said, &mut line).expect("it writes text") > 0, "it has ended");
        }
        let kill = std::process::Command::new("kill").args([signal, &program.id().to_string()]).status();
        assert!(kill.is_ok_and(|status| status.success()));
        assert_eq!(program.wait().expect("it ends").code(), Some(code));
        assert_eq!(db.dump(), before);
    }
}

async fn a_run_waits_for_a_script_outside_a_transaction_of_another(mut db: Database) {
    db.upgraded([TABLE]).await;
    let script = db.joined(&["-- dbmigrate: no-transaction\nINSERT INTO t VALUES (1)", db.texts().slow]);
    let task = another_run_of(&db, &script).await;
    until("a statement is journaled", || db.journal().len() == 2).await;
    let stop = std::mem::take(&mut db.interrupt);
    db.options.lock_timeout = Some(Duration::from_millis(200));
    let answer = db.upgrade().await;
    stop.cancel();
    assert!(task.await.expect("no panic").is_err());
    let locked = format!("error: another run holds the lock (waited 200ms): {}", db.texts().holder);
    assert!(answer[0].starts_with(&locked), "{answer:?}");
}

async fn a_run_in_progress_is_not_a_problem(mut db: Database) {
    db.upgraded([TABLE]).await;
    let script = db.joined(&["-- dbmigrate: no-transaction\nINSERT INTO t VALUES (1)", db.texts().slow]);
    let task = another_run_of(&db, &script).await;
    until("a statement is journaled", || db.journal().get(1).is_some_and(|row| row.ends_with('1'))).await;
    let status = db.status().await;
    std::mem::take(&mut db.interrupt).cancel();
    assert!(task.await.expect("no panic").is_err());
    let running = format!("warning: a run is under way: {}", db.texts().holder);
    assert!(status.last().is_some_and(|line| line.starts_with(&running)), "{status:?}");
    assert!(!status.iter().any(|line| line.contains("stopped")), "{status:?}");
    // the server may notice a moment later that the connection is gone
    let end = Instant::now() + Duration::from_secs(10);
    while db.status().await.iter().any(|line| line.starts_with(&running)) {
        assert!(Instant::now() < end, "a run that has ended is still reported");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn an_interrupt_ends_the_wait_for_a_lock(db: Database) {
    db.upgraded([TABLE]).await;
    let before = db.dump();
    let mut other = db.session().await;
    other.run(db.texts().hold).await;
    db.script(2, "INSERT INTO t VALUES (1);");
    let interrupt = async {
        // where it is the transaction itself that waits, there is nothing to see from outside
        let started = || db.events().iter().any(|event| event == "started Script-0002.sql");
        let _ = tokio::time::timeout(Duration::from_secs(2), until("the run is in its script", started)).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        db.interrupt.cancel();
    };
    let (answer, ()) = tokio::join!(db.upgrade(), interrupt);
    other.run("ROLLBACK").await;
    assert!(answer[0].starts_with("error: interrupted"), "{answer:?}");
    assert_eq!(
        answer.last().map(String::as_str),
        Some("note: rolled back: 0002 was not applied, the database is unchanged at 0001")
    );
    assert_eq!(db.dump(), before);
}

async fn an_interrupt_ends_the_wait_for_another_run(mut db: Database) {
    db.upgraded([TABLE]).await;
    let task = another_run(&db).await;
    let stop = std::mem::take(&mut db.interrupt);
    let interrupt = async {
        until("a run waits", || db.events().iter().any(|event| event.starts_with("waiting for the run of"))).await;
        db.interrupt.cancel();
    };
    let (answer, ()) = tokio::join!(db.upgrade(), interrupt);
    assert_eq!(answer, ["error: interrupted", "note: nothing was applied"]);
    stop.cancel();
    assert!(task.await.expect("no panic").is_err());
}

async fn an_interrupt_between_two_statements_does_not_fail_the_second(db: Database) {
    db.upgraded([TABLE]).await;
    db.script(2, "-- dbmigrate: no-transaction\nINSERT INTO t VALUES (1);\nVACUUM;");
    let interrupt = db.interrupt.clone();
    let watcher = move |event: &Event<'_>| {
        if matches!(event, Event::Progress { statements: 1, .. }) {
            interrupt.cancel();
        }
    };
    let answer = db.migrator().on_event(watcher).upgrade().await;
    let told = [
        "error: interrupted in Script-0002.sql",
        "note: Script-0002.sql runs outside a transaction: 1 of its 2 statements ran and stay; the database is at 0001",
        "hint: run `Migrator::upgrade` again: it resumes at statement 2",
    ];
    assert_eq!(db.outcome(&answer), told);
    assert_eq!(db.journal()[1], "2 Script-0002.sql failed 1");
}
