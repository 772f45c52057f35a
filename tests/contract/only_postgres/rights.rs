//! Users with few rights.

use dbmigrate::UpgradeOptions;

use crate::database::Database;
use crate::engine::postgres::{admin, name, role, server};

mod postgres {
    crate::tests! { crate::engine::postgres::Postgres:
        an_owner_without_other_rights_upgrades,
        a_journal_that_may_not_be_read_is_an_error,
        a_journal_whose_schema_may_not_be_used_is_an_error,
        a_user_who_may_not_create_the_journal_learns_why,
        an_owner_who_may_create_databases_rebuilds,
        a_rebuild_without_the_right_to_create_databases_is_an_error,
        a_rebuild_by_another_user_than_the_owner_is_an_error,
    }
}

const SCRIPTS: [&str; 2] = ["CREATE TABLE t (id integer);", "INSERT INTO t VALUES (1);"];

/// Gives the database to a new role, and everything that is in it.
fn owned(db: &mut Database, options: &str) -> String {
    let role = role(db, options);
    db.query(&format!("ALTER DATABASE {} OWNER TO {role}", name(db)));
    role
}

async fn an_owner_without_other_rights_upgrades(mut db: Database) {
    db.options.drift = dbmigrate::Drift::Off;
    owned(&mut db, "");
    db.upgraded(SCRIPTS).await;
    // what others have is not theirs to check
    db.query("CREATE SCHEMA closed; CREATE TABLE closed.t (id integer UNIQUE DEFERRABLE)");
    db.script(3, "INSERT INTO t VALUES (2);");
    assert_eq!(db.upgrade().await, ["0002 -> 0003: Script-0003.sql; atomic (one transaction)"]);
    assert_eq!(db.query("SELECT id FROM t ORDER BY id"), "1\n2");
}

async fn unreadable(db: &Database, reason: &str) {
    let before = db.dump();
    for answer in [db.upgrade().await, db.status().await, db.baseline(Some(1)).await] {
        let error = format!("error: the journal \"public\".\"dbmigrate_journal\" cannot be read: {reason}");
        let hint = "hint: a journal that cannot be read is never taken for an empty one: \
                    check the table's columns and the user's rights";
        assert_eq!(answer, [error.as_str(), hint]);
    }
    assert_eq!(db.dump(), before);
}

async fn a_journal_that_may_not_be_read_is_an_error(mut db: Database) {
    db.upgraded(SCRIPTS).await;
    role(&mut db, "");
    unreadable(&db, "permission denied for table dbmigrate_journal").await;
}

async fn a_journal_whose_schema_may_not_be_used_is_an_error(mut db: Database) {
    db.upgraded(SCRIPTS).await;
    db.query("REVOKE ALL ON SCHEMA public FROM PUBLIC");
    role(&mut db, "");
    unreadable(&db, "permission denied for schema public").await;
}

async fn a_user_who_may_not_create_the_journal_learns_why(mut db: Database) {
    // before PostgreSQL 15, everybody may
    db.query("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    role(&mut db, "");
    db.scripts(SCRIPTS);
    let before = db.dump();
    let answer = [
        "error: creating the journal failed: permission denied for schema public",
        "note: PostgreSQL 42501",
        "note: rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied",
        "hint: grant the user what it lacks, or connect as the owner",
    ];
    assert_eq!(db.upgrade().await, answer);
    assert_eq!(db.dump(), before);
}

async fn an_owner_who_may_create_databases_rebuilds(mut db: Database) {
    let role = owned(&mut db, "CREATEDB");
    db.upgraded(SCRIPTS).await;
    db.query("INSERT INTO t VALUES (7)");
    let rebuilt =
        "nothing -> 0002: Script-0001.sql, Script-0002.sql; atomic (a new database replaces the old one at the end)";
    assert_eq!(db.rebuild().await, [rebuilt]);
    assert_eq!(
        db.query("SELECT id FROM t; SELECT tableowner FROM pg_tables WHERE tablename = 't'"),
        format!("1\n{role}")
    );
    let owner = format!("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = '{}'", name(&db));
    assert_eq!(admin(&owner), role);
    let created = db.migrator().upgrade_with(&UpgradeOptions::new().create_database(true)).await;
    assert_eq!(db.outcome(&created), ["0002 -> 0002: ; nothing to do"]);
}

async fn a_rebuild_without_the_right_to_create_databases_is_an_error(mut db: Database) {
    owned(&mut db, "");
    db.upgraded(SCRIPTS).await;
    let before = db.dump();
    let answer = db.rebuild().await;
    assert_eq!(
        answer[0],
        "error: creating the new database beside the old one failed: permission denied to create database"
    );
    assert_eq!(db.dump(), before);
    assert_eq!(db.left_beside(), Vec::<String>::new());
}

async fn a_rebuild_by_another_user_than_the_owner_is_an_error(mut db: Database) {
    db.upgraded(SCRIPTS).await;
    role(&mut db, "CREATEDB");
    let before = db.dump();
    let answer = db.outcome(&db.migrator().rebuild().await);
    let owner = server().username().to_owned();
    assert_eq!(
        answer[0],
        format!(
            "error: creating the new database beside the old one failed: only its owner, {owner}, may replace the database"
        )
    );
    assert_eq!(db.dump(), before);
    assert_eq!(db.left_beside(), Vec::<String>::new());
}
