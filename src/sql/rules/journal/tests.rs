use super::*;
use crate::sql::{Dialect, MYSQL, POSTGRES, SQLITE, SQLSERVER};
use crate::sql::{Statement, split};

/// The findings in each statement of a text.
fn found(dialect: &'static dyn Dialect, text: &str) -> Vec<String> {
    let context = Context { database: Some("shop".into()), ..Context::new(dialect) };
    let statements = split(dialect, text).filter_map(Result::ok).filter(|parsed| !parsed.range.is_empty());
    let look = |parsed: Statement| {
        let statement = &text[parsed.range.clone()];
        find(&context, &parsed.words, statement).map(|(at, _)| statement[at].to_owned())
    };
    statements.filter_map(look).collect()
}

const ALL: [&dyn Dialect; 4] = [MYSQL, POSTGRES, SQLITE, SQLSERVER];

#[test]
fn what_changes_the_journal_is_found() {
    for dialect in ALL {
        for statement in [
            "DROP TABLE dbmigrate_journal",
            "drop table if exists DBMIGRATE_JOURNAL",
            "DROP TABLE a, /* and */ dbmigrate_journal",
            "ALTER TABLE dbmigrate_journal ADD x int",
            "ALTER TABLE other RENAME TO dbmigrate_journal",
            "CREATE TABLE dbmigrate_journal (a int)",
            "CREATE TABLE IF NOT EXISTS dbmigrate_journal (a int)",
            "INSERT INTO dbmigrate_journal (number) VALUES (1)",
            "INSERT INTO dbmigrate_journal SELECT * FROM t",
            "UPDATE dbmigrate_journal SET checksum = 'x'",
            "DELETE FROM dbmigrate_journal WHERE number > 3",
            "DELETE FROM dbmigrate_journal_repairs",
            "CREATE INDEX i ON dbmigrate_journal (script)",
            "WITH x AS (SELECT 1) DELETE FROM dbmigrate_journal",
        ] {
            assert_eq!(found(dialect, statement).len(), 1, "{dialect:?}: {statement}");
        }
    }
}

#[test]
fn each_dialect_has_ways_of_its_own() {
    for (dialect, statement) in [
        (MYSQL, "DROP TABLE IF EXISTS `dbmigrate_journal`"),
        (MYSQL, "DROP TABLE shop.dbmigrate_journal"),
        (MYSQL, "RENAME TABLE dbmigrate_journal TO old"),
        (MYSQL, "RENAME TABLE a TO b, dbmigrate_journal TO old"),
        (MYSQL, "TRUNCATE dbmigrate_journal"),
        (MYSQL, "REPLACE INTO dbmigrate_journal VALUES (1)"),
        (MYSQL, "REPLACE dbmigrate_journal VALUES (1)"),
        (MYSQL, "INSERT IGNORE dbmigrate_journal VALUES (1)"),
        (MYSQL, "LOAD DATA INFILE 'x' INTO TABLE dbmigrate_journal"),
        (MYSQL, "CREATE TRIGGER t BEFORE INSERT ON dbmigrate_journal FOR EACH ROW SET @a = 1"),
        (MYSQL, "DROP TABLES a, dbmigrate_journal"),
        (MYSQL, "ALTER TABLE a ADD b int, RENAME dbmigrate_journal"),
        (MYSQL, "DELETE j FROM dbmigrate_journal j"),
        (MYSQL, "DELETE a, j.* FROM a JOIN shop.dbmigrate_journal AS j ON a.id = j.number"),
        (MYSQL, "DELETE a, dbmigrate_journal FROM a JOIN dbmigrate_journal USING (id)"),
        (MYSQL, "DELETE FROM a, dbmigrate_journal USING a JOIN dbmigrate_journal USING (id)"),
        (MYSQL, "UPDATE a, dbmigrate_journal SET dbmigrate_journal.checksum = 'x'"),
        (MYSQL, "UPDATE a JOIN `dbmigrate_journal` `j` ON a.id = j.number SET a.b = 1, j.checksum = 'x'"),
        (MYSQL, "UPDATE dbmigrate_journal j JOIN a ON a.id = j.number SET checksum = 'x'"),
        (MYSQL, "ALTER TABLE dbmigrate_journal ADD event int"),
        (MYSQL, "CREATE OR REPLACE TABLE dbmigrate_journal (a int)"),
        (POSTGRES, "MERGE INTO dbmigrate_journal USING a ON true WHEN MATCHED THEN DELETE"),
        (POSTGRES, "ALTER TABLE dbmigrate_journal DISABLE RULE r"),
        (POSTGRES, "CREATE POLICY p ON dbmigrate_journal"),
        (POSTGRES, "CREATE UNIQUE INDEX CONCURRENTLY i ON ONLY dbmigrate_journal (script)"),
        (POSTGRES, "TRUNCATE a, ONLY public.dbmigrate_journal"),
        (POSTGRES, "DELETE FROM ONLY \"public\".\"dbmigrate_journal\""),
        (POSTGRES, "COPY public.dbmigrate_journal (number) FROM '/tmp/x'"),
        (POSTGRES, "ALTER TABLE ONLY public.dbmigrate_journal DROP CONSTRAINT x"),
        (POSTGRES, "DO $$ BEGIN DELETE FROM dbmigrate_journal; END $$"),
        (POSTGRES, "DROP SCHEMA public CASCADE"),
        (POSTGRES, "DROP SCHEMA IF EXISTS a, \"public\""),
        (POSTGRES, "ALTER SCHEMA public RENAME TO old"),
        (POSTGRES, "CREATE RULE r AS ON INSERT TO dbmigrate_journal DO INSTEAD NOTHING"),
        (SQLITE, "REPLACE INTO main.dbmigrate_journal VALUES (1)"),
        (SQLITE, "UPDATE OR IGNORE [dbmigrate_journal] SET number = 1"),
        (SQLITE, "CREATE TRIGGER t AFTER INSERT ON dbmigrate_journal BEGIN SELECT 1; END;"),
        (SQLSERVER, "SELECT 1; DELETE TOP (5) FROM dbo.dbmigrate_journal"),
        (SQLSERVER, "DELETE [dbo].[dbmigrate_journal]"),
        (SQLSERVER, "MERGE dbmigrate_journal AS j USING x ON 1 = 1 WHEN MATCHED THEN DELETE;"),
        (SQLSERVER, "EXEC sp_rename 'dbo.dbmigrate_journal', 'old'"),
        (SQLSERVER, "EXEC sp_rename @objname = N'[dbo].[dbmigrate_journal]', @newname = 'old'"),
        (SQLSERVER, "EXEC sys.sp_rename 'dbmigrate_journal.number', 'n', 'COLUMN'"),
        (SQLSERVER, "EXEC sp_rename 'a', 'dbmigrate_journal'"),
        (SQLSERVER, "ALTER SCHEMA old TRANSFER dbo.dbmigrate_journal"),
        (SQLSERVER, "ALTER SCHEMA old TRANSFER OBJECT::dbo.dbmigrate_journal"),
        (SQLSERVER, "DROP TABLE shop..dbmigrate_journal"),
        (SQLSERVER, "DELETE j FROM dbmigrate_journal j"),
        (SQLSERVER, "DELETE TOP (1) FROM j FROM a JOIN dbo.dbmigrate_journal AS j ON a.id = j.number"),
        (SQLSERVER, "UPDATE j SET checksum = 'x' FROM dbmigrate_journal j WHERE number = 1"),
        (SQLSERVER, "UPDATE [j] SET checksum = (SELECT 'x') OUTPUT inserted.a FROM a, dbmigrate_journal AS [j]"),
        (SQLSERVER, "ALTER TABLE dbmigrate_journal DISABLE TRIGGER ALL"),
        (SQLSERVER, "CREATE TABLE a (b int); DROP PROCEDURE p; DELETE FROM dbmigrate_journal"),
        (SQLSERVER, "IF 1 = 1 BEGIN DROP TABLE dbmigrate_journal END"),
        (SQLSERVER, "SELECT * INTO dbmigrate_journal FROM x"),
        (SQLSERVER, "DELETE shop.dbo.dbmigrate_journal"),
    ] {
        assert_eq!(found(dialect, statement).len(), 1, "{dialect:?}: {statement}");
    }
}

#[test]
fn reading_it_and_talking_of_it_is_fine() {
    for dialect in ALL {
        for statement in [
            "SELECT * FROM dbmigrate_journal",
            "INSERT INTO audit SELECT number FROM dbmigrate_journal",
            "CREATE VIEW v AS SELECT script FROM dbmigrate_journal",
            "DELETE FROM t WHERE id IN (SELECT number FROM dbmigrate_journal)",
            "UPDATE t SET a = (SELECT max(dbmigrate_journal.number) FROM dbmigrate_journal)",
            "GRANT SELECT ON dbmigrate_journal TO report",
            "INSERT INTO docs VALUES ('DROP TABLE dbmigrate_journal')",
            "SELECT 1 -- DELETE FROM dbmigrate_journal",
            "DROP TABLE dbmigrate_journal_of_the_shop",
            "DROP TABLE my_dbmigrate_journal",
            "SELECT dbmigrate_journal.number FROM t JOIN dbmigrate_journal ON t.id = dbmigrate_journal.number",
        ] {
            assert_eq!(found(dialect, statement), [""; 0], "{dialect:?}: {statement}");
        }
    }
    for (dialect, statement) in [
        (POSTGRES, "COPY dbmigrate_journal TO '/tmp/x'"),
        (POSTGRES, "COMMENT ON TABLE dbmigrate_journal IS 'x'"),
        (POSTGRES, "ANALYZE dbmigrate_journal"),
        (POSTGRES, "LOCK TABLE dbmigrate_journal"),
        (POSTGRES, "SELECT * FROM dbmigrate_journal FOR UPDATE"),
        (POSTGRES, "DROP SCHEMA audit CASCADE"),
        (POSTGRES, "DROP TABLE archive.dbmigrate_journal"),
        (POSTGRES, "CREATE FUNCTION f() RETURNS void LANGUAGE sql BEGIN ATOMIC DELETE FROM dbmigrate_journal; END"),
        (POSTGRES, "CREATE TEMPORARY TABLE dbmigrate_journal (a int)"),
        (POSTGRES, "REVOKE ALL ON TABLE dbmigrate_journal FROM report"),
        (POSTGRES, "GRANT INSERT, DELETE ON a TO report; SELECT * FROM dbmigrate_journal"),
        (POSTGRES, "CREATE TABLE b AS TABLE dbmigrate_journal"),
        (POSTGRES, "ALTER PUBLICATION p DROP TABLE dbmigrate_journal"),
        (POSTGRES, "DELETE FROM a USING dbmigrate_journal j WHERE j.number = a.id"),
        (POSTGRES, "DELETE FROM j WHERE id IN (SELECT number FROM dbmigrate_journal j)"),
        (POSTGRES, "UPDATE a SET b = j.script FROM dbmigrate_journal AS j"),
        (MYSQL, "DROP TABLE crm.dbmigrate_journal"),
        (MYSQL, "SELECT REPLACE(dbmigrate_journal, 'a', 'b') FROM t"),
        (MYSQL, "DELETE a FROM a JOIN dbmigrate_journal j ON a.id = j.number"),
        (MYSQL, "UPDATE a JOIN dbmigrate_journal j ON a.id = j.number SET a.b = j.number, c = 1"),
        (MYSQL, "UPDATE dbmigrate_journal j JOIN a ON a.id = j.number SET a.b = 1"),
        (MYSQL, "SHOW CREATE TABLE dbmigrate_journal"),
        (MYSQL, "OPTIMIZE TABLE dbmigrate_journal"),
        (SQLITE, "CREATE TRIGGER t AFTER INSERT ON x BEGIN DELETE FROM dbmigrate_journal; END;"),
        (SQLSERVER, "CREATE PROCEDURE p AS DELETE FROM dbmigrate_journal"),
        (SQLSERVER, "DROP TABLE #dbmigrate_journal"),
        (SQLSERVER, "DROP TABLE archive.dbo.dbmigrate_journal"),
        (SQLSERVER, "DELETE archive..dbmigrate_journal"),
        (SQLSERVER, "DELETE a FROM a JOIN dbmigrate_journal j ON a.id = j.number"),
        (SQLSERVER, "UPDATE a SET b = 1 FROM a JOIN dbmigrate_journal j ON a.id = j.number"),
        (SQLSERVER, "UPDATE STATISTICS dbmigrate_journal"),
        (SQLSERVER, "EXEC sp_rename 'dbo.my_dbmigrate_journal', 'old'"),
    ] {
        assert_eq!(found(dialect, statement), [""; 0], "{dialect:?}: {statement}");
    }
}
