//! Connections that are lost.

use std::time::Duration;

use crate::database::{Database, until};
use crate::engine::postgres::{Postgres, admin, name};
use crate::proxy::{Cut, Proxy};

mod postgres {
    crate::tests! { crate::engine::postgres::Postgres:
        a_session_that_is_ended_rolls_back,
        a_connection_that_is_cut_rolls_back,
        a_commit_in_progress_is_not_called_rolled_back,
        a_connection_that_is_cut_outside_a_transaction_is_unfinished,
        a_killed_run_releases_the_lock_while_its_statement_still_runs,
        a_journal_connection_that_dies_while_it_is_idle_is_opened_again,
        a_blocked_checkpoint_names_its_blocker_and_can_be_interrupted,
        a_hundred_scripts_take_no_more_round_trips_than_one,
    }
}

const TABLE: &str = "CREATE TABLE t (id integer);";
const ROLLED_BACK: &str = "note: rolled back: 0002 was not applied, the database is unchanged at 0001";
const AGAIN: &str = "hint: run it again when the server is back: what was not committed is gone";

/// What the first line, the state and the hint are.
fn essence(answer: &[String]) -> [&str; 3] {
    [&answer[0], &answer[answer.len() - 2], &answer[answer.len() - 1]]
}

async fn a_session_that_is_ended_rolls_back(db: Database) {
    db.upgraded([TABLE]).await;
    let before = db.dump();
    db.script(2, "INSERT INTO t VALUES (1);\nSELECT pg_sleep(60);");
    let end = async {
        let sleeping =
            format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND wait_event = 'PgSleep'", name(&db));
        until("the script sleeps", || admin(&sleeping) == "1").await;
        db.end_sessions();
    };
    let (answer, ()) = tokio::join!(db.upgrade(), end);
    let lost = "error: Script-0002.sql failed: terminating connection due to administrator command";
    assert_eq!(essence(&answer), [lost, ROLLED_BACK, AGAIN]);
    assert_eq!(db.dump(), before);
}

async fn a_journal_connection_that_dies_while_it_is_idle_is_opened_again(db: Database) {
    db.upgraded([TABLE]).await;
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
                AND pid <> pg_backend_pid() AND query LIKE 'UPDATE%dbmigrate_journal%'";
    let script = format!("-- dbmigrate: no-transaction\nSELECT 1;\n{kill};\nSELECT pg_sleep(1.2);\nVACUUM t;");
    db.script(2, &script.replace("SELECT pg_terminate", "SELECT pg_sleep(1.2), pg_terminate"));
    let all = "0001 -> 0002: Script-0002.sql; not atomic: Script-0002 (no-transaction)";
    assert_eq!(db.upgrade().await, [all]);
    assert_eq!(db.journal()[1], "2 Script-0002.sql applied 4");
}

async fn a_blocked_checkpoint_names_its_blocker_and_can_be_interrupted(db: Database) {
    db.upgraded([TABLE]).await;
    db.script(2, "-- dbmigrate: no-transaction\nSELECT pg_sleep(1);\nVACUUM t;");
    let mut other = db.session().await;
    let in_the_way = async {
        until("the script is begun", || db.states().len() == 2).await;
        other.run("BEGIN; LOCK TABLE dbmigrate_journal IN SHARE MODE").await;
        let blocked = |event: &String| event.starts_with("waiting for pid");
        until("the note waits", || db.events().iter().any(blocked)).await;
        db.interrupt.cancel();
        tokio::time::sleep(Duration::from_millis(200)).await;
        other.run("ROLLBACK").await;
    };
    let (answer, ()) = tokio::join!(db.upgrade(), in_the_way);
    assert_eq!(answer[0], "error: interrupted in Script-0002.sql");
    assert_eq!(db.journal()[1], "2 Script-0002.sql failed 1");
}

async fn a_connection_that_is_cut_rolls_back(mut db: Database) {
    db.upgraded([TABLE]).await;
    let before = db.dump();
    db.script(2, "INSERT INTO t VALUES (1);\nSELECT pg_sleep(3);");
    let proxy = Proxy::between(&mut db, Cut::OnDemand).await;
    let cut = async {
        until("the script runs", || db.events().iter().any(|event| event == "started Script-0002.sql")).await;
        proxy.cut();
    };
    let (answer, ()) = tokio::join!(db.upgrade(), cut);
    assert!(answer[0].starts_with("error: Script-0002.sql failed: the connection was lost: "), "{answer:?}");
    assert_eq!(essence(&answer)[1..], [ROLLED_BACK, AGAIN]);
    db.end_sessions();
    assert_eq!(db.dump(), before);
}

async fn a_commit_in_progress_is_not_called_rolled_back(mut db: Database) {
    let slow_commit = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(2); RETURN NULL; END';\n\
                       CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED \
                       FOR EACH ROW EXECUTE FUNCTION slow();";
    db.upgraded([TABLE, slow_commit]).await;
    db.script(3, "INSERT INTO t VALUES (1);");
    let _proxy = Proxy::between(&mut db, Cut::DuringCommit).await;
    let answer = db.upgrade().await;
    until("the server commits", || db.query("SELECT count(*) FROM t") == "1").await;
    let honest =
        |line: &String| line.contains("it is unknown whether 0003 is applied") || line.starts_with("0002 -> 0003: ");
    assert!(answer.iter().any(honest), "{answer:?}");
}

async fn a_connection_that_is_cut_outside_a_transaction_is_unfinished(mut db: Database) {
    db.upgraded([TABLE]).await;
    db.script(
        2,
        "-- dbmigrate: no-transaction\nINSERT INTO t VALUES (1);\nSELECT pg_sleep(2);\nINSERT INTO t VALUES (2);",
    );
    let url = db.url.clone();
    let proxy = Proxy::between(&mut db, Cut::OnDemand).await;
    let cut = async {
        until("one statement done", || db.journal().get(1).is_some_and(|row| row.ends_with("started 1"))).await;
        proxy.cut();
    };
    let (answer, ()) = tokio::join!(db.upgrade(), cut);
    let partial = "note: Script-0002.sql runs outside a transaction: 1 of its 3 statements ran and stay, \
                   it is unknown whether statement 2 ran; the database is at 0001";
    let hint = "hint: inspect the database, then run `Migrator::upgrade` with `UpgradeOptions::resume_at` 2 to run that statement again, \
                or `UpgradeOptions::resume_at` 3 to continue after it";
    assert_eq!(essence(&answer)[1..], [partial, hint]);
    db.url = url;
    db.end_sessions();
    assert_eq!(
        db.upgrade().await[0],
        "error: Script-0002.sql stopped in the middle: it is unknown whether statement 2 of 3 ran"
    );
}

async fn a_killed_run_releases_the_lock_while_its_statement_still_runs(mut db: Database) {
    db.upgraded([TABLE]).await;
    db.script(2, "SELECT pg_sleep(300);");
    let mut program = db.program(&["upgrade"]).spawn().expect("the program runs");
    let sleeping =
        format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND wait_event = 'PgSleep'", name(&db));
    until("the script sleeps", || admin(&sleeping) == "1").await;
    program.kill().expect("it runs");
    program.wait().expect("it ends");
    db.script(2, "INSERT INTO t VALUES (1);");
    db.options.lock_timeout = Some(Duration::from_secs(15));
    assert_eq!(db.upgrade().await, ["0001 -> 0002: Script-0002.sql; atomic (one transaction)"]);
}

/// The round trips of an upgrade of a new database with so many scripts: those of logging in are among them.
async fn round_trips(scripts: u32, schema_snapshot: bool) -> usize {
    let mut db = Database::new::<Postgres>();
    db.options.schema_snapshot = schema_snapshot;
    for number in 1..=scripts {
        let table = format!("t{number}");
        db.script(number, &format!("CREATE TABLE {table} (id integer);\nINSERT INTO {table} VALUES (1);\nSELECT 1;"));
    }
    let proxy = Proxy::between(&mut db, Cut::OnDemand).await;
    assert!(db.upgrade().await[0].starts_with("nothing -> "));
    proxy.round_trips()
}

async fn a_hundred_scripts_take_no_more_round_trips_than_one(_: Database) {
    let (one, hundred) = (round_trips(1, false).await, round_trips(100, false).await);
    assert_eq!((one, hundred), (12, 12));
    // one to describe the schema, one to record it
    let (one, hundred) = (round_trips(1, true).await, round_trips(100, true).await);
    assert_eq!((one, hundred), (14, 14));
}
