use dbmigrate::internals::{FindingKind, Mode, Role, context, inspect};

use super::Client;

const OBJECTS: &str = "
    CREATE TABLE t (a int PRIMARY KEY, b int) ENGINE = InnoDB;
    CREATE TABLE m (a int) ENGINE = MyISAM;
    CREATE VIEW v AS SELECT a FROM t;
    CREATE PROCEDURE p() SELECT 1;
    CREATE FUNCTION f() RETURNS int DETERMINISTIC RETURN 1;
    CREATE TRIGGER g BEFORE INSERT ON m FOR EACH ROW SET @a = 1;
    CREATE EVENT e ON SCHEDULE EVERY 1 YEAR DISABLE DO SELECT 1;
    CREATE USER dbm_PID;
    CREATE TABLE probe (a int) ENGINE = InnoDB;
";

/// What leaves the transaction open.
const KEEPS: &[&str] = &[
    "(select 1)",
    "analyze format=json select 1",
    "analyze select 1",
    "analyze update t set b = b",
    "analyze delete from t where a = 77",
    "analyze insert into t values (70, 1)",
    "analyze replace into t values (70, 1)",
    "analyze with x as (select 1) select * from x",
    "checksum table t",
    "create temporary table x (a int)",
    "create temporary table if not exists x (a int)",
    "create temporary table y select 1 as a",
    "create temporary table z like t",
    "create or replace temporary table x (a int)",
    "drop temporary table x",
    "drop temporary table if exists x, y, z",
    "prepare q from 'select 1'",
    "deallocate prepare q",
    "drop prepare q",
    "delete from t where a = 77",
    "delete t from t join m",
    "desc t",
    "describe t",
    "do 1",
    "do get_lock('dbm_PID', 0)",
    "explain select 1",
    "explain update t set b = 1",
    "explain format=json select * from t",
    "get diagnostics @a = number",
    "handler t open",
    "handler t read first",
    "handler t close",
    "insert into t values (1, 1)",
    "insert into m values (1)",
    "insert into t select 3, 3",
    "kill query 99999999",
    "load data infile '/nonexistent' into table t",
    "load xml infile '/nonexistent' into table t",
    "replace into t values (1, 2)",
    "resignal",
    "select * from t for update",
    "select 1 into @a",
    "set @a = 1",
    "set @a = 1, @b := 2",
    "set session sort_buffer_size = 300000",
    "set names utf8mb4",
    "set names utf8mb4 collate utf8mb4_bin",
    "set character set utf8mb4",
    "set character_set_client = utf8mb4",
    "set sql_mode = ''",
    "set sql_mode = default",
    "set foreign_key_checks = 0, unique_checks = 0",
    "set time_zone = '+00:00'",
    "set session transaction read write",
    "set role none",
    "show tables",
    "show create table t",
    "show grants",
    "signal sqlstate '01000'",
    "table t",
    "update t set b = 2",
    "update t join m set t.b = 1",
    "use DBNAME",
    "values (1)",
    "values row (1)",
    "with x as (select 1) select * from x",
    "/*!40101 set names utf8mb4 */",
];

/// What commits it.
const COMMITS: &[&str] = &[
    "create table c (a int)",
    "create table if not exists c (a int)",
    "create table d select 1 as a",
    "create or replace table c (a int)",
    "/*!40000 alter table t disable keys */",
    "alter table c add b int",
    "alter table c rename to cc",
    "rename table cc to c",
    "truncate table c",
    "truncate c",
    "create index i on c (a)",
    "drop index i on c",
    "drop table c",
    "drop table if exists c, d",
    "create temporary table x (a int); alter table x add b int",
    "create temporary table x (a int); create index i on x (a)",
    "create temporary table x (a int); drop table x",
    "create temporary sequence x",
    "create view w as select 1 as a",
    "alter view w as select 2 as a",
    "drop view w",
    "drop view if exists w",
    "create database DBNAME_x",
    "alter database DBNAME_x character set utf8mb4",
    "drop database DBNAME_x",
    "drop schema if exists DBNAME_x",
    "create procedure pp() select 1",
    "create procedure ppp() begin end",
    "alter procedure pp comment 'x'",
    "drop procedure pp",
    "drop procedure if exists pp",
    "create function ff() returns int deterministic return 1",
    "alter function ff comment 'x'",
    "drop function ff",
    "create trigger gg before update on t for each row set @a = 1",
    "drop trigger gg",
    "drop trigger if exists gg",
    "create event ee on schedule every 1 year disable do select 1",
    "alter event ee comment 'x'",
    "drop event ee",
    "create sequence s",
    "alter sequence s restart 5",
    "drop sequence s",
    "create server dbm_PID foreign data wrapper mysql options (host 'x')",
    "alter server dbm_PID options (host 'y')",
    "drop server dbm_PID",
    "create user dbm_PID_u",
    "alter user dbm_PID_u identified by 'Xy-12345678'",
    "set password for dbm_PID_u = 'Xy-12345678'",
    "set password for dbm_PID_u = password('x')",
    "grant select on DBNAME.* to dbm_PID_u",
    "revoke select on DBNAME.* from dbm_PID_u",
    "rename user dbm_PID_u to dbm_PID_v",
    "drop user if exists dbm_PID_u, dbm_PID_v",
    "create role dbm_PID_r",
    "drop role dbm_PID_r",
    "analyze table t",
    "analyze local table t",
    "check table t",
    "optimize table t",
    "repair table m",
    "flush status",
    "flush tables t",
    "flush local tables t",
    "flush tables t with read lock",
    "flush tables t for export",
    "lock tables t read",
    "lock table t write",
    "lock tables t read; unlock tables",
    "install plugin nope soname 'nope.so'",
    "uninstall plugin nope",
    "set statement max_statement_time = 1 for create table k (a int)",
    "execute immediate 'create table l (a int)'",
];

/// Definitions that the server can read and not carry out: what is open is committed all the same. The journal's notes of one
/// statement stay through the next.
const FAILS: &[&str] = &[
    "alter table nope add b int",
    "alter table t add a int",
    "alter table v add c int",
    "create index i on nope (a)",
    "create index i on t (nope)",
    "create or replace table x (a int, a int)",
    "create table t (a int)",
    "create table x (a int) engine = nope",
    "create unique index i on t (nope)",
    "create view v as select 1",
    "create view x as select nope from t",
    "drop index nope on t",
    "drop table nope",
    "rename table nope to x",
    "rename table t to m",
];

/// What takes the transaction into its own hands.
const OWN: &[&str] = &["begin", "begin work", "start transaction", "start transaction read only", "commit", "rollback"];

/// Whether a statement commits, tried on the server; nothing where the server does not know the statement.
///
/// A savepoint does not outlive its transaction.
fn tried(client: &Client, statements: &[String]) -> Vec<Option<bool>> {
    let objects = named(client, OBJECTS);
    let trials = statements.iter().map(|statement| {
        [
            "UNLOCK TABLES; ROLLBACK;",
            "BEGIN; INSERT INTO probe VALUES (1); SAVEPOINT probe;",
            &format!("{statement};"),
            "RELEASE SAVEPOINT probe;",
        ]
        .join("\n")
    });
    let script = [objects.clone()].into_iter().chain(trials).collect::<Vec<_>>().join("\n");
    let first = (0..statements.len()).map(|index| objects.split('\n').count() + 1 + 4 * index);
    let (_, said) = client.run(&[], &script);
    let is_said = |code: u32, line: usize| said.contains(&format!("ERROR {code} (42000) at line {line}:"));
    first.map(|line| (!is_said(1064, line + 2)).then(|| is_said(1305, line + 3))).collect()
}

#[test]
fn a_definition_that_fails_has_committed_what_was_open() {
    let client = Client::new();
    let statements = FAILS.iter().map(|statement| (*statement).to_owned()).collect::<Vec<_>>();
    for (statement, tried) in statements.iter().zip(tried(&client, &statements)) {
        assert_eq!(tried, Some(true), "{statement}");
    }
    client.run(&[], &named(&client, "DROP USER dbm_PID;"));
    // one that it cannot read changes nothing
    for statement in ["create table", "alter table t nope nope", "drop table"] {
        let script =
            format!("BEGIN;\nINSERT INTO probe VALUES (1);\nSAVEPOINT probe;\n{statement};\nRELEASE SAVEPOINT probe;");
        let (_, said) = client.run(&[], &script);
        assert!(said.contains("ERROR 1064 (42000) at line 4:") && !said.contains("ERROR 1305"), "{said}");
    }
}

fn named(client: &Client, text: &str) -> String {
    text.replace("DBNAME", &client.0.name).replace("PID", &std::process::id().to_string())
}

#[test]
fn the_server_commits_where_the_checks_expect_it() {
    let client = Client::new();
    let groups = [(KEEPS, false), (COMMITS, true), (OWN, true)];
    let cases =
        groups.iter().flat_map(|(group, commits)| group.iter().map(|statement| (named(&client, statement), *commits)));
    let cases: Vec<_> = cases.collect();
    let statements: Vec<_> = cases.iter().map(|(statement, _)| statement.clone()).collect();
    let mut known = 0;
    for ((statement, commits), tried) in cases.iter().zip(tried(&client, &statements)) {
        assert_eq!(tried.unwrap_or(*commits), *commits, "the server: {statement}");
        known += usize::from(tried.is_some());
        let found = inspect(&context("mysql"), statement, Role::Script, Mode::InTransaction);
        let own = found.findings.iter().any(|finding| matches!(finding.kind, FindingKind::OwnTransaction { .. }));
        assert_eq!(found.commits.is_some() || own, *commits, "the checks: {statement}");
    }
    assert!(known > cases.len() * 3 / 4, "the server knows {known} of {}", cases.len());
    client.run(&[], &named(&client, "DROP USER dbm_PID;"));
}
