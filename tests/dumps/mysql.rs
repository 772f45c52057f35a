use crate::folder::Folder;
use crate::support::Database;
use crate::support::mysql::{PRODUCT, is_mariadb};
use crate::{assert_same, cut, line_of};

/// With one table, which a run that begins drops.
fn database() -> Database {
    let database = Database::new(&PRODUCT);
    database.ask("CREATE TABLE kept (id integer)");
    database
}

/// With something of everything.
fn rich() -> Database {
    let database = Database::new(&PRODUCT);
    database.ask(include_str!("databases/mysql.sql"));
    if is_mariadb() {
        database.ask(include_str!("databases/mariadb.sql"));
    }
    database
}

/// Returns a dump without the journal, and without the comments, which name the database and the time.
fn comparable(database: &Database, options: &[&str]) -> String {
    let ours = ["dbmigrate_journal", "dbmigrate_journal_schema"];
    let [journal, schema] = ours.map(|table| format!("--ignore-table={}.{table}", database.name));
    database.dump(&[&["--skip-comments", &journal, &schema], options].concat())
}

/// It is as it was made.
fn assert_unchanged(database: &Database) {
    assert_eq!(database.ask("SHOW TABLES"), "kept");
}

const ALL: [&str; 5] = ["--routines", "--triggers", "--events", "--hex-blob", "--no-tablespaces"];

/// A rebuild from a dump with these options gives a database whose dump is the same; the next script runs on it.
fn builds_the_same(options: &[&str]) {
    let origin = rich();
    let built = database();
    let folder = Folder::new(built.url(), origin.dump(options));
    folder.rebuild().succeeds();
    assert_same(&comparable(&built, options), &comparable(&origin, options));
    let next =
        "CREATE TABLE next (id integer);\nINSERT INTO next SELECT twice(21);\nINSERT INTO customers () VALUES ();\n";
    folder.script(1, next);
    folder.run(&["upgrade"]).succeeds();
    assert_eq!(built.ask("SELECT id FROM next; SELECT said FROM log WHERE id > 2"), "42\nnew; 6");
}

/// A rebuild from this baseline is refused before the old database is dropped, and says all of this.
fn is_refused(baseline: impl AsRef<[u8]>, said: &[&str]) {
    let database = database();
    Folder::new(database.url(), baseline).rebuild().fails(said);
    assert_unchanged(&database);
}

#[test]
fn an_unedited_dump_builds_the_same_database() {
    builds_the_same(&ALL);
}

#[test]
fn a_dump_with_rows_in_transactions_builds_the_same_database() {
    builds_the_same(&[&ALL[..], &["--no-autocommit"]].concat());
}

#[test]
fn a_dump_with_a_statement_for_each_row_builds_the_same_database() {
    builds_the_same(&[&ALL[..], &["--skip-extended-insert", "--complete-insert"]].concat());
}

#[test]
fn a_dump_without_options_of_the_tool_builds_the_same_database() {
    builds_the_same(&[&ALL[..], &["--skip-opt", "--create-options", "--default-character-set=utf8mb4"]].concat());
}

#[test]
fn bytes_that_are_not_text_are_refused_with_the_option_that_helps() {
    let dump = (PRODUCT.dump)(&rich().url(), &["--no-tablespaces"]);
    let at = String::from_utf8(dump.clone()).expect_err("there are all bytes").utf8_error().valid_up_to();
    is_refused(
        dump,
        &["Baseline.sql", &format!("invalid UTF-8 at byte offset {at}"), "--hex-blob", "nothing was applied"],
    );
}

#[test]
fn a_dump_that_names_its_database_builds_only_that_one() {
    let options = ["--hex-blob", "--no-tablespaces", "--databases"];
    let origin = rich();
    let (dump, before) = (origin.dump(&options), comparable(&origin, &ALL));
    let place = format!("./Baseline.sql:{}:1", line_of(&dump, "USE "));
    is_refused(&dump, &[&format!("USE {}", origin.name), &place, "nothing was applied"]);
    let other = [&ALL[..], &["--databases"]].concat();
    Folder::new(origin.url(), origin.dump(&other)).rebuild().succeeds();
    assert_same(&comparable(&origin, &ALL), &before);
}

#[test]
fn a_dump_with_the_journal_in_it_is_refused_at_its_line() {
    let database = database();
    Folder::new(database.url(), "CREATE TABLE kept (id integer);").rebuild().succeeds();
    let dump = database.dump(&ALL);
    let place = format!("./Baseline.sql:{}:22", line_of(&dump, "DROP TABLE IF EXISTS `dbmigrate_journal`"));
    is_refused(dump, &["dbmigrate_journal is the journal of this run", &place, "--ignore-table=DATABASE."]);
}

#[test]
fn a_dump_that_drops_its_database_is_refused() {
    let origin = database();
    let dump = origin.dump(&["--no-tablespaces", "--add-drop-database", "--databases"]);
    let place = format!("./Baseline.sql:{}:1", line_of(&dump, "/*!40000 DROP DATABASE"));
    Folder::new(origin.url(), &dump).rebuild().fails(&["DROP DATABASE", &place, "nothing was applied"]);
    assert_unchanged(&origin);
}

#[test]
fn a_dump_cut_off_within_something_is_refused_where_that_starts() {
    let dump = rich().dump(&ALL);
    for (start, mark, what) in [
        ("INSERT INTO `customers`", "a bare CR", "unterminated string"),
        ("CREATE TABLE `empty;", "``tab", "unterminated quoted identifier"),
        ("/*!50003 CREATE*/", "concat(", "unterminated comment"),
    ] {
        is_refused(cut(&dump, start, mark), &[what, "--> ./Baseline.sql:", "nothing was applied"]);
    }
}

#[test]
fn another_user_s_definer_is_refused_with_advice() {
    let database = database();
    let user = database.user("password", "ALL");
    let dump = "CREATE TABLE t (id integer);\n/*!50001 CREATE ALGORITHM=UNDEFINED */\n\
                /*!50013 DEFINER=`nobody`@`localhost` SQL SECURITY DEFINER */\n/*!50001 VIEW `v` AS select 1 AS `one` */;\n";
    let run = Folder::new(database.url_of(&user, "password"), dump).rebuild();
    run.fails(&["Access denied", "./Baseline.sql:2:1", "remove DEFINER=`...`@`...` from the script"]);
}

#[test]
fn a_dump_cut_off_between_statements_keeps_the_old_database() {
    let dump = rich().dump(&ALL);
    let first = if dump.contains("-- MariaDB dump") { "-- MariaDB dump" } else { "-- MySQL dump" };
    let place = format!("./Baseline.sql:{}:1", line_of(&dump, first));
    for (start, mark) in [
        ("CREATE TABLE `orders`", "`price`"),
        ("LOCK TABLES `customers`", ";\n"),
        ("UNLOCK TABLES", ";\n"),
        ("FUNCTION `twice`", "IF n"),
        ("-- Dumping events", "\n"),
    ] {
        is_refused(cut(&dump, start, mark), &["the dump is cut off", &place, "nothing was applied"]);
    }
}

#[test]
fn settings_of_replication_are_refused_with_the_option_against_them() {
    let dump = "SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;\nSET @@SESSION.SQL_LOG_BIN= 0;\n\n\
                SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '3E11FA47-71CA-11E1-9E33-C80AA9429562:1-5';\n\
                CREATE TABLE t (id int);\nSET @@SESSION.SQL_LOG_BIN = @MYSQLDUMP_TEMP_LOG_BIN;\n";
    let option = "(mysqldump --set-gtid-purged=OFF leaves it out)";
    let places = [2, 4, 6].map(|line| format!("./Baseline.sql:{line}:1"));
    let [off, purged, back] = &places;
    is_refused(
        dump,
        &["SET sql_log_bin", off, "SET gtid_purged", purged, option, back, "3 problems: nothing was applied"],
    );
}
