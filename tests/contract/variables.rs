//! Variables: what is sent has their values, what is hashed, kept and shown has not.

use dbmigrate::script::Checksum;

use crate::database::Database;

contract! {
    values_are_sent_and_neither_hashed_nor_kept,
    an_error_is_shown_in_the_script_as_it_is_written,
    an_undeclared_variable_is_refused,
    a_secret_value_reaches_neither_errors_nor_the_journal,
}

fn declare(db: &mut Database) {
    let variables = &mut db.options.variables;
    variables.declare("table", "a_table_of_some_length").expect("a name");
    variables.declare_secret("password", "hush_hush").expect("a name");
}

const TABLE: &str = "CREATE TABLE $(table) (id integer PRIMARY KEY, note varchar(100));";
const ROWS: &str = "-- $(unknown) is in a comment\nINSERT INTO $(table) VALUES (1, '$(password)');";

async fn values_are_sent_and_neither_hashed_nor_kept(mut db: Database) {
    declare(&mut db);
    db.upgraded([TABLE, ROWS]).await;
    assert_eq!(db.query("SELECT id, note FROM a_table_of_some_length"), "1|hush_hush");
    let kept = db.query("SELECT checksum, body FROM dbmigrate_journal WHERE number = 1");
    assert_eq!(kept, format!("{}|{TABLE}", Checksum::of(TABLE)));
    db.options.variables.declare("table", "another").expect("a name");
    assert_eq!(db.upgrade().await, ["0002 -> 0002: ; nothing to do"]);
}

async fn an_error_is_shown_in_the_script_as_it_is_written(mut db: Database) {
    declare(&mut db);
    db.upgraded([TABLE]).await;
    db.script(2, "SELECT id FROM $(table);\nSELECT 1, '$(password)' FROM $(table) WHERE nope = 1;");
    let answer = db.upgrade().await;
    assert_eq!(answer[1], "at Script-0002.sql:2:45: nope", "{answer:?}");
}

async fn an_undeclared_variable_is_refused(mut db: Database) {
    declare(&mut db);
    db.upgraded([TABLE]).await;
    db.script(2, "INSERT INTO $(tabel) VALUES (2, '');");
    let before = db.dump();
    let answer = db.upgrade().await;
    assert_eq!(answer[..2], ["error: there is no variable tabel", "at Script-0002.sql:1:13: $(tabel)"]);
    assert_eq!(db.dump(), before);
}

async fn a_secret_value_reaches_neither_errors_nor_the_journal(mut db: Database) {
    declare(&mut db);
    db.upgraded([TABLE]).await;
    db.script(2, "-- dbmigrate: no-transaction\nSELECT 1;\nINSERT INTO $(password) VALUES (1);");
    let answer = db.upgrade().await;
    assert!(!answer.concat().contains("hush") && answer[0].contains("***"), "{answer:?}");
    let kept = db.query("SELECT error FROM dbmigrate_journal WHERE number = 2");
    assert!(!kept.contains("hush") && kept.contains("***"), "{kept}");
}
