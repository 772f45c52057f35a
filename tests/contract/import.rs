//! Taking over the journal of DbUp, in the shape that it has on each engine.

use dbmigrate::{BaselineOptions, ForeignJournal, JournalTable};

use crate::database::Database;
use crate::outcome::Lines;

contract! {
    what_dbup_has_applied_is_imported_and_the_rest_is_pending,
    a_baseline_counts_for_deleted_scripts_that_dbup_applied,
    names_and_scripts_that_do_not_match_are_listed,
    a_journal_of_dbup_in_another_table_is_found,
    a_journal_of_dbup_that_is_not_there_is_an_error,
    names_with_other_numbers_after_a_dot_are_not_mixed_up,
    an_import_needs_a_database_that_nothing_is_recorded_of,
}

const SCRIPTS: [&str; 3] = ["CREATE TABLE t (id integer);", "INSERT INTO t VALUES (2);", "INSERT INTO t VALUES (3);"];

/// A database that DbUp has brought so far.
fn upgraded_by_dbup(db: &Database, names: &[&str]) {
    db.query(&format!("{}{}CREATE TABLE t (id integer)", db.texts().dbup, db.texts().separator));
    for name in names {
        db.query(&db.texts().dbup_row.replace("NAME", name));
    }
}

async fn import(db: &Database, journal: ForeignJournal) -> Lines {
    db.record(&BaselineOptions::new().import(journal)).await
}

async fn what_dbup_has_applied_is_imported_and_the_rest_is_pending(db: Database) {
    upgraded_by_dbup(&db, &["Shop.Scripts.Script0002 - Rows.sql", "Shop.Scripts.Script0001 - Table.sql"]);
    db.scripts(SCRIPTS);
    let imported = [
        "nothing -> 0002: Script-0001.sql, Script-0002.sql; atomic (one transaction)",
        "warning: the imported scripts are taken as they are here: the other tool keeps no text or checksum of what it ran",
    ];
    assert_eq!(import(&db, ForeignJournal::dbup()).await, imported);
    assert_eq!(db.states(), ["1 Script-0001.sql imported", "2 Script-0002.sql imported"]);
    let origins = db.query("SELECT applied_by FROM dbmigrate_journal ORDER BY number");
    let first = "DbUp: Shop.Scripts.Script0001 - Table.sql, 2021-02-03 04:05:06";
    assert_eq!(origins.lines().next(), Some(first));
    assert_eq!(db.query("SELECT count(*) FROM t"), "0");
    assert_eq!(db.upgrade().await, ["0002 -> 0003: Script-0003.sql; atomic (one transaction)"]);
    assert_eq!(db.query("SELECT id FROM t"), "3");
    db.script(2, "INSERT INTO t VALUES (20);");
    assert!(db.upgrade().await[0].starts_with("error: Script-0002.sql has changed since it was applied"));
}

async fn names_with_other_numbers_after_a_dot_are_not_mixed_up(db: Database) {
    upgraded_by_dbup(&db, &["Script0001 - Release 1.2.sql", "Shop.Scripts.Script0002 - Fixes for v1.1.sql"]);
    db.scripts(SCRIPTS);
    let imported = "nothing -> 0002: Script-0001.sql, Script-0002.sql; atomic (one transaction)";
    assert_eq!(import(&db, ForeignJournal::dbup()).await[0], imported);
    let origins = db.query("SELECT number, applied_by FROM dbmigrate_journal ORDER BY number");
    assert!(origins.starts_with("1|DbUp: Script0001 - Release 1.2.sql, "), "{origins}");
    assert!(origins.contains("2|DbUp: Shop.Scripts.Script0002 - Fixes for v1.1.sql, "), "{origins}");
}

async fn a_baseline_counts_for_deleted_scripts_that_dbup_applied(db: Database) {
    upgraded_by_dbup(&db, &["0001-a.sql", "0002-b.sql", "0003-c.sql"]);
    db.file("Baseline-0002.sql", "CREATE TABLE t (id integer);");
    db.script(3, SCRIPTS[2]);
    let imported = "nothing -> 0003: Baseline-0002.sql, Script-0003.sql; atomic (one transaction)";
    assert_eq!(import(&db, ForeignJournal::dbup()).await[0], imported);
    assert_eq!(db.states(), ["2 Baseline-0002.sql imported", "3 Script-0003.sql imported"]);
    assert_eq!(db.upgrade().await, ["0003 -> 0003: ; nothing to do"]);
}

async fn names_and_scripts_that_do_not_match_are_listed(db: Database) {
    upgraded_by_dbup(&db, &["Script0001.sql", "Grants.sql", "Shop.0001-again.sql", "Script0003.sql", "Script0009.sql"]);
    db.scripts(SCRIPTS);
    let before = db.dump();
    let mut answer = import(&db, ForeignJournal::dbup()).await;
    let said = [
        "error: 4 problems",
        "import-absent: Script-0002.sql is not in the other tool's journal, which goes up to 0009",
        "import-not-on-disk: \"Script0009.sql\" was applied, but there is no Script-0009.sql",
        "import-unnumbered: \"Grants.sql\" was applied, but its name has no script number",
        "note: nothing was applied",
    ];
    answer.retain(|line| !line.starts_with("hint:") && !line.starts_with("import-twice: "));
    answer.sort();
    assert_eq!(answer, said);
    assert_eq!(db.dump(), before);
}

async fn a_journal_of_dbup_in_another_table_is_found(db: Database) {
    upgraded_by_dbup(&db, &[]);
    db.query(&db.texts().dbup.replace("SchemaVersions", "deployed").replace("schemaversions", "deployed"));
    let row = db.texts().dbup_row.replace("SchemaVersions", "deployed").replace("schemaversions", "deployed");
    db.query(&row.replace("NAME", "Script0001.sql"));
    db.scripts(SCRIPTS);
    let table = JournalTable { schema: None, name: "deployed".into() };
    let imported = "nothing -> 0001: Script-0001.sql; atomic (one transaction)";
    assert_eq!(import(&db, ForeignJournal::dbup().in_table(table)).await[0], imported);
}

async fn a_journal_of_dbup_that_is_not_there_is_an_error(db: Database) {
    db.query("CREATE TABLE t (id integer)");
    db.scripts(SCRIPTS);
    let answer = import(&db, ForeignJournal::dbup()).await;
    assert!(answer[0].starts_with("error: reading the journal of DbUp failed: "), "{answer:?}");
    assert!(answer.last().is_some_and(|hint| hint.contains("`ForeignJournal::in_table` SCHEMA.TABLE")), "{answer:?}");
}

async fn an_import_needs_a_database_that_nothing_is_recorded_of(db: Database) {
    upgraded_by_dbup(&db, &[]);
    db.scripts(SCRIPTS);
    let answer = import(&db, ForeignJournal::dbup()).await;
    assert_eq!(answer[0], "error: baseline recorded nothing: the journal of DbUp names no script");
    upgraded_row(&db);
    import(&db, ForeignJournal::dbup()).await;
    let answer = import(&db, ForeignJournal::dbup()).await;
    assert_eq!(answer[0], "error: baseline recorded nothing: the database already has a journal with rows");
}

fn upgraded_row(db: &Database) {
    db.query(&db.texts().dbup_row.replace("NAME", "Script0001.sql"));
}
