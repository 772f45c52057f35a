//! The journal: any name, any schema, and an error when it cannot be read.

use dbmigrate::{JournalTable, Migrator, Repository, UpgradeOptions};

use crate::database::Database;

contract! {
    a_journal_with_an_odd_name_works,
    two_journals_in_one_database_are_independent,
    texts_are_kept_unless_they_are_long_or_unwanted,
    a_journal_with_other_columns_is_an_error,
    a_journal_with_an_unknown_state_is_an_error,
    a_journal_of_a_newer_format_is_refused,
    the_journal_says_who_applied_what_and_when,
    the_journal_says_from_which_commit_scripts_come,
}

const NAME: &str = "odd \"name\" `of` 'a'; journal--ü";
const TABLE: &str = "CREATE TABLE t (id integer PRIMARY KEY);";

async fn a_journal_with_an_odd_name_works(mut db: Database) {
    let texts = db.texts();
    db.options.journal = JournalTable { schema: texts.journal_schema.map(Into::into), name: NAME.into() };
    let alone = "-- dbmigrate: no-transaction\nINSERT INTO t VALUES (2);";
    db.scripts([TABLE, "INSERT INTO t VALUES (1);", alone]);
    db.upgrade().await;
    let table = format!("{}{}", texts.journal_prefix, db.quoted(NAME));
    let rows = db.query(&format!("SELECT number, state FROM {table} ORDER BY number"));
    assert_eq!(rows, "1|applied\n2|applied\n3|applied");
    assert_eq!(db.upgrade().await, ["0003 -> 0003: ; nothing to do"]);
    assert_eq!(db.rebuild().await[0].split(':').next(), Some("nothing -> 0003"));
    assert_eq!(db.query(&format!("SELECT count(*) FROM {table}")), "3");
}

async fn two_journals_in_one_database_are_independent(mut db: Database) {
    db.upgraded([TABLE]).await;
    let before = db.journal();
    db.options.journal.name = "other".into();
    assert_eq!(db.upgrade().await[0], "error: the database is not empty and has no journal");
    db.baseline(Some(1)).await;
    assert_eq!(db.query("SELECT number, state FROM other"), "1|baselined");
    assert_eq!(db.journal(), before);
}

async fn texts_are_kept_unless_they_are_long_or_unwanted(mut db: Database) {
    let long = format!("INSERT INTO t VALUES (2); -- {}", "x".repeat(dbmigrate::journal::BODY_LIMIT));
    let quoted = "INSERT INTO t VALUES (1); -- it's \\ \"ü\"\r\nSELECT 1;";
    db.upgraded([TABLE, quoted, &long]).await;
    db.options.store_text = false;
    db.script(4, "INSERT INTO t VALUES (3);");
    db.upgrade().await;
    let bodies = db.query("SELECT number, body FROM dbmigrate_journal WHERE body IS NOT NULL ORDER BY number");
    assert_eq!(bodies, format!("1|{TABLE}\n2|{}", quoted.replace('\r', "")));
}

async fn a_journal_with_other_columns_is_an_error(db: Database) {
    db.query("CREATE TABLE dbmigrate_journal (version integer)");
    db.scripts([TABLE]);
    let before = db.dump();
    for answer in [db.upgrade().await, db.status().await, db.baseline(Some(1)).await] {
        assert!(answer[0].contains(&format!("{} cannot be read: ", db.quoted("dbmigrate_journal"))), "{answer:?}");
        let hint = "hint: a journal that cannot be read is never taken for an empty one: \
                    check the table's columns and the user's rights";
        assert_eq!(answer.last().map(String::as_str), Some(hint));
    }
    assert_eq!(db.dump(), before);
}

async fn a_journal_with_an_unknown_state_is_an_error(db: Database) {
    db.upgraded([TABLE]).await;
    db.query("UPDATE dbmigrate_journal SET state = 'perhaps'");
    db.script(2, "INSERT INTO t VALUES (1);");
    let before = db.dump();
    let answer = db.upgrade().await;
    assert!(
        answer[0].ends_with("cannot be read: the column state holds \"perhaps\": unknown state \"perhaps\""),
        "{answer:?}"
    );
    assert_eq!(db.dump(), before);
}

async fn a_journal_of_a_newer_format_is_refused(db: Database) {
    db.upgraded([TABLE]).await;
    db.query("UPDATE dbmigrate_journal SET format = 99; ALTER TABLE dbmigrate_journal DROP COLUMN title;");
    db.script(2, "INSERT INTO t VALUES (1);");
    let before = db.dump();
    let answer = db.upgrade().await;
    assert!(answer[0].ends_with("has format 99, but this version of dbmigrate knows formats up to 2"), "{answer:?}");
    assert_eq!(answer[1..], ["hint: use the version of dbmigrate that wrote it, or a newer one"]);
    assert_eq!(db.dump(), before);
}

async fn the_journal_says_who_applied_what_and_when(db: Database) {
    db.upgraded([TABLE]).await;
    db.script(2, "-- It's the \"second\"\nINSERT INTO t VALUES (1);");
    db.script(3, "SELECT 1;");
    db.upgrade().await;
    let whole = "number = 2 AND script = 'Script-0002.sql' AND title = 'It''s the \"second\"' AND checksum LIKE 'sha256:%' \
                 AND state = 'applied' AND applied_at IS NOT NULL AND duration_ms >= 0 AND applied_by LIKE '%@%' \
                 AND format = 2 AND statements_done IS NULL AND error IS NULL";
    let version = dbmigrate::VERSION;
    let found = db.query(&format!("SELECT tool_version FROM dbmigrate_journal WHERE {whole}"));
    assert_eq!(found, version);
    assert_eq!(db.query("SELECT count(*), count(DISTINCT run) FROM dbmigrate_journal"), "3|2");
}

async fn the_journal_says_from_which_commit_scripts_come(db: Database) {
    let commits = || db.query("SELECT COALESCE(git_commit, 'none') FROM dbmigrate_journal ORDER BY number");
    db.upgraded([TABLE]).await;
    db.git(&["init", "--quiet"]);
    db.git(&["add", "."]);
    db.git(&["commit", "--quiet", "--message", "One"]);
    let first = db.git(&["rev-parse", "HEAD"]);
    db.script(2, "INSERT INTO t VALUES (2);");
    db.upgrade().await;
    assert_eq!(commits(), format!("none\n{first}-dirty"));
    db.git(&["add", "."]);
    db.git(&["commit", "--quiet", "--message", "Two"]);
    let second = db.git(&["rev-parse", "HEAD"]);
    db.script(2, "SELECT 'changed since';");
    db.script(3, "-- dbmigrate: no-transaction\nINSERT INTO t VALUES (3);");
    let scripts = Repository::of(db.path("")).and_then(|repository| repository.scripts("HEAD")).expect("a commit");
    let migrator = Migrator::new(db.target(), scripts).options(db.options.clone());
    let goal = UpgradeOptions::new();
    let status = migrator.status_with(&goal).await.expect("readable");
    assert_eq!((status.problems.as_slice(), status.pending), ([].as_slice(), 0));
    migrator.rebuild_with(&goal).await.expect("it is whole");
    assert_eq!(commits(), format!("{second}\n{second}"));
}
