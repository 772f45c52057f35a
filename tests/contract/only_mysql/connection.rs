//! Connections that are lost.

use crate::database::{Database, until};
use crate::engine::mysql::{Mysql, is_doing, name};
use crate::proxy::{Cut, Proxy};

mod mysql {
    crate::tests! { crate::engine::mysql::Mysql:
        a_session_that_is_ended_rolls_back,
        what_the_server_finishes_after_a_lost_connection_is_unknown,
        the_next_run_knows_what_the_server_finished,
        a_hundred_scripts_take_no_more_round_trips_than_one,
        definitions_and_rows_in_turn_take_few_round_trips,
    }
}

const TABLE: &str = "CREATE TABLE t (id integer);";
const ROLLED_BACK: &str = "note: rolled back: 0002 was not applied, the database is unchanged at 0001";
const AGAIN: &str = "hint: run it again when the server is back: what was not committed is gone";

/// What the state and the hint are.
fn essence(answer: &[String]) -> &[String] {
    &answer[answer.len() - 2..]
}

async fn a_session_that_is_ended_rolls_back(db: Database) {
    db.upgraded([TABLE]).await;
    let before = db.dump();
    db.script(2, &format!("INSERT INTO t VALUES (1);\n{};", db.texts().slow));
    let end = async {
        until("the script sleeps", || is_doing(&name(&db), "User sleep")).await;
        db.end_sessions();
    };
    let (answer, ()) = tokio::join!(db.upgrade(), end);
    assert!(answer[0].starts_with("error: Script-0002.sql failed: "), "{answer:?}");
    assert_eq!(essence(&answer), [ROLLED_BACK, AGAIN]);
    assert_eq!(db.dump(), before);
}

async fn what_the_server_finishes_after_a_lost_connection_is_unknown(mut db: Database) {
    db.upgraded([TABLE]).await;
    let url = db.url.clone();
    db.script(2, "INSERT INTO t VALUES (1);\nSELECT SLEEP(2);");
    let proxy = Proxy::between(&mut db, Cut::OnDemand).await;
    let cut = async {
        until("the script sleeps", || is_doing(&name(&db), "User sleep")).await;
        proxy.cut();
    };
    let (answer, ()) = tokio::join!(db.upgrade(), cut);
    assert!(answer[0].starts_with("error: the server never answered the commit: "), "{answer:?}");
    let unknown = ["note: it is unknown whether 0002 is applied", "hint: check the database with `Migrator::status`"];
    assert_eq!(essence(&answer), unknown);
    db.url = url;
    assert_eq!(db.upgrade().await, ["0002 -> 0002: ; nothing to do"], "the server has finished it");
    assert_eq!(db.query("SELECT id FROM t"), "1");
}

async fn the_next_run_knows_what_the_server_finished(mut db: Database) {
    db.upgraded([TABLE]).await;
    let url = db.url.clone();
    db.script(2, "CREATE TABLE u (id integer);\nSELECT SLEEP(2);\nINSERT INTO t VALUES (1);\nDROP TABLE u;");
    let proxy = Proxy::between(&mut db, Cut::OnDemand).await;
    let cut = async {
        until("the script sleeps", || is_doing(&name(&db), "User sleep")).await;
        proxy.cut();
    };
    let (answer, ()) = tokio::join!(db.upgrade(), cut);
    assert!(answer[0].starts_with("error: Script-0002.sql failed: the connection was lost: "), "{answer:?}");
    assert!(essence(&answer)[0].contains("it is unknown whether statement "), "{answer:?}");
    db.url = url;
    assert_eq!(db.upgrade().await[0].split(';').next(), Some("0002 -> 0002: "), "the server has finished it");
    assert_eq!(db.query("SELECT id FROM t"), "1");
    assert_eq!(db.journal()[1], "2 Script-0002.sql applied 4");
}

/// The round trips of an upgrade of a new database with so many scripts that commit statement by statement, and as many
/// that are one transaction.
async fn round_trips(scripts: u32) -> usize {
    let mut db = Database::new::<Mysql>();
    db.script(1, TABLE);
    for number in 2..=scripts {
        db.script(number, &format!("CREATE TABLE t{number} (id integer);\nINSERT INTO t{number} VALUES (1);"));
    }
    for number in scripts + 1..=2 * scripts {
        db.script(number, "INSERT INTO t VALUES (1);\nSELECT 1;");
    }
    let proxy = Proxy::between(&mut db, Cut::OnDemand).await;
    assert!(db.upgrade().await[0].starts_with("nothing -> "));
    proxy.round_trips()
}

async fn a_hundred_scripts_take_no_more_round_trips_than_one(_: Database) {
    let (one, hundred) = (round_trips(1).await, round_trips(50).await);
    assert_eq!(one, hundred);
}

/// Definitions and rows in turn, in scripts of their own.
fn mixed(number: u32) -> String {
    let table = format!("t{}", number - (number - 2) % 4);
    match (number - 2) % 4 {
        0 => format!("CREATE TABLE {table} (id integer);"),
        2 => format!("ALTER TABLE {table} ADD COLUMN more integer;"),
        _ => format!("INSERT INTO {table} (id) VALUES ({number});"),
    }
}

async fn definitions_and_rows_in_turn_take_few_round_trips(mut db: Database) {
    db.upgraded([TABLE]).await;
    for number in 2..=101 {
        db.script(number, &mixed(number));
    }
    let proxy = Proxy::between(&mut db, Cut::OnDemand).await;
    assert!(db.upgrade().await[0].starts_with("0001 -> 0101: "));
    let queries = proxy.queries();
    // two of them describe and record the schema
    assert!(queries.len() <= 14, "{} queries: {queries:#?}", queries.len());
    assert!(proxy.round_trips() <= 16, "{} with those of logging in", proxy.round_trips());
}
