use super::*;
use crate::sql::{MYSQL, POSTGRES, SQLITE, SQLSERVER, split};
use crate::sql::{Role, sendable};

/// What is repeated and what is lost if the first statements of a text ran in another session.
fn shown(dialect: &'static dyn Dialect, text: &str, done: usize) -> String {
    let mut session_state = SessionState::new(dialect, done);
    let statements = sendable(dialect, text, Role::Script).map(|statement| statement.expect("splits"));
    let again =
        statements.zip(1..).filter(|(statement, _)| session_state.statement(statement, &text[statement.range.clone()]));
    let again = again.map(|(_, number)| number.to_string()).collect::<Vec<_>>().join(" ");
    match session_state.lost() {
        None => format!("again: {again}"),
        Some(MissingState { what, made, used, .. }) => {
            format!("again: {again}; {what} of {} is used by {}", made + 1, used + 1)
        }
    }
}

fn mysql(text: &str, done: usize) -> String {
    shown(MYSQL, text, done)
}

#[test]
fn settings_run_again() {
    let text = "SET NAMES utf8mb4; SET @mode = @@sql_mode, sql_mode = ''; ALTER TABLE t ADD b int; DROP TABLE u; \
                SET sql_mode = @mode";
    assert_eq!(mysql(text, 3), "again: 1 2");
    assert_eq!(mysql("SET GLOBAL max_connections = 5; SET PERSIST x = 1; SELECT 1", 2), "again: ");
    assert_eq!(shown(POSTGRES, "SET search_path = a; VACUUM; RESET work_mem; VACUUM", 3), "again: 1 3");
    assert_eq!(shown(SQLITE, "PRAGMA page_size = 8192; PRAGMA user_version; VACUUM", 2), "again: 1");
}

#[test]
fn a_variable_that_a_query_has_filled_is_lost_where_it_is_used() {
    for made in [
        "SET @id = LAST_INSERT_ID()",
        "SET @id = (SELECT max(id) FROM t)",
        "SELECT max(id) INTO @id FROM t",
        "SELECT @id := max(id) FROM t",
        "CALL newest(@id)",
        "GET DIAGNOSTICS @id = ROW_COUNT",
        "SET @id = @@identity",
        "SET @id = CURRENT_TIMESTAMP",
        "SET @`id` = UUID()",
    ] {
        let text = format!("{made}; ALTER TABLE t ADD b int; SELECT 1; INSERT INTO u VALUES (@ID)");
        assert_eq!(mysql(&text, 2), "again: ; @id of 1 is used by 4", "{made}");
        assert_eq!(mysql(&text.replace("(@ID)", "(@idea, @@id)"), 2), "again: ", "{made}");
    }
    assert_eq!(mysql("SET @id = f(); SET @id = 5; SELECT 1; SELECT @id", 3), "again: 2");
    assert_eq!(mysql("SET @id = f(); SELECT 1; SET @id = 7; SELECT @id", 2), "again: ");
    assert_eq!(mysql("SET @id = f(); SELECT 1; SET @id = @id + 1", 2), "again: ; @id of 1 is used by 3");
}

#[test]
fn a_variable_that_was_made_of_a_lost_one_is_lost() {
    let text = "SELECT 5 INTO @b; SET @a = @b; ALTER TABLE t ADD b int; INSERT INTO u VALUES (@a)";
    assert_eq!(mysql(text, 3), "again: ; @a of 2 is used by 4");
    assert_eq!(mysql(&text.replace("SELECT 5 INTO @b", "SET @b = 5"), 3), "again: 1 2");
}

#[test]
fn what_is_for_one_statement_or_for_everybody_does_not_run_again() {
    let text = "SET STATEMENT max_statement_time = 60 FOR UPDATE t SET n = n + 1; SELECT 1";
    assert_eq!(mysql(text, 1), "again: ");
    assert_eq!(mysql("SET @@GLOBAL.x = @@GLOBAL.x * 2; SELECT 1", 1), "again: ");
    assert_eq!(mysql("SET @a = 1, GLOBAL x = 2; SELECT @a", 1), "again: ; @a of 1 is used by 2");
    assert_eq!(mysql("SET sql_mode = CONCAT(@@sql_mode, ',ANSI'); SELECT 1", 1), "again: 1");
}

#[test]
fn temporary_tables_and_prepared_statements_are_lost_where_they_are_used() {
    let table = "CREATE TEMPORARY TABLE IF NOT EXISTS totals (a int); ALTER TABLE t ADD b int; ";
    assert_eq!(mysql(&format!("{table}INSERT INTO u SELECT * FROM Totals"), 2), "again: ; totals of 1 is used by 3");
    assert_eq!(mysql(&format!("{table}INSERT INTO u SELECT subtotals"), 2), "again: ");
    assert_eq!(
        mysql("PREPARE s FROM 'SELECT 1'; ALTER TABLE t ADD b int; EXECUTE s", 2),
        "again: ; s of 1 is used by 3"
    );
    let ended = "CREATE TEMPORARY TABLE `a` (b int); DROP TEMPORARY TABLE a; ALTER TABLE t ADD b int; SELECT a";
    assert_eq!(mysql(ended, 3), "again: ");
    let temp = "CREATE TEMP TABLE x AS SELECT 1; VACUUM; TABLE x";
    assert_eq!(shown(POSTGRES, temp, 2), "again: ; x of 1 is used by 3");
}

#[test]
fn the_last_inserted_id_is_lost_until_there_is_a_new_one() {
    let text = "INSERT INTO t VALUES (1); ALTER TABLE t ADD b int; ";
    assert_eq!(mysql(&format!("{text}SELECT last_insert_id()"), 2), "again: ; last_insert_id of 1 is used by 3");
    assert_eq!(mysql(&format!("{text}INSERT INTO t VALUES (2); SELECT last_insert_id()"), 2), "again: ");
}

#[test]
fn locks_are_lost_until_they_would_have_ended() {
    let text = "LOCK TABLES t WRITE; INSERT INTO t VALUES (1); ALTER TABLE t ADD b int; UNLOCK TABLES; SELECT 1";
    assert_eq!(mysql(text, 2), "again: ; LOCK TABLES of 1 is used by 3");
    assert_eq!(mysql(text, 4), "again: ");
}

#[test]
fn an_answer_about_the_statement_before_is_lost() {
    let text = "ALTER TABLE t ADD b int; INSERT INTO log VALUES (ROW_COUNT()); SELECT 1";
    assert_eq!(mysql(text, 1), "again: ; what the statement before it did of 1 is used by 2");
    assert_eq!((mysql(text, 0), mysql(text, 2)), ("again: ".into(), "again: ".into()));
}

fn undone(dialect: &dyn Dialect, text: &str) -> Vec<String> {
    let statements = split(dialect, text).map(|statement| statement.expect("it can be split"));
    statements.flat_map(|statement| dialect.undo(&statement, &text[statement.range.clone()])).collect()
}

#[test]
fn what_a_statement_leaves_in_its_session_is_undone_by_name() {
    for (dialect, text, undo) in [
        (SQLITE, "CREATE TEMP TABLE IF NOT EXISTS t (a)", &["DROP TABLE IF EXISTS temp.t"][..]),
        (SQLITE, "create temporary view \"a b\" AS SELECT 1", &["DROP VIEW IF EXISTS temp.\"a b\""]),
        (SQLITE, "CREATE TABLE temp.t (a)", &["DROP TABLE IF EXISTS temp.t"]),
        (SQLITE, "CREATE /* a */ TEMP -- b\n TABLE t (a)", &["DROP TABLE IF EXISTS temp.t"]),
        (SQLITE, "CREATE TEMP TABLE \"a \"\"b\" (a)", &["DROP TABLE IF EXISTS temp.\"a \"\"b\""]),
        (SQLITE, "CREATE VIRTUAL TABLE temp.f USING fts5 (a)", &["DROP TABLE IF EXISTS temp.f"]),
        (SQLITE, "CREATE TEMP TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END;", &["DROP TRIGGER IF EXISTS temp.r"]),
        (SQLITE, "CREATE TABLE t (a)", &[]),
        (MYSQL, "CREATE TEMPORARY TABLE `My t` (a int)", &["DROP TEMPORARY TABLE IF EXISTS `My t`"]),
        (MYSQL, "SET @Id = 5, sql_mode = ''", &["SET @`id` = NULL"]),
        (MYSQL, "SELECT max(id) INTO @last FROM t", &["SET @`last` = NULL"]),
        (MYSQL, "PREPARE p FROM 'SELECT 1'", &["PREPARE p FROM 'DO 0'", "DEALLOCATE PREPARE p"]),
        (MYSQL, "INSERT INTO t VALUES (1)", &["DO LAST_INSERT_ID(0)"]),
        (
            MYSQL,
            "INSERT INTO t VALUES (@@a := 1, 'joe@', ':= @no', @a.b, @`B c`)",
            &["SET @`a.b` = NULL", "SET @`b c` = NULL", "DO LAST_INSERT_ID(0)"],
        ),
        (MYSQL, "CREATE TABLE t (a int)", &[]),
        (
            SQLSERVER,
            "SELECT 1 AS a INTO #Some; CREATE TABLE [#other] (a int); CREATE TABLE ##all (a int)",
            &[
                "IF OBJECT_ID('tempdb..#Some') IS NOT NULL DROP TABLE [#Some]",
                "IF OBJECT_ID('tempdb..#other') IS NOT NULL DROP TABLE [#other]",
            ],
        ),
        (POSTGRES, "CREATE TEMP TABLE t (a int)", &[]),
    ] {
        assert_eq!(undone(dialect, text), undo, "{text}");
    }
}
