//! A failure is shown where it is in the file.

use crate::database::Database;

contract! {
    a_syntax_error_is_shown_at_its_word,
    an_error_in_the_second_statement_of_a_line_is_shown_there,
    an_error_after_other_characters_is_shown_at_its_column,
    an_error_at_run_time_is_shown_at_its_statement,
    an_error_in_a_large_script_is_shown_at_its_line,
    an_error_in_a_file_with_carriage_returns_is_shown_at_its_line,
}

const TABLE: &str = "CREATE TABLE t (id integer PRIMARY KEY);";

/// The first line of the error and its place, for a script after one that creates a table.
async fn place(db: &Database, script: &str) -> [String; 2] {
    db.upgraded([TABLE]).await;
    db.script(2, script);
    let before = db.dump();
    let answer = db.upgrade().await;
    assert_eq!(db.dump(), before);
    [answer[0].clone(), answer[1].clone()]
}

async fn a_syntax_error_is_shown_at_its_word(db: Database) {
    let failed = format!("error: Script-0002.sql failed: {}", db.texts().syntax);
    let script = "INSERT INTO t VALUES (1);\n\nINSERT INTO t\n  VLAUES (7);\nINSERT INTO t VALUES (2);";
    assert_eq!(place(&db, script).await, [failed, "at Script-0002.sql:4:3: VLAUES".into()]);
}

async fn an_error_in_the_second_statement_of_a_line_is_shown_there(db: Database) {
    let failed = format!("error: Script-0002.sql failed: {}", db.texts().no_table);
    let script = "INSERT INTO t VALUES (1); INSERT INTO nope VALUES (2); INSERT INTO t VALUES (3);";
    assert_eq!(place(&db, script).await, [failed, "at Script-0002.sql:1:39: nope".into()]);
}

async fn an_error_after_other_characters_is_shown_at_its_column(db: Database) {
    let failed = format!("error: Script-0002.sql failed: {}", db.texts().no_table);
    let script = "/* 🦀🦀 */ SELECT 'Ünïcödé';\nSELECT 'é🦀' AS \"ü\" FROM nope;";
    assert_eq!(place(&db, script).await, [failed, "at Script-0002.sql:2:25: nope".into()]);
}

async fn an_error_at_run_time_is_shown_at_its_statement(db: Database) {
    let failed = format!("error: Script-0002.sql failed: {}", db.texts().duplicate);
    let script =
        "INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2);  INSERT INTO t\n  VALUES (3), (1), (1);\nSELECT 1;";
    let shown = if db.texts().counts_statements {
        "at Script-0002.sql:2:28: INSERT INTO t"
    } else {
        "at Script-0002.sql:2:1: INSERT INTO t VALUES (2);  INSERT INTO t"
    };
    assert_eq!(place(&db, script).await, [failed, shown.into()]);
}

async fn an_error_in_a_large_script_is_shown_at_its_line(db: Database) {
    let failed = format!("error: Script-0002.sql failed: {}", db.texts().duplicate);
    let mut script = String::new();
    for id in 1..=20_000 {
        script.extend(["INSERT INTO t VALUES (", &id.to_string(), ");\n"]);
    }
    script += "INSERT INTO t VALUES (1), (1);\n";
    let line = "at Script-0002.sql:20001:1: INSERT INTO t VALUES (1), (1)";
    assert_eq!(place(&db, &script).await, [failed, line.into()]);
}

async fn an_error_in_a_file_with_carriage_returns_is_shown_at_its_line(db: Database) {
    let failed = format!("error: Script-0002.sql failed: {}", db.texts().no_table);
    let script = "\u{feff}-- title\r\nSELECT 1;\r\n\r\nSELECT *\r\n  FROM nope;\r\n";
    assert_eq!(place(&db, script).await, [failed, "at Script-0002.sql:5:8: nope".into()]);
}
