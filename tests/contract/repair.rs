//! Repairs: the journal is corrected, and nothing runs.

use dbmigrate::outcome::Repaired;
use dbmigrate::script::Checksum;
use dbmigrate::{Error, JournalTable, Number};

use crate::database::Database;

contract! {
    a_changed_script_is_accepted_and_the_journal_keeps_what_was,
    a_script_that_is_what_was_applied_needs_no_repair,
    without_a_reason_nothing_is_repaired,
    what_is_not_in_the_journal_or_not_in_the_folder_is_not_repaired,
    a_number_that_is_used_twice_is_not_repaired,
    a_cleared_script_runs_from_its_beginning,
    a_database_whose_only_script_was_cleared_is_empty,
    repairs_are_recorded_beside_a_journal_with_an_odd_name,
}

const ONE: &str = "CREATE TABLE t (id integer PRIMARY KEY);\n";
const TWO: &str = "-- Two\nINSERT INTO t VALUES (2);";
const OTHER: &str = "-- Deux, l'autre\nINSERT INTO t VALUES (22);";

async fn repair(db: &Database, number: u64, reason: &str) -> Result<Repaired, String> {
    let number = Number::new(number).expect("a number");
    let answer = db.migrator().repair(number, reason).await;
    answer.map_err(|error| match error {
        Error::Repair { why, remedy } => format!("{why}; {remedy}"),
        error => error.to_string(),
    })
}

fn repairs(db: &Database) -> String {
    let columns = "number, script, action, old_state, COALESCE(new_checksum, 'none'), reason, old_body";
    db.query(&format!("SELECT {columns} FROM dbmigrate_journal_repairs ORDER BY repaired_at"))
}

async fn a_changed_script_is_accepted_and_the_journal_keeps_what_was(db: Database) {
    db.upgraded([ONE, TWO]).await;
    db.script(2, OTHER);
    assert!(db.upgrade().await[0].contains("Script-0002.sql has changed since it was applied"));
    let (old, new) = (Checksum::of(TWO), Checksum::of(OTHER));
    let accepted = Repaired::Accepted { script: "Script-0002.sql".into(), old, new };
    assert_eq!(repair(&db, 2, " it's a \"typo\" ").await, Ok(accepted));
    assert_eq!(db.upgrade().await, ["0002 -> 0002: ; nothing to do"]);
    assert_eq!(db.query("SELECT id FROM t"), "2", "nothing ran");
    let row = "SELECT title, checksum, body FROM dbmigrate_journal WHERE number = 2";
    assert_eq!(db.query(row), format!("Deux, l'autre|{new}|{OTHER}"));
    let first = format!("2|Script-0002.sql|accepted|applied|{new}|it's a \"typo\"|{TWO}");
    assert_eq!(repairs(&db), first);
    let who = "SELECT COUNT(*) FROM dbmigrate_journal_repairs WHERE repaired_by LIKE '%@%' AND repaired_at IS NOT NULL \
               AND old_checksum <> new_checksum AND statements_done IS NULL";
    assert_eq!(db.query(who), "1");
    db.script(2, TWO);
    assert!(matches!(repair(&db, 2, "back").await, Ok(Repaired::Accepted { .. })));
    assert_eq!(db.query("SELECT COUNT(*) FROM dbmigrate_journal_repairs"), "2");
}

async fn a_script_that_is_what_was_applied_needs_no_repair(db: Database) {
    db.upgraded([ONE]).await;
    let before = db.dump();
    assert_eq!(repair(&db, 1, "why not").await, Ok(Repaired::Unchanged { script: "Script-0001.sql".into() }));
    assert_eq!(db.dump(), before);
}

async fn without_a_reason_nothing_is_repaired(db: Database) {
    db.upgraded([ONE, TWO]).await;
    db.script(2, OTHER);
    let before = db.dump();
    let refused = "a repair needs a reason; say why the journal is changed";
    assert_eq!(repair(&db, 2, " \n").await, Err(refused.into()));
    assert_eq!(db.dump(), before);
}

async fn what_is_not_in_the_journal_or_not_in_the_folder_is_not_repaired(db: Database) {
    db.upgraded([ONE, TWO]).await;
    db.remove("Script-0002.sql");
    db.script(3, TWO);
    let before = db.dump();
    assert_eq!(
        repair(&db, 3, "x").await,
        Err("the journal has no script 0003; `Migrator::status` shows what it has".into())
    );
    let gone = "there is no Script-0002.sql to accept; restore it from source control, or write a newer baseline that \
                contains it";
    assert_eq!(repair(&db, 2, "x").await, Err(gone.into()));
    assert_eq!(db.dump(), before);
}

async fn a_cleared_script_runs_from_its_beginning(db: Database) {
    db.upgraded([ONE]).await;
    let separator = db.texts().separator;
    let fails =
        format!("-- dbmigrate: no-transaction\nINSERT INTO t VALUES (2);{separator}INSERT INTO nope VALUES (2);\n");
    db.script(2, &fails);
    assert!(db.upgrade().await[0].contains("Script-0002.sql failed"));
    assert_eq!(db.states(), ["1 Script-0001.sql applied", "2 Script-0002.sql failed"]);
    assert_eq!(db.query("SELECT id FROM t"), "2");
    let cleared = Repaired::Cleared { script: "Script-0002.sql".into(), done: 1 };
    assert_eq!(repair(&db, 2, "undone by hand").await, Ok(cleared));
    assert_eq!(db.states(), ["1 Script-0001.sql applied"]);
    assert!(repairs(&db).starts_with("2|Script-0002.sql|cleared|failed|none|undone by hand|"), "{}", repairs(&db));
    db.query("DELETE FROM t");
    db.script(2, TWO);
    assert_eq!(db.upgrade().await, ["0001 -> 0002: Script-0002.sql; atomic (one transaction)"]);
    assert_eq!(db.query("SELECT id FROM t"), "2");
}

async fn a_database_whose_only_script_was_cleared_is_empty(db: Database) {
    db.script(1, "-- dbmigrate: no-transaction\nINSERT INTO nope VALUES (1);");
    assert!(db.upgrade().await[0].contains("Script-0001.sql failed"));
    let cleared = Repaired::Cleared { script: "Script-0001.sql".into(), done: 0 };
    assert_eq!(repair(&db, 1, "it never ran").await, Ok(cleared));
    db.script(1, ONE);
    assert_eq!(db.upgrade().await[0].split(';').next(), Some("nothing -> 0001: Script-0001.sql"));
}

async fn repairs_are_recorded_beside_a_journal_with_an_odd_name(mut db: Database) {
    let texts = db.texts();
    let name = "odd \"name\" `of` 'a'; journal--ü";
    db.options.journal = JournalTable { schema: texts.journal_schema.map(Into::into), name: name.into() };
    db.scripts([ONE, TWO]);
    db.upgrade().await;
    db.script(2, OTHER);
    assert!(matches!(repair(&db, 2, "odd").await, Ok(Repaired::Accepted { .. })));
    let table = format!("{}{}", texts.journal_prefix, db.quoted(&format!("{name}_repairs")));
    assert_eq!(db.query(&format!("SELECT reason FROM {table}")), "odd");
}

async fn a_number_that_is_used_twice_is_not_repaired(db: Database) {
    db.upgraded([ONE, TWO]).await;
    std::fs::create_dir(db.path("a")).expect("a folder");
    db.file("a/Script-0002.sql", OTHER);
    let before = db.dump();
    let error = db.migrator().repair(Number::new(2).expect("a number"), "which one?").await.expect_err("it is refused");
    assert_eq!(error.problems().iter().map(dbmigrate::Problem::code).collect::<Vec<_>>(), ["duplicate"]);
    assert_eq!(db.dump(), before);
}
