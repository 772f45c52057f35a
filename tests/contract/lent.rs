//! A connection of the application as the target of a run.

use std::time::{Duration, Instant};

use dbmigrate::{AtStart, Error, Lent, Migrator, Scripts, Start, UpgradeOptions};
use rusqlite::Connection;

use crate::database::Database;

mod sqlite {
    crate::tests! { crate::engine::sqlite::Sqlite:
        a_database_in_memory_is_upgraded_and_given_back,
        the_connection_keeps_its_settings,
        a_transaction_of_the_application_is_not_touched,
        a_failing_script_leaves_no_trace,
        a_dropped_run_is_stopped_and_rolled_back,
        a_rebuild_is_refused,
        a_connection_that_was_taken_back_is_an_error,
        runs_on_a_lent_connection_take_the_lock_of_the_file,
        a_file_that_was_replaced_meanwhile_is_an_error,
    }
}

const T: &str = "CREATE TABLE t (id integer PRIMARY KEY);";
const MORE: &str = "INSERT INTO t VALUES (1);";
const FOREVER: &str =
    "CREATE TABLE n AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;";

fn in_memory() -> Connection {
    Connection::open_in_memory().expect("memory")
}

fn count(connection: &Connection, table: &str) -> i64 {
    connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).expect("it is there")
}

async fn a_database_in_memory_is_upgraded_and_given_back(db: Database) {
    db.scripts([T]);
    db.object("v.sql", "DROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT id FROM t;\n");
    let lent = Lent::from(in_memory());
    assert_eq!((lent.target().to_string().as_str(), lent.target().file()), ("sqlite::memory:", None));
    let migrator = || db.migrator_of(lent.target());
    let start = migrator().at_start(AtStart::Upgrade).await.expect("it works");
    assert!(matches!(&start, Start::Upgraded(report) if report.applied.len() == 1), "{start:?}");
    db.script(2, MORE);
    assert_eq!(migrator().status().await.expect("it works").pending, 1);
    assert_eq!(migrator().rehearse().await.expect("it works").scripts.len(), 1);
    migrator().upgrade().await.expect("it works");
    assert!(migrator().at_start(AtStart::Check).await.expect("it works").is_ready());
    let connection = lent.take_back().await.expect("it is there");
    assert_eq!((count(&connection, "v"), count(&connection, "dbmigrate_journal")), (1, 2));
}

async fn the_connection_keeps_its_settings(db: Database) {
    let settings = |connection: &Connection| {
        let pragmas =
            ["foreign_keys", "busy_timeout", "recursive_triggers", "query_only", "max_page_count", "cache_size"];
        let value =
            |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)).expect(pragma);
        pragmas.map(value)
    };
    let mut connection = in_memory();
    connection
        .execute_batch(
            "PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 1234; PRAGMA recursive_triggers = ON; PRAGMA max_page_count = 5000;
             CREATE TEMP TABLE own (id integer); ATTACH ':memory:' AS other; CREATE TABLE other.more (id integer);",
        )
        .expect("it works");
    connection.progress_handler(1, Some(|| false)).expect("it works");
    let before = settings(&connection);
    assert_eq!(before[..5], [1, 1234, 1, 0, 5000]);
    db.scripts([
        T,
        "PRAGMA recursive_triggers = OFF; CREATE TEMP TABLE scratch (id integer);",
        "PRAGMA foreign_keys = OFF;",
    ]);
    let lent = Lent::from(connection);
    db.migrator_of(lent.target()).upgrade().await.expect("it works");
    db.migrator_of(lent.target()).status().await.expect("it works");
    let connection = lent.take_back().await.expect("it is there");
    assert_eq!(settings(&connection), before);
    assert_eq!((count(&connection, "own"), count(&connection, "other.more")), (0, 0), "they are still there");
    assert!(
        connection.prepare("SELECT 1 FROM scratch").is_err() && connection.prepare("SELECT dbmigrate_lap()").is_err()
    );
    connection.execute_batch("BEGIN; INSERT INTO t VALUES (7); COMMIT").expect("no hook refuses it");
    assert_eq!(count(&connection, "t"), 1);
}

async fn a_transaction_of_the_application_is_not_touched(db: Database) {
    db.scripts([T]);
    let connection = in_memory();
    connection.execute_batch("PRAGMA foreign_keys = ON; BEGIN; CREATE TABLE own (id integer);").expect("it works");
    let lent = Lent::from(connection);
    let error = db.migrator_of(lent.target()).upgrade().await.expect_err("it is in a transaction");
    let said = "cannot connect to sqlite::memory:: the connection is in a transaction: end it first";
    assert_eq!(error.to_string(), said);
    let connection = lent.take_back().await.expect("it is there");
    connection.execute_batch("COMMIT").expect("it is still open");
    assert_eq!(count(&connection, "own"), 0);
}

async fn a_failing_script_leaves_no_trace(db: Database) {
    db.scripts([T, MORE, "INSERT INTO nope VALUES (1);"]);
    let lent = Lent::from(in_memory());
    let error = db.migrator_of(lent.target()).upgrade().await.expect_err("it fails");
    assert!(matches!(&error, Error::Script { .. }), "{error:?}");
    let connection = lent.take_back().await.expect("it is there");
    assert_eq!(count(&connection, "sqlite_schema"), 0);
}

async fn a_dropped_run_is_stopped_and_rolled_back(db: Database) {
    db.scripts([T, MORE, FOREVER]);
    let connection = in_memory();
    connection.execute_batch("PRAGMA foreign_keys = ON").expect("it works");
    let lent = Lent::from(connection);
    let migrator = db.migrator_of(lent.target());
    assert!(tokio::time::timeout(Duration::from_millis(500), migrator.upgrade()).await.is_err(), "it runs forever");
    let asked = Instant::now();
    let connection = lent.take_back().await.expect("it is there");
    assert!(asked.elapsed() < Duration::from_secs(20), "it was stopped");
    assert_eq!((count(&connection, "sqlite_schema"), connection.is_autocommit()), (0, true));
    assert_eq!(connection.pragma_query_value(None, "foreign_keys", |row| row.get::<_, i64>(0)), Ok(1));
}

async fn a_rebuild_is_refused(db: Database) {
    db.upgraded([T, MORE]).await;
    let lent = Lent::from(Connection::open(db.target().file().expect("a file")).expect("it is there"));
    let error = db.migrator_of(lent.target()).rebuild().await.expect_err("it is refused");
    let said = "no other database can take the place of that of a connection that is lent";
    assert_eq!((error.to_string().as_str(), error.code()), (said, "guarded"));
    assert_eq!(count(&lent.take_back().await.expect("it is there"), "t"), 1);
}

async fn a_connection_that_was_taken_back_is_an_error(db: Database) {
    db.scripts([T]);
    let lent = Lent::from(in_memory());
    let migrator = db.migrator_of(lent.target());
    let _connection = lent.take_back().await.expect("it is there");
    let error = migrator.upgrade().await.expect_err("there is none");
    let said = "cannot connect to sqlite::memory:: the connection that was lent is in use, or was taken back";
    assert_eq!(error.to_string(), said);
}

async fn runs_on_a_lent_connection_take_the_lock_of_the_file(db: Database) {
    db.scripts([T, MORE]);
    let path = db.target().file().expect("a file").to_owned();
    let lent = Lent::from(Connection::open(&path).expect("it is created"));
    assert!(lent.target().is_same_database(&db.target()));
    let own = Migrator::new(lent.target(), Scripts::from_dir(db.path("")).expect("readable"));
    let (one, other) = (db.migrator(), UpgradeOptions::new());
    let (one, other) = tokio::join!(one.upgrade_with(&other), own.upgrade());
    assert_eq!(one.expect("it waits").applied.len() + other.expect("it waits").applied.len(), 2);
    assert_eq!(count(&lent.take_back().await.expect("it is there"), "t"), 1);
}

async fn a_file_that_was_replaced_meanwhile_is_an_error(db: Database) {
    db.upgraded([T]).await;
    db.script(
        2,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT max(i) FROM n;",
    );
    let lent = Lent::from(Connection::open(db.target().file().expect("a file")).expect("it is there"));
    let (migrator, late) = (db.migrator(), db.migrator_of(lent.target()));
    let late = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        late.upgrade().await
    };
    let (rebuilt, late) = tokio::join!(migrator.rebuild(), late);
    rebuilt.expect("it works");
    let said = late.expect_err("its file is gone").to_string();
    assert!(said.contains("the connection's file was replaced meanwhile: open it again"), "{said}");
}
