use std::process::Command;

use dbmigrate::internals::{FindingKind, Mode, Role, context, inspect};

use crate::support::{Database, postgres::PRODUCT};
use crate::{Scratch, bare, ours};

fn database() -> Database {
    Database::new(&PRODUCT)
}

/// Runs `psql` and returns what it says on stderr.
fn psql(url: &str, arguments: &[&str]) -> String {
    let psql = Command::new("psql").args(["-X", "-q", "-o", "/dev/null", "-d", url]).args(arguments).output();
    String::from_utf8_lossy(&psql.expect("psql runs").stderr).into_owned()
}
/// What `psql -L` logs as sent, statement by statement, whether the server likes it or not.
fn of_psql(url: &str, name: &str, text: &str) -> Vec<String> {
    let (script, log) = (Scratch::new(&format!("{name}.sql"), text), Scratch::new(&format!("{name}.log"), ""));
    psql(url, &["-f", &script.0.to_string_lossy(), "-L", &log.0.to_string_lossy()]);
    // psql 18 makes comments of these lines
    let log = log.read().replace("/******** QUERY *********/", "********* QUERY **********");
    let log = log.replace("/************************/", "**************************");
    let sent = log.split("********* QUERY **********\n").skip(1);
    let sent = sent.map(|entry| bare(entry.split("\n**************************").next().unwrap_or_default()));
    sent.filter(|statement| !statement.is_empty()).collect()
}
#[test]
fn psql_splits_into_the_same_statements() {
    let database = database();
    psql(database.url().as_str(), &["-c", "CREATE TABLE t (a text)"]);
    let cases: &[&str] = &[
        "select 1; select 2;;\n;select 3",
        "select ';', 'it''s;', '--', '/*'; select \"a;b\" from t; select 2",
        r"select '\'; select E'\';'; select E'\\'; select e'a'';\';'; select 3",
        r#"select U&'\0061;', U&"a;b"; select B'1', X'1F', N'a;'; select u&';'; select 2"#,
        r"select b'1''0;'; select x'1;'; select ae'\'; select 1E';\'; select $1e'\'; select 2",
        "select $$;$$; select $a$;$$;$a$; select $a$ $b$ ; $a$; select a$b$; select 1$$;$$; select 2",
        "select $1; select $1$; select $a b$; select $; select $_é1$;$_é1$; select $a$ $aa$ ; $a$; select 2",
        "select /*# ; #*/ 1; /*# /* ; */ #*/select 2; --# ;'\nselect --# ;\n 3; select 4+/*# ; #*/5; select 5--# ;\n;",
        "create rule r as on insert to t do (select 1; select 2); select ((1);2); select 3); select 4",
        "create function f() returns int begin atomic select 1; select case when true then 2 end; end; select 1;",
        "create or replace procedure p(begin int) begin atomic select 1; end; select 2;",
        "create function g(\"begin\" int) as 'begin'; create temp function begin; create table begin; select 1;",
        "create or replace function h() language sql return case when true then 1 end; select 2;",
        "do $do$ begin perform 1; end $do$; begin; select 1; end; select 2",
        "copy t from stdin;\n;\n'\n\\N\n\\.\nselect 1;",
        "COPY public.\"t\" (a) FROM stdin WITH (FORMAT csv);\r\n1\r\n\\.\r\nselect 2;",
        "copy t from stdout;\n1\n\\.\nselect 3; copy t to stdout; copy (select 1) to stdout; select 4;",
        "copy t from '/nonexistent' where a is distinct from stdin; select 5;",
        "set standard_conforming_strings = off;\nselect '\\';'; select N'\\';'; select U&'\\'; select B'\\'; select 1;",
        "set session standard_conforming_strings to 'off';\nselect '\\';'; reset all;\nselect '\\'; select 1;",
        "set standard_conforming_strings = fa;\nselect 'a'\n'\\';'; discard all;\nselect '\\'; select 1;",
        "select 'a'\n'b;'; select 'a' --# x\n 'b;'; select 1",
        "select 1;\r\nselect ';\r\n';\r\nselect 2",
        "é; select 'ü;'; select é;",
    ];
    for (index, text) in cases.iter().enumerate() {
        assert_eq!(ours("postgres", text), of_psql(database.url().as_str(), &format!("psql{index}"), text), "{text}");
    }
}
const OBJECTS: &str = "
    CREATE TABLE t (a int PRIMARY KEY, b int);
    CREATE INDEX ti ON t (b);
    CREATE TABLE p (a int) PARTITION BY RANGE (a);
    CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
    CREATE MATERIALIZED VIEW mv AS SELECT * FROM t;
    CREATE UNIQUE INDEX ON mv (a);
    CREATE TYPE e AS ENUM ('a');
    CREATE SUBSCRIPTION DBNAME_s CONNECTION 'host=127.0.0.1 port=1' PUBLICATION x WITH (connect = false);
    ALTER SUBSCRIPTION DBNAME_s ENABLE;";

const REMOVE_OBJECTS: &str = "ALTER SUBSCRIPTION DBNAME_s DISABLE; ALTER SUBSCRIPTION DBNAME_s SET (slot_name = NONE); DROP SUBSCRIPTION DBNAME_s;";

/// What the server refuses in a transaction whatever the database holds.
const REFUSED: &[&str] = &[
    "create index concurrently x on t (b)",
    "create unique index concurrently if not exists ti on t (b)",
    "drop index concurrently ti",
    "drop index concurrently if exists nope",
    "reindex index concurrently ti",
    "reindex table concurrently t",
    "reindex (concurrently) table t",
    "reindex (verbose, concurrently true) index ti",
    "reindex schema public",
    "reindex schema concurrently public",
    "reindex (verbose) schema public",
    "reindex (concurrently false) database DBNAME",
    "reindex system DBNAME",
    "vacuum",
    "vacuum t",
    "vacuum (full) t",
    "cluster",
    "cluster verbose",
    "create database x",
    "drop database if exists x",
    "alter database DBNAME set tablespace pg_default",
    "alter database DBNAME tablespace pg_default",
    "alter database DBNAME with tablespace pg_default",
    "create tablespace x location '/nonexistent'",
    "drop tablespace if exists nope",
    "alter system set work_mem = '4MB'",
    "alter system reset all",
    "create subscription y connection 'host=127.0.0.1 port=1' publication x",
    "alter subscription DBNAME_s refresh publication",
    "alter subscription DBNAME_s set publication y",
    "alter subscription DBNAME_s add publication y with (refresh)",
    "alter table p detach partition p1 concurrently",
    "alter table if exists public.p detach partition public.p1 concurrently",
    "discard all",
    "commit prepared 'x'",
    "rollback prepared 'x'",
];

/// What looks alike and runs, or fails for another reason.
const ACCEPTED: &[&str] = &[
    "create index \"concurrently\" on t (b)",
    "drop index ti",
    "reindex index ti",
    "reindex (concurrently off) table t",
    "reindex (concurrently 0, verbose) table t",
    "analyze",
    "cluster t using ti",
    "cluster verbose t using ti",
    "alter database DBNAME set work_mem = '4MB'",
    "alter database DBNAME reset all",
    "alter database DBNAME owner to current_user",
    "alter database DBNAME connection limit 5",
    "alter database DBNAME rename to x",
    "alter tablespace pg_default set (seq_page_cost = 1)",
    "create subscription y connection 'host=127.0.0.1 port=1' publication x with (connect = false)",
    "create subscription y connection 'host=127.0.0.1 port=1' publication x with (create_slot = off, enabled = off)",
    "alter subscription DBNAME_s set publication y with (refresh = false)",
    "alter subscription DBNAME_s disable",
    "drop subscription if exists nope",
    "alter table p detach partition p1",
    "refresh materialized view concurrently mv",
    "discard plans",
    "discard temp",
    "savepoint s",
    "set transaction read only",
    "set constraints all deferred",
    "listen x",
    "notify x",
    "lock table t",
    "declare c cursor with hold for select 1",
    "prepare q as select 1",
    "deallocate all",
    "truncate t",
    "alter type e add value 'b'",
    "do $$ begin commit; end $$",
];

#[test]
fn the_server_refuses_in_a_transaction_what_the_checks_refuse() {
    let database = database();
    let named = |text: &str| text.replace("DBNAME", &database.name);
    psql(database.url().as_str(), &["-c", &named(OBJECTS)]);
    let refused = REFUSED.iter().map(|statement| (named(statement), true));
    let cases: Vec<_> = refused.chain(ACCEPTED.iter().map(|statement| (named(statement), false))).collect();
    let script = cases.iter().fold("\\set VERBOSITY sqlstate\n".to_owned(), |script, (statement, _)| {
        format!("{script}\\warn =={statement}\nBEGIN;\n{statement};\nROLLBACK;\n")
    });
    let script = Scratch::new("rules.sql", &script);
    let answers = psql(database.url().as_str(), &["-f", &script.0.to_string_lossy()]);
    // a subscription keeps its database from being dropped
    let removing = psql(database.url().as_str(), &["-c", &named(REMOVE_OBJECTS)]);
    assert_eq!(removing, "");
    let answers: Vec<_> = answers.split("==").skip(1).collect();
    assert_eq!(answers.len(), cases.len());
    for (answer, (statement, refused)) in answers.iter().zip(&cases) {
        assert_eq!(answer.contains("25001"), *refused, "the server: {answer}");
        let findings = inspect(&context("postgres"), statement, Role::Script, Mode::InTransaction).findings;
        let found = findings.iter().any(|finding| matches!(finding.kind, FindingKind::NotInTransaction { .. }));
        assert_eq!(found, *refused, "the checks: {statement}");
    }
}
