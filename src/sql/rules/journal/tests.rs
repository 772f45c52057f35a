use super::*;
use crate::sql::{Piece, split};

/// The findings in each statement of a text.
fn found(dialect: Dialect, text: &str) -> Vec<String> {
    let context = Context { database: Some("shop".into()), ..dialect.into() };
    let pieces = split(dialect, text).filter_map(Result::ok).filter(|piece| !piece.statement.is_empty());
    let look = |piece: Piece| {
        let statement = &text[piece.statement.clone()];
        find(&context, &piece.words, statement).map(|(at, _)| statement[at].to_owned())
    };
    pieces.filter_map(look).collect()
}

const ALL: [Dialect; 4] = [Dialect::Mysql, Dialect::Postgres, Dialect::Sqlite, Dialect::SqlServer];

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
        (Dialect::Mysql, "DROP TABLE IF EXISTS `dbmigrate_journal`"),
        (Dialect::Mysql, "DROP TABLE shop.dbmigrate_journal"),
        (Dialect::Mysql, "RENAME TABLE dbmigrate_journal TO old"),
        (Dialect::Mysql, "RENAME TABLE a TO b, dbmigrate_journal TO old"),
        (Dialect::Mysql, "TRUNCATE dbmigrate_journal"),
        (Dialect::Mysql, "REPLACE INTO dbmigrate_journal VALUES (1)"),
        (Dialect::Mysql, "REPLACE dbmigrate_journal VALUES (1)"),
        (Dialect::Mysql, "INSERT IGNORE dbmigrate_journal VALUES (1)"),
        (Dialect::Mysql, "LOAD DATA INFILE 'x' INTO TABLE dbmigrate_journal"),
        (Dialect::Mysql, "CREATE TRIGGER t BEFORE INSERT ON dbmigrate_journal FOR EACH ROW SET @a = 1"),
        (Dialect::Mysql, "DROP TABLES a, dbmigrate_journal"),
        (Dialect::Mysql, "ALTER TABLE a ADD b int, RENAME dbmigrate_journal"),
        (Dialect::Mysql, "DELETE j FROM dbmigrate_journal j"),
        (Dialect::Mysql, "DELETE a, j.* FROM a JOIN shop.dbmigrate_journal AS j ON a.id = j.number"),
        (Dialect::Mysql, "DELETE a, dbmigrate_journal FROM a JOIN dbmigrate_journal USING (id)"),
        (Dialect::Mysql, "DELETE FROM a, dbmigrate_journal USING a JOIN dbmigrate_journal USING (id)"),
        (Dialect::Mysql, "UPDATE a, dbmigrate_journal SET dbmigrate_journal.checksum = 'x'"),
        (Dialect::Mysql, "UPDATE a JOIN `dbmigrate_journal` `j` ON a.id = j.number SET a.b = 1, j.checksum = 'x'"),
        (Dialect::Mysql, "UPDATE dbmigrate_journal j JOIN a ON a.id = j.number SET checksum = 'x'"),
        (Dialect::Mysql, "ALTER TABLE dbmigrate_journal ADD event int"),
        (Dialect::Mysql, "CREATE OR REPLACE TABLE dbmigrate_journal (a int)"),
        (Dialect::Postgres, "MERGE INTO dbmigrate_journal USING a ON true WHEN MATCHED THEN DELETE"),
        (Dialect::Postgres, "ALTER TABLE dbmigrate_journal DISABLE RULE r"),
        (Dialect::Postgres, "CREATE POLICY p ON dbmigrate_journal"),
        (Dialect::Postgres, "CREATE UNIQUE INDEX CONCURRENTLY i ON ONLY dbmigrate_journal (script)"),
        (Dialect::Postgres, "TRUNCATE a, ONLY public.dbmigrate_journal"),
        (Dialect::Postgres, "DELETE FROM ONLY \"public\".\"dbmigrate_journal\""),
        (Dialect::Postgres, "COPY public.dbmigrate_journal (number) FROM '/tmp/x'"),
        (Dialect::Postgres, "ALTER TABLE ONLY public.dbmigrate_journal DROP CONSTRAINT x"),
        (Dialect::Postgres, "DO $$ BEGIN DELETE FROM dbmigrate_journal; END $$"),
        (Dialect::Postgres, "DROP SCHEMA public CASCADE"),
        (Dialect::Postgres, "DROP SCHEMA IF EXISTS a, \"public\""),
        (Dialect::Postgres, "ALTER SCHEMA public RENAME TO old"),
        (Dialect::Postgres, "CREATE RULE r AS ON INSERT TO dbmigrate_journal DO INSTEAD NOTHING"),
        (Dialect::Sqlite, "REPLACE INTO main.dbmigrate_journal VALUES (1)"),
        (Dialect::Sqlite, "UPDATE OR IGNORE [dbmigrate_journal] SET number = 1"),
        (Dialect::Sqlite, "CREATE TRIGGER t AFTER INSERT ON dbmigrate_journal BEGIN SELECT 1; END;"),
        (Dialect::SqlServer, "SELECT 1; DELETE TOP (5) FROM dbo.dbmigrate_journal"),
        (Dialect::SqlServer, "DELETE [dbo].[dbmigrate_journal]"),
        (Dialect::SqlServer, "MERGE dbmigrate_journal AS j USING x ON 1 = 1 WHEN MATCHED THEN DELETE;"),
        (Dialect::SqlServer, "EXEC sp_rename 'dbo.dbmigrate_journal', 'old'"),
        (Dialect::SqlServer, "EXEC sp_rename @objname = N'[dbo].[dbmigrate_journal]', @newname = 'old'"),
        (Dialect::SqlServer, "EXEC sys.sp_rename 'dbmigrate_journal.number', 'n', 'COLUMN'"),
        (Dialect::SqlServer, "EXEC sp_rename 'a', 'dbmigrate_journal'"),
        (Dialect::SqlServer, "ALTER SCHEMA old TRANSFER dbo.dbmigrate_journal"),
        (Dialect::SqlServer, "ALTER SCHEMA old TRANSFER OBJECT::dbo.dbmigrate_journal"),
        (Dialect::SqlServer, "DROP TABLE shop..dbmigrate_journal"),
        (Dialect::SqlServer, "DELETE j FROM dbmigrate_journal j"),
        (Dialect::SqlServer, "DELETE TOP (1) FROM j FROM a JOIN dbo.dbmigrate_journal AS j ON a.id = j.number"),
        (Dialect::SqlServer, "UPDATE j SET checksum = 'x' FROM dbmigrate_journal j WHERE number = 1"),
        (
            Dialect::SqlServer,
            "UPDATE [j] SET checksum = (SELECT 'x') OUTPUT inserted.a FROM a, dbmigrate_journal AS [j]",
        ),
        (Dialect::SqlServer, "ALTER TABLE dbmigrate_journal DISABLE TRIGGER ALL"),
        (Dialect::SqlServer, "CREATE TABLE a (b int); DROP PROCEDURE p; DELETE FROM dbmigrate_journal"),
        (Dialect::SqlServer, "IF 1 = 1 BEGIN DROP TABLE dbmigrate_journal END"),
        (Dialect::SqlServer, "SELECT * INTO dbmigrate_journal FROM x"),
        (Dialect::SqlServer, "DELETE shop.dbo.dbmigrate_journal"),
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
        (Dialect::Postgres, "COPY dbmigrate_journal TO '/tmp/x'"),
        (Dialect::Postgres, "COMMENT ON TABLE dbmigrate_journal IS 'x'"),
        (Dialect::Postgres, "ANALYZE dbmigrate_journal"),
        (Dialect::Postgres, "LOCK TABLE dbmigrate_journal"),
        (Dialect::Postgres, "SELECT * FROM dbmigrate_journal FOR UPDATE"),
        (Dialect::Postgres, "DROP SCHEMA audit CASCADE"),
        (Dialect::Postgres, "DROP TABLE archive.dbmigrate_journal"),
        (
            Dialect::Postgres,
            "CREATE FUNCTION f() RETURNS void LANGUAGE sql BEGIN ATOMIC DELETE FROM dbmigrate_journal; END",
        ),
        (Dialect::Postgres, "CREATE TEMPORARY TABLE dbmigrate_journal (a int)"),
        (Dialect::Postgres, "REVOKE ALL ON TABLE dbmigrate_journal FROM report"),
        (Dialect::Postgres, "GRANT INSERT, DELETE ON a TO report; SELECT * FROM dbmigrate_journal"),
        (Dialect::Postgres, "CREATE TABLE b AS TABLE dbmigrate_journal"),
        (Dialect::Postgres, "ALTER PUBLICATION p DROP TABLE dbmigrate_journal"),
        (Dialect::Postgres, "DELETE FROM a USING dbmigrate_journal j WHERE j.number = a.id"),
        (Dialect::Postgres, "DELETE FROM j WHERE id IN (SELECT number FROM dbmigrate_journal j)"),
        (Dialect::Postgres, "UPDATE a SET b = j.script FROM dbmigrate_journal AS j"),
        (Dialect::Mysql, "DROP TABLE crm.dbmigrate_journal"),
        (Dialect::Mysql, "SELECT REPLACE(dbmigrate_journal, 'a', 'b') FROM t"),
        (Dialect::Mysql, "DELETE a FROM a JOIN dbmigrate_journal j ON a.id = j.number"),
        (Dialect::Mysql, "UPDATE a JOIN dbmigrate_journal j ON a.id = j.number SET a.b = j.number, c = 1"),
        (Dialect::Mysql, "UPDATE dbmigrate_journal j JOIN a ON a.id = j.number SET a.b = 1"),
        (Dialect::Mysql, "SHOW CREATE TABLE dbmigrate_journal"),
        (Dialect::Mysql, "OPTIMIZE TABLE dbmigrate_journal"),
        (Dialect::Sqlite, "CREATE TRIGGER t AFTER INSERT ON x BEGIN DELETE FROM dbmigrate_journal; END;"),
        (Dialect::SqlServer, "CREATE PROCEDURE p AS DELETE FROM dbmigrate_journal"),
        (Dialect::SqlServer, "DROP TABLE #dbmigrate_journal"),
        (Dialect::SqlServer, "DROP TABLE archive.dbo.dbmigrate_journal"),
        (Dialect::SqlServer, "DELETE archive..dbmigrate_journal"),
        (Dialect::SqlServer, "DELETE a FROM a JOIN dbmigrate_journal j ON a.id = j.number"),
        (Dialect::SqlServer, "UPDATE a SET b = 1 FROM a JOIN dbmigrate_journal j ON a.id = j.number"),
        (Dialect::SqlServer, "UPDATE STATISTICS dbmigrate_journal"),
        (Dialect::SqlServer, "EXEC sp_rename 'dbo.my_dbmigrate_journal', 'old'"),
    ] {
        assert_eq!(found(dialect, statement), [""; 0], "{dialect:?}: {statement}");
    }
}
