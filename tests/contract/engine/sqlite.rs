//! `SQLite`: a file in the scenario's folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use async_trait::async_trait;
use rusqlite::Connection;

use super::{Engine, Session, Texts};
use crate::support::answer;

pub(crate) struct Sqlite {
    path: PathBuf,
}

const TEXTS: Texts = Texts {
    wire: None,
    no_table_code: "SQLite SQLITE_ERROR (1)",
    no_table: "no such table: nope",
    syntax: "near \"VLAUES\": syntax error",
    dangling: &[
        "error: the check after Script-0003.sql failed: a row would violate a foreign key: child row 1 points to a row of \
         parent that does not exist",
    ],
    duplicate: "UNIQUE constraint failed: t.id",
    slow: "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000000) SELECT count(*) FROM n",
    too_slow: "the statement took longer than allowed",
    too_slow_code: Some("SQLite SQLITE_INTERRUPT (9)"),
    journal_schema: None,
    journal_prefix: "",
    hold: "BEGIN IMMEDIATE",
    setting: "PRAGMA foreign_keys = ON; PRAGMA defer_foreign_keys = ON; PRAGMA recursive_triggers = ON;",
    quotes: ['"', '"'],
    text: "text",
    separator: ";\n",
    begin: "BEGIN",
    savepoints: ["SAVEPOINT a", "ROLLBACK TO a", "RELEASE SAVEPOINT a"],
    shows_holder: true,
    unseen: "CREATE TABLE unseen (id integer); CREATE TRIGGER unseen_row AFTER INSERT ON unseen BEGIN {sql}; END; INSERT INTO unseen VALUES (1); DROP TABLE unseen;",
    apart: "VACUUM",
    national: "",
    counts_statements: true,
    dbup: "CREATE TABLE [SchemaVersions] (SchemaVersionID INTEGER CONSTRAINT [PK_SchemaVersions_Id] PRIMARY KEY AUTOINCREMENT NOT NULL, ScriptName TEXT NOT NULL, Applied DATETIME NOT NULL)",
    dbup_row: "insert into [SchemaVersions] (ScriptName, Applied) values ('NAME', '2021-02-03 04:05:06')",
    old_types: ["timestamp", "boolean", "blob", "1", "0", "x'{1}'", "x'{2}'"],
    lose_journal: "ALTER TABLE dbmigrate_journal RENAME TO gone",
    temporary: "CREATE TEMPORARY TABLE dbmigrate_journal (number integer);",
    holder: "pid <n>, user ",
    maintain: "VACUUM",
    transactional_ddl: true,
    rebuild: "atomic (a new database replaces the old one at the end)",
    view: "DROP VIEW IF EXISTS {name};\nCREATE VIEW {name} AS {query};\n",
    routine: "DROP TRIGGER IF EXISTS {name};\nCREATE TRIGGER {name} AFTER INSERT ON item BEGIN UPDATE item SET price = {value} WHERE id = new.id; END;\n",
    objects: "CREATE TABLE parent (id integer PRIMARY KEY, name text DEFAULT 'it''s; \\');
              CREATE TABLE child (id integer, parent integer REFERENCES parent (id));
              CREATE INDEX child_parent ON child (parent);
              CREATE VIEW pairs AS SELECT child.id, name FROM child, parent WHERE parent.id = parent;
              INSERT INTO parent VALUES (1, 'one; COMMIT;'), (2, NULL), (3, 'a \\ ''ü'' 	 tab');
              INSERT INTO child VALUES (1, 1), (2, 3);",
};

#[async_trait]
impl Engine for Sqlite {
    fn create(folder: &Path) -> Self {
        let path = folder.join("app.db");
        std::fs::write(&path, "").expect("the folder can be written");
        Self { path }
    }

    fn another(&self, folder: &Path) -> Box<dyn Engine> {
        Box::new(Self::create(folder))
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.path.display())
    }

    fn texts(&self) -> &'static Texts {
        &TEXTS
    }

    fn client(&self, sql: &str) -> Result<String, String> {
        let mut command = Command::new("sqlite3");
        command.args(["-batch", "-bail", "-cmd", ".timeout 10000"]).arg(&self.path);
        answer(&mut command, sql)
    }

    fn dump(&self) -> String {
        let mut command = Command::new("sqlite3");
        command.arg("-readonly").arg(&self.path);
        answer(&mut command, ".dump").expect("sqlite3 dumps")
    }

    async fn session(&self) -> Box<dyn Session> {
        Box::new(Connection::open(&self.path).expect("the file opens"))
    }

    fn end_sessions(&self) {}

    fn drop_database(&self) {
        std::fs::remove_file(&self.path).expect("the file is there");
    }

    fn left_beside(&self) -> Vec<String> {
        let folder = self.path.parent().expect("it has one").read_dir().expect("it can be read");
        let names = folder.map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned());
        names.filter(|name| name.contains("dbmigrate")).collect()
    }

    fn exists(&self) -> bool {
        self.path.exists()
    }
}

#[async_trait]
impl Session for Connection {
    async fn run(&mut self, sql: &str) {
        self.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}
