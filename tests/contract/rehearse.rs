//! Rehearsals: everything runs, and nothing of it stays.

use dbmigrate::{Error, Rehearsal};

use crate::database::Database;

contract! {
    scripts_without_ddl_run_and_leave_nothing,
    what_cannot_be_rolled_back_is_refused,
    a_script_that_fails_is_shown_as_in_an_upgrade,
}

contract_with_rollback! {
    a_new_database_is_rehearsed_and_stays_empty,
}

const TABLE: &str = "-- The table\nCREATE TABLE t (id integer PRIMARY KEY);\n";
const ROWS: &str = "-- Rows\nINSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2), (3);\nSELECT id FROM t;\n";
const MORE: &str = "UPDATE t SET id = id + 10;\nDELETE FROM t WHERE id > 12;\n";

async fn rehearse(db: &Database) -> Result<Rehearsal, Error> {
    db.migrator().rehearse().await
}

fn shown(rehearsal: &Rehearsal) -> Vec<String> {
    let script = |script: &dbmigrate::outcome::Rehearsed| {
        let rows = script.rows.map_or_else(|| "?".into(), |rows| rows.to_string());
        format!("{}: {rows} rows", script.applied.script)
    };
    rehearsal.scripts.iter().map(script).collect()
}

fn problems(answer: Result<Rehearsal, Error>) -> Vec<String> {
    answer.expect_err("it is refused").problems().iter().map(ToString::to_string).collect()
}

async fn scripts_without_ddl_run_and_leave_nothing(db: Database) {
    db.upgraded([TABLE]).await;
    db.script(2, ROWS);
    db.script(3, MORE);
    let before = db.dump();
    let rehearsal = rehearse(&db).await.expect("it can be rolled back");
    assert_eq!(db.dump(), before);
    assert_eq!(db.query("SELECT count(*) FROM t"), "0");
    let told = shown(&rehearsal);
    let tells = !db.target().to_string().starts_with("sqlserver");
    let rows = |number: u64| if tells { number.to_string() } else { "?".into() };
    assert_eq!(told, [format!("Script-0002.sql: {} rows", rows(3)), format!("Script-0003.sql: {} rows", rows(4))]);
    assert_eq!(db.upgrade().await, ["0001 -> 0003: Script-0002.sql, Script-0003.sql; atomic (one transaction)"]);
    assert_eq!(db.query("SELECT id FROM t ORDER BY id"), "11\n12");
    assert_eq!(rehearse(&db).await.expect("nothing to do").scripts, []);
}

async fn a_new_database_is_rehearsed_and_stays_empty(db: Database) {
    db.scripts([TABLE, ROWS, MORE]);
    let before = db.dump();
    let rehearsal = rehearse(&db).await.expect("it can be rolled back");
    assert_eq!(db.dump(), before);
    assert_eq!(rehearsal.scripts.len(), 3);
    assert_eq!(rehearsal.plan.guarantee().to_string(), "atomic (one transaction)");
    assert_eq!(db.upgrade().await.len(), 1);
    assert_eq!(db.query("SELECT id FROM t ORDER BY id"), "11\n12");
}

async fn what_cannot_be_rolled_back_is_refused(db: Database) {
    db.upgraded([TABLE]).await;
    db.script(2, "-- dbmigrate: no-transaction\nINSERT INTO t VALUES (2);\n");
    db.script(3, "INSERT INTO t VALUES (3);\n");
    let before = db.dump();
    let why = "it runs outside a transaction, so its changes cannot be rolled back";
    let reason = "the scripts before it must be committed before it runs, which cannot be rolled back";
    let expected = [
        format!("Script-0002.sql cannot be rehearsed: {why}"),
        format!("Script-0003.sql cannot be rehearsed: {reason}"),
    ];
    assert_eq!(problems(rehearse(&db).await), expected);
    assert_eq!(db.dump(), before);
}

async fn a_script_that_fails_is_shown_as_in_an_upgrade(db: Database) {
    db.upgraded([TABLE]).await;
    db.script(2, ROWS);
    db.script(3, "INSERT INTO t VALUES (4);\nINSERT INTO nope VALUES (1);\n");
    let before = db.dump();
    let error = rehearse(&db).await.expect_err("it fails");
    assert_eq!(db.dump(), before);
    let place = error.location().expect("a statement");
    assert!(place.path().ends_with("Script-0003.sql") && place.line() == 2, "{place}");
    let notes = error.notes();
    let state = "rolled back: 0002-0003 were not applied, the database is unchanged at 0001";
    assert!(notes.iter().any(|note| note == state), "{notes:?}");
}
