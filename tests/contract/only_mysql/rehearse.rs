//! What a rehearsal cannot take back.

use crate::database::Database;

mod mysql {
    crate::tests! { crate::engine::mysql::Mysql:
        tables_without_transactions_are_named,
        a_rehearsal_needs_a_journal,
    }
}

async fn refused(db: &Database) -> Vec<String> {
    let error = db.migrator().rehearse().await.expect_err("it is refused");
    error.problems().iter().map(ToString::to_string).collect()
}

async fn tables_without_transactions_are_named(db: Database) {
    db.upgraded(["CREATE TABLE archive (id integer) ENGINE = MyISAM; INSERT INTO archive VALUES (1);"]).await;
    db.script(2, "DELETE FROM archive;");
    let why = "the first script cannot be rehearsed: what is written to tables without transactions (archive) cannot be rolled back";
    assert_eq!(refused(&db).await, [why]);
    assert_eq!(db.query("SELECT id FROM archive"), "1");
}

async fn a_rehearsal_needs_a_journal(db: Database) {
    db.scripts(["SELECT 1;"]);
    let why =
        "the first script cannot be rehearsed: the journal does not exist yet, and creating it cannot be rolled back";
    assert_eq!(refused(&db).await, [why]);
    assert_eq!(db.query("SHOW TABLES"), "");
}
