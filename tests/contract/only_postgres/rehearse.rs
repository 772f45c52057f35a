//! What a rehearsal shows of locks, and how it finds out what ends its transaction.

use crate::database::Database;

mod postgres {
    crate::tests! { crate::engine::postgres::Postgres:
        the_locks_of_each_script_are_shown,
        a_script_that_commits_is_detected,
        rows_of_a_copy_are_counted,
        what_waits_for_the_commit_is_checked,
    }
}

async fn the_locks_of_each_script_are_shown(db: Database) {
    db.upgraded(["CREATE SCHEMA shop; CREATE TABLE shop.item (id integer); CREATE TABLE shop.note (id integer);"])
        .await;
    db.script(2, "SELECT * FROM shop.item; INSERT INTO shop.note VALUES (1);");
    db.script(3, "ALTER TABLE shop.item ADD COLUMN name text; INSERT INTO shop.note VALUES (2);");
    let rehearsal = db.migrator().rehearse().await.expect("it can be rolled back");
    let locks = rehearsal.scripts.iter().map(|script| {
        let locks = script.locks.iter().map(|lock| format!("{} {}", lock.relation, lock.mode));
        locks.collect::<Vec<_>>().join(", ")
    });
    let expected = ["shop.item AccessShareLock, shop.note RowExclusiveLock", "shop.item AccessExclusiveLock"];
    assert_eq!(locks.collect::<Vec<_>>(), expected);
}

async fn a_script_that_commits_is_detected(db: Database) {
    db.upgraded(["CREATE TABLE t (id integer);"]).await;
    db.script(
        2,
        "SAVEPOINT a; SET standard_conforming_strings = off; ROLLBACK TO a; RELEASE a;\nCOPY t FROM stdin;\n\\.\n\
         SELECT '\\'; COMMIT; BEGIN; --';\n;",
    );
    let error = db.migrator().rehearse().await.expect_err("it has committed");
    assert_eq!(error.code(), "broken-transaction", "{error}");
}

async fn rows_of_a_copy_are_counted(db: Database) {
    db.upgraded(["CREATE TABLE t (id integer);"]).await;
    db.script(
        2,
        "COPY t FROM stdin;\n1\n2\n3\n\\.\nWITH gone AS (DELETE FROM t RETURNING id) SELECT count(*) FROM gone;",
    );
    let rehearsal = db.migrator().rehearse().await.expect("it can be rolled back");
    assert_eq!(rehearsal.scripts[0].rows, Some(3));
    assert_eq!(db.query("SELECT count(*) FROM t"), "0");
}

async fn what_waits_for_the_commit_is_checked(db: Database) {
    db.upgraded(["CREATE TABLE a (id integer PRIMARY KEY); \
                  CREATE TABLE b (a integer REFERENCES a DEFERRABLE INITIALLY DEFERRED);"])
        .await;
    db.script(2, "INSERT INTO b VALUES (7);");
    let before = db.dump();
    let error = db.migrator().rehearse().await.expect_err("the commit would fail");
    assert!(error.to_string().contains("violates foreign key constraint"), "{error}");
    assert_eq!(db.dump(), before);
}
