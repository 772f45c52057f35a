//! A rebuild drops the old database first: what that means when it does not come to its end.

use std::io::BufRead as _;
use std::process::Stdio;

use crate::database::{Database, until};
use crate::engine::mysql::{Mysql, is_doing, name, objects};

mod mysql {
    crate::tests! { crate::engine::mysql::Mysql:
        a_rebuild_that_fails_says_that_the_old_database_was_dropped,
        an_interrupted_rebuild_says_that_the_old_database_was_dropped,
        a_rebuild_that_is_killed_begins_again,
        a_rebuild_waits_for_a_run_on_the_old_database,
        a_run_waits_for_a_rebuild,
        a_rebuild_checks_every_script_before_it_drops_anything,
        everything_that_a_database_holds_is_built_anew,
        a_database_that_others_refer_to_is_not_dropped_in_part,
    }
}

const SCRIPTS: [&str; 2] = ["CREATE TABLE t (id integer);", "INSERT INTO t VALUES (1);"];

async fn a_rebuild_that_fails_says_that_the_old_database_was_dropped(db: Database) {
    db.upgraded(SCRIPTS).await;
    db.query("CREATE TABLE extra (id integer)");
    db.script(3, "INSERT INTO t VALUES (2);\nINSERT INTO nope VALUES (1);");
    let answer = [
        &format!("error: Script-0003.sql failed: {}", db.texts().no_table),
        "at Script-0003.sql:2:13: nope",
        &format!("note: {}", db.texts().no_table_code),
        "note: rolled back: 0003 was not applied, 0001-0002 are applied and stay, the database is at 0002; \
         the old database was dropped first",
    ];
    assert_eq!(db.rebuild().await, answer);
    assert!(!objects(&db).contains("extra"));
    // the next upgrade continues with what exists
    db.script(3, "INSERT INTO t VALUES (2);");
    assert_eq!(db.upgrade().await, ["0002 -> 0003: Script-0003.sql; atomic (one transaction)"]);
    assert_eq!(db.query("SELECT id FROM t ORDER BY id"), "1\n2");
}

async fn an_interrupted_rebuild_says_that_the_old_database_was_dropped(db: Database) {
    db.upgraded(SCRIPTS).await;
    db.script(3, &format!("CREATE TABLE u (id integer);\n{};", db.texts().slow));
    let migrator = db.migrator();
    let run = tokio::spawn(async move { migrator.rebuild().await });
    until("the third script runs", || is_doing(&name(&db), "User sleep")).await;
    db.interrupt.cancel();
    let answer = [
        "error: interrupted in Script-0003.sql",
        "note: Script-0003.sql runs outside a transaction: 1 of its 2 statements ran and stay; 0001-0002 are applied and stay, \
         the database is at 0002; the old database was dropped first",
        "hint: run `Migrator::upgrade` again: it resumes at statement 2",
    ];
    assert_eq!(db.outcome(&run.await.expect("no panic")), answer);
}

async fn a_rebuild_that_is_killed_begins_again(db: Database) {
    db.upgraded(SCRIPTS).await;
    db.script(3, &format!("CREATE TABLE u (id integer);\n{};", db.texts().slow));
    let mut program = db.program(&["rebuild", "--yes", "--log-format", "json"]);
    let mut program = program.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program runs");
    let mut said = std::io::BufReader::new(program.stderr.take().expect("it is piped"));
    let mut line = String::new();
    while !line.contains("Script-0003") {
        line.clear();
        assert!(said.read_line(&mut line).expect("it writes text") > 0, "it has ended");
    }
    program.kill().expect("it runs");
    program.wait().expect("it ends");
    db.end_sessions();
    db.script(3, "INSERT INTO t VALUES (3);");
    let all = "nothing -> 0003: Script-0001.sql, Script-0002.sql, Script-0003.sql; not atomic (the old database is dropped first)";
    assert_eq!(db.rebuild().await, [all]);
    assert_eq!(db.query("SELECT id FROM t ORDER BY id"), "1\n3");
}

async fn a_rebuild_waits_for_a_run_on_the_old_database(db: Database) {
    db.upgraded(SCRIPTS).await;
    db.script(3, "SELECT SLEEP(1);\nINSERT INTO t VALUES (2);");
    let rebuild = async {
        until("a run is under way", || is_doing(&name(&db), "User sleep")).await;
        db.rebuild().await
    };
    let (upgraded, anew) = tokio::join!(db.upgrade(), rebuild);
    assert_eq!(upgraded, ["0002 -> 0003: Script-0003.sql; atomic (one transaction)"]);
    assert!(anew[0].starts_with("nothing -> 0003: "), "{anew:?}");
    assert_eq!(db.query("SELECT id FROM t ORDER BY id"), "1\n2");
}

async fn a_run_waits_for_a_rebuild(db: Database) {
    db.upgraded(SCRIPTS).await;
    db.script(3, "SELECT SLEEP(1);\nINSERT INTO t VALUES (2);");
    let upgrade = async {
        until("a rebuild is under way", || is_doing(&name(&db), "User sleep")).await;
        db.upgrade().await
    };
    let (rebuilt, upgraded) = tokio::join!(db.rebuild(), upgrade);
    assert!(rebuilt[0].starts_with("nothing -> 0003: "), "{rebuilt:?}");
    assert_eq!(upgraded, ["0003 -> 0003: ; nothing to do"]);
    assert_eq!(db.query("SELECT id FROM t ORDER BY id"), "1\n2");
}

async fn a_rebuild_checks_every_script_before_it_drops_anything(db: Database) {
    db.upgraded(SCRIPTS).await;
    let before = db.dump();
    let longest = db.query("SELECT @@max_allowed_packet").parse::<usize>().expect("a number");
    db.script(3, &format!("INSERT INTO t VALUES (2); -- fine\nSELECT LENGTH('{}');", "x".repeat(longest)));
    let answer = db.rebuild().await;
    assert!(answer[0].contains("max_allowed_packet"), "{}", answer[0]);
    assert_eq!(db.dump(), before);
}

/// Every kind of object.
const OBJECTS: &str = "
CREATE TABLE t (id integer AUTO_INCREMENT PRIMARY KEY, x integer, y integer DEFAULT 7 COMMENT 'it''s; y');
CREATE TABLE log (what varchar(100) NOT NULL DEFAULT 'it''s; \\\\');
CREATE VIEW v AS SELECT id, x FROM t WHERE x > 1;
DELIMITER //
CREATE TRIGGER added AFTER INSERT ON t FOR EACH ROW
BEGIN
  -- a comment with a ' quote;
  INSERT INTO log VALUES (CONCAT('added; ', NEW.x));
  IF NEW.x > 5 THEN INSERT INTO log VALUES ('much'); END IF;
END//
CREATE PROCEDURE fill(IN n integer)
BEGIN
  DECLARE i integer DEFAULT 0;
  WHILE i < n DO SET i = i + 1; INSERT INTO t (x) VALUES (i * 3); END WHILE;
END//
CREATE FUNCTION twice(n integer) RETURNS integer DETERMINISTIC BEGIN RETURN n * 2; END//
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DO BEGIN DELETE FROM log; END//
DELIMITER ;
CALL fill(2);
INSERT INTO t (x) SELECT twice(20);
";

async fn everything_that_a_database_holds_is_built_anew(db: Database) {
    // the client's collation is another one
    db.query(&format!("SET NAMES utf8mb4; {OBJECTS}"));
    let plain = objects(&db);
    assert_eq!(db.query("SELECT what FROM log"), "added; 3\nadded; 6\nmuch\nadded; 40\nmuch");
    // fails in the middle, resumes, and is the same in the end
    db.scripts([&OBJECTS.replace("FUNCTION twice(n integer)", "FUNCTION twice(n nothing)")]);
    db.query(&format!("DROP DATABASE {0}; CREATE DATABASE {0} CHARACTER SET utf8mb4", name(&db)));
    let failed = db.upgrade().await;
    assert_eq!(failed[1], "at Script-0001.sql:17:25: nothing", "{failed:?}");
    assert_eq!(db.journal(), ["1 Script-0001.sql failed 5"]);
    db.scripts([OBJECTS]);
    db.upgrade().await;
    assert_eq!(objects(&db), plain);
    assert_eq!(db.journal(), ["1 Script-0001.sql applied 9"]);
    // a dump of it is a baseline
    db.file("Baseline-0001.sql", &plain);
    db.remove("Script-0001.sql");
    let rebuilt = db.rebuild().await;
    assert!(rebuilt[0].starts_with("nothing -> 0001: Baseline-0001.sql; "), "{rebuilt:?}");
    assert_eq!(objects(&db), plain);
}

async fn a_database_that_others_refer_to_is_not_dropped_in_part(db: Database) {
    db.upgraded(["CREATE TABLE a (id integer PRIMARY KEY);\nCREATE TABLE z (id integer);"]).await;
    let other = Database::new::<Mysql>();
    let own = name(&db);
    other.query(&format!("CREATE TABLE child (id integer, FOREIGN KEY (id) REFERENCES `{own}`.a (id))"));
    let before = db.dump();
    let answer = [
        format!("error: foreign keys of other databases refer to {own}: {}.child", name(&other)),
        "hint: drop these foreign keys first: with them, only a part of the database could be dropped".into(),
    ];
    let said = db.outcome(&db.migrator().rebuild().await);
    assert_eq!(said, answer);
    assert_eq!(db.dump(), before);
    other.query("DROP TABLE child");
    assert_eq!(db.rebuild().await[0].split(':').next(), Some("nothing -> 0001"));
}
