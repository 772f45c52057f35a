use crate::folder::Folder;
use crate::support::Database;
use crate::support::postgres::{PRODUCT, admin, comparable};
use crate::{assert_same, cut, line_of, utf16};

/// With one table, which a rebuild that fails keeps.
fn database() -> Database {
    let database = Database::new(&PRODUCT);
    database.ask("CREATE TABLE kept (id integer)");
    database
}

/// With something of everything.
fn rich() -> Database {
    let database = Database::new(&PRODUCT);
    database.ask(include_str!("databases/postgres.sql"));
    database
}

/// Returns a dump without the journal, and without the words that differ in every dump.
fn comparable_dump(database: &Database, options: &[&str]) -> String {
    comparable(&database.dump(&[&["--exclude-table=public.dbmigrate_journal*"], options].concat()))
}

/// It is as it was made.
fn assert_unchanged(database: &Database) {
    let tables = "SELECT string_agg(relname, ' ') FROM pg_class WHERE relnamespace = 2200";
    assert_eq!(database.ask(tables), "kept");
}

/// What only works when the dump's own `search_path` is gone.
const NEXT: &str = "CREATE TABLE next (id integer);\nINSERT INTO empty_too VALUES (7);\n";

/// A rebuild from a dump with these options gives a database whose dump is the same; the next script runs on it.
fn builds_the_same(options: &[&str]) {
    let origin = rich();
    let dump = origin.dump(options);
    let built = database();
    let folder = Folder::new(built.url(), &dump);
    folder.rebuild().succeeds();
    assert_same(&comparable_dump(&built, options), &comparable(&dump));
    folder.script(1, NEXT);
    folder.run(&["upgrade"]).succeeds();
    assert_eq!(built.ask("SELECT id FROM public.empty_too; TABLE public.next"), "7");
}

/// A rebuild from this baseline fails, says all of this, and leaves the database as it was.
fn is_refused(baseline: impl AsRef<[u8]>, said: &[&str]) {
    let database = database();
    Folder::new(database.url(), baseline).rebuild().fails(said);
    assert_unchanged(&database);
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
fn a_dump_that_drops_what_exists_builds_the_same_database() {
    builds_the_same(&["--clean", "--if-exists"]);
}

#[test]
fn a_dump_of_the_schema_builds_the_same_schema() {
    builds_the_same(&["--schema-only", "--no-owner", "--no-privileges"]);
}

#[test]
fn a_dump_and_the_scripts_after_it_are_one_transaction() {
    let dump = rich().dump(&[]);
    let built = database();
    built.ask("DROP TABLE kept");
    let folder = Folder::new(built.url(), dump);
    folder.script(1, NEXT);
    folder.script(2, "INSERT INTO next SELECT id FROM empty_too;\n");
    folder.run(&["upgrade"]).succeeds();
    assert_eq!(built.ask("SELECT id FROM public.next"), "7");
    assert_eq!(built.ask("SELECT count(DISTINCT xmin::text) FROM dbmigrate_journal"), "1");
}

#[test]
fn a_bare_cr_in_a_literal_reaches_the_database() {
    let dump = rich().dump(&["--inserts"]);
    assert!(dump.contains("a bare CR \r, a CRLF \r\n"));
    let built = database();
    Folder::new(built.url(), &dump).rebuild().succeeds();
    let text =
        built.ask(r#"SELECT encode(convert_to("odd; ""name""", 'UTF8'), 'hex') FROM shop.customers WHERE id = 2"#);
    assert!(text.starts_with("61206261726520435220" /* a bare CR */) && text[20..].starts_with("0d2c"), "{text}");
}

#[test]
fn a_dump_in_utf_16_builds_the_same_database() {
    let dump = rich().dump(&[]);
    let built = database();
    Folder::new(built.url(), utf16(&dump)).rebuild().succeeds();
    assert_same(&comparable_dump(&built, &[]), &comparable(&dump));
}

#[test]
fn a_dump_in_utf_16_that_ends_within_a_character_is_refused() {
    let mut dump = utf16("CREATE TABLE t (id integer);\n");
    dump.push(b'S');
    is_refused(&dump, &["Baseline.sql", "invalid UTF-16 (half a character) at byte offset 60", "nothing was applied"]);
}

#[test]
fn a_dump_in_a_format_of_pg_restore_is_refused() {
    let origin = database();
    let dump = (PRODUCT.dump)(&origin.url(), &["--format=custom"]);
    is_refused(dump, &["Baseline.sql", "is not text", "nothing was applied"]);
}

#[test]
fn a_dump_in_another_encoding_is_refused() {
    let origin = database();
    origin.ask("CREATE TABLE names AS SELECT 'Müller' AS name");
    let dump = (PRODUCT.dump)(&origin.url(), &["--encoding=LATIN1"]);
    let at = dump.iter().position(|byte| *byte == 0xfc).expect("an ü");
    is_refused(dump, &["Baseline.sql", &format!("invalid UTF-8 at byte offset {at}"), "nothing was applied"]);
}

#[test]
fn a_dump_cut_off_within_something_is_refused_where_that_starts() {
    let dump = rich().dump(&["--inserts"]) + &rich().dump(&[]);
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
fn large_objects_that_are_cut_off_are_refused_at_their_start() {
    let dump = rich().dump(&[]);
    let baseline = cut(&dump, "pg_catalog.lo_open('4711'", ";");
    let place = format!("./Baseline.sql:{}:1", line_of(&dump, "BEGIN;"));
    is_refused(baseline, &["the dump is cut off: COMMIT is missing", &place, "nothing was applied"]);
}

#[test]
fn a_missing_role_is_named_with_its_line_and_what_to_do() {
    let origin = database();
    let role = format!("{}_owner", origin.name);
    admin(&format!("CREATE ROLE {role}"));
    origin.ask(&format!("GRANT SELECT ON kept TO {role}; CREATE TABLE owned (); ALTER TABLE owned OWNER TO {role}"));
    let (dump, without) = (origin.dump(&[]), origin.dump(&["--no-owner", "--no-privileges"]));
    let built = database();
    Folder::new(built.url(), &dump).rebuild().succeeds();
    assert_same(&comparable_dump(&built, &[]), &comparable(&dump));
    built.ask(&format!("DROP OWNED BY {role}"));
    origin.ask(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
    let place = format!("./Baseline.sql:{}:", line_of(&dump, "ALTER TABLE public.owned OWNER"));
    let said = format!("role \"{role}\" does not exist");
    is_refused(&dump, &[&said, &place, "pg_dump --no-owner --no-privileges", "the old database is unchanged"]);
    Folder::new(built.url(), without).rebuild().succeeds();
    assert_eq!(built.ask("SELECT relacl FROM pg_class WHERE relname = 'owned'"), "");
}

#[test]
fn a_dump_with_the_journal_in_it_is_refused_at_its_line() {
    let database = database();
    Folder::new(database.url(), "CREATE TABLE kept (id integer);").rebuild().succeeds();
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
    let dump = rich().dump(&[]);
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
fn a_setting_that_only_newer_servers_know_is_ignored() {
    let dump = rich().dump(&[]);
    let newer = dump.replacen("SET lock_timeout = 0;\n", "SET lock_timeout = 0;\nSET transaction_timeout = 0;\n", 1);
    assert_ne!(newer, dump);
    let built = database();
    Folder::new(built.url(), newer).rebuild().succeeds();
    assert_same(&comparable_dump(&built, &[]), &comparable(&dump));
}

#[test]
fn a_row_that_copy_refuses_is_named_with_its_line() {
    let origin = database();
    origin.ask("INSERT INTO kept SELECT generate_series(1, 1000); ALTER TABLE kept ADD COLUMN note text");
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

/// A dump may set properties of the database itself; a rebuild applies them to the new database.
fn creates_the_same(options: &[&str]) {
    let database = rich();
    let settings =
        format!("ALTER DATABASE {0} SET work_mem TO '9MB'; COMMENT ON DATABASE {0} IS 'a comment'", database.name);
    database.ask(&settings);
    let (dump, before) = (database.dump(options), comparable_dump(&database, options));
    assert!(dump.contains("\\connect "));
    Folder::new(database.url(), dump).rebuild().succeeds();
    assert_same(&comparable_dump(&database, options), &before);
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
    let dump = rich().dump(&["--create"]);
    let place = format!("./Baseline.sql:{}:1", line_of(&dump, "\\connect"));
    is_refused(&dump, &["\\connect", &place, "nothing was applied"]);
}

#[test]
fn a_rebuild_that_fails_keeps_the_settings_of_the_old_database() {
    let database = database();
    let name = &database.name;
    let said = format!(
        "SELECT setconfig FROM pg_db_role_setting JOIN pg_database ON pg_database.oid = setdatabase WHERE datname = '{name}';
         SELECT shobj_description(oid, 'pg_database'), datacl FROM pg_database WHERE datname = '{name}'"
    );
    database.ask(&format!("ALTER DATABASE {name} SET work_mem TO '8MB'; COMMENT ON DATABASE {name} IS 'old'"));
    let before = database.ask(&said);
    let dump = format!(
        "ALTER DATABASE {name} SET work_mem TO '9MB';\nCOMMENT ON DATABASE \"{name}\" IS 'new';\n\
         GRANT CONNECT ON DATABASE {name} TO pg_monitor;\nCOMMENT ON DATABASE {name} IZ 'x';\n"
    );
    let folder = Folder::new(database.url(), dump);
    let place = format!("./Baseline.sql:4:{}", "COMMENT ON DATABASE  ".len() + name.len() + 1);
    folder.rebuild().fails(&["syntax error at or near \"IZ\"", &place, "the old database is unchanged"]);
    assert_eq!(database.ask(&said), before);
    assert_unchanged(&database);
}
