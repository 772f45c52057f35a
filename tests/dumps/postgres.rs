use std::sync::atomic::{AtomicUsize, Ordering};

use crate::folder::Folder;
use crate::{answer, assert_same, cut, fed, line_of, utf16};

/// A database of its own on the test server, dropped at the end.
struct Database(String);

fn server() -> String {
    std::env::var("DBMIGRATE_TEST_POSTGRES_URL").expect(
        "DBMIGRATE_TEST_POSTGRES_URL must name a superuser on a test server, \
         such as postgres://postgres:password@127.0.0.1:5432/postgres",
    )
}

fn psql(url: &str, sql: &str) -> String {
    answer("psql", &["-qAtX", "-v", "ON_ERROR_STOP=1", "-d", url], sql)
}

impl Database {
    /// With one table, which a rebuild that fails keeps.
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("dbmigrate_dumps_{}_{count}", std::process::id());
        psql(&server(), &format!("CREATE DATABASE {name}"));
        let database = Self(name);
        database.psql("CREATE TABLE kept (id integer)");
        database
    }

    /// With something of everything.
    fn rich() -> Self {
        let database = Self::new();
        database.psql("DROP TABLE kept");
        database.psql(include_str!("databases/postgres.sql"));
        database
    }

    fn url(&self) -> String {
        let mut url: url::Url = server().parse().expect("a URL");
        url.set_path(&self.0);
        url.into()
    }

    fn psql(&self, sql: &str) -> String {
        psql(&self.url(), sql)
    }

    fn dump(&self, options: &[&str]) -> String {
        answer("pg_dump", &[options, &[&self.url()]].concat(), "")
    }

    /// Without the journal, and without the words that differ in every dump.
    fn comparable(&self, options: &[&str]) -> String {
        comparable(&self.dump(&[&["--exclude-table=public.dbmigrate_journal"], options].concat()))
    }

    /// It is as it was made.
    fn is_unchanged(&self) {
        assert_eq!(self.psql("SELECT string_agg(relname, ' ') FROM pg_class WHERE relnamespace = 2200"), "kept\n");
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        psql(&server(), &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.0));
    }
}

fn comparable(dump: &str) -> String {
    let varies = |line: &&str| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict");
    dump.split_inclusive('\n').filter(varies).collect()
}

/// What only works when the dump's own `search_path` is gone.
const NEXT: &str = "CREATE TABLE next (id integer);\nINSERT INTO empty_too VALUES (7);\n";

/// A rebuild from a dump with these options gives a database whose dump is the same; the next script runs on it.
fn builds_the_same(options: &[&str]) {
    let origin = Database::rich();
    let dump = origin.dump(options);
    let built = Database::new();
    let folder = Folder::new(&built.url(), &dump);
    folder.rebuild().succeeds();
    assert_same(&built.comparable(options), &comparable(&dump));
    folder.script(1, NEXT);
    folder.run(&["upgrade"]).succeeds();
    assert_eq!(built.psql("SELECT id FROM public.empty_too; TABLE public.next"), "7\n");
}

/// A rebuild from this baseline fails, says all of this, and leaves the database as it was.
fn is_refused(baseline: impl AsRef<[u8]>, said: &[&str]) {
    let database = Database::new();
    Folder::new(&database.url(), baseline).rebuild().fails(said);
    database.is_unchanged();
}

#[test]
fn an_unedited_pg_dump_builds_the_same_database() {
    builds_the_same(&[]);
}

#[test]
fn a_dump_with_inserts_builds_the_same_database() {
    builds_the_same(&["--inserts"]);
}

#[test]
fn a_dump_with_inserts_of_several_rows_builds_the_same_database() {
    builds_the_same(&["--column-inserts", "--rows-per-insert=100", "--quote-all-identifiers"]);
}

#[test]
fn a_dump_with_column_inserts_builds_the_same_database() {
    builds_the_same(&["--column-inserts"]);
}

#[test]
fn a_dump_that_drops_what_is_there_builds_the_same_database() {
    builds_the_same(&["--clean", "--if-exists"]);
}

#[test]
fn a_dump_of_the_schema_builds_the_same_schema() {
    builds_the_same(&["--schema-only", "--no-owner", "--no-privileges"]);
}

#[test]
fn a_dump_and_the_scripts_behind_it_are_one_transaction() {
    let dump = Database::rich().dump(&[]);
    let built = Database::new();
    built.psql("DROP TABLE kept");
    let folder = Folder::new(&built.url(), dump);
    folder.script(1, NEXT);
    folder.script(2, "INSERT INTO next SELECT id FROM empty_too;\n");
    folder.run(&["upgrade"]).succeeds();
    assert_eq!(built.psql("SELECT id FROM public.next"), "7\n");
    assert_eq!(built.psql("SELECT count(DISTINCT xmin::text) FROM dbmigrate_journal"), "1\n");
}

#[test]
fn a_bare_cr_in_a_literal_reaches_the_database() {
    let dump = Database::rich().dump(&["--inserts"]);
    assert!(dump.contains("a bare CR \r, a CRLF \r\n"));
    let built = Database::new();
    Folder::new(&built.url(), &dump).rebuild().succeeds();
    let text =
        built.psql(r#"SELECT encode(convert_to("odd; ""name""", 'UTF8'), 'hex') FROM shop.customers WHERE id = 2"#);
    assert!(text.starts_with("61206261726520435220" /* a bare CR */) && text[20..].starts_with("0d2c"), "{text}");
}

#[test]
fn a_dump_in_utf_16_builds_the_same_database() {
    let dump = Database::rich().dump(&[]);
    let built = Database::new();
    Folder::new(&built.url(), utf16(&dump)).rebuild().succeeds();
    assert_same(&built.comparable(&[]), &comparable(&dump));
}

#[test]
fn a_dump_in_utf_16_that_ends_within_a_character_is_refused() {
    let mut dump = utf16("CREATE TABLE t (id integer);\n");
    dump.push(b'S');
    is_refused(&dump, &["Baseline.sql", "invalid UTF-16 (half a character) at byte offset 60", "nothing was applied"]);
}

#[test]
fn a_dump_in_a_format_of_pg_restore_is_refused() {
    let origin = Database::new();
    let dump = fed("pg_dump", &["--format=custom", &origin.url()], b"");
    is_refused(dump, &["Baseline.sql", "is not text", "nothing was applied"]);
}

#[test]
fn a_dump_in_another_encoding_is_refused() {
    let origin = Database::new();
    origin.psql("CREATE TABLE names AS SELECT 'Müller' AS name");
    let dump = fed("pg_dump", &["--encoding=LATIN1", &origin.url()], b"");
    let at = dump.iter().position(|byte| *byte == 0xfc).expect("an ü");
    is_refused(dump, &["Baseline.sql", &format!("invalid UTF-8 at byte offset {at}"), "nothing was applied"]);
}

#[test]
fn a_dump_cut_off_within_something_is_refused_where_that_starts() {
    let dump = Database::rich().dump(&["--inserts"]) + &Database::rich().dump(&[]);
    for (start, mark, what) in [
        ("COPY shop.customers ", "backslash", "COPY FROM stdin without a closing \\. line"),
        ("COPY shop.orders_2025", "sent; gone", "COPY FROM stdin without a closing \\. line"),
        ("INSERT INTO shop.customers", "line\n", "unterminated string"),
        ("CREATE FUNCTION shop.total(", "CASE", "body without END"),
        ("CREATE FUNCTION shop.quoted(", "'b\"$_$", "unterminated dollar quote $_X$"),
        ("COMMENT ON COLUMN shop.customers.rank", "a\n", "unterminated string"),
    ] {
        let baseline = cut(&dump, start, mark);
        is_refused(baseline, &[what, "--> ./Baseline.sql:", "nothing was applied"]);
    }
}

#[test]
fn large_objects_that_are_cut_off_are_refused_at_their_begin() {
    let dump = Database::rich().dump(&[]);
    let baseline = cut(&dump, "pg_catalog.lo_open('4711'", ";");
    let place = format!("./Baseline.sql:{}:1", line_of(&dump, "BEGIN;"));
    is_refused(baseline, &["the dump is cut off: COMMIT is missing", &place, "nothing was applied"]);
}

#[test]
fn a_missing_role_is_named_with_its_line_and_what_to_do() {
    let origin = Database::new();
    let role = format!("{}_owner", origin.0);
    psql(&server(), &format!("CREATE ROLE {role}"));
    origin.psql(&format!("GRANT SELECT ON kept TO {role}; CREATE TABLE owned (); ALTER TABLE owned OWNER TO {role}"));
    let (dump, without) = (origin.dump(&[]), origin.dump(&["--no-owner", "--no-privileges"]));
    let built = Database::new();
    Folder::new(&built.url(), &dump).rebuild().succeeds();
    assert_same(&built.comparable(&[]), &comparable(&dump));
    built.psql(&format!("DROP OWNED BY {role}"));
    origin.psql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
    let place = format!("./Baseline.sql:{}:", line_of(&dump, "ALTER TABLE public.owned OWNER"));
    let said = format!("role \"{role}\" does not exist");
    is_refused(&dump, &[&said, &place, "pg_dump --no-owner --no-privileges", "the old database is unchanged"]);
    Folder::new(&built.url(), without).rebuild().succeeds();
    assert_eq!(built.psql("SELECT relacl FROM pg_class WHERE relname = 'owned'"), "\n");
}

#[test]
fn a_dump_with_the_journal_in_it_is_refused_at_its_line() {
    let database = Database::new();
    Folder::new(&database.url(), "CREATE TABLE kept (id integer);").rebuild().succeeds();
    let dump = database.dump(&["--inserts", "--clean", "--if-exists"]);
    let place = format!("./Baseline.sql:{}:35", line_of(&dump, "ALTER TABLE IF EXISTS ONLY public.dbmigrate_journal"));
    is_refused(dump, &["dbmigrate_journal is the journal of this run", &place, "--exclude-table='dbmigrate_journal*'"]);
}

#[test]
fn a_dump_of_a_whole_server_is_refused() {
    let dump = "CREATE ROLE postgres;\n\\connect template1\nCREATE TABLE t (id integer);\n\\connect shop\n";
    is_refused(dump, &["\\connect", "./Baseline.sql:2:1", "nothing was applied"]);
}

#[test]
fn a_dump_cut_off_between_statements_is_refused() {
    let dump = Database::rich().dump(&[]);
    let place = format!("./Baseline.sql:{}:1", line_of(&dump, "-- PostgreSQL database dump"));
    for (start, mark) in [
        ("CREATE TYPE shop.status", ";"),
        ("CREATE VIEW shop.open", "FROM shop.orders"),
        ("COPY shop.orders_2025", "\n\\.\n"),
        ("ADD CONSTRAINT", ";\n"),
    ] {
        is_refused(cut(&dump, start, mark), &["the dump is cut off", &place, "nothing was applied"]);
    }
}

#[test]
fn a_setting_that_only_newer_servers_know_is_survived() {
    let dump = Database::rich().dump(&[]);
    let newer = dump.replacen("SET lock_timeout = 0;\n", "SET lock_timeout = 0;\nSET transaction_timeout = 0;\n", 1);
    assert_ne!(newer, dump);
    let built = Database::new();
    Folder::new(&built.url(), newer).rebuild().succeeds();
    assert_same(&built.comparable(&[]), &comparable(&dump));
}

#[test]
fn a_row_that_copy_refuses_is_named_with_its_line() {
    let origin = Database::new();
    origin.psql("INSERT INTO kept SELECT generate_series(1, 1000); ALTER TABLE kept ADD COLUMN note text");
    let whole = origin.dump(&[]);
    for (row, wrong, said) in [
        ("500\t\\N\n", "500\n", "missing data for column \"note\""),
        ("500\t\\N\n", "500\ta\tb\n", "extra data after last expected column"),
        ("500\t\\N\n", "x\t\\N\n", "invalid input syntax for type integer: \"x\""),
        ("1\t\\N\n", "1\n", "missing data for column \"note\""),
    ] {
        let dump = whole.replacen(&format!("\n{row}"), &format!("\n{wrong}"), 1);
        let place = format!("./Baseline.sql:{}:", line_of(&dump, wrong.trim_end()));
        is_refused(&dump, &[said, &place, "the old database is unchanged"]);
    }
}

/// What a dump of a database says of the database itself; a rebuild of it takes it for its own.
fn creates_the_same(options: &[&str]) {
    let database = Database::rich();
    let settings =
        format!("ALTER DATABASE {0} SET work_mem TO '9MB'; COMMENT ON DATABASE {0} IS 'a comment'", database.0);
    database.psql(&settings);
    let (dump, before) = (database.dump(options), database.comparable(options));
    assert!(dump.contains("\\connect "));
    Folder::new(&database.url(), dump).rebuild().succeeds();
    assert_same(&database.comparable(options), &before);
}

#[test]
fn a_dump_that_creates_its_database_builds_the_same_database() {
    creates_the_same(&["--create"]);
}

#[test]
fn a_dump_that_drops_and_creates_its_database_builds_the_same_database() {
    creates_the_same(&["--create", "--clean", "--if-exists"]);
}

#[test]
fn a_dump_that_creates_another_database_is_refused() {
    let dump = Database::rich().dump(&["--create"]);
    let place = format!("./Baseline.sql:{}:1", line_of(&dump, "\\connect"));
    is_refused(&dump, &["\\connect", &place, "nothing was applied"]);
}

#[test]
fn a_rebuild_that_fails_keeps_what_the_old_database_says_of_itself() {
    let database = Database::new();
    let name = &database.0;
    let said = format!(
        "SELECT setconfig FROM pg_db_role_setting JOIN pg_database ON pg_database.oid = setdatabase WHERE datname = '{name}';
         SELECT shobj_description(oid, 'pg_database'), datacl FROM pg_database WHERE datname = '{name}'"
    );
    database.psql(&format!("ALTER DATABASE {name} SET work_mem TO '8MB'; COMMENT ON DATABASE {name} IS 'old'"));
    let before = database.psql(&said);
    let dump = format!(
        "ALTER DATABASE {name} SET work_mem TO '9MB';\nCOMMENT ON DATABASE \"{name}\" IS 'new';\n\
         GRANT CONNECT ON DATABASE {name} TO pg_monitor;\nCOMMENT ON DATABASE {name} IZ 'x';\n"
    );
    let folder = Folder::new(&database.url(), dump);
    let place = format!("./Baseline.sql:4:{}", "COMMENT ON DATABASE  ".len() + name.len() + 1);
    folder.rebuild().fails(&["syntax error at or near \"IZ\"", &place, "the old database is unchanged"]);
    assert_eq!(database.psql(&said), before);
    database.is_unchanged();
}
