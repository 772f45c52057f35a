use crate::sql::{Context, MYSQL, POSTGRES, SQLITE, SQLSERVER};
use proptest::prelude::*;

use super::*;

/// The statements of a text one after another; `<...>` is the data of a `COPY`, `!` an error with its place.
pub(in crate::sql) fn cut(dialect: &'static dyn Dialect, text: &str) -> String {
    let mut parts = Vec::new();
    for statement in split(dialect, text) {
        match statement {
            Err(error) => parts.push(format!("!{}@{}", error, error.at)),
            Ok(statement) => {
                let data = statement.data.map(|data| format!("<{}>", &text[data])).unwrap_or_default();
                parts.push(format!("{}{data}", &text[statement.range]));
            }
        }
    }
    parts.join(" | ")
}

/// Each case is a text and what [`cut`] returns for it.
pub(in crate::sql) fn check(dialect: &'static dyn Dialect, cases: &[(&str, &str)]) {
    let wrong: Vec<_> = cases
        .iter()
        .filter(|(text, expected)| cut(dialect, text) != *expected)
        .map(|(text, expected)| format!("{text:?}\n  is  {:?}\n  not {expected:?}", cut(dialect, text)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn words_keep_what_tells_a_statement_and_nothing_else() {
    let words = |text| format!("{:?}", split(POSTGRES, text).next().expect("a statement").expect("splits").words);
    assert_eq!(words("alter/*x*/table a.b.\"c\" add d int"), r#"["ALTER", "TABLE", "\"", "ADD", "D", "INT"]"#);
    assert_eq!(words("reindex (concurrently) table t"), r#"["REINDEX", "(", "TABLE", "T"]"#);
    assert_eq!(words("create \"index\" 'concurrently' 12"), r#"["CREATE", "\"", "'", "0"]"#);
    assert_eq!(words("a b c d e f g h i j k l m n"), r#"["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L"]"#);
    assert_eq!(words(". . ."), "[]");
}

#[test]
fn a_word_longer_than_the_room_is_cut_and_ends_the_list() {
    let text = format!("select {} from t", "ä".repeat(100));
    let words = split(POSTGRES, &text).next().expect("a statement").expect("splits").words;
    assert!(words.starts(&["SELECT"]));
    assert!(!words.contains("FROM"));
}

#[test]
fn after_an_error_nothing_comes() {
    assert_eq!(split(SQLITE, "select 1; select '; select 2").count(), 2);
}

/// The first statement of a text.
fn first(dialect: &'static dyn Dialect, text: &str) -> Statement {
    split(dialect, text).next().expect("a statement").expect("splits")
}

#[test]
fn a_statement_that_cannot_share_a_message_is_told() {
    let alone = |dialect: &'static dyn Dialect, text| dialect.stands_alone(&first(dialect, text));
    for text in ["set standard_conforming_strings = off;", "reset all;", "copy t from stdin;\n\\.\n"] {
        assert!(alone(POSTGRES, text), "{text}");
    }
    for text in ["call p();", "execute q;", "execute immediate 'x';", "set statement a=1 for call p();"] {
        assert!(alone(MYSQL, text), "{text}");
    }
    for text in ["create procedure p() begin end;", "delimiter //\nbegin not atomic select 1; end//"] {
        let statements: Vec<_> = split(MYSQL, text).map(|statement| statement.expect("splits")).collect();
        assert!(MYSQL.stands_alone(statements.last().expect("a statement")), "{text}");
    }
    for text in ["set search_path = '';", "select 1", "copy t to stdout"] {
        assert!(!alone(POSTGRES, text), "{text}");
    }
    for text in ["set sql_mode='';", "create procedure p() select 1;", "begin;", "insert into t values (1);"] {
        assert!(!alone(MYSQL, text), "{text}");
    }
}

#[test]
fn a_statement_that_only_some_servers_see_is_told() {
    let conditional = |text| first(MYSQL, text).is_conditional();
    for text in ["/*!40101 set names utf8 */;", "/*!50003 create*/ /*!50017 definer=`a`@`b`*/ /*M! view */;", "/*!1*/;"]
    {
        assert!(conditional(text), "{text}");
    }
    for text in ["create database /*!32312 if not exists*/ d;", "/* x */ select 1;", ";", "", "select 1 /*! , 2 */"] {
        assert!(
            !split(MYSQL, text).next().is_some_and(|statement| statement.expect("splits").is_conditional()),
            "{text}"
        );
    }
}

#[test]
fn a_statement_that_may_leave_half_of_its_work_is_told() {
    let may_commit = |dialect: &'static dyn Dialect, text| dialect.may_commit(&first(dialect, text));
    for text in ["call p()", "do $$ $$", "vacuum", "reindex schema s", "cluster"] {
        assert!(may_commit(POSTGRES, text), "{text}");
    }
    for text in
        ["drop table a, b", "drop view if exists a, b", "grant select on a.* to b, c", "drop schema s", "call p()"]
    {
        assert!(may_commit(MYSQL, text), "{text}");
    }
    for text in
        ["drop table a", "drop table if exists a", "alter table a add b int, add c int", "rename table a to b, c to d"]
    {
        assert!(!may_commit(MYSQL, text), "{text}");
    }
    assert!(!may_commit(MYSQL, "create procedure p() begin end"));
    assert!(!may_commit(SQLITE, "drop table a"));
}

#[test]
fn statements_about_locked_tables_are_told() {
    let asked = |text| (MYSQL.locks_tables(&first(MYSQL, text)), MYSQL.unlocks_tables(&first(MYSQL, text)));
    for text in [
        "lock tables a read, b write",
        "lock table a read",
        "flush tables a with read lock",
        "flush tables a for export",
    ] {
        assert_eq!(asked(text), (true, false), "{text}");
    }
    assert_eq!(asked("unlock tables"), (false, true));
    for text in ["lock instance for backup", "flush tables", "flush tables a"] {
        assert_eq!(asked(text), (false, false), "{text}");
    }
    assert!(!POSTGRES.locks_tables(&first(POSTGRES, "lock table a")));
}

fn dialect() -> impl Strategy<Value = &'static dyn Dialect> {
    prop::sample::select(vec![MYSQL, POSTGRES, SQLITE, SQLSERVER])
}

/// Texts that are special in one dialect or another.
const PARTS: &[&str] = &[
    "'",
    "\"",
    "`",
    "[",
    "]",
    "$",
    "$a$",
    "$$",
    "(",
    ")",
    ";",
    "--",
    "/*",
    "*/",
    "\n",
    "\r\n",
    " ",
    "\\",
    "\\.\n",
    "E'",
    "U&\"",
    "b'",
    "n'",
    "create ",
    "function ",
    "trigger ",
    "begin ",
    "end",
    "case ",
    "copy t from stdin;\n",
    "\\restrict a\n",
    ".",
    "\u{feff}",
    "é",
    "\0",
    "1",
    "x",
    "-- dbmigrate: x\n",
    "set standard_conforming_strings=off;",
    "#",
    "/*!50003 ",
    "/*M!",
    "\ndelimiter //\n",
    "\ndelimiter ;\n",
    "//",
    "\nuse x\n",
    "if ",
    "set sql_mode='ANSI_QUOTES';",
    "set sql_mode='NO_BACKSLASH_ESCAPES';",
    "\ngo\n",
    "\nGO 2 -- x\n",
    "\r:r x\n",
    "begin tran ",
];

/// Texts in which the special characters are frequent.
fn odd_text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PARTS), 0..30).prop_map(|parts| parts.concat())
}

fn check_statements(dialect: &'static dyn Dialect, text: &str) {
    let mut end = 0;
    let mut whole = true;
    for statement in split(dialect, text) {
        let Ok(statement) = statement else {
            whole = false;
            continue;
        };
        assert_eq!(statement.span.start, end, "statements follow each other");
        end = statement.span.end;
        assert!(statement.span.start <= statement.range.start && statement.range.end <= statement.span.end);
        assert!(text.get(statement.range.clone()).is_some() && text.get(statement.span.clone()).is_some());
        let data = statement.data.unwrap_or(statement.range.end..statement.range.end);
        assert!(statement.range.end <= data.start && data.end <= statement.span.end && text.get(data).is_some());
    }
    assert!(!whole || end == text.len(), "the statements are the text");
}

proptest! {
    #[test]
    fn statements_are_the_text(dialect in dialect(), text in prop_oneof![odd_text(), any::<String>()]) {
        check_statements(dialect, &text);
    }

    #[test]
    fn no_text_is_too_odd_to_inspect(dialect in dialect(), text in odd_text()) {
        use crate::sql::{Mode, Role, inspect};
        for role in [Role::Baseline, Role::Script] {
            for finding in inspect(&Context::new(dialect), &text, role, Mode::InTransaction).findings {
                prop_assert!(text.get(finding.at).is_some());
            }
        }
    }

    #[test]
    fn joined_statements_come_back(picks in prop::collection::vec((0..8_usize, 0..5_usize), 0..12)) {
        let statements = [
            "select ';'", "insert into t values ('it''s', \"a;b\")", "create table t (a int, b text)", "select 1 -- ; x\n + 2",
            "select /* ; */ 3", "update t set a = (1)", "begin", "end",
        ];
        let between = ["", " ", "\n-- ;'\n", "/* ; \" */", "\r\n\t"];
        let mut text = String::new();
        for &(statement, blank) in &picks {
            text.extend([between[blank], statements[statement], ";"]);
        }
        for dialect in [MYSQL, POSTGRES, SQLITE] {
            let expected: Vec<_> = picks.iter().map(|&(statement, _)| statements[statement]).collect();
            let found: Vec<_> = split(dialect, &text).map(|parsed| &text[parsed.expect("splits").range]).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
