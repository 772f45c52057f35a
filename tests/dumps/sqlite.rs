use std::process::Command;

use tempfile::TempDir;

use crate::folder::Folder;
use crate::support::written;
use crate::{assert_same, cut, line_of};

/// A database file in a folder of its own.
struct Database(TempDir);

impl Database {
    /// With one table, which a rebuild that fails keeps.
    fn new() -> Self {
        let database = Self(tempfile::tempdir().expect("a temporary folder"));
        database.ask("CREATE TABLE kept (id integer);");
        database
    }

    /// With something of everything but virtual tables.
    fn rich() -> Self {
        let database = Self(tempfile::tempdir().expect("a temporary folder"));
        database.ask(include_str!("databases/sqlite.sql"));
        database
    }

    /// With virtual tables, too.
    fn searchable() -> Self {
        let database = Self::rich();
        database.ask(include_str!("databases/sqlite_search.sql"));
        database
    }

    fn path(&self) -> String {
        self.0.path().join("app.db").display().to_string()
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.path())
    }

    fn ask(&self, sql: &str) -> String {
        let mut sqlite3 = Command::new("sqlite3");
        let written = written(sqlite3.args(["-batch", "-bail", &self.path()]), sql.as_bytes());
        String::from_utf8(written).expect("UTF-8")
    }

    fn dump(&self) -> String {
        self.ask(".dump")
    }

    /// It is as it was made.
    fn is_unchanged(&self) {
        assert_eq!(self.ask("SELECT name FROM sqlite_schema"), "kept\n");
    }
}

/// A rebuild from a dump gives a database whose dump is the same without the journal.
fn builds_the_same(origin: &Database) -> (Database, Folder) {
    let built = Database::new();
    let folder = Folder::new(built.url(), origin.dump());
    folder.rebuild().succeeds();
    let copy = Database(tempfile::tempdir().expect("a temporary folder"));
    std::fs::copy(built.path(), copy.path()).expect("a copy");
    copy.ask("DROP TABLE dbmigrate_journal; DROP TABLE dbmigrate_journal_schema");
    assert_same(&copy.dump(), &origin.dump());
    (built, folder)
}

/// A rebuild from this baseline fails, says all of this, and leaves the database as it was.
fn is_refused(baseline: impl AsRef<[u8]>, said: &[&str]) {
    let database = Database::new();
    Folder::new(database.url(), baseline).rebuild().fails(said);
    database.is_unchanged();
}

#[test]
fn an_unedited_dump_builds_the_same_database() {
    let (built, folder) = builds_the_same(&Database::rich());
    folder.script(1, "CREATE TABLE next (id integer);\nINSERT INTO customers (rank) VALUES (9);\n");
    folder.run(&["upgrade"]).succeeds();
    assert_eq!(built.ask("SELECT id FROM customers WHERE rank = 9"), "6\n", "the numbers continue");
}

#[test]
fn a_dump_with_virtual_tables_builds_the_same_database() {
    let (built, folder) = builds_the_same(&Database::searchable());
    folder.script(1, "INSERT INTO search VALUES ('three', 'singing');\nINSERT INTO places VALUES (2, 3, 4);\n");
    folder.run(&["upgrade"]).succeeds();
    assert_eq!(built.ask("SELECT title FROM search WHERE search MATCH 'sing OR song'"), "one; two\nthree\n");
    built.ask("INSERT INTO search (search) VALUES ('integrity-check');");
    assert_eq!(built.ask("SELECT id FROM places WHERE high > 1; PRAGMA integrity_check;"), "1\n2\nok\n");
}

#[test]
fn the_scripts_after_a_dump_find_its_tables() {
    let built = Database::new();
    let folder = Folder::new(built.url(), Database::rich().dump());
    folder.script(1, "CREATE TABLE next AS SELECT id FROM customers;\n");
    folder.rebuild().succeeds();
    assert_eq!(built.ask("SELECT count(*) FROM next"), "4\n");
}

#[test]
fn texts_written_with_unistr_are_the_same_texts() {
    let built = Database::new();
    let dump = "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t(a);\n\
                INSERT INTO t VALUES(unistr('a\\u000d\\u000a\\u001bb'));\nCOMMIT;\n";
    Folder::new(built.url(), dump).rebuild().succeeds();
    assert_eq!(built.ask("SELECT hex(a) FROM t"), "610D0A1B62\n");
}

#[test]
fn a_dump_of_the_schema_builds_the_same_schema() {
    let origin = Database::searchable();
    let built = Database::new();
    Folder::new(built.url(), origin.ask(".schema --nosys")).rebuild().succeeds();
    // after views and virtual tables, the shell writes their columns in a comment
    let schema = "SELECT rtrim(substr(sql, 1, instr(sql || '/* ', '/* ') - 1), char(10) || ' ') FROM sqlite_schema \
                  WHERE tbl_name NOT LIKE 'dbmigrate_journal%' ORDER BY type, name";
    assert_same(&built.ask(schema), &origin.ask(schema));
}

#[test]
fn a_dump_that_is_cut_off_is_refused() {
    let dump = Database::searchable().dump();
    for (start, mark) in [
        ("CREATE TABLE orders", ";"),
        ("CREATE TABLE orders", "placed"),
        ("INSERT INTO \"odd; 'table'", "0001"),
        ("CREATE TRIGGER touch", "VALUES"),
        ("INSERT INTO sqlite_schema", ";"),
        ("CREATE TRIGGER into_view", "END;"),
    ] {
        let said = ["the dump is cut off: COMMIT is missing", "./Baseline.sql:2:1", "nothing was applied"];
        is_refused(cut(&dump, start, mark), &said);
    }
}

#[test]
fn a_dump_of_a_damaged_database_is_refused() {
    let dump = "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t(a);\n\
                /**** ERROR: (11) database disk image is malformed *****/\nROLLBACK; -- due to errors\n";
    let place = format!("./Baseline.sql:{}:1", line_of(dump, "ROLLBACK"));
    is_refused(dump, &["ROLLBACK", &place, "nothing was applied"]);
}

#[test]
fn a_dump_with_the_journal_in_it_is_refused_at_its_line() {
    let (built, _) = builds_the_same(&Database::rich());
    let dump = built.dump();
    let place = format!("./Baseline.sql:{}:28", line_of(&dump, "CREATE TABLE IF NOT EXISTS \"dbmigrate_journal\""));
    is_refused(dump, &["dbmigrate_journal is the journal of this run", &place, "drop them in a copy"]);
}

#[test]
fn commands_of_the_shell_are_refused() {
    is_refused(".bail on\nCREATE TABLE t (id integer);\n", &[".bail", "./Baseline.sql:1:1", "nothing was applied"]);
}

#[test]
fn the_scripts_after_a_dump_find_its_virtual_tables() {
    let built = Database::new();
    let folder = Folder::new(built.url(), Database::searchable().dump());
    folder.script(1, "INSERT INTO search VALUES ('three', 'singing');\nINSERT INTO places VALUES (2, 3, 4);\n");
    folder.script(2, "CREATE TABLE found AS SELECT title FROM search WHERE search MATCH 'sing OR song';\n");
    folder.rebuild().succeeds();
    assert_eq!(built.ask("SELECT title FROM found; PRAGMA integrity_check;"), "one; two\nthree\nok\n");
}
