//! Commits whose connection is lost.

use crate::database::{Database, until};
use crate::proxy::{Cut, Proxy};

contract_on_servers! {
    a_connection_that_is_cut_before_the_commit_arrives_rolls_back,
    a_commit_whose_answer_is_lost_is_found_in_the_journal,
    a_commit_without_answer_is_unknown_when_the_server_is_gone,
}

/// At 0001, with a pending script and a proxy that cuts the connection.
async fn cut_off(mut db: Database, cut: Cut) -> (Database, Proxy) {
    db.upgraded(["CREATE TABLE t (id integer);"]).await;
    db.script(2, "INSERT INTO t VALUES (1);");
    let proxy = Proxy::between(&mut db, cut).await;
    (db, proxy)
}

async fn a_connection_that_is_cut_before_the_commit_arrives_rolls_back(db: Database) {
    let (db, _proxy) = cut_off(db, Cut::BeforeCommit).await;
    let before = db.dump();
    let answer = db.upgrade().await;
    // where it travels with the scripts, none of them has arrived
    let lost = if db.texts().transactional_ddl { "the commit" } else { "Script-0002.sql" };
    assert!(answer[0].starts_with(&format!("error: {lost} failed: the connection was lost: ")), "{answer:?}");
    let honest = [
        "note: rolled back: 0002 was not applied, the database is unchanged at 0001",
        "hint: run it again when the server is back: what was not committed is gone",
    ];
    assert_eq!(answer[1..], honest);
    assert_eq!(db.dump(), before);
}

async fn a_commit_whose_answer_is_lost_is_found_in_the_journal(db: Database) {
    let (db, _proxy) = cut_off(db, Cut::AfterCommit).await;
    assert_eq!(db.upgrade().await, ["0001 -> 0002: Script-0002.sql; atomic (one transaction)"]);
    assert_eq!(db.query("SELECT id FROM t"), "1");
}

async fn a_commit_without_answer_is_unknown_when_the_server_is_gone(db: Database) {
    let (db, _proxy) = cut_off(db, Cut::AfterCommitForGood).await;
    let answer = db.upgrade().await;
    assert!(answer[0].starts_with("error: the server never answered the commit: "), "{answer:?}");
    let honest = ["note: it is unknown whether 0002 is applied", "hint: check the database with `Migrator::status`"];
    assert_eq!(answer[1..], honest);
    // the server has received the commit, but need not have finished it
    until("the row is committed", || db.query("SELECT id FROM t") == "1").await;
}
