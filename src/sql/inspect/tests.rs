use super::*;

fn found(dialect: Dialect, text: &str, role: Role, mode: Mode) -> Vec<String> {
    let findings = inspect(dialect, text, role, mode).findings;
    findings.iter().map(|finding| format!("{}: {}", &text[finding.at.clone()], finding.kind)).collect()
}

fn postgres(text: &str) -> Vec<String> {
    found(Dialect::Postgres, text, Role::Script, Mode::InTransaction)
}

fn sqlite(text: &str) -> Vec<String> {
    found(Dialect::Sqlite, text, Role::Script, Mode::InTransaction)
}

fn sent(dialect: Dialect, text: &str, role: Role) -> Vec<&str> {
    sendable(dialect, text, role).map(|piece| &text[piece.expect("splits").statement]).collect()
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
    assert_eq!(postgres("Begin; x"), ["Begin: BEGIN would control the transaction of the run"]);
}

#[test]
fn all_findings_are_reported_in_order() {
    let text = "begin;\nvacuum;\n-- dbmigrate: no-transaction\ncommit; select 'x";
    assert_eq!(
        postgres(text),
        [
            "begin: BEGIN would control the transaction of the run",
            "vacuum: VACUUM cannot run in a transaction",
            "-- dbmigrate: no-transaction: a directive behind the first statement is not read",
            "commit: COMMIT would control the transaction of the run",
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
        "savepoint a",
        "rollback to a",
        "rollback work to savepoint a",
        "release a",
        "\"begin\"",
        "prepare q as select 1",
        "set transaction read only",
    ] {
        assert_eq!(postgres(text), [""; 0], "{text}");
    }
    assert_eq!(sqlite("create trigger a begin b; commit; end; rollback transaction to savepoint a"), [""; 0]);
}

#[test]
fn without_a_transaction_a_script_still_must_not_leave_one_open() {
    for dialect in [Dialect::Postgres, Dialect::Sqlite] {
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
    let inspection = inspect(Dialect::Postgres, text, Role::Script, Mode::InTransaction);
    assert_eq!(inspection.commit_after.map(|at| &text[at]), Some("alter type a.b add value 'x'"));
    assert_eq!(inspection.statements, 3);
    let rename = "alter type b rename value 'x' to 'y'; alter type b add attribute c int";
    assert_eq!(inspect(Dialect::Postgres, rename, Role::Script, Mode::InTransaction).commit_after, None);
}

#[test]
fn the_frame_of_a_sqlite_dump_is_left_out() {
    let dump = "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t (a);\nCOMMIT;\n-- end\n";
    assert_eq!(sent(Dialect::Sqlite, dump, Role::Baseline), ["CREATE TABLE t (a)"]);
    assert_eq!(sent(Dialect::Sqlite, dump, Role::Script).len(), 4);
    let baseline = |text| found(Dialect::Sqlite, text, Role::Baseline, Mode::InTransaction);
    assert_eq!(baseline(dump), [""; 0]);
    assert_eq!(
        baseline("BEGIN; a; COMMIT; b"),
        [
            "BEGIN: BEGIN would control the transaction of the run",
            "COMMIT: COMMIT would control the transaction of the run"
        ]
    );
    assert_eq!(baseline("BEGIN; a"), ["BEGIN: BEGIN would control the transaction of the run"]);
    assert_eq!(baseline("a; BEGIN; b; COMMIT").len(), 2);
    assert_eq!(baseline("BEGIN; a; ROLLBACK; -- due to errors").len(), 2);
}

#[test]
fn the_frame_around_large_objects_is_left_out() {
    let dump = "SELECT 1;\nBEGIN;\n\nSELECT pg_catalog.lo_open('1', 131072);\nSELECT pg_catalog.lo_close(0);\n\nCOMMIT;\nSELECT 2;";
    assert_eq!(sent(Dialect::Postgres, dump, Role::Baseline).len(), 4);
    let baseline = |text| found(Dialect::Postgres, text, Role::Baseline, Mode::InTransaction).len();
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
        let findings = inspect(Dialect::Postgres, text, Role::Script, Mode::InTransaction).findings;
        assert_eq!(findings.iter().filter(|finding| !finding.kind.hint().is_empty()).count(), 1, "{text}");
    }
}
