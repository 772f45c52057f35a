use super::*;

/// What is found in a script for the database `shop` of an SQL Server.
fn sql_server(text: &str, mode: Mode) -> Vec<String> {
    let context = Context { database: Some("shop".into()), ..Context::new(SQLSERVER) };
    let findings = inspect(&context, text, Role::Script, mode).findings;
    findings.iter().map(|finding| format!("{}: {}", &text[finding.at.clone()], finding.kind.code())).collect()
}

#[test]
fn a_batch_has_no_transaction_of_its_own() {
    for (text, at) in [
        ("begin tran", "begin tran"),
        ("BEGIN TRANSACTION x", "BEGIN TRANSACTION"),
        ("begin distributed tran", "begin distributed tran"),
        ("SELECT 1 COMMIT", "COMMIT"),
        ("IF 1 = 1 BEGIN COMMIT TRAN END", "COMMIT"),
        ("SELECT 1;\nROLLBACK", "ROLLBACK"),
        ("ROLLBACK TRAN SELECT 1", "ROLLBACK"),
        ("rollback work", "rollback"),
        ("IF @@ERROR <> 0 BEGIN ROLLBACK TRAN GOTO done END", "ROLLBACK"),
        ("COMMIT\u{a0}TRAN", "COMMIT"),
    ] {
        for mode in [Mode::InTransaction, Mode::NoTransaction] {
            assert_eq!(sql_server(text, mode), [format!("{at}: own-transaction")], "{text}");
        }
    }
    let all = "BEGIN TRY BEGIN TRAN COMMIT END TRY BEGIN CATCH ROLLBACK TRAN; THROW END CATCH";
    assert_eq!(sql_server(all, Mode::InTransaction).len(), 3);
}

#[test]
fn transactions_in_modules_and_texts_of_sql_server_are_left_alone() {
    for text in [
        "CREATE PROC p AS BEGIN TRAN COMMIT",
        "-- header\nALTER PROCEDURE p AS ROLLBACK",
        "CREATE OR ALTER TRIGGER t ON x AFTER INSERT AS COMMIT",
        "CREATE FUNCTION f() RETURNS int AS BEGIN RETURN 1 END",
        "SELECT 'COMMIT', [COMMIT], \"ROLLBACK\", @commit -- COMMIT\n/* ROLLBACK */",
        "SELECT commit_date, rollback_at FROM t",
        "BEGIN SELECT 1 END",
        "SELECT 1 OPTION (USE PLAN N'x')",
        "SELECT 1 OPTION (RECOMPILE, USE HINT ('x'))",
        "GRANT CREATE DATABASE TO a; GRANT CREATE TABLE, BACKUP DATABASE TO b; REVOKE GRANT OPTION FOR BACKUP LOG TO c",
        "ALTER DATABASE SCOPED CONFIGURATION SET MAXDOP = 1",
        "CREATE DATABASE AUDIT SPECIFICATION a FOR SERVER AUDIT b",
        "USE shop",
        "USE [Shop];",
        "SET NOCOUNT, XACT_ABORT ON",
        "SET IMPLICIT_TRANSACTIONS OFF",
        "SET @showplan_all = 1 SELECT 1",
    ] {
        assert_eq!(sql_server(text, Mode::InTransaction), [""; 0], "{text}");
    }
}

#[test]
fn savepoints_of_sql_server_need_a_transaction() {
    for text in
        ["SAVE TRAN a", "ROLLBACK TRANSACTION @name", "SET IMPLICIT_TRANSACTIONS ON", "SET NOCOUNT, ANSI_DEFAULTS ON"]
    {
        assert_eq!(sql_server(text, Mode::InTransaction), [""; 0], "{text}");
        assert_eq!(sql_server(text, Mode::NoTransaction), [format!("{text}: own-transaction")]);
    }
}

#[test]
fn what_sql_server_refuses_in_a_transaction_needs_none() {
    for (text, at) in [
        ("CREATE DATABASE x", "CREATE DATABASE"),
        ("ALTER DATABASE shop SET SINGLE_USER WITH ROLLBACK IMMEDIATE", "ALTER DATABASE"),
        ("ALTER DATABASE CURRENT SET RECOVERY SIMPLE", "ALTER DATABASE"),
        ("DROP DATABASE Shop", "DROP DATABASE"),
        ("CREATE FULLTEXT INDEX ON t (c) KEY INDEX k", "CREATE FULLTEXT"),
        ("SELECT 1 BACKUP DATABASE x TO DISK = 'y'", "BACKUP"),
        ("RESTORE VERIFYONLY FROM DISK = 'y'", "RESTORE"),
        ("EXEC sp_configure 'x', 1\nRECONFIGURE", "RECONFIGURE"),
        ("KILL 53", "KILL"),
        ("DBCC SHRINKFILE (1)", "DBCC SHRINKFILE"),
        ("ALTER INDEX i ON t REBUILD WITH (ONLINE = ON, RESUMABLE = ON)", "RESUMABLE = ON"),
    ] {
        assert_eq!(sql_server(text, Mode::InTransaction), [format!("{at}: not-in-transaction")], "{text}");
        assert_eq!(sql_server(text, Mode::NoTransaction), [""; 0], "{text}");
    }
}

#[test]
fn another_database_of_sql_server_is_not_used() {
    for text in [
        "USE master",
        "SELECT 1; use [master]",
        "USE \"master\"",
        "USE [a]]b]",
        "ALTER DATABASE other SET RECOVERY SIMPLE",
        "DROP DATABASE [Audit]",
    ] {
        let found = sql_server(text, Mode::InTransaction);
        assert!(found.len() == 1 && found[0].ends_with(": other-database"), "{text}: {found:?}");
    }
}

#[test]
fn batches_are_counted_as_often_as_they_run_and_a_directive_stands_before_the_first() {
    let text = "-- dbmigrate: no-transaction\n-- c\nSELECT 1\nGO 3\nSELECT 2\n";
    let inspection = inspect(&Context::new(SQLSERVER), text, Role::Script, Mode::NoTransaction);
    assert_eq!((inspection.statements, inspection.findings), (4, Vec::new()));
    assert_eq!(
        sql_server("SELECT 1\n-- dbmigrate: no-transaction\n", Mode::InTransaction),
        ["-- dbmigrate: no-transaction: misplaced-directive"]
    );
}

#[test]
fn a_script_that_leaves_on_that_nothing_is_run_is_refused_at_that_line() {
    for mode in [Mode::InTransaction, Mode::NoTransaction] {
        for on in ["SET SHOWPLAN_ALL ON", "set showplan_xml on", "SET NOEXEC ON", "SET PARSEONLY ON", "SET FMTONLY ON"]
        {
            assert_eq!(
                sql_server(&format!("SELECT 1\nGO\n{on}\nGO\nSELECT 2\n"), mode),
                [format!("{on}: unsupported")]
            );
            let off = on.to_uppercase().replace(" ON", " OFF");
            assert_eq!(sql_server(&format!("{on}\nGO\nSELECT 2\nGO\n{off}\nGO\nSELECT 3"), mode), [""; 0]);
            assert_eq!(sql_server(&format!("{off}\nGO\n{on}"), mode), [format!("{on}: unsupported")]);
        }
        let two = "SET NOEXEC, PARSEONLY ON\nGO\nSET NOEXEC OFF";
        assert_eq!(sql_server(two, mode), ["SET NOEXEC, PARSEONLY ON: unsupported"], "one of them stays on");
        assert_eq!(sql_server("IF @@ERROR <> 0 SET NOEXEC ON\nGO\nSELECT 1", mode), [""; 0], "when it runs, it shows");
        assert_eq!(sql_server("SET SHOWPLAN_TEXT OFF", mode), [""; 0]);
    }
}

#[test]
fn a_setting_ends_where_the_next_statement_begins() {
    let found = sql_server("SET LANGUAGE us_english SET IMPLICIT_TRANSACTIONS ON", Mode::NoTransaction);
    assert_eq!(found.len(), 1, "{found:?}");
    let text = "SET LANGUAGE us_english\nSELECT IMPLICIT_TRANSACTIONS FROM a JOIN b ON 1=1";
    assert_eq!(sql_server(text, Mode::NoTransaction), [""; 0]);
}

#[test]
fn what_a_statement_says_twice_is_told_once() {
    let text = "SET LANGUAGE us_engICSET SHOWPLAN_XML ONIT LANGUAGE us_engICSET SHOWPLAN_XML ONI\
                T_TET IMPLICIT_TRANSACTIONS ON_TET IMPLICIT_TRANSACTIONS ON";
    let found = sql_server(text, Mode::NoTransaction);
    assert_eq!(found.iter().filter(|found| found.ends_with(": own-transaction")).count(), 1, "{found:?}");
}
