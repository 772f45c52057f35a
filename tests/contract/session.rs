//! What ends a transaction unseen by the checks is detected before success is reported.

use crate::database::Database;

contract! {
    a_setting_of_a_script_does_not_fail_the_journal,
}

contract_with_rollback! {
    temporary_tables_do_not_hide_the_journal,
}

async fn a_setting_of_a_script_does_not_fail_the_journal(db: Database) {
    db.upgraded(["CREATE TABLE t (id integer);", db.texts().setting, "INSERT INTO t VALUES (1);"]).await;
    assert_eq!(db.query("SELECT id FROM t"), "1");
    assert_eq!(db.journal().len(), 3);
}

async fn temporary_tables_do_not_hide_the_journal(db: Database) {
    db.upgraded(["CREATE TABLE t (id integer);", db.texts().temporary, "INSERT INTO t VALUES (1);"]).await;
    assert_eq!(db.journal().len(), 3);
    assert_eq!(db.upgrade().await, ["0003 -> 0003: ; nothing to do"]);
}
