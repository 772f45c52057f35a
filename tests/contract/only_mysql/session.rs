//! What a script sets does not reach the next one, and the run's own notes do not reach a script.

use crate::database::Database;
use crate::engine::mysql::{Mysql, is_mariadb, name};

mod mysql {
    crate::tests! { crate::engine::mysql::Mysql:
        settings_do_not_reach_the_next_script,
        the_session_is_reset_after_a_script,
        the_session_is_reset_after_a_routine,
        a_role_ends_with_its_script_and_the_transaction_with_it,
        a_lock_by_name_ends_with_its_script,
        the_lock_is_held_while_a_run_continues_in_a_new_session,
        a_session_has_the_settings_of_the_server_s_client,
        checkpoints_do_not_disturb_a_script,
        tables_that_stay_locked_do_not_keep_the_journal_out,
        a_script_cannot_release_the_lock,
        a_temporary_table_in_the_journal_s_place_changes_nothing,
        a_commit_in_a_procedure_is_detected,
        the_server_stores_a_routine_as_from_its_client,
    }
}

/// Everything that a script could set, as one row.
const SEEN: &str = "INSERT INTO seen SELECT CONCAT_WS(' ', DATABASE(), @@sql_mode, @@foreign_key_checks, @@unique_checks, \
                    @@time_zone, @@character_set_client, @@character_set_connection, @@collation_connection, @@autocommit, \
                    @@sql_safe_updates, @@innodb_lock_wait_timeout, @@lock_wait_timeout, @@sql_select_limit, @@sql_auto_is_null, \
                    @@sql_notes, @@group_concat_max_len, @@lc_time_names, @@div_precision_increment, @@completion_type, \
                    @@default_storage_engine, @@timestamp > 1000000000, LAST_INSERT_ID(7), ISOLATION);";

/// Without what commits, so that it can be part of an atomic script, too.
const SETTINGS: &str = "SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES', foreign_key_checks = 0, unique_checks = 0; \
                        SET time_zone = '-05:00', sql_safe_updates = 1, innodb_lock_wait_timeout = 3, lock_wait_timeout = 4; \
                        SET sql_auto_is_null = 1, sql_notes = 0, group_concat_max_len = 10, lc_time_names = 'de_DE'; \
                        SET div_precision_increment = 9, completion_type = 'CHAIN', default_storage_engine = MyISAM; \
                        SET timestamp = 1; SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED; \
                        SET sql_select_limit = 0; SET NAMES latin1;";

fn seen() -> String {
    let isolation = if is_mariadb() { "@@tx_isolation" } else { "@@transaction_isolation" };
    SEEN.replace("ISOLATION", isolation)
}

async fn the_session_is_reset_after_a_script(db: Database) {
    let seen =
        "INSERT INTO seen SELECT CONCAT_WS(' ', COALESCE(@id, 'none'), COALESCE(@other, 'none'), LAST_INSERT_ID());";
    let leaves = "SET @id = 5; SELECT 7 INTO @other; CREATE TEMPORARY TABLE scratch (id integer); \
                  INSERT INTO numbered VALUES (NULL); PREPARE p FROM 'SELECT 1';";
    let tables =
        "CREATE TABLE seen (what varchar(100)); CREATE TABLE numbered (id integer AUTO_INCREMENT PRIMARY KEY);";
    db.upgraded([tables, leaves, seen, leaves, &format!("{leaves}\nDROP TABLE numbered;"), seen]).await;
    assert_eq!(db.query("SELECT what FROM seen"), ["none none 0"; 2].join("\n"));
    db.script(7, "EXECUTE p;");
    assert!(db.upgrade().await[0].contains("Unknown prepared statement handler"));
}

async fn the_session_is_reset_after_a_routine(db: Database) {
    let role = format!("r{}", std::process::id());
    db.query(&format!("CREATE ROLE {role}; GRANT {role} TO CURRENT_USER()"));
    let tables = "CREATE TABLE seen (what varchar(100));\n\
                  CREATE PROCEDURE p() BEGIN SET @id = 5; SET SESSION sql_mode = ''; CREATE TEMPORARY TABLE seen (a integer); END";
    let tables = format!("DELIMITER //\n{}//\nDELIMITER ;", tables.replace(";\n", "//\n"));
    let seen =
        "INSERT INTO seen (what) SELECT CONCAT_WS(' ', COALESCE(@id, 'none'), COALESCE(CURRENT_ROLE(), 'NONE'));";
    let immediate = "PREPARE s FROM 'CREATE TEMPORARY TABLE seen (a integer)'; EXECUTE s;";
    let role_is_set = format!("SET ROLE {role};");
    db.upgraded([&tables, "CALL p();", seen, immediate, seen, &role_is_set, seen]).await;
    db.query(&format!("DROP ROLE {role}"));
    assert_eq!(db.query("SELECT what FROM seen"), ["none NONE"; 3].join("\n"));
    assert_eq!(db.journal().len(), 7);
}

async fn a_role_ends_with_its_script_and_the_transaction_with_it(db: Database) {
    let seen = "INSERT INTO seen SELECT COALESCE(CURRENT_ROLE(), 'NONE');";
    db.upgraded(["CREATE TABLE seen (what varchar(100));"]).await;
    let role = format!("r{}_own", std::process::id());
    db.query(&format!("CREATE ROLE {role}; GRANT {role} TO CURRENT_USER(); GRANT ALL ON *.* TO {role}"));
    db.script(2, seen);
    db.script(3, &format!("SET ROLE {role};\n{seen}"));
    db.script(4, seen);
    let parts = format!(
        "0001 -> 0004: Script-0002.sql, Script-0003.sql, Script-0004.sql; \
         atomic in 2 parts: commits after Script-0003 (SET ROLE {role})"
    );
    assert_eq!(db.upgrade().await, [parts]);
    db.query(&format!("DROP ROLE {role}"));
    assert_eq!(db.query("SELECT what FROM seen"), format!("NONE\n{role}\nNONE"));
}

async fn a_lock_by_name_ends_with_its_script(db: Database) {
    db.upgraded(["CREATE TABLE seen (what integer);"]).await;
    let lock = format!("mine {}", name(&db));
    db.script(2, &format!("INSERT INTO seen VALUES (0);\nDO GET_LOCK('{lock}', 0), get_lock('{lock} too', 0);"));
    let seen = format!("INSERT INTO seen SELECT IS_FREE_LOCK('{lock}') + IS_FREE_LOCK('{lock} too');");
    db.script(3, &seen);
    db.script(4, &format!("CREATE TABLE more (id integer);\nSET @a = GET_LOCK('{lock}', 0);"));
    db.script(5, &seen);
    let answer = db.upgrade().await;
    assert!(answer[0].starts_with("0001 -> 0005: Script-0002.sql, "), "{answer:?}");
    assert_eq!(db.query("SELECT what FROM seen"), "0\n2\n2");
}

async fn the_lock_is_held_while_a_run_continues_in_a_new_session(db: Database) {
    db.upgraded(["CREATE TABLE t (id integer); CREATE PROCEDURE p() INSERT INTO t VALUES (1);"]).await;
    for number in 2..=30 {
        db.script(number, "CALL p();");
    }
    let (one, other) = tokio::join!(db.upgrade(), db.upgrade());
    assert!(
        [&one, &other].iter().any(|answer| answer[0].starts_with("0001 -> 0030: Script-0002.sql, ")),
        "{one:?} {other:?}"
    );
    assert!([&one, &other].iter().any(|answer| answer[0] == "0030 -> 0030: ; nothing to do"), "{one:?} {other:?}");
    assert_eq!(db.query("SELECT count(*) FROM t"), "29");
}

async fn settings_do_not_reach_the_next_script(db: Database) {
    let seen = seen();
    db.upgraded([
        "CREATE TABLE seen (what varchar(1000)); CREATE TABLE old (id integer);",
        &seen,
        SETTINGS,
        &seen,
        &format!("DROP TABLE old; {SETTINGS}"),
        &seen,
        &format!("-- dbmigrate: no-transaction\n{SETTINGS}"),
        &seen,
    ])
    .await;
    let rows = db.query("SELECT what FROM seen");
    let rows = rows.lines().collect::<Vec<_>>();
    assert_eq!(rows, [rows[0]; 4]);
    let on = if is_mariadb() { "ON ON" } else { "1 1" };
    assert!(rows[0].contains(&format!(" {on} SYSTEM utf8mb4 utf8mb4 ")), "{}", rows[0]);
}

async fn a_session_has_the_settings_of_the_server_s_client(db: Database) {
    let mode =
        "SELECT @@sql_mode, @@autocommit, @@time_zone, @@foreign_key_checks, @@sql_select_limit, @@sql_auto_is_null";
    db.upgraded([
        "CREATE TABLE seen (a text, b text, c text, d text, e text, f text);",
        &format!("INSERT INTO seen {mode};"),
    ])
    .await;
    assert_eq!(db.query("SELECT * FROM seen"), db.query(mode));
    // and text reads the same
    db.script(3, "UPDATE seen SET a = \"it's \\\\ a\\tstring\", b = CONCAT ('a', 'b'), c = 1 || 0, d = 'é🦀';");
    db.upgrade().await;
    let read = db.query("SELECT \"it's \\\\ a\\tstring\", CONCAT ('a', 'b'), 1 || 0, 'é🦀'");
    assert_eq!(db.query("SELECT a, b, c, d FROM seen"), read);
}

/// A script whose every answer would be another one if a note of the journal came between the question and what it is
/// about.
const ASKING: &str = "
CREATE TABLE seen (what varchar(50), value varchar(200));
CREATE TABLE a (id integer AUTO_INCREMENT PRIMARY KEY, x integer);
INSERT INTO a (x) VALUES (1), (2), (3);
INSERT INTO seen SELECT 'rows inserted', ROW_COUNT();
ALTER TABLE a ADD COLUMN y integer;
INSERT INTO seen SELECT 'rows altered', ROW_COUNT();
ALTER TABLE a ADD COLUMN z integer;
INSERT INTO seen SELECT 'id across a statement that commits', LAST_INSERT_ID();
SET @kept = 42;
CREATE TABLE b AS SELECT * FROM a;
INSERT INTO seen SELECT 'rows copied', ROW_COUNT();
INSERT INTO seen SELECT 'variable', @kept;
DELETE FROM a WHERE x > 1;
INSERT INTO seen SELECT 'rows deleted', ROW_COUNT();
SELECT * FROM b LIMIT 2;
INSERT INTO seen SELECT 'rows found', FOUND_ROWS();
DROP TABLE IF EXISTS nothing;
INSERT INTO seen SELECT 'warnings', @@warning_count;
DROP TABLE IF EXISTS nothing;
GET DIAGNOSTICS CONDITION 1 @said = MESSAGE_TEXT;
INSERT INTO seen SELECT 'said', @said;
INSERT INTO a (x) SELECT x FROM b;
DROP TABLE b;
INSERT INTO seen SELECT 'id', LAST_INSERT_ID();
";

async fn checkpoints_do_not_disturb_a_script(db: Database) {
    db.upgraded([ASKING]).await;
    let seen = "SELECT * FROM seen";
    let told = db.bare_text(&db.query(seen));
    db.query("DROP TABLE seen, a");
    db.query(ASKING);
    assert_eq!(told, db.bare_text(&db.query(seen)));
    assert!(told.contains("rows inserted|3\nrows altered|") && told.contains("\nrows deleted|2\n"), "{told}");
}

async fn tables_that_stay_locked_do_not_keep_the_journal_out(db: Database) {
    db.upgraded([
        "CREATE TABLE t (id integer); CREATE TABLE u (id integer);",
        "LOCK TABLES t WRITE, u READ; INSERT INTO t VALUES (1);",
        "INSERT INTO u VALUES (2);",
    ])
    .await;
    assert_eq!(db.query("SELECT id FROM t; SELECT id FROM u"), "1\n2");
    assert_eq!(db.journal()[1..], ["2 Script-0002.sql applied 2", "3 Script-0003.sql applied"]);
}

async fn a_script_cannot_release_the_lock(db: Database) {
    db.upgraded(["CREATE TABLE t (id integer);"]).await;
    db.script(2, "INSERT INTO t VALUES (1);\nDO RELEASE_ALL_LOCKS();");
    let answer = [
        "error: Script-0002.sql broke the transaction: the run no longer holds its lock",
        "note: it is unknown whether 0002 is applied",
        "hint: find what ended the transaction, and check the database with `Migrator::status`",
    ];
    assert_eq!(db.upgrade().await, answer);
    assert_eq!(db.query("SELECT count(*) FROM t"), "0");
}

async fn a_temporary_table_in_the_journal_s_place_changes_nothing(db: Database) {
    let temporary = "INSERT INTO t VALUES (1);\nCREATE TEMPORARY TABLE dbmigrate_journal (number integer);";
    db.upgraded(["CREATE TABLE t (id integer);", temporary]).await;
    assert_eq!(db.journal().len(), 2);
}

async fn a_commit_in_a_procedure_is_detected(db: Database) {
    let procedure = "CREATE TABLE t (id integer);\nDELIMITER //\nCREATE PROCEDURE p()\nBEGIN\n  INSERT INTO t VALUES (1);\n  COMMIT;\nEND//\n\
                     CREATE FUNCTION f() RETURNS integer DETERMINISTIC RETURN 1//\n";
    db.upgraded([procedure]).await;
    // a call counts as a statement that commits
    db.script(2, "INSERT INTO t VALUES (0);\nCALL p();");
    let resumable =
        "0001 -> 0002: Script-0002.sql; resumable, not atomic: Script-0002 (CALL p) commits statement by statement";
    assert_eq!(db.upgrade().await, [resumable]);
    assert_eq!(db.query("SELECT id FROM t"), "0\n1");
}

async fn the_server_stores_a_routine_as_from_its_client(db: Database) {
    let script = "CREATE TABLE t (id integer);\nDELIMITER //\n\
                  CREATE TRIGGER one BEFORE INSERT ON t FOR EACH ROW SET NEW.id = 1//\n\
                  CREATE PROCEDURE two() BEGIN SELECT ';'; SELECT 2; END//\n\
                  CREATE EVENT three ON SCHEDULE EVERY 1 DAY DO DELETE FROM t//\n\
                  CREATE FUNCTION four() RETURNS integer DETERMINISTIC RETURN 4//\nDELIMITER ;\nDROP TABLE IF EXISTS u;\n";
    db.upgraded([script]).await;
    let by_client = Database::new::<Mysql>();
    by_client.query(script);
    let stored = "SELECT action_statement FROM information_schema.triggers WHERE trigger_schema = DATABASE(); \
                  SELECT routine_definition FROM information_schema.routines WHERE routine_schema = DATABASE() ORDER BY 1; \
                  SELECT event_definition FROM information_schema.events WHERE event_schema = DATABASE()";
    assert_eq!(db.query(stored), by_client.query(stored));
}
