use super::*;
use crate::sql::{Role, sendable};

/// The units of a text: `(1 2)` is a transaction, `[3 4]` stands under locks, `5 6` belong together.
fn shown(dialect: Dialect, text: &str, transactions: bool) -> String {
    let pieces = sendable(dialect, text, Role::Script).collect::<Result<Vec<_>, _>>().expect("splits");
    let unit = |unit: Unit| {
        let numbers = unit.statements.map(|piece| (piece + 1).to_string()).collect::<Vec<_>>().join(" ");
        match unit.bond {
            Bond::Transaction => format!("({numbers})"),
            Bond::Locks => format!("[{numbers}]"),
            Bond::Question => numbers,
        }
    };
    units(dialect, text, &pieces, transactions).into_iter().map(unit).collect::<Vec<_>>().join(", ")
}

fn mysql(text: &str) -> String {
    shown(Dialect::Mysql, text, true)
}

#[test]
fn what_commits_nothing_is_one_transaction() {
    assert_eq!(
        mysql("CREATE TABLE t (a int); INSERT INTO t VALUES (1); UPDATE t SET a = 2; ALTER TABLE t ADD b int"),
        "1, (2 3), 4"
    );
    assert_eq!(mysql("SET @a = 1; INSERT INTO t VALUES (@a)"), "(1 2)");
    assert_eq!(mysql(""), "");
}

#[test]
fn a_script_that_wants_no_transaction_has_none() {
    let text = "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); CREATE TABLE u (a int)";
    assert_eq!(shown(Dialect::Mysql, text, false), "1, 2, 3");
    assert_eq!(shown(Dialect::Postgres, text, true), "1, 2, 3");
    assert_eq!(shown(Dialect::Sqlite, text, true), "1, 2, 3");
}

#[test]
fn between_lock_and_unlock_the_journal_is_out_of_reach() {
    let text = "INSERT INTO t VALUES (1); LOCK TABLES t WRITE; INSERT INTO t VALUES (2); ALTER TABLE t ADD b int; \
                UNLOCK TABLES; INSERT INTO t VALUES (3, 4)";
    assert_eq!(mysql(text), "(1), [2 3 4 5], (6)");
    assert_eq!(mysql("LOCK TABLES t READ; SELECT 1; LOCK TABLES u READ; SELECT 2"), "[1 2 3 4]");
}

#[test]
fn a_question_about_the_statement_before_stays_with_it() {
    for question in [
        "INSERT INTO log VALUES (ROW_COUNT())",
        "SELECT found_rows()",
        "SHOW WARNINGS",
        "SHOW COUNT(*) ERRORS",
        "GET DIAGNOSTICS @n = NUMBER",
        "SELECT @@warning_count",
    ] {
        assert_eq!(mysql(&format!("ALTER TABLE t ADD b int; {question}; SELECT 1")), "1 2, (3)", "{question}");
        assert_eq!(mysql(&format!("DELETE FROM t; {question}; SELECT 1")), "(1 2 3)", "{question}");
    }
    // in a routine's body, it asks when the routine runs
    assert_eq!(mysql("ALTER TABLE t ADD b int; CREATE FUNCTION f() RETURNS int RETURN ROW_COUNT()"), "1, 2");
}
