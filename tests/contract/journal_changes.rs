//! The journal is dbmigrate's own: scripts read it, and do not write it.

use crate::database::Database;

contract! {
    a_script_that_names_the_journal_to_change_it_is_refused,
    a_script_may_read_the_journal,
}

/// What has statements that are made of texts, and rolls them back.
#[cfg(feature = "postgres")]
mod postgres_drops {
    crate::tests! { crate::engine::postgres::Postgres: a_journal_that_a_script_drops_unseen_comes_back }
}
#[cfg(feature = "sqlserver")]
mod sqlserver_drops {
    crate::tests! { #[ignore = "needs a server: DBMIGRATE_TEST_MSSQL_URL"] crate::engine::sqlserver::SqlServer: a_journal_that_a_script_drops_unseen_comes_back }
}

contract_with_rollback! {
    rows_that_a_script_deletes_unseen_come_back,
    a_script_that_deletes_journal_rows_unseen_is_reported_and_applied,
}

async fn a_script_that_names_the_journal_to_change_it_is_refused(db: Database) {
    db.upgraded(["CREATE TABLE t (id integer);"]).await;
    let quoted = db.quoted("dbmigrate_journal");
    for statement in [
        &format!("DROP TABLE IF EXISTS {quoted}"),
        "ALTER TABLE dbmigrate_journal ADD note integer",
        "UPDATE dbmigrate_journal SET checksum = 'x'",
        "DELETE FROM dbmigrate_journal WHERE number = 1",
        "INSERT INTO dbmigrate_journal (number) VALUES (7)",
        "DELETE FROM dbmigrate_journal_repairs",
    ] {
        db.script(2, &db.joined(&["INSERT INTO t VALUES (2)", statement]));
        let before = db.dump();
        let answer = db.upgrade().await;
        assert_eq!(answer[0], "error: the statement changes dbmigrate_journal, the journal of this run");
        let line = db.line_of(2);
        assert!(answer[1].starts_with(&format!("at Script-0002.sql:{line}:")), "{answer:?}");
        assert_eq!(answer.last().map(String::as_str), Some("note: nothing was applied"));
        assert_eq!(db.dump(), before, "{statement}");
    }
}

async fn a_script_may_read_the_journal(db: Database) {
    db.upgraded([
        "CREATE TABLE t (id integer);",
        "INSERT INTO t SELECT number FROM dbmigrate_journal;",
        "CREATE VIEW applied AS SELECT number, script FROM dbmigrate_journal;",
    ])
    .await;
    assert_eq!(db.query("SELECT count(*) FROM applied"), "3");
}

/// What takes rows away so that the text of the statement does not show it.
fn unseen(db: &Database, what: &str) -> String {
    db.texts().unseen.replace("{sql}", what)
}

async fn rows_that_a_script_deletes_unseen_come_back(db: Database) {
    db.upgraded(["CREATE TABLE t (id integer);"]).await;
    let before = db.dump();
    db.script(2, &unseen(&db, "DELETE FROM dbmigrate_journal"));
    let answer = db.upgrade().await;
    assert_eq!(answer[0], "error: Script-0002.sql changed the journal: 1 of 2 rows missing");
    assert_eq!(answer[1], "note: rolled back: 0002 was not applied, the database is unchanged at 0001");
    assert!(answer[2].starts_with("hint: only dbmigrate writes the journal"), "{answer:?}");
    assert_eq!(db.dump(), before);
    db.script(3, "INSERT INTO t VALUES (3);");
    assert!(db.upgrade().await[0].starts_with("error: Script-0002.sql to Script-0003.sql changed the journal: "));
    db.remove("Script-0003.sql");
}

async fn a_script_that_deletes_journal_rows_unseen_is_reported_and_applied(db: Database) {
    db.upgraded(["CREATE TABLE t (id integer);"]).await;
    let first = unseen(&db, "DELETE FROM dbmigrate_journal WHERE number = 1");
    db.script(2, &format!("-- dbmigrate: no-transaction\n{}\nINSERT INTO t VALUES (2);", db.joined(&[&first])));
    let answer = db.upgrade().await;
    assert_eq!(answer[0], "error: Script-0002.sql changed the journal: 1 of 2 rows missing");
    assert!(answer[1].ends_with("the journal no longer says what is applied"), "{answer:?}");
    assert_eq!((db.states(), db.query("SELECT id FROM t").as_str()), (vec!["2 Script-0002.sql applied".into()], "2"));
}

#[cfg(any(feature = "postgres", feature = "sqlserver"))]
async fn a_journal_that_a_script_drops_unseen_comes_back(db: Database) {
    db.upgraded(["CREATE TABLE t (id integer);"]).await;
    let before = db.dump();
    db.script(2, &unseen(&db, "DROP TABLE dbmigrate_journal"));
    let answer = db.upgrade().await;
    assert!(answer[0].starts_with("error: writing Script-0002.sql into the journal failed: "), "{answer:?}");
    let state = "note: rolled back: 0002 was not applied, the database is unchanged at 0001";
    assert!(answer.iter().any(|line| line == state), "{answer:?}");
    assert_eq!(db.dump(), before);
}
