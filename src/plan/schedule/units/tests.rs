use super::super::tests::Texts;
use super::*;
use crate::sql::{MYSQL, POSTGRES, SQLITE};

/// The statements of a text in their units.
fn members(dialect: &'static dyn Dialect, text: &str, transactions: bool) -> Vec<Member> {
    let mut units = Units::new(dialect, Texts::new(dialect, text), 0, transactions);
    std::iter::from_fn(|| units.next().unwrap_or_else(|never| match never {})).collect()
}

/// Returns the units of a text: `(1 2)` is a transaction, `[3 4]` runs under locks, `5 6` belong together.
fn shown(dialect: &'static dyn Dialect, text: &str, transactions: bool) -> String {
    let members = members(dialect, text, transactions);
    let mut units = Vec::new();
    for unit in members.chunk_by(|one, next| one.unit == next.unit) {
        let numbers = unit.iter().map(|member| (member.before + 1).to_string()).collect::<Vec<_>>().join(" ");
        assert!(unit[..unit.len() - 1].iter().all(|member| !member.closes), "{text}");
        units.push(match (unit[0].bond, unit[unit.len() - 1].closes) {
            (Bond::Transaction, true) => format!("({numbers})"),
            (Bond::Locks, true) => format!("[{numbers}]"),
            (Bond::Locks, false) => format!("[{numbers}"),
            (Bond::Question, true) => numbers,
            (bond, false) => format!("{bond:?} is open"),
        });
    }
    units.join(", ")
}

fn mysql(text: &str) -> String {
    shown(MYSQL, text, true)
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
    assert_eq!(shown(MYSQL, text, false), "1, 2, 3");
    assert_eq!(shown(POSTGRES, text, true), "1, 2, 3");
    assert_eq!(shown(SQLITE, text, true), "1, 2, 3");
}

#[test]
fn between_lock_and_unlock_the_journal_is_out_of_reach() {
    let text = "INSERT INTO t VALUES (1); LOCK TABLES t WRITE; INSERT INTO t VALUES (2); ALTER TABLE t ADD b int; \
                UNLOCK TABLES; INSERT INTO t VALUES (3, 4)";
    assert_eq!(mysql(text), "(1), [2 3 4 5], (6)");
    assert_eq!(mysql("LOCK TABLES t READ; SELECT 1; LOCK TABLES u READ; SELECT 2"), "[1 2 3 4");
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
    // in the body of a routine, the question is asked when the routine runs
    assert_eq!(mysql("ALTER TABLE t ADD b int; CREATE FUNCTION f() RETURNS int RETURN ROW_COUNT()"), "1, 2");
}

#[test]
fn what_a_statement_that_commits_asks_about_leaves_the_transaction() {
    let text = "INSERT INTO t VALUES (1); DELETE FROM t; CALL p(ROW_COUNT()); SELECT 1";
    assert_eq!(mysql(text), "(1), 2 3, (4)");
}

#[test]
fn a_table_of_the_session_is_known_from_there_to_the_end_of_its_unit() {
    let text = "INSERT INTO t VALUES (1); CREATE TEMPORARY TABLE u (a int); INSERT INTO u VALUES (1); DROP TABLE t";
    let temporary = members(MYSQL, text, true).iter().map(|member| member.temporary).collect::<Vec<_>>();
    assert_eq!(temporary, [false, true, true, false]);
}
