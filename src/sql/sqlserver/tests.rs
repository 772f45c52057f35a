use crate::sql::statement::tests::check;
use crate::sql::{SQLSERVER, split};

/// The batches of a text, and how often each runs.
fn counts(text: &str) -> Vec<(&str, u32)> {
    let statements = split(SQLSERVER, text).map(|statement| statement.expect("it can be split"));
    statements
        .filter(|statement| !statement.range.is_empty())
        .map(|statement| (&text[statement.range], statement.times))
        .collect()
}

#[test]
fn batches_end_at_go_lines() {
    check(
        SQLSERVER,
        &[
            ("", ""),
            ("a", "a"),
            ("a\nGO", "a"),
            ("a\nGO\n", "a"),
            ("a\ngo\nb", "a | b"),
            ("a\nGo\nb\ngO\n", "a | b"),
            ("a\n  GO\nb", "a | b"),
            ("a\n\tGO\t\nb", "a | b"),
            ("a\r\nGO\r\nb\r\n", "a | b"),
            ("a\rGO\rb", "a | b"),
            ("GO\na", " | a"),
            ("GO\nGO\n\nGO\na\nGO\nGO", " |  |  | a | "),
            ("a;\nb;\nGO\nc;", "a;\nb; | c;"),
            ("a\nGO -- c\nb", "a | b"),
            ("a\nGO--c\nb", "a | b"),
            ("a\nGO 1 -- c\nb", "a | b"),
            ("a\nGO 2--c\nb", "a | b"),
            ("a\nGO -- it's\nb", "a | b"),
            // as in DbUp
            ("a\nGO;\nb", "a | b"),
            ("a\nGO ;\nb", "a | b"),
            ("a\nGO; -- c\nb", "a | b"),
        ],
    );
}

#[test]
fn other_lines_with_go_are_text() {
    check(
        SQLSERVER,
        &[
            ("SELECT 1 GO", "SELECT 1 GO"),
            ("SELECT 1 GO\nGO", "SELECT 1 GO"),
            ("SELECT 1 AS go\n, 2", "SELECT 1 AS go\n, 2"),
            ("a\nGOTO done\nb", "a\nGOTO done\nb"),
            ("a\nGO_x", "a\nGO_x"),
            ("a\nGO1", "a\nGO1"),
            ("a\ngo@x", "a\ngo@x"),
            ("a\nGOÄ", "a\nGOÄ"),
            ("SELECT a,\ngo, b", "SELECT a,\ngo, b"),
            ("SELECT\ngo.a", "SELECT\ngo.a"),
            ("WHERE\ngo=1", "WHERE\ngo=1"),
            ("a\n[GO]\nb", "a\n[GO]\nb"),
            ("a\nEXEC GO\nb", "a\nEXEC GO\nb"),
        ],
    );
}

#[test]
fn strings_names_and_comments_hide_separators() {
    check(
        SQLSERVER,
        &[
            ("a '\nGO\n' b\nGO\nc", "a '\nGO\n' b | c"),
            ("a N'\nGO\n' b", "a N'\nGO\n' b"),
            ("a 'it''s\nGO\n'", "a 'it''s\nGO\n'"),
            ("a \"\nGO\n\" b", "a \"\nGO\n\" b"),
            ("a \"x\"\"\nGO\n\" b", "a \"x\"\"\nGO\n\" b"),
            ("a [\nGO\n] b", "a [\nGO\n] b"),
            ("a [x]]\nGO\n] b", "a [x]]\nGO\n] b"),
            ("a ['] b\nGO\nc", "a ['] b | c"),
            ("a '[' b\nGO\nc", "a '[' b | c"),
            ("a /*\nGO\n*/ b\nGO\nc", "a /*\nGO\n*/ b | c"),
            ("a /* /*\nGO\n*/\nGO\n*/ b", "a /* /*\nGO\n*/\nGO\n*/ b"),
            ("a /* ' */ b\nGO\nc", "a /* ' */ b | c"),
            ("a -- it's\nGO\nb", "a -- it's | b"),
            ("a -- /*\nGO\nb", "a -- /* | b"),
            ("a -- [\nGO\nb", "a -- [ | b"),
            ("a '--'\nGO\nb", "a '--' | b"),
            ("a '\\'\nGO\nb", "a '\\' | b"),
            ("a '\nGO", "!unterminated string@2"),
            ("GO\na 'x'' b", " | !unterminated string@5"),
            ("a \"\nGO", "!unterminated quoted identifier@2"),
            ("a [x\nGO", "!unterminated quoted identifier@2"),
            ("a [x]]\nGO", "!unterminated quoted identifier@2"),
            ("a /* b\nGO", "!unterminated comment@2"),
            ("a /* /* */\nGO", "!unterminated comment@2"),
        ],
    );
}

#[test]
fn comments_stay_with_their_batch() {
    check(
        SQLSERVER,
        &[
            ("-- c", ""),
            ("/* c */\nGO\n-- d\nGO\na", " |  | a"),
            ("-- c\n\nCREATE PROC p AS a\n-- d\n\nGO\n", "-- c\n\nCREATE PROC p AS a\n-- d"),
            ("\n\n  a\n\n\nGO", "a"),
            ("/* c */ a", "/* c */ a"),
        ],
    );
}

#[test]
fn what_only_looks_like_a_separator_is_an_error() {
    for (text, error) in [
        ("a\nGO abc", "GO that does not separate batches@2"),
        ("a\nGO b\nc", "GO that does not separate batches@2"),
        ("a\nGO = 1", "GO that does not separate batches@2"),
        ("a\nGO 3;\nb", "GO that does not separate batches@2"),
        ("a\nGO 3 4", "GO that does not separate batches@2"),
        ("a\nGO 3x", "GO that does not separate batches@2"),
        ("a\nGO -1", "GO that does not separate batches@2"),
        ("a\nGO 1.5", "GO that does not separate batches@2"),
        ("a\nGO /* c */\nb", "GO that does not separate batches@2"),
        ("a\nGO/* c */\nb", "GO that does not separate batches@2"),
        ("a\nGO; b", "GO that does not separate batches@2"),
        ("a\nGO;;\nb", "GO that does not separate batches@2"),
        ("a\nGO $(n)", "GO that does not separate batches@2"),
        ("a\nGO'x'", "GO that does not separate batches@2"),
        ("a\nGO$", "GO that does not separate batches@2"),
        ("a\nGO$(n)\nb", "GO that does not separate batches@2"),
        ("a\nGO;\u{a0}\nb", "GO that does not separate batches@2"),
        ("a\nGO(1)", "GO that does not separate batches@2"),
        ("a\n/* c */ GO\nb", "GO that does not separate batches@10"),
        ("a\n/* c\n*/ GO\nb", "GO that does not separate batches@10"),
        ("a\n/* c */ GO /* d */\nb", "GO that does not separate batches@10"),
        ("a\n/* c */ GO 3\nb", "GO that does not separate batches@10"),
        ("a\nGO\u{a0}\nb", "GO that does not separate batches@2"),
        ("a\n\u{a0}GO\nb", "GO that does not separate batches@2"),
        ("a\n\u{feff}GO\nb", "GO that does not separate batches@2"),
        ("a\nGO\u{3000}2\nb", "GO that does not separate batches@2"),
        ("a\nGO\u{feff}", "GO that does not separate batches@2"),
        ("a\nGO 0", "GO with an invalid count@2"),
        ("a\nGO 2147483648", "GO with an invalid count@2"),
        ("a\nGO 99999999999999999999", "GO with an invalid count@2"),
        ("-- c\rGO\ra", "comment whose line ends with a CR alone@0"),
        ("a -- c\rb\nGO", "comment whose line ends with a CR alone@2"),
        (":setvar x 1", ":setvar is a command of the database's shell, not SQL@0"),
        ("a\n  :r file.sql\n", ":r is a command of the database's shell, not SQL@4"),
        ("a\nGO\n:on error exit", ":on is a command of the database's shell, not SQL@5"),
        (":CONNECT server", ":CONNECT is a command of the database's shell, not SQL@0"),
        (":!!dir", ":!!dir is a command of the database's shell, not SQL@0"),
        ("!! dir", "!! is a command of the database's shell, not SQL@0"),
        ("a\0b", "NUL character@1"),
    ] {
        let last = split(SQLSERVER, text).last().expect("there is something");
        let found = last.expect_err(text);
        assert_eq!(format!("{found}@{}", found.at), error, "{text:?}");
    }
}

#[test]
fn shell_commands_are_text_elsewhere() {
    check(
        SQLSERVER,
        &[
            ("a ':\n:r x\n'", "a ':\n:r x\n'"),
            ("/*\n:setvar x 1\n*/ a", "/*\n:setvar x 1\n*/ a"),
            ("a :r x", "a :r x"),
            ("a\n::Point", "a\n::Point"),
            (":release", ":release"),
            ("a\n:x", "a\n:x"),
        ],
    );
}

#[test]
fn a_batch_runs_as_often_as_its_count_says() {
    assert_eq!(counts("a\nGO 3\nb\nGO\nc"), [("a", 3), ("b", 1), ("c", 1)]);
    assert_eq!(counts("a\ngo 007 -- c"), [("a", 7)]);
    assert_eq!(counts("a\nGO\t2147483647\n"), [("a", 2_147_483_647)]);
    assert_eq!(counts("-- c\nGO 3\na"), [("a", 1)]);
}

#[test]
fn a_batch_of_one_statement_is_known() {
    let several = |text: &str| {
        let statement = split(SQLSERVER, text).next().expect("a batch").expect("it can be split");
        SQLSERVER.may_commit(&statement)
    };
    for text in [
        "INSERT INTO t VALUES (1)",
        "-- c\nALTER DATABASE shop SET RECOVERY SIMPLE",
        "ALTER DATABASE shop SET SINGLE_USER WITH ROLLBACK IMMEDIATE",
        "CREATE TABLE t (id int REFERENCES p (id) ON DELETE CASCADE ON UPDATE NO ACTION)",
        "ALTER TABLE t DROP COLUMN a, CONSTRAINT b",
        "alter table t alter column a int",
        "CREATE INDEX i ON t (a) WITH (ONLINE = ON)",
        "CREATE PROC p AS INSERT INTO t SELECT 1; DELETE t",
        "SET ANSI_NULLS ON\nSET QUOTED_IDENTIFIER ON",
        "CHECKPOINT",
        "BACKUP DATABASE shop TO DISK = 'x'",
    ] {
        assert!(!several(text), "{text}");
    }
    for text in [
        "INSERT INTO t VALUES (1) INSERT INTO t VALUES (2)",
        "INSERT INTO t SELECT 1",
        "EXEC p",
        "p 1",
        "IF 1 = 1 SELECT 1",
        "ALTER TABLE a DROP COLUMN b ALTER TABLE c ADD d int",
    ] {
        assert!(several(text), "{text}");
    }
}
