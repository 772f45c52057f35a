//! MySQL and `MariaDB`. Both are shown as `MySQL`.

use super::{Engine, Server};
use crate::project::Project;
use crate::support::Database;
use crate::support::mysql::PRODUCT;

pub(crate) static MYSQL: Server = Server {
    engine: Engine {
        product: Some(&PRODUCT),
        example: "mysql",
        words: &[
            ("mysql://root:[*]{3}@127[.]0[.]0[.]1:.port./shop", "[url]"),
            ("mysql://", "[scheme]://"),
            ("the mysql URL", "the [scheme] URL"),
            (r"MySQL \[version\]", "[product] [version]"),
            (r#""MySQL""#, r#""[product]""#),
            ("Unknown database 'shop'", "[unknown database]"),
            (r"MySQL 1049 \(42000\)", "[code of an unknown database]"),
            ("Table 'shop[.]nope' doesn't exist", "[missing table nope]"),
            (r"MySQL 1146 \(42S02\)", "[code of a missing table]"),
            (
                "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the \
                 right syntax to use near 'VLAUES [^\n]*' at line 2",
                "[syntax error at VLAUES]",
            ),
            (r"MySQL 1064 \(42000\)", "[code of a syntax error]"),
            ("the statement took longer than allowed", "[timeout]"),
            (r"MySQL 1317 \(70100\)", "[code of a timeout]"),
            (
                "CREATE command denied to user 'shop_user'@'.host.' for table (`shop`.`dbmigrate_journal`|'dbmigrate_journal')",
                "[no right to create a table]",
            ),
            ("Access denied for user 'shop_user'@'.host.' to database 'shop_other'", "[no right to create a database]"),
            (r"MySQL (1142|1044) \(42000\)", "[code of a missing right]"),
            (r"Access denied for user 'shop_user'@'.host.' \(using password: YES\)", "[wrong password]"),
            (r"MySQL 1045 \(28000\)", "[product] [code of a wrong password]"),
            (r"1045 \(28000\)", "[code of a wrong password]"),
            (r"GRANT CREATE ON `name`[.][*] TO user", "[statement that grants it]"),
            (r"connection \[n\], user \w+, host 127[.]0[.]0[.]1:\[port\], query for \[n\] s", "[holder]"),
            (r"connection \[n\], user \w+, host 127[.]0[.]0[.]1:\[port\], query", "[blocker]"),
            (r"not atomic \(the old database is dropped first\)\n(ran [^\n]*)\n", "[guarantee of a rebuild]\n${1}\n"),
            (r"resumable, not atomic: Script-0002 \(CREATE TABLE mails\)[^\n]*", "[guarantee outside a transaction]"),
        ],
        // MySQL also names the table of the key
        hidden: &[("MySQL or MariaDB", "MySQL"), ("MariaDB", "MySQL"), ("for key 'customers.", "for key '")],
        outside: "-- any definition of a table commits",
        awkward: &[
            "-- Awkward\nINSERT INTO customers VALUES (1, 'it''s; \\\\');\nDELIMITER $$\n\
             CREATE PROCEDURE p()\nBEGIN\n  SELECT 1; -- $\n  SELECT 2;\nEND$$\nDELIMITER ;\nCALL p(); -- twice\nSELECT 2",
            "INSERT INTO customers VALUES (2, 'ü');\n",
            "UPDATE customers SET name = CONCAT(name, \"\\n\");\n",
            "SET sql_mode = 'ANSI_QUOTES', time_zone = '+05:00';\n\
             CREATE TABLE \"a;\" (t timestamp DEFAULT '2024-01-01 00:00:00');\n",
            "INSERT INTO `a;` VALUES ();\n# the end",
        ],
        awkward_object: "PROCEDURE `p`",
        dump: |stage| {
            let ours = ["dbmigrate_journal", "dbmigrate_journal_schema"];
            let [journal, schema] = ours.map(|table| format!("--ignore-table={}.{table}", stage.database().name));
            let all = [
                "--single-transaction",
                "--no-tablespaces",
                "--skip-comments",
                "--routines",
                "--events",
                "--hex-blob",
                &journal,
                &schema,
            ];
            stage.database().dump(&all)
        },
    },
    scheme: "mysql",
    ssl_mode: "ssl-mode",
    socket: "socket",
    commits_definitions: true,
    endless: "SELECT\n  SLEEP(600) FROM (SELECT 1 UNION ALL SELECT 2) AS twice;\n",
    hold: "BEGIN; SELECT * FROM customers FOR UPDATE",
    rich: "CREATE VIEW glad AS SELECT 1 AS one;\nALTER TABLE customers ADD COLUMN bytes blob;\n\
           INSERT INTO customers VALUES (1, 'O\\'Hara', x'00ff');\nDELIMITER //\n\
           CREATE PROCEDURE twice(IN n int) BEGIN SELECT n * 2; SELECT n; END//\nDELIMITER ;\n",
    all_rights: "ALL",
    few_rights: "SELECT, DROP",
    revoke: "DO 0",
    may_look: "GRANT SELECT ON *.* TO '{user}'",
};

/// An empty database.
pub(crate) fn new_database() -> Database {
    Database::new(&PRODUCT)
}

/// A folder with scripts for this database.
pub(crate) fn project_on(database: &Database, texts: &[&str]) -> Project {
    MYSQL.engine.project(database, texts)
}

/// Returns the tables without the journal.
pub(crate) fn tables(database: &Database) -> String {
    database.ask(
        "SELECT table_name FROM information_schema.tables \
         WHERE table_schema = DATABASE() AND table_name NOT LIKE 'dbmigrate_journal%' ORDER BY 1",
    )
}
