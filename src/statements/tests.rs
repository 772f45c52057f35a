use super::*;
use crate::Scripts;
use crate::sql::{POSTGRES, SQLITE, SQLSERVER};

/// The statements of a script, looked ahead for every so often.
fn statements(script: &SqlFile, every: usize, bytes: usize) -> Vec<String> {
    let mut statements = Statements::open(script, &Context::new(POSTGRES)).expect("in memory");
    let mut said = Vec::new();
    while let Some(statement) = statements.next() {
        let statement = statement.expect("it splits");
        if said.len() % every == 0 {
            statements.look_ahead(bytes);
        }
        said.push(statements.text(&statement.range).to_owned());
        if statement.data.is_some() {
            let mut rows = String::new();
            while let Some(more) = statements.rows().expect("they end") {
                rows.push_str(more);
            }
            said.push(rows);
        }
    }
    said
}

#[test]
fn looking_ahead_changes_nothing() {
    let insert = |i: usize| format!("INSERT INTO t VALUES ({i}, 'äöü');\n");
    let inserts = |from: usize| (from..from + 9000).map(insert).collect::<Vec<_>>().concat();
    let copy = format!("COPY t FROM stdin;\n{}\\.\n", "1\tx\n".repeat(100_000));
    let text = format!("{}{copy}{}", inserts(0), inserts(9000));
    let scripts = Scripts::from_files([("Script-0001.sql", text.into_bytes())]);
    let script = &scripts.scripts()[0];
    let expected = statements(script, usize::MAX, 0);
    assert_eq!(expected.len(), 18_002);
    for (every, bytes) in [(1, 100), (7, 10_000), (1000, 1_000_000), (3, usize::MAX)] {
        assert!(statements(script, every, bytes) == expected, "{every} {bytes}");
    }
}

#[test]
fn a_script_that_is_sent_often_is_read_once() {
    let scripts = Scripts::from_files([("Script-0001.sql", b"SELECT 1\nGO 3\nSELECT 2\n".as_slice())]);
    let mut statements = Statements::open(&scripts.scripts()[0], &Context::new(SQLSERVER)).expect("in memory");
    let said = std::iter::from_fn(|| statements.next().map(|statement| statement.expect("splits").range.start));
    assert_eq!(said.collect::<Vec<_>>(), [0, 0, 0, 14]);
}

#[test]
fn what_is_ahead_does_not_grow() {
    let text = format!("INSERT INTO t VALUES ('{}');\n", "x".repeat(1000)).repeat(3000);
    let scripts = Scripts::from_files([("Script-0001.sql", text.into_bytes())]);
    let mut statements = Statements::open(&scripts.scripts()[0], &Context::new(SQLITE)).expect("in memory");
    let mut most = 0;
    while let Some(statement) = statements.next() {
        statement.expect("it splits");
        statements.look_ahead(1500);
        most = most.max(statements.ahead.len());
    }
    assert_eq!(most, 2);
}

#[test]
fn nothing_of_a_long_script_that_was_replaced_is_given() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("Script-0001.sql");
    let text = "INSERT INTO t VALUES (1);\n".repeat(40_000);
    std::fs::write(&path, &text).expect("written");
    let scripts = Scripts::from_dir(dir.path()).expect("readable");
    let script = &scripts.scripts()[0];
    script.checksum().expect("readable");
    assert!(Statements::open(script, &Context::new(POSTGRES)).is_ok());
    let other = dir.path().join("other");
    std::fs::write(&other, text + "DROP TABLE t;\n").expect("written");
    std::fs::rename(&other, &path).expect("replaced");
    let error = Statements::open(script, &Context::new(POSTGRES)).err().expect("it is another text");
    assert!(matches!(error, ReadError::ChangedMeanwhile { .. }), "{error}");
}
