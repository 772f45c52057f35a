//! What is wrong with folder and history is refused, all of it at once, and nothing is applied.

use dbmigrate::UpgradeOptions;

use crate::database::Database;
use crate::outcome::Lines;

contract! {
    a_changed_script_is_refused_with_its_difference,
    a_changed_script_is_refused_without_texts_in_the_journal,
    line_ends_and_byte_order_marks_are_not_a_change,
    a_missing_script_is_refused,
    a_script_out_of_order_is_refused,
    a_gap_is_refused,
    every_problem_is_reported_at_once,
    a_goal_below_and_above_is_refused,
    an_upgrade_stops_at_its_goal,
    a_database_ahead_of_the_folder_is_a_warning,
    a_database_without_a_journal_that_is_not_empty_is_refused,
    an_empty_folder_is_refused,
}

const THREE: [&str; 3] = [
    "-- The items\nCREATE TABLE t (\n    id integer PRIMARY KEY\n);\n",
    "INSERT INTO t VALUES (1);\n",
    "INSERT INTO t VALUES (2);\n",
];

const NOTHING: &str = "note: nothing was applied";

/// An upgrade that is refused and changes nothing.
async fn refused(db: &Database) -> Lines {
    let before = db.dump();
    let answer = db.upgrade().await;
    assert_eq!(db.dump(), before);
    answer
}

async fn a_changed_script_is_refused_with_its_difference(db: Database) {
    db.upgraded(THREE).await;
    db.script(1, "-- The items\nCREATE TABLE t (\n    id bigint PRIMARY KEY\n);\n");
    db.script(4, "INSERT INTO t VALUES (3);");
    let answer = [
        "error: Script-0001.sql has changed since it was applied (<time>)",
        "--- applied",
        "+++ on disk",
        "@@ -1,4 +1,4 @@",
        " -- The items",
        " CREATE TABLE t (",
        "-    id integer PRIMARY KEY",
        "+    id bigint PRIMARY KEY",
        " );",
        "hint: an applied script never changes: undo the change (git checkout) and put it into a new script; if \
         this is a new script with the same number, give it another number; if the change has no effect, accept it \
         with `Migrator::repair`",
        NOTHING,
    ];
    assert_eq!(refused(&db).await, answer);
}

async fn a_changed_script_is_refused_without_texts_in_the_journal(mut db: Database) {
    db.options.store_text = false;
    db.upgraded(THREE).await;
    assert_eq!(db.query("SELECT count(*) FROM dbmigrate_journal WHERE body IS NULL"), "3");
    db.script(2, "INSERT INTO t VALUES (7);\n");
    let answer = [
        "error: Script-0002.sql has changed since it was applied (<time>)",
        "hint: an applied script never changes: undo the change (git checkout) and put it into a new script; if \
         this is a new script with the same number, give it another number; if the change has no effect, accept it \
         with `Migrator::repair`",
        NOTHING,
    ];
    assert_eq!(refused(&db).await, answer);
}

async fn line_ends_and_byte_order_marks_are_not_a_change(db: Database) {
    db.upgraded(THREE).await;
    db.script(1, &format!("\u{feff}{}", THREE[0].replace('\n', "\r\n")));
    db.script(2, &THREE[1].replace('\n', "\r"));
    assert_eq!(refused(&db).await, ["0003 -> 0003: ; nothing to do"]);
}

async fn a_missing_script_is_refused(db: Database) {
    db.upgraded(THREE).await;
    db.remove("Script-0002.sql");
    let answer = [
        "error: Script-0002.sql was applied (<time>) but its file is missing",
        "hint: restore it from source control: an applied script stays until a newer baseline replaces it",
        NOTHING,
    ];
    assert_eq!(refused(&db).await, answer);
}

async fn a_script_out_of_order_is_refused(db: Database) {
    db.upgraded(THREE).await;
    // 0002 came from a branch that was merged late
    db.query("DELETE FROM dbmigrate_journal WHERE number = 2");
    db.script(4, "INSERT INTO t VALUES (3);");
    let answer = [
        "error: Script-0002.sql is out of order: the database is already at 0003",
        "hint: renumber it to Script-0005.sql",
        NOTHING,
    ];
    assert_eq!(refused(&db).await, answer);
}

async fn a_gap_is_refused(db: Database) {
    db.upgraded(THREE).await;
    db.script(7, "INSERT INTO t VALUES (3);");
    let answer = [
        "error: scripts 0004-0006 are missing, but higher numbers exist",
        "hint: numbers must have no gaps: restore the missing scripts or renumber those after the gap",
        NOTHING,
    ];
    assert_eq!(refused(&db).await, answer);
}

async fn every_problem_is_reported_at_once(db: Database) {
    db.upgraded(THREE).await;
    db.query("DELETE FROM dbmigrate_journal WHERE number = 2");
    db.script(1, "-- The items\nCREATE TABLE t (id integer);\n");
    db.remove("Script-0003.sql");
    db.script(5, "COMMIT;");
    db.script(6, "SELECT 'open;\n");
    db.file("script-7.sql", "");
    db.file("Script-0008.sql", b"SELECT '\xff';");
    let codes = refused(&db).await;
    let codes = codes.iter().filter_map(|line| line.split_once(": ")).map(|(code, _)| code);
    let codes = codes.filter(|code| !code.contains(' ') && *code != "hint").collect::<Vec<_>>();
    let folder = ["undecodable", "misnamed"];
    let history = ["changed", "missing", "gap", "out-of-order"];
    let texts = ["own-transaction", "unterminated-string"];
    let all = [&["error"], &folder[..], &history, &texts, &["note"]].concat();
    assert_eq!(codes, all);
}

async fn a_goal_below_and_above_is_refused(db: Database) {
    db.upgraded(THREE).await;
    let before = db.dump();
    let below = [
        "error: the number 0002 is below what is applied: the database is at 0003",
        "hint: scripts only go up: pass a number that is not below it",
        NOTHING,
    ];
    assert_eq!(db.upgrade_to(2).await, below);
    let above = [
        "error: the number 0004 is above the highest script, which is 0003",
        "hint: check out the commit that has it, or leave `UpgradeOptions::to` out",
        NOTHING,
    ];
    assert_eq!(db.upgrade_to(4).await, above);
    assert_eq!(db.upgrade_to(3).await, ["0003 -> 0003: ; nothing to do"]);
    assert_eq!(db.dump(), before);
}

async fn an_upgrade_stops_at_its_goal(db: Database) {
    db.scripts(THREE);
    let promised = db.promised(
        "resumable, not atomic: Script-0001 (CREATE TABLE t) commits statement by statement; the rest in one transaction",
    );
    assert_eq!(db.upgrade_to(2).await, [format!("nothing -> 0002: Script-0001.sql, Script-0002.sql; {promised}")]);
    assert_eq!(db.query("SELECT id FROM t"), "1");
    assert_eq!(db.upgrade().await, ["0002 -> 0003: Script-0003.sql; atomic (one transaction)"]);
}

async fn a_database_ahead_of_the_folder_is_a_warning(db: Database) {
    db.upgraded(THREE).await;
    db.remove("Script-0003.sql");
    db.remove("Script-0002.sql");
    let warning = "warning: the database is ahead of the scripts: it has 0002-0003, but the highest script is 0001; \
                   if no newer checkout was deployed, files are missing here";
    assert_eq!(refused(&db).await, ["0003 -> 0003: ; nothing to do", warning]);
    assert!(db.status().await.contains(&warning.to_owned()));
}

async fn a_database_without_a_journal_that_is_not_empty_is_refused(db: Database) {
    db.query("CREATE TABLE old (id integer)");
    db.scripts(THREE);
    let answer = [
        "error: the database is not empty and has no journal",
        "hint: if it matches the baseline, record that with `Migrator::baseline` (`BaselineOptions::to` N if scripts are applied as well; \
         `BaselineOptions::import` if another tool applied them; `BaselineOptions::to` 0 to apply all scripts to it as it is); otherwise check the URL",
        NOTHING,
    ];
    assert_eq!(refused(&db).await, answer);
    // a journal that has lost its rows explains nothing either
    db.query("DROP TABLE old");
    db.upgrade().await;
    db.query("DELETE FROM dbmigrate_journal");
    let answer = [
        "error: the database is not empty, and its journal has no rows",
        "hint: a script may have committed the first run's transaction, or the rows were deleted: find out what the \
         database contains, then record it with `BaselineOptions::to` N, or start over with `Migrator::rebuild`",
        NOTHING,
    ];
    assert_eq!(refused(&db).await, answer);
}

async fn an_empty_folder_is_refused(db: Database) {
    let answer = db.upgrade_with(UpgradeOptions::new()).await;
    assert!(answer[0].starts_with("error: no Baseline.sql and no Script-NNNN.sql in "), "{answer:?}");
}
