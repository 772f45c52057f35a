//! What must not or cannot run is refused before anything runs, at its place.

use crate::database::Database;
use crate::outcome::Lines;

contract! {
    own_transactions_are_refused_at_their_place,
    own_transactions_are_refused_outside_a_transaction_too,
    an_unterminated_statement_is_refused_at_its_start,
    a_misplaced_or_unknown_directive_is_refused,
    savepoints_of_a_script_are_allowed,
    transactions_named_in_texts_are_text,
}

contract_with_rollback! {
    a_statement_that_cannot_run_in_a_transaction_is_refused,
}

/// What the second script gives rise to, when the first is fine; nothing is applied.
async fn refused(db: &Database, second: &str) -> Lines {
    let before = db.dump();
    db.scripts(["CREATE TABLE t (id integer);", second]);
    let answer = db.upgrade().await;
    assert_eq!(db.dump(), before);
    // in T-SQL, a ROLLBACK is often one of a handler
    let plain =
        |line: String| if line.starts_with("hint: remove the statement with its IF") { REMOVE.into() } else { line };
    answer.into_iter().map(plain).collect()
}

const REMOVE: &str = "hint: remove the statement: dbmigrate runs the script in its own transaction";
const OUTSIDE: &str = "hint: remove the statement: this script runs outside a transaction, and each statement is committed by \
                       itself; without the line -- dbmigrate: no-transaction, all of it is one transaction";
const NOTHING: &str = "note: nothing was applied";

async fn own_transactions_are_refused_at_their_place(db: Database) {
    let begin = db.texts().begin;
    let all = [
        "error: 3 problems",
        &format!("own-transaction: a script may not {begin}: dbmigrate controls the transactions"),
        &format!("at Script-0002.sql:1:1: {begin}"),
        REMOVE,
        "own-transaction: a script may not ROLLBACK: dbmigrate controls the transactions",
        "at Script-0002.sql:2:32: ROLLBACK",
        REMOVE,
        "own-transaction: a script may not COMMIT: dbmigrate controls the transactions",
        "at Script-0002.sql:4:3: commit",
        REMOVE,
        NOTHING,
    ];
    let script = format!("{begin};\nINSERT INTO t VALUES (1); /* é */ROLLBACK;\n\n  commit;");
    let answer = refused(&db, &script).await;
    assert_eq!(answer[5], "at Script-0002.sql:2:34: ROLLBACK");
    let moved = answer.iter().map(|line| line.replace(":2:34:", ":2:32:")).collect::<Vec<_>>();
    assert_eq!(moved, all);
}

async fn a_statement_that_cannot_run_in_a_transaction_is_refused(db: Database) {
    let apart = db.texts().apart;
    let answer = [
        &format!("error: {apart} cannot run in a transaction"),
        &format!("at Script-0002.sql:2:1: {apart}"),
        "hint: move it to a script of its own that starts with the line: -- dbmigrate: no-transaction",
        NOTHING,
    ];
    assert_eq!(refused(&db, &format!("INSERT INTO t VALUES (1);\n{apart};")).await, answer);
}

async fn own_transactions_are_refused_outside_a_transaction_too(db: Database) {
    let answer = [
        "error: a script may not COMMIT: dbmigrate controls the transactions",
        "at Script-0002.sql:3:1: COMMIT",
        OUTSIDE,
        NOTHING,
    ];
    let script = format!("-- dbmigrate: no-transaction\n{};\nCOMMIT;", db.texts().maintain);
    assert_eq!(refused(&db, &script).await, answer);
}

async fn an_unterminated_statement_is_refused_at_its_start(db: Database) {
    for (script, place) in
        [("INSERT INTO t VALUES ('it''s);\nCOMMIT;", "1:23"), ("SELECT 1;\n  SELECT \"open;", "2:10")]
    {
        let answer = refused(&db, script).await;
        assert!(answer[1].starts_with(&format!("at Script-0002.sql:{place}: ")), "{answer:?}");
        assert_eq!(answer.last().map(String::as_str), Some(NOTHING));
    }
}

async fn a_misplaced_or_unknown_directive_is_refused(db: Database) {
    let answer = [
        "error: a directive after the first statement is not read",
        "at Script-0002.sql:2:1: -- dbmigrate: no-transaction",
        "hint: move the line to the top of the script",
        NOTHING,
    ];
    assert_eq!(refused(&db, "SELECT 1;\n-- dbmigrate: no-transaction\nSELECT 2;").await, answer);
    let answer = [
        "error: unknown directive \"no-transactions\"",
        "at Script-0002.sql:1:1: -- dbmigrate: no-transactions",
        "hint: the directives are: -- dbmigrate: no-transaction and -- dbmigrate: no-variables",
        NOTHING,
    ];
    assert_eq!(refused(&db, "-- dbmigrate: no-transactions\nSELECT 1;").await, answer);
}

async fn savepoints_of_a_script_are_allowed(db: Database) {
    let [savepoint, back, end] = db.texts().savepoints;
    db.upgraded([
        "CREATE TABLE t (id integer);",
        &format!("{savepoint}; INSERT INTO t VALUES (1); {back}; INSERT INTO t VALUES (2); {end};"),
    ])
    .await;
    assert_eq!(db.query("SELECT id FROM t ORDER BY id"), "2");
    assert_eq!(db.journal().len(), 2);
    db.script(3, &format!("INSERT INTO t VALUES (3); {back};"));
    assert_eq!(db.upgrade().await[0], "error: the script has not set the savepoint a before this statement");
    if !end.is_empty() {
        db.script(3, &format!("{savepoint}; INSERT INTO t VALUES (3);"));
        assert_eq!(db.upgrade().await[0], "error: the savepoint a is still open at the end of the script");
        db.script(3, &format!("{end};"));
        assert_eq!(db.upgrade().await[0], "error: the script has not set the savepoint a before this statement");
    }
}

async fn transactions_named_in_texts_are_text(db: Database) {
    db.upgraded([
        "CREATE TABLE t (text text); -- COMMIT;",
        "INSERT INTO t VALUES ('; COMMIT; BEGIN;');\n/* ROLLBACK; */",
    ])
    .await;
    assert_eq!(db.query("SELECT text FROM t"), "; COMMIT; BEGIN;");
}
