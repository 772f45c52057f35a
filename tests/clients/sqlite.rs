use std::process::Command;

use dbmigrate::internals::{Mode, Role, context, inspect};

use crate::{Scratch, bare, ours};

/// What `.trace` of `sqlite3` shows. It puts `;` and a line break after a statement, so no text has them inside one.
fn of_sqlite3(name: &str, text: &str) -> Vec<String> {
    let (script, log) = (Scratch::new(&format!("{name}.sql"), text), Scratch::new(&format!("{name}.log"), ""));
    let trace = format!(".trace '{}' --plain --stmt", log.0.display());
    let read = format!(".read '{}'", script.0.display());
    let sqlite3 = Command::new("sqlite3").args(["-batch", ":memory:", &trace, &read, ".trace off"]).output();
    let sqlite3 = sqlite3.expect("sqlite3 runs");
    assert!(sqlite3.stderr.is_empty(), "{text}: {}", String::from_utf8_lossy(&sqlite3.stderr));
    log.read().split(";\n").map(bare).filter(|statement| !statement.is_empty()).collect()
}
#[test]
fn sqlite3_splits_into_the_same_statements() {
    let cases = [
        "select 1; select 2;;\n;select 3",
        "select ';', 'it''s;', '--', '/*', '\\'; select 1 as \"a;b\", 2 as `c;d`, 3 as [e;f], 4 as [g[;]; select 5",
        "select 1 as \"a\"\";\"; select 1 as `a``;`; select x'3b'; select 2",
        "select /*# ; /* #*/ 1; /*# ' #*/select 2; --# ;'\nselect --# ; x\n 3; select 4/1; select - -5; select 6 --# x\n;",
        "create table t(a); create trigger r after insert on t begin select 1; select ';'; end; select 1",
        "create table t(a); create temp trigger r after insert on t begin select case when 1 then 2 end; end; select 1",
        "create table t(a); create temporary trigger r after insert on t begin select 1 as \"end\"; end /*# x #*/ ; select 1",
        "create table t(a); create trigger if not exists r after insert on t begin delete from t; --# x\n end; select 1",
        "create table trigger_t(a); create table \"trigger\"(a); begin; select 1; end; select 2",
        "select 1;\r\nselect '; \r\n';\r\nselect 2",
        "select 1;\u{feff}select 2; select 'é' as é; select 1 as é$1;",
        "select\n.5; select 1",
    ];
    for (index, text) in cases.iter().enumerate() {
        // the trace of a byte order mark shows it
        let traced = of_sqlite3(&format!("sqlite{index}"), text);
        let traced: Vec<_> = traced.iter().map(|statement| statement.trim_start_matches('\u{feff}')).collect();
        assert_eq!(ours("sqlite", text), traced, "{text}");
    }
}
#[test]
fn sqlite_refuses_or_ignores_in_a_transaction_what_the_checks_refuse() {
    let cases = [
        ("VACUUM", true),
        ("VACUUM INTO 'nope.db'", true),
        ("PRAGMA journal_mode=WAL", true),
        ("PRAGMA synchronous=OFF", true),
        ("PRAGMA wal_checkpoint", true),
        ("PRAGMA user_version=5", false),
        ("PRAGMA journal_mode", false),
        ("PRAGMA cache_size=77", false),
        ("PRAGMA defer_foreign_keys=ON", false),
        ("ATTACH ':memory:' AS o", false),
        ("ATTACH ':memory:' AS o; DETACH o", false),
        ("REINDEX", false),
        ("ANALYZE", false),
        ("SAVEPOINT a; RELEASE a", false),
    ];
    for (statement, refused) in cases {
        let file = Scratch::new("refusal.db", "");
        let script = format!("CREATE TABLE t (a); BEGIN; INSERT INTO t VALUES (1); {statement};");
        let sqlite3 = Command::new("sqlite3").arg("-batch").arg(&file.0).arg(&script).output().expect("sqlite3 runs");
        // a journal mode that cannot be taken is answered with the old one, without an error
        let ignored = statement.contains("journal_mode=") && sqlite3.stdout == b"delete\n";
        assert_eq!(
            ignored || !sqlite3.stderr.is_empty(),
            refused,
            "{statement}: {}",
            String::from_utf8_lossy(&sqlite3.stderr)
        );
        let found = inspect(&context("sqlite"), statement, Role::Script, Mode::InTransaction).findings.len();
        assert_eq!(found > 0, refused, "the checks: {statement}");
    }
}
