//! T-SQL as Entity Framework Core writes it and as DbUp and sqlcmd run it.

use insta::assert_snapshot;

use crate::project::Project;

const URL: &str = "sqlserver://sa:x@localhost/shop";

fn check(text: &str, more: &str) -> String {
    Project::scripts(&[text]).run(&format!("check --url {URL} {more}"))
}

/// Returns what `dotnet ef migrations script --idempotent` writes for so many migrations.
fn idempotent(migrations: usize) -> String {
    let migration = |number: usize| {
        let id = format!("202401{number:02}080000_M{number}");
        let guard = format!(
            "IF NOT EXISTS (\n    SELECT * FROM [__EFMigrationsHistory]\n    WHERE [MigrationId] = N'{id}'\n)\nBEGIN\n"
        );
        format!(
            "BEGIN TRANSACTION;\nGO\n\n{guard}    CREATE TABLE [T{number}] ([Id] int NOT NULL);\nEND;\nGO\n\n\
             {guard}    INSERT INTO [__EFMigrationsHistory] ([MigrationId], [ProductVersion])\n    VALUES (N'{id}', N'8.0.0');\nEND;\nGO\n\nCOMMIT;\nGO\n\n"
        )
    };
    (1..=migrations).map(migration).collect()
}

#[test]
fn the_transactions_of_ef_core_are_summed_up_with_its_own_switch() {
    assert_snapshot!(check(&idempotent(15), ""), @"
    exit 4
    --- stderr
    error: a script may not BEGIN TRANSACTION: dbmigrate controls the transactions
     --> migrations/Script-0001.sql:1:1
      |
    1 | BEGIN TRANSACTION;
      | ^^^^^^^^^^^^^^^^^
      = help: generate the script with dotnet ef migrations script --no-transactions: dbmigrate runs it in its own transaction
      and 29 more like this on lines 23, 26, 48, 51, 73, 76, 98, 101, 123, 126, 148, 151, ...; -v shows all
    30 problems
    ");
    assert!(
        check(&idempotent(15).replace("BEGIN TRANSACTION;\nGO\n", "").replace("COMMIT;\nGO\n", ""), "")
            .starts_with("exit 0")
    );
}

#[test]
fn a_rollback_in_a_handler_goes_with_its_if() {
    assert_snapshot!(check("BEGIN TRY\n  SELECT 1;\nEND TRY\nBEGIN CATCH\n  IF XACT_STATE() <> 0 ROLLBACK;\n  THROW;\nEND CATCH\n", ""), @"
    exit 4
    --- stderr
    error: a script may not ROLLBACK: dbmigrate controls the transactions
     --> migrations/Script-0001.sql:5:24
      |
    5 |   IF XACT_STATE() <> 0 ROLLBACK;
      |                        ^^^^^^^^
      = help: remove the statement with its IF (XACT_STATE, @@TRANCOUNT), and end a CATCH with THROW: dbmigrate runs the script in its own transaction and rolls it back when a statement fails
    ");
}

#[test]
fn every_setvar_is_named_with_the_option() {
    let text = ":setvar A 1\n:setvar B 2\nSELECT 1;\nGO\n:setvar C 3\n/*\n*/\n:r other.sql\n";
    assert_snapshot!(check(text, ""), @"
    exit 4
    --- stderr
    error: :setvar is a command of the database's shell, not SQL
     --> migrations/Script-0001.sql:1:1
      |
    1 | :setvar A 1
      | ^^^^^^^
      = help: remove the line, and set the value under [variables] in dbmigrate.toml or with --var NAME=VALUE
      and 3 more like this on lines 2, 5, 8; -v shows all
    4 problems
    ");
}

#[test]
fn what_dbup_reads_differently_is_a_warning() {
    assert_snapshot!(check("CREATE TABLE $schema$.T (Id int); GO\nSELECT 1 AS go\nSELECT 'x GO'\nSELECT 2 -- GO\n", ""), @"
    exit 0
    --- stdout
    no baseline and 1 script: no problems
    --- stderr
    warning: migrations/Script-0001.sql:1:14: $schema$ is sent unchanged: it is not a dbmigrate variable; for a variable, write $(name); if the text is meant literally, leave it
    warning: migrations/Script-0001.sql:1:35: GO at the end of a line does not end the batch; put GO on a line of its own; DbUp splits here, sqlcmd does not
    ");
}

#[test]
fn help_is_true_outside_a_transaction() {
    assert!(check("-- dbmigrate: no-transaction\nCOMMIT;\n", "").contains("this script runs outside a transaction"));
    for url in ["postgres://localhost/shop", "mysql://localhost/shop", "sqlite:shop.db"] {
        let project = Project::scripts(&["-- dbmigrate: no-transaction\nCOMMIT;\n"]);
        let shown = project.run(&format!("check --url {url}"));
        assert!(
            shown.contains("this script runs outside a transaction") && !shown.contains("committed for it"),
            "{shown}"
        );
    }
}

#[test]
fn a_name_that_dbup_recorded_several_times_counts_once() {
    let project = Project::sqlite(&["-- One\nSELECT 1;\n", "-- Two\nSELECT 2;\n"]);
    project.sqlite3("CREATE TABLE SchemaVersions (ScriptName text, Applied text);");
    for name in ["Script0001.sql", "Script0002.sql", "Script0002.sql", "Script0002.sql"] {
        project.sqlite3(&format!("INSERT INTO SchemaVersions VALUES ('{name}', '2024-01-31');"));
    }
    assert_snapshot!(project.run("baseline --import dbup"), @r#"
    exit 0
    --- stdout
    recorded 2 scripts as applied without running anything: the database is at 0002
    --- stderr
    baseline sqlite:app.db from migrations
    the database (SQLite [version]) has no tables of its own
    baseline will record as applied, without running or comparing anything: Script-0001.sql, Script-0002.sql
    recorded Script-0001.sql to Script-0002.sql as applied, without running them
    committed Script-0001.sql to Script-0002.sql
    warning: the imported scripts are taken as they are here: the other tool keeps no text or checksum of what it ran
    warning: "Script0002.sql" was recorded more than once and is taken over once; dbmigrate applies a script once: what must run every time is not a script
    "#);
}
