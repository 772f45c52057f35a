//! Rebuilding: a new database takes the old one's place, or the old one stays as it was.

use dbmigrate::UpgradeOptions;

use crate::database::{Database, number_of};

contract! {
    a_rebuild_builds_everything_anew,
    a_rebuild_that_is_refused_keeps_the_old_database,
    a_rebuild_that_was_interrupted_before_keeps_the_old_database,
    a_rebuild_creates_a_missing_database,
    a_rebuild_stops_at_its_goal,
    a_rebuild_of_a_database_without_a_journal_needs_no_history,
    a_rebuild_runs_scripts_outside_a_transaction,
}

contract_with_rollback! {
    a_rebuild_that_fails_keeps_the_old_database,
    a_rebuild_that_is_interrupted_keeps_the_old_database,
}

const SCRIPTS: [&str; 2] = ["CREATE TABLE t (id integer);", "INSERT INTO t VALUES (1);"];

/// What a rebuild of these scripts says.
fn rebuilt(db: &Database) -> [String; 1] {
    [format!("nothing -> 0002: Script-0001.sql, Script-0002.sql; {}", db.texts().rebuild)]
}

async fn a_rebuild_builds_everything_anew(db: Database) {
    db.upgraded(SCRIPTS).await;
    db.query("INSERT INTO t VALUES (7); CREATE TABLE extra (id integer);");
    // an applied script may change: nothing of the old database stays
    db.script(2, "INSERT INTO t VALUES (2);");
    assert_eq!(db.rebuild().await, rebuilt(&db));
    assert_eq!(db.query("SELECT id FROM t"), "2");
    assert!(!db.dump().contains("extra"));
    assert_eq!(db.states(), ["1 Script-0001.sql applied", "2 Script-0002.sql applied"]);
    assert_eq!(db.upgrade().await, ["0002 -> 0002: ; nothing to do"]);
    let last = if db.texts().transactional_ddl { "swapping" } else { "committed Script-0001.sql, Script-0002.sql" };
    assert_eq!(db.events().last().map(String::as_str), Some(last));
    assert_eq!(db.left_beside(), Vec::<String>::new());
}

async fn a_rebuild_that_fails_keeps_the_old_database(db: Database) {
    db.upgraded(SCRIPTS).await;
    db.query("INSERT INTO t VALUES (7)");
    let before = db.dump();
    db.script(3, "INSERT INTO nope VALUES (1);");
    let texts = db.texts();
    let answer = [
        &format!("error: Script-0003.sql failed: {}", texts.no_table),
        "at Script-0003.sql:1:13: nope",
        &format!("note: {}", texts.no_table_code),
        "note: the old database is unchanged",
    ];
    assert_eq!(db.rebuild().await, answer);
    assert_eq!(db.dump(), before);
    assert_eq!(db.left_beside(), Vec::<String>::new());
}

async fn a_rebuild_that_is_refused_keeps_the_old_database(db: Database) {
    db.upgraded(SCRIPTS).await;
    let before = db.dump();
    db.script(3, "COMMIT;");
    db.script(5, "SELECT 1;");
    assert_eq!(db.rebuild().await[0], "error: 2 problems");
    assert_eq!(db.dump(), before);
    assert_eq!(db.left_beside(), Vec::<String>::new());
}

async fn a_rebuild_creates_a_missing_database(db: Database) {
    db.drop_database();
    db.scripts(SCRIPTS);
    assert_eq!(db.rebuild().await, rebuilt(&db));
    assert_eq!(db.query("SELECT id FROM t"), "1");
    assert_eq!(db.left_beside(), Vec::<String>::new());
}

async fn a_rebuild_stops_at_its_goal(db: Database) {
    db.upgraded(SCRIPTS).await;
    let options = UpgradeOptions::new().to(Some(number_of(1)));
    let answer = db.migrator().rebuild_with(&options).await;
    assert_eq!(db.outcome(&answer), [format!("nothing -> 0001: Script-0001.sql; {}", db.texts().rebuild)]);
    assert_eq!(db.query("SELECT count(*) FROM t"), "0");
}

async fn a_rebuild_that_is_interrupted_keeps_the_old_database(db: Database) {
    db.upgraded(SCRIPTS).await;
    let before = db.dump();
    db.script(3, &format!("{};", db.texts().slow));
    let migrator = db.migrator();
    let run = tokio::spawn(async move { migrator.rebuild().await });
    crate::database::until("the third script runs", || {
        db.events().iter().any(|event| event == "started Script-0003.sql")
    })
    .await;
    db.interrupt.cancel();
    let answer = ["error: interrupted in Script-0003.sql", "note: the old database is unchanged"];
    assert_eq!(db.outcome(&run.await.expect("no panic")), answer);
    assert_eq!(db.dump(), before);
    assert_eq!(db.left_beside(), Vec::<String>::new());
}

async fn a_rebuild_that_was_interrupted_before_keeps_the_old_database(db: Database) {
    db.upgraded(SCRIPTS).await;
    let before = db.dump();
    db.interrupt.cancel();
    assert_eq!(db.rebuild().await[0], "error: interrupted");
    assert_eq!(db.dump(), before);
    assert_eq!(db.left_beside(), Vec::<String>::new());
}

async fn a_rebuild_of_a_database_without_a_journal_needs_no_history(db: Database) {
    db.query("CREATE TABLE old (id integer)");
    db.scripts(SCRIPTS);
    assert_eq!(db.rebuild().await, rebuilt(&db));
    assert!(!db.dump().contains("TABLE old") && !db.dump().contains("`old`"));
}

async fn a_rebuild_runs_scripts_outside_a_transaction(db: Database) {
    let alone = db.joined(&[db.texts().maintain, "INSERT INTO t VALUES (1)"]);
    let alone = format!("-- dbmigrate: no-transaction\n{alone}");
    db.scripts(["CREATE TABLE t (id integer);", &alone]);
    db.rebuild().await;
    assert_eq!(db.query("SELECT id FROM t"), "1");
    assert_eq!(db.states()[0], "1 Script-0001.sql applied");
    assert_eq!(db.journal()[1], "2 Script-0002.sql applied 2");
}
