//! The lock between runs, and the locks of other sessions.

use std::sync::Arc;
use std::time::Duration;

use dbmigrate::UpgradeOptions;

use crate::database::{Database, until};
use crate::engine::mysql::{Mysql, admin, is_doing, name, product};

mod mysql {
    crate::tests! { crate::engine::mysql::Mysql:
        runs_on_two_databases_do_not_wait_for_each_other,
        a_database_with_the_longest_name_is_locked_like_any_other,
        databases_whose_names_differ_in_case_do_not_wait_for_each_other,
        a_row_that_is_locked_is_waited_for_again_and_again,
        a_row_that_is_locked_is_waited_for_in_a_script_that_commits,
        a_table_that_is_in_use_is_waited_for_in_a_script_that_commits,
        a_deadlock_begins_again,
        a_lock_that_cannot_be_acquired_names_its_holder,
    }
}

const TABLES: &str = "CREATE TABLE t (id integer PRIMARY KEY, x integer); INSERT INTO t VALUES (1, 0), (2, 0); \
                      CREATE TABLE old (id integer);";

/// The same scripts for a database beside the scenario's own.
fn beside(db: &mut Database, name: &str) {
    let mut url = db.url.parse::<url::Url>().expect("a URL");
    url.set_path(name);
    db.url = url.into();
    assert_eq!(db.target().database(), name);
}

async fn runs_on_two_databases_do_not_wait_for_each_other(db: Database) {
    db.upgraded(["CREATE TABLE t (id integer);"]).await;
    db.script(2, "SELECT SLEEP(2);");
    let other = Database::new::<Mysql>();
    let meanwhile = async {
        until("a run is under way", || is_doing(&name(&db), "User sleep")).await;
        other.upgraded(["CREATE TABLE t (id integer);"]).await;
        assert!(is_doing(&name(&db), "User sleep"));
    };
    let (answer, ()) = tokio::join!(db.upgrade(), meanwhile);
    assert_eq!(answer, ["0001 -> 0002: Script-0002.sql; atomic (one transaction)"]);
}

/// A run on the database waits for another one on it.
async fn waits_for_another(db: &Database) {
    db.scripts(["CREATE TABLE t (id integer);", "SELECT SLEEP(3);\nINSERT INTO t VALUES (1);"]);
    db.migrator()
        .upgrade_with(&UpgradeOptions::new().to(Some(crate::database::number_of(1))).create_database(true))
        .await
        .expect("it works");
    let (first, second) = tokio::join!(db.upgrade(), db.upgrade());
    let mut answers = [first.join("\n"), second.join("\n")];
    answers.sort();
    assert_eq!(answers, ["0001 -> 0002: Script-0002.sql; atomic (one transaction)", "0002 -> 0002: ; nothing to do"]);
    assert!(db.events().iter().any(|event| event.starts_with("waiting for the run of connection <n>, user ")));
}

async fn a_database_with_the_longest_name_is_locked_like_any_other(mut db: Database) {
    let own = name(&db);
    let longest = format!("{own}{}", "Ü".repeat(64 - own.len()));
    beside(&mut db, &longest);
    Box::pin(waits_for_another(&db)).await;
}

async fn databases_whose_names_differ_in_case_do_not_wait_for_each_other(mut db: Database) {
    assert_eq!(admin("SELECT @@lower_case_table_names"), "0", "the test server must tell these names apart");
    let (lower, upper) = (format!("{}_x", name(&db)), format!("{}_X", name(&db)));
    db.scripts(["SELECT SLEEP(2);"]);
    let mut other = Database::new::<Mysql>();
    other.scripts(["SELECT 1;"]);
    beside(&mut db, &lower);
    beside(&mut other, &upper);
    let meanwhile = async {
        until("a run is under way", || is_doing(&lower, "User sleep")).await;
        let answer = other.migrator().upgrade_with(&UpgradeOptions::new().create_database(true)).await;
        assert_eq!(other.outcome(&answer), ["nothing -> 0001: Script-0001.sql; atomic (one transaction)"]);
        assert!(is_doing(&lower, "User sleep"));
    };
    let migrator = db.migrator();
    let options = UpgradeOptions::new().create_database(true);
    let (answer, ()) = tokio::join!(migrator.upgrade_with(&options), meanwhile);
    assert_eq!(db.outcome(&answer), ["nothing -> 0001: Script-0001.sql; atomic (one transaction)"]);
    admin(&format!("DROP DATABASE {upper}"));
}

/// An upgrade that has to begin again while another session holds something.
async fn begins_again(mut db: Database, held: &str, script: &str) -> (Database, Vec<String>) {
    db.upgraded([TABLES]).await;
    let mut other = db.session().await;
    other.run(held).await;
    db.script(2, script);
    db.options.lock_timeout = Some(Duration::from_millis(100));
    let db = Arc::new(db);
    let waiting = tokio::spawn({
        let db = Arc::clone(&db);
        async move { db.upgrade().await }
    });
    let retrying = |event: &String| event.starts_with("retrying after attempt 1 of 5");
    until("the run begins again", || db.events().iter().any(retrying)).await;
    other.run("ROLLBACK").await;
    let answer = waiting.await.expect("no panic");
    (Arc::into_inner(db).expect("no other task has it"), answer)
}

const HOLD_ROW: &str = "BEGIN; UPDATE t SET x = 7 WHERE id = 1";

async fn a_row_that_is_locked_is_waited_for_again_and_again(db: Database) {
    let script = "INSERT INTO t VALUES (3, 0);\nUPDATE t SET x = x + 1 WHERE id = 1;";
    let (db, answer) = begins_again(db, HOLD_ROW, script).await;
    assert_eq!(answer, ["0001 -> 0002: Script-0002.sql; atomic (one transaction)"]);
    assert_eq!(db.query("SELECT * FROM t ORDER BY id"), "1|1\n2|0\n3|0");
}

async fn a_row_that_is_locked_is_waited_for_in_a_script_that_commits(db: Database) {
    let script = "CREATE TABLE u (id integer);\nINSERT INTO t VALUES (3, 0);\nUPDATE t SET x = x + 1 WHERE id = 1;\nDROP TABLE old;";
    let (db, answer) = begins_again(db, HOLD_ROW, script).await;
    assert!(answer[0].starts_with("0001 -> 0002: "), "{answer:?}");
    assert_eq!(db.query("SELECT * FROM t ORDER BY id"), "1|1\n2|0\n3|0");
    assert_eq!(db.journal()[1], "2 Script-0002.sql applied 4");
}

async fn a_table_that_is_in_use_is_waited_for_in_a_script_that_commits(db: Database) {
    let script = "INSERT INTO t VALUES (3, 0);\nCREATE TABLE u (id integer);\nALTER TABLE t ADD COLUMN y integer;\nDROP TABLE old;";
    let (db, answer) = begins_again(db, "BEGIN; SELECT * FROM t", script).await;
    assert!(answer[0].starts_with("0001 -> 0002: "), "{answer:?}");
    assert_eq!(db.query("SELECT count(*) FROM t WHERE y IS NULL"), "3");
    assert_eq!(db.journal()[1], "2 Script-0002.sql applied 4");
}

async fn a_deadlock_begins_again(mut db: Database) {
    db.options.drift = dbmigrate::Drift::Off;
    db.upgraded([TABLES]).await;
    let mut other = db.session().await;
    // who has changed most is not the victim
    other
        .run("CREATE TABLE heavy (id integer); BEGIN; INSERT INTO heavy VALUES (1), (2), (3), (4), (5), (6), (7), (8)")
        .await;
    other.run("UPDATE t SET x = 7 WHERE id = 1").await;
    db.script(2, "UPDATE t SET x = x + 1 WHERE id = 2;\nUPDATE t SET x = x + 1 WHERE id = 1;");
    db.options.lock_timeout = Some(Duration::from_secs(20));
    let cross = async {
        until("the run waits for the row", || is_doing(&name(&db), "UPDATE t SET x = x + 1 WHERE id = 1")).await;
        // it is about to ask for the row, or it waits for it already
        tokio::time::sleep(Duration::from_millis(200)).await;
        other.run("UPDATE t SET x = 7 WHERE id = 2").await;
        other.run("ROLLBACK").await;
    };
    let (answer, ()) = tokio::join!(db.upgrade(), cross);
    assert_eq!(answer, ["0001 -> 0002: Script-0002.sql; atomic (one transaction)"]);
    assert!(db.events().iter().any(|event| event.starts_with("retrying after attempt 1 of 5")), "{:?}", db.events());
    assert_eq!(db.query("SELECT * FROM t"), "1|1\n2|1");
}

async fn a_lock_that_cannot_be_acquired_names_its_holder(db: Database) {
    db.upgraded([TABLES]).await;
    let mut other = db.session().await;
    other.run(HOLD_ROW).await;
    db.script(2, "SET innodb_lock_wait_timeout = 3;\nUPDATE t SET x = 1;");
    let answer = db.upgrade().await;
    let failed = [
        "error: Script-0002.sql failed: Lock wait timeout exceeded; try restarting transaction",
        "at Script-0002.sql:2:1: UPDATE t SET x = 1",
        &format!("note: {} 1205 (HY000)", product()),
    ];
    assert_eq!(answer[..3], failed);
    assert!(answer[3].starts_with("note: blocked by connection <n>, user "), "{answer:?}");
    let rest = [
        "note: rolled back: 0002 was not applied, the database is unchanged at 0001",
        "hint: end the session that blocks, or wait longer with `Options::lock_timeout`",
    ];
    assert_eq!(answer[4..], rest);
}
