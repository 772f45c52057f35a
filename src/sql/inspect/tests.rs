mod sqlserver;

use super::*;
use crate::sql::sendable;
use crate::sql::{Dialect, MYSQL, POSTGRES, SQLITE, SQLSERVER};

fn found(dialect: &'static dyn Dialect, text: &str, role: Role, mode: Mode) -> Vec<String> {
    let findings = inspect(&Context::new(dialect), text, role, mode).findings;
    findings.iter().map(|finding| format!("{}: {}", &text[finding.at.clone()], finding.kind)).collect()
}

fn postgres(text: &str) -> Vec<String> {
    found(POSTGRES, text, Role::Script, Mode::InTransaction)
}

fn sqlite(text: &str) -> Vec<String> {
    found(SQLITE, text, Role::Script, Mode::InTransaction)
}

fn mysql(text: &str) -> Vec<String> {
    found(MYSQL, text, Role::Script, Mode::InTransaction)
}

/// What is found in a script for the database `shop` of a server whose `max_allowed_packet` is 40.
fn in_shop(text: &str) -> Vec<String> {
    let context = Context { database: Some("shop".into()), longest: Some(40), ..Context::new(MYSQL) };
    let findings = inspect(&context, text, Role::Script, Mode::InTransaction).findings;
    findings.iter().map(|finding| finding.kind.to_string()).collect()
}

fn sent<'a>(dialect: &'static dyn Dialect, text: &'a str, role: Role) -> Vec<&'a str> {
    sendable(dialect, text, role).map(|statement| &text[statement.expect("splits").range]).collect()
}

#[test]
fn a_script_has_no_transaction_of_its_own() {
    for text in ["begin", "BEGIN WORK", "commit", "end", "rollback", "rollback transaction"] {
        assert_eq!(sqlite(text).len(), 1, "{text}");
        assert_eq!(postgres(text).len(), 1, "{text}");
    }
    for text in ["start transaction", "abort", "commit and chain", "prepare transaction 'x'", "end work"] {
        assert_eq!(postgres(text).len(), 1, "{text}");
    }
    assert_eq!(postgres("Begin; x"), ["Begin: a script may not BEGIN: dbmigrate controls the transactions"]);
}

#[test]
fn all_findings_are_reported_in_order() {
    let text = "begin;\nvacuum;\n-- dbmigrate: no-transaction\ncommit; select 'x";
    assert_eq!(
        postgres(text),
        [
            "begin: a script may not BEGIN: dbmigrate controls the transactions",
            "vacuum: VACUUM cannot run in a transaction",
            "-- dbmigrate: no-transaction: a directive after the first statement is not read",
            "commit: a script may not COMMIT: dbmigrate controls the transactions",
            "': unterminated string",
        ]
    );
}

#[test]
fn bodies_and_savepoints_are_left_alone() {
    for text in [
        "do $$ begin commit; end $$",
        "create function f() begin atomic select 1; end",
        "create procedure p() language plpgsql as 'begin commit; end'",
        "savepoint a; rollback to a; rollback work to savepoint A; release \"a\"",
        "\"begin\"",
        "prepare q as select 1",
        "set transaction read only",
    ] {
        assert_eq!(postgres(text), [""; 0], "{text}");
    }
    assert_eq!(
        sqlite("create trigger a begin b; commit; end; savepoint a; rollback transaction to savepoint a; release a"),
        [""; 0]
    );
}

#[test]
fn without_a_transaction_a_script_still_must_not_leave_one_open() {
    for dialect in [POSTGRES, SQLITE] {
        let found = |text| found(dialect, text, Role::Script, Mode::NoTransaction).len();
        assert_eq!(found("begin; vacuum; commit"), 2);
        assert_eq!(found("savepoint a; release a; rollback to a"), 3);
        assert_eq!(found("vacuum"), 0);
    }
}

#[test]
fn pragmas_that_do_nothing_in_a_transaction_are_found() {
    for text in
        ["pragma journal_mode=wal", "pragma main.journal_mode(memory)", "PRAGMA synchronous = off", "vacuum into 'x'"]
    {
        assert_eq!(sqlite(text).len(), 1, "{text}");
    }
    for text in ["pragma journal_mode", "pragma foreign_keys=on", "pragma user_version=3", "detach a", "reindex"] {
        assert_eq!(sqlite(text).len(), 0, "{text}");
    }
}

#[test]
fn a_new_enumeration_value_asks_for_a_commit() {
    let text = "select 1; alter type a.b add value 'x'; alter type c add value 'y'";
    let inspection = inspect(&Context::new(POSTGRES), text, Role::Script, Mode::InTransaction);
    assert_eq!(inspection.commit_after.map(|at| &text[at]), Some("alter type a.b add value 'x'"));
    assert_eq!(inspection.statements, 3);
    let rename = "alter type b rename value 'x' to 'y'; alter type b add attribute c int";
    assert_eq!(inspect(&Context::new(POSTGRES), rename, Role::Script, Mode::InTransaction).commit_after, None);
}

#[test]
fn the_frame_of_a_sqlite_dump_is_left_out() {
    let dump = "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t (a);\nCOMMIT;\n-- end\n";
    assert_eq!(sent(SQLITE, dump, Role::Baseline), ["CREATE TABLE t (a)"]);
    assert_eq!(sent(SQLITE, dump, Role::Script).len(), 4);
    let baseline = |text| found(SQLITE, text, Role::Baseline, Mode::InTransaction);
    assert_eq!(baseline(dump), [""; 0]);
    assert_eq!(
        baseline("BEGIN; a; COMMIT; b"),
        [
            "BEGIN: a script may not BEGIN: dbmigrate controls the transactions",
            "COMMIT: a script may not COMMIT: dbmigrate controls the transactions"
        ]
    );
    assert_eq!(baseline("BEGIN; a"), ["BEGIN: the dump is cut off: COMMIT is missing"]);
    assert_eq!(baseline("a; BEGIN; b; COMMIT").len(), 2);
    assert_eq!(baseline("BEGIN; a; ROLLBACK; -- due to errors").len(), 2);
}

#[test]
fn the_frame_around_large_objects_is_left_out() {
    let dump = "SELECT 1;\nBEGIN;\n\nSELECT pg_catalog.lo_open('1', 131072);\nSELECT pg_catalog.lo_close(0);\n\nCOMMIT;\nSELECT 2;";
    assert_eq!(sent(POSTGRES, dump, Role::Baseline).len(), 4);
    let baseline = |text| found(POSTGRES, text, Role::Baseline, Mode::InTransaction).len();
    assert_eq!(baseline(dump), 0);
    assert_eq!(baseline("BEGIN; SELECT 1; COMMIT;"), 2);
    assert_eq!(baseline("BEGIN; SELECT pg_catalog.lo_open('1', 2);"), 1);
}

#[test]
fn directives_count_only_above_the_first_statement() {
    assert_eq!(postgres("-- dbmigrate: no-transaction\nselect 1"), [""; 0]);
    assert_eq!(postgres("select '\n-- dbmigrate: x\n'; $$\n-- dbmigrate: y\n$$"), [""; 0]);
    assert_eq!(postgres("select 1\n--dbmigrate: x").len(), 1);
}

#[test]
fn every_finding_has_a_hint() {
    for text in
        ["begin", "vacuum", "select 1; -- dbmigrate: x", "'", "\"", "$$", "/*", "(", "\\x", "copy t from stdin;"]
    {
        let findings = inspect(&Context::new(POSTGRES), text, Role::Script, Mode::InTransaction).findings;
        assert_eq!(findings.iter().filter(|finding| !finding.kind.hint().is_empty()).count(), 1, "{text}");
    }
}

#[test]
fn a_script_of_mysql_has_no_transaction_of_its_own() {
    for text in [
        "begin",
        "BEGIN WORK",
        "start transaction",
        "commit and chain",
        "rollback",
        "xa start 'x'",
        "set autocommit=0",
        "set @@autocommit = 1",
        "set session autocommit=on",
        "set @@session.autocommit := 1",
        "set @a = 1, autocommit = 0",
        "/*!40101 set autocommit = 0 */",
    ] {
        assert_eq!(mysql(text).len(), 1, "{text}");
    }
    for text in ["savepoint a", "rollback to a", "rollback work to savepoint a", "release savepoint a"] {
        assert_eq!(
            mysql(&format!("savepoint a; {text}; release savepoint a")).len(),
            usize::from(text.contains("release")),
            "{text}"
        );
        assert_eq!(found(MYSQL, text, Role::Script, Mode::NoTransaction).len(), 1, "{text}");
    }
    for text in [
        "delimiter //\ncreate procedure p() begin start transaction; commit; end//",
        "set @autocommit = 0",
        "set global autocommit = 0",
        "select @@autocommit",
        "begin not atomic end",
    ] {
        assert_eq!(mysql(text), [""; 0], "{text}");
    }
}

#[test]
fn the_first_statement_that_commits_by_itself_is_told() {
    let commits = |text: &str| {
        let inspection = inspect(&Context::new(MYSQL), text, Role::Script, Mode::InTransaction);
        inspection.commits.map(|at| text[at].to_owned())
    };
    assert_eq!(commits("select 1; alter table t add a int; drop table t").as_deref(), Some("alter table t add a int"));
    assert_eq!(commits("insert into t values (1); create temporary table x (a int); set @a = 1; use a"), None);
    for text in ["call p()", "execute q", "unlock tables", "begin not atomic end", "no_such_statement", "(a"] {
        assert_eq!(commits(text).is_some(), text != "(a", "{text}");
    }
}

#[test]
fn what_nobody_could_answer_or_read_is_unsupported() {
    for text in [
        "load data local infile 'x' into table t",
        "load data low_priority local infile 'x' into table t",
        "load xml local infile 'x' into table t",
        "help 'select'",
        "shutdown",
    ] {
        assert_eq!(mysql(text).len(), 1, "{text}");
    }
    assert_eq!(mysql("load data infile 'x' into table local"), [""; 0]);
}

#[test]
fn another_encoding_matters_where_it_is_not_ascii() {
    for set in [
        "set names latin1",
        "set names 'latin1' collate 'latin1_bin'",
        "set character set cp1251",
        "set charset cp1251",
        "/*!50003 set character_set_client = binary */",
        "set @@session.character_set_client = latin1",
    ] {
        assert_eq!(mysql(&format!("{set}; select 'a'; set names utf8; select 'ä'")), [""; 0], "{set}");
        let reason =
            "SET character_set_client cannot run here: scripts are sent as UTF-8, whatever the file's encoding is";
        assert_eq!(mysql(&format!("{set}; select 'ä'; select 'ö'")), [format!("{set}: {reason}")], "{set}");
    }
    for set in [
        "set names utf8mb4",
        "SET NAMES 'utf8' COLLATE utf8_bin",
        "set names default",
        "set character set utf8mb3",
        "set character_set_client = @saved_cs_client",
        "set character_set_results = latin1",
        "set global character_set_client = latin1",
    ] {
        assert_eq!(mysql(&format!("{set}; select 'ä'")), [""; 0], "{set}");
    }
}

#[test]
fn a_script_stays_in_its_database() {
    assert_eq!(in_shop("use crm"), ["USE crm would take the run out of its database"]);
    assert_eq!(in_shop("use `a``b`"), ["USE a`b would take the run out of its database"]);
    assert_eq!(
        in_shop("drop database if exists `shop`"),
        ["DROP DATABASE shop would take the run out of its database"]
    );
    assert_eq!(in_shop("/*!40000 DROP SCHEMA shop */"), ["DROP DATABASE shop would take the run out of its database"]);
    for text in ["use shop", "use `shop`\nselect 1", "drop database crm", "create database crm", "drop table shop.shop"]
    {
        assert_eq!(in_shop(text), [""; 0], "{text}");
    }
    assert_eq!(mysql("use crm; drop database shop"), [""; 0]);
}

#[test]
fn a_statement_is_no_longer_than_the_server_takes() {
    let insert = "insert into t values ('0123456789012345')";
    assert_eq!(in_shop(&insert[3..]), [""; 0]);
    assert_eq!(in_shop(insert), ["the statement is 41 bytes long, but the server's max_allowed_packet allows 40"]);
    assert_eq!(in_shop("-- a long comment before the statement is not sent\nselect 1"), [""; 0]);
}

#[test]
fn the_frame_around_the_rows_of_a_mysql_dump_is_left_out() {
    let mariadb =
        "SET @OLD_AUTOCOMMIT=@@AUTOCOMMIT, @@AUTOCOMMIT=0;\nINSERT 1;\nCOMMIT;\nSET AUTOCOMMIT=@OLD_AUTOCOMMIT;\n";
    let mysqldump = "set autocommit=0;\nINSERT 1;\ncommit;\n";
    let older = "SET autocommit=0;\nINSERT 1;\nCOMMIT;\nSET AUTOCOMMIT=1;\n";
    for table in [mariadb, mysqldump, older] {
        let dump = format!("CREATE TABLE a;\n{table}CREATE TABLE b;\n{table}");
        let statements = ["CREATE TABLE a", "INSERT 1", "CREATE TABLE b", "INSERT 1"];
        assert_eq!(sent(MYSQL, &dump, Role::Baseline), statements);
        assert_eq!(found(MYSQL, &dump, Role::Baseline, Mode::InTransaction), [""; 0]);
        assert!(mysql(&dump).len() >= 4);
    }
    let baseline = |text| found(MYSQL, text, Role::Baseline, Mode::InTransaction);
    assert_eq!(baseline("set autocommit=0; insert 1"), ["set autocommit=0: the dump is cut off: COMMIT is missing"]);
    for text in
        ["commit", "set autocommit=1", "begin; commit", "set autocommit=0; rollback", "set autocommit=0, sql_mode=''"]
    {
        assert!(!baseline(text).is_empty(), "{text}");
    }
}

#[test]
fn a_savepoint_is_the_scripts_own_and_is_released() {
    for (dialect, text, kinds) in [
        (POSTGRES, "savepoint a; savepoint b; release a", &[][..]),
        (POSTGRES, "savepoint a; savepoint b; rollback to a; release b", &["open-savepoint", "unknown-savepoint"]),
        (POSTGRES, "savepoint a; savepoint a; release a", &["open-savepoint"]),
        (MYSQL, "savepoint a; savepoint a; release savepoint a", &[]),
        (MYSQL, "savepoint a; create table t (a int)", &[]),
        (MYSQL, "savepoint a; create table t (a int); rollback to a", &["unknown-savepoint"]),
        (SQLITE, "savepoint a; rollback to b", &["open-savepoint", "unknown-savepoint"]),
        (SQLSERVER, "SAVE TRAN a ROLLBACK TRAN A", &[]),
        (SQLSERVER, "ROLLBACK TRAN a", &["unknown-savepoint"]),
        (SQLSERVER, "ROLLBACK TRAN @a", &[]),
    ] {
        let inspection = inspect(&Context::new(dialect), text, Role::Script, Mode::InTransaction);
        let found = inspection.findings.iter().map(|finding| finding.kind.code()).collect::<Vec<_>>();
        assert_eq!(found, kinds, "{text}");
    }
}

#[test]
fn a_commit_that_no_dump_tool_wrote_is_a_finding() {
    let context = Context::new(SQLITE);
    let found = inspect(&context, "COMMIT; CREATE TABLE t (a);", Role::Baseline, Mode::InTransaction).findings;
    assert_eq!(found.len(), 1, "{found:?}");
}
