//! Upgrades: all or nothing, and nothing that is not due.

use dbmigrate::{TransactionMode, UpgradeOptions};

use crate::database::Database;

contract! {
    no_script_takes_longer_than_its_run,
    a_new_database_gets_everything,
    only_what_is_pending_is_applied,
    nothing_to_do_writes_nothing,
    rows_of_a_run_that_fails_leave_no_trace,
    a_script_in_its_own_transaction_stays_when_a_later_one_fails,
    scripts_without_statements_are_applied,
    a_baseline_without_a_byte_is_applied,
    scripts_in_utf_16_run_as_they_read,
    a_missing_database_is_an_error_unless_it_may_be_created,
    status_creates_nothing,
    a_preview_changes_nothing_and_shows_the_statements,
    events_report_the_commit_after_it_happened,
}

contract_with_rollback! {
    a_script_that_fails_leaves_no_trace_of_the_run,
    a_failure_on_a_new_database_leaves_no_journal,
}

/// Foreign keys that are looked at in the end.
#[cfg(feature = "sqlite")]
mod sqlite_defers {
    crate::tests! { crate::engine::sqlite::Sqlite: a_dangling_row_fails_the_run_before_its_commit }
}
#[cfg(feature = "postgres")]
mod postgres_defers {
    crate::tests! { crate::engine::postgres::Postgres: a_dangling_row_fails_the_run_before_its_commit }
}

const TWO: [&str; 2] = ["CREATE TABLE t (id integer PRIMARY KEY);", "INSERT INTO t VALUES (1);"];

/// What is promised of these two where what creates something commits at once.
const RESUMABLE: &str =
    "resumable, not atomic: Script-0001 (CREATE TABLE t) commits statement by statement; the rest in one transaction";

async fn a_new_database_gets_everything(db: Database) {
    db.file("Baseline.sql", "CREATE TABLE base (id integer);");
    db.scripts(TWO);
    let promised = db.promised(
        "resumable, not atomic: Baseline (CREATE TABLE base) and Script-0001 (CREATE TABLE t) commit statement by \
         statement; the rest in one transaction",
    );
    let all = format!("nothing -> 0002: Baseline.sql, Script-0001.sql, Script-0002.sql; {promised}");
    assert_eq!(db.upgrade().await, [all]);
    assert_eq!(db.query("SELECT id FROM t; SELECT count(*) FROM base;"), "1\n0");
    assert_eq!(db.states(), ["0 Baseline.sql applied", "1 Script-0001.sql applied", "2 Script-0002.sql applied"]);
    let status = ["Baseline.sql applied", "Script-0001.sql applied", "Script-0002.sql applied", "3 applied, 0 pending"];
    assert_eq!(db.status().await, [&status[..], &["nothing to do"]].concat());
}

async fn only_what_is_pending_is_applied(db: Database) {
    db.upgraded(TWO).await;
    let before = db.query("SELECT * FROM dbmigrate_journal ORDER BY number");
    db.script(3, "INSERT INTO t VALUES (2);");
    assert_eq!(db.upgrade().await, ["0002 -> 0003: Script-0003.sql; atomic (one transaction)"]);
    assert_eq!(db.query("SELECT id FROM t ORDER BY id"), "1\n2");
    assert_eq!(db.query("SELECT * FROM dbmigrate_journal WHERE number < 3 ORDER BY number"), before);
    assert_eq!(db.journal()[2], "3 Script-0003.sql applied");
}

async fn nothing_to_do_writes_nothing(db: Database) {
    db.upgraded(TWO).await;
    let before = db.dump();
    assert_eq!(db.upgrade().await, ["0002 -> 0002: ; nothing to do"]);
    assert_eq!(db.dump(), before);
}

async fn rows_of_a_run_that_fails_leave_no_trace(db: Database) {
    db.upgraded(TWO).await;
    let before = db.dump();
    db.script(3, "INSERT INTO t VALUES (2);\nUPDATE t SET id = 7 WHERE id = 1;");
    db.script(4, "DELETE FROM t;\n  INSERT INTO nope VALUES (1);\nINSERT INTO t VALUES (3);");
    db.script(5, "INSERT INTO t VALUES (4);");
    let texts = db.texts();
    let failure = [
        &format!("error: Script-0004.sql failed: {}", texts.no_table),
        "at Script-0004.sql:2:15: nope",
        &format!("note: {}", texts.no_table_code),
        "note: rolled back: 0003-0005 were not applied, the database is unchanged at 0002",
    ];
    assert_eq!(db.upgrade().await, failure);
    assert_eq!(db.dump(), before);
}

async fn a_script_that_fails_leaves_no_trace_of_the_run(db: Database) {
    db.upgraded(TWO).await;
    let before = db.dump();
    db.script(3, "INSERT INTO t VALUES (2);\nCREATE TABLE u (id integer);");
    db.script(4, "CREATE TABLE v (id integer);\n  INSERT INTO nope VALUES (1);\nCREATE TABLE w (id integer);");
    db.script(5, "CREATE TABLE x (id integer);");
    let texts = db.texts();
    let failure = [
        &format!("error: Script-0004.sql failed: {}", texts.no_table),
        "at Script-0004.sql:2:15: nope",
        &format!("note: {}", texts.no_table_code),
        "note: rolled back: 0003-0005 were not applied, the database is unchanged at 0002",
    ];
    assert_eq!(db.upgrade().await, failure);
    assert_eq!(db.dump(), before);
}

async fn a_failure_on_a_new_database_leaves_no_journal(db: Database) {
    let before = db.dump();
    db.scripts([TWO[0], "INSERT INTO nope VALUES (1);"]);
    let texts = db.texts();
    let failure = [
        &format!("error: Script-0002.sql failed: {}", texts.no_table),
        "at Script-0002.sql:1:13: nope",
        &format!("note: {}", texts.no_table_code),
        "note: rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied",
    ];
    assert_eq!(db.upgrade().await, failure);
    assert_eq!(db.dump(), before);
}

async fn a_dangling_row_fails_the_run_before_its_commit(db: Database) {
    let child = "CREATE TABLE child (parent integer REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);";
    db.upgraded(["CREATE TABLE parent (id integer PRIMARY KEY);", child]).await;
    let before = db.dump();
    db.script(3, "INSERT INTO child VALUES (7);");
    db.script(4, "INSERT INTO parent VALUES (8);");
    let rolled_back = "note: rolled back: 0003-0004 were not applied, the database is unchanged at 0002";
    let hint = "hint: one of these scripts caused it: `TransactionMode::PerScript` shows which";
    let answer = db.upgrade().await;
    // where each script is checked, it is known which one it was
    let names_it = answer[0].starts_with("error: the check after Script-0003.sql failed");
    let end = if names_it { vec![rolled_back] } else { vec![rolled_back, hint] };
    assert!(answer.iter().map(String::as_str).collect::<Vec<_>>().ends_with(&end), "{answer:?}");
    let known = |line: &&String| line.contains("SQLITE") || *line == rolled_back || *line == hint;
    let said = answer.iter().filter(|line| !known(line)).collect::<Vec<_>>();
    assert_eq!(said, db.texts().dangling);
    assert_eq!(db.dump(), before);
}

async fn a_script_in_its_own_transaction_stays_when_a_later_one_fails(db: Database) {
    db.upgraded([TWO[0]]).await;
    db.script(2, "INSERT INTO t VALUES (1);");
    db.script(3, "INSERT INTO t VALUES (2);\nINSERT INTO nope VALUES (1);");
    db.script(4, "INSERT INTO t VALUES (3);");
    let texts = db.texts();
    let failure = [
        &format!("error: Script-0003.sql failed: {}", texts.no_table),
        "at Script-0003.sql:2:13: nope",
        &format!("note: {}", texts.no_table_code),
        "note: rolled back: 0003-0004 were not applied, 0002 is applied and stays, the database is at 0002",
    ];
    assert_eq!(db.upgrade_with(UpgradeOptions::new().transaction(TransactionMode::PerScript)).await, failure);
    assert_eq!(db.query("SELECT id FROM t"), "1");
    assert_eq!(db.states(), ["1 Script-0001.sql applied", "2 Script-0002.sql applied"]);
}

async fn scripts_without_statements_are_applied(db: Database) {
    db.upgraded(["", "-- only this\n", "/* and this */ ;;\n;", "\u{feff}", TWO[0]]).await;
    assert_eq!(db.journal().len(), 5);
    assert_eq!(db.query("SELECT count(*) FROM t"), "0");
}

async fn a_baseline_without_a_byte_is_applied(db: Database) {
    db.file("Baseline.sql", "");
    assert_eq!(db.upgrade().await, ["nothing -> 0000: Baseline.sql; atomic (one transaction)"]);
    db.scripts(TWO);
    let both = format!("0000 -> 0002: Script-0001.sql, Script-0002.sql; {}", db.promised(RESUMABLE));
    assert_eq!(db.upgrade().await, [both]);
    assert_eq!(db.upgrade().await, ["0002 -> 0002: ; nothing to do"]);
}

async fn scripts_in_utf_16_run_as_they_read(db: Database) {
    let (kind, national) = (db.texts().text, db.texts().national);
    let text = format!("CREATE TABLE t (name {kind});\r\nINSERT INTO t VALUES ({national}'Ünïcödé 🦀');\r\n");
    let little = text.encode_utf16().flat_map(u16::to_le_bytes);
    db.file("Script-0001.sql", [0xff, 0xfe].into_iter().chain(little).collect::<Vec<_>>());
    let big = format!("INSERT INTO t VALUES ({national}'Ω');\nINSERT INTO nope VALUES (1);");
    let big = big.encode_utf16().flat_map(u16::to_be_bytes);
    db.file("Script-0002.sql", [0xfe, 0xff].into_iter().chain(big).collect::<Vec<_>>());
    assert_eq!(db.upgrade_to(1).await[0].split(';').next(), Some("nothing -> 0001: Script-0001.sql"));
    assert_eq!(db.query("SELECT name FROM t"), "Ünïcödé 🦀");
    assert_eq!(db.upgrade().await[1], "at Script-0002.sql:2:13: nope");
    // the same text in another encoding is the same script
    db.script(1, &text.replace("\r\n", "\n"));
    db.script(2, &format!("INSERT INTO t VALUES ({national}'Ω');"));
    assert_eq!(db.upgrade().await, ["0001 -> 0002: Script-0002.sql; atomic (one transaction)"]);
    assert_eq!(db.query("SELECT name FROM t"), "Ünïcödé 🦀\nΩ");
}

async fn a_missing_database_is_an_error_unless_it_may_be_created(db: Database) {
    db.drop_database();
    db.scripts(TWO);
    let answer = db.upgrade().await;
    assert!(
        answer[0].starts_with("error: cannot connect") || answer[0].starts_with("error: there is no"),
        "{answer:?}"
    );
    assert!(answer.last().is_some_and(|hint| hint.contains("`UpgradeOptions::create_database`")), "{answer:?}");
    assert!(!db.exists());
    let created = db.migrator().upgrade_with(&UpgradeOptions::new().create_database(true)).await;
    let all = format!("nothing -> 0002: Script-0001.sql, Script-0002.sql; {}", db.promised(RESUMABLE));
    assert_eq!(db.outcome(&created), [all]);
    assert_eq!(db.query("SELECT id FROM t"), "1");
}

async fn status_creates_nothing(db: Database) {
    db.scripts(TWO);
    let before = db.dump();
    let pending = ["Script-0001.sql pending", "Script-0002.sql pending", "0 applied, 2 pending"];
    assert_eq!(db.status().await, [&pending[..], &[db.promised(RESUMABLE)]].concat());
    assert_eq!(db.dump(), before);
    db.drop_database();
    assert!(db.status().await[0].starts_with("error: "));
    assert!(!db.exists());
}

async fn a_preview_changes_nothing_and_shows_the_statements(db: Database) {
    db.scripts(TWO);
    let before = db.dump();
    let mut sql = String::new();
    db.migrator().dry_run(&UpgradeOptions::new(), &mut |part| sql.push_str(part)).await.expect("nothing is wrong");
    assert_eq!(db.dump(), before);
    // what it shows does what the upgrade does
    db.query(&sql);
    assert_eq!(db.query("SELECT id FROM t"), "1");
    assert_eq!(db.states(), ["1 Script-0001.sql applied", "2 Script-0002.sql applied"]);
    assert_eq!(db.upgrade().await, ["0002 -> 0002: ; nothing to do"]);
}

async fn events_report_the_commit_after_it_happened(db: Database) {
    db.upgraded([TWO[0]]).await;
    let before = db.events().len();
    db.script(2, TWO[1]);
    db.script(3, "INSERT INTO nope VALUES (1);");
    db.upgrade().await;
    let uncommitted = ["started Script-0002.sql", "ran Script-0002.sql", "started Script-0003.sql"];
    assert_eq!(db.events()[before..], uncommitted);
    db.upgrade_to(2).await;
    let committed = ["started Script-0002.sql", "ran Script-0002.sql", "committed Script-0002.sql"];
    assert_eq!(db.events()[before + 3..], committed);
}

async fn no_script_takes_longer_than_its_run(db: Database) {
    db.scripts(TWO);
    let report = db.migrator().upgrade().await.expect("all is well");
    assert_eq!(report.applied.len(), 2);
    assert!(report.applied.iter().all(|applied| applied.duration <= report.duration), "{report:?}");
}
