//! What only `SQLite` has.

mod templates;

use std::time::Duration;

use dbmigrate::{TransactionMode, UpgradeOptions};

use crate::database::Database;

mod sqlite {
    crate::tests! { crate::engine::sqlite::Sqlite:
        a_journal_mode_is_set_outside_a_transaction,
        pragmas_do_not_reach_the_next_script,
        temporary_objects_do_not_reach_the_next_script,
        a_violation_that_a_later_script_would_fix_is_refused,
        a_constraint_that_rolls_back_leaves_no_trace,
        a_trigger_that_rolls_back_leaves_no_trace,
        tables_are_rebuilt_without_losing_what_points_to_them,
        old_dangling_rows_are_accepted,
        an_old_dangling_row_hides_no_new_one,
        an_old_dangling_row_does_not_prevent_a_table_from_being_rebuilt,
        a_dangling_row_is_found_whatever_caused_it,
        a_key_that_can_no_longer_be_checked_is_found,
        an_old_row_counts_once_whatever_the_case_of_names,
        a_file_that_a_script_attaches_is_detached_before_the_next,
        a_file_that_cannot_be_written_is_an_error,
        a_full_disk_leaves_no_trace,
        each_statement_has_the_whole_time_limit,
        a_file_that_is_not_a_database_is_unchanged,
        a_journal_in_another_schema_is_an_error,
        a_rebuild_of_a_file_that_is_open_elsewhere_keeps_it,
        a_rebuild_of_a_wal_file_that_is_not_open_works,
        a_rebuild_keeps_the_wal_mode_that_no_script_sets,
        a_rebuild_keeps_the_file_s_permissions,
        a_reader_that_keeps_the_commit_from_ending_is_waited_for,
        a_view_or_a_trigger_that_cannot_run_fails_the_upgrade,
    }
}

const TABLE: &str = "CREATE TABLE t (id integer PRIMARY KEY);";

async fn a_journal_mode_is_set_outside_a_transaction(db: Database) {
    db.upgraded([
        TABLE,
        "-- dbmigrate: no-transaction\nPRAGMA journal_mode = WAL;\nVACUUM;",
        "INSERT INTO t VALUES (1);",
    ])
    .await;
    assert_eq!(db.query("PRAGMA journal_mode; SELECT id FROM t;"), "wal\n1");
    db.script(4, "PRAGMA journal_mode = DELETE;");
    assert_eq!(db.upgrade().await[0], "error: PRAGMA journal_mode cannot run in a transaction");
}

async fn pragmas_do_not_reach_the_next_script(db: Database) {
    let seen = "INSERT INTO seen SELECT (SELECT * FROM pragma_foreign_keys) || (SELECT * FROM pragma_recursive_triggers) || \
                (SELECT * FROM pragma_ignore_check_constraints) || (SELECT * FROM pragma_legacy_alter_table) || \
                (SELECT * FROM pragma_query_only) || ('a' LIKE 'A');";
    let set = "PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA ignore_check_constraints = ON; \
               PRAGMA legacy_alter_table = ON; PRAGMA case_sensitive_like = ON;";
    db.upgraded([
        "CREATE TABLE seen (what text);",
        seen,
        set,
        seen,
        &format!("-- dbmigrate: no-transaction\n{set}"),
        seen,
    ])
    .await;
    assert_eq!(db.query("SELECT what FROM seen"), "000001\n000001\n000001");
}

async fn temporary_objects_do_not_reach_the_next_script(db: Database) {
    let leaves = "CREATE TEMP TABLE scratch (id integer); CREATE TEMP VIEW seen AS SELECT 1; CREATE TABLE temp.\"a b\" (id integer);\n\
                  CREATE TEMP TRIGGER copies AFTER INSERT ON t BEGIN INSERT INTO scratch VALUES (new.id); END;";
    let count = "INSERT INTO t SELECT 100 + (SELECT count(*) FROM t) + 10 * (SELECT count(*) FROM temp.sqlite_schema);";
    db.upgraded([TABLE, leaves, count, &format!("-- dbmigrate: no-transaction\n{leaves}"), count]).await;
    assert_eq!(db.query("SELECT id FROM t"), "100\n101");
}

async fn a_violation_that_a_later_script_would_fix_is_refused(db: Database) {
    db.upgraded([TABLE, "CREATE TABLE child (t integer REFERENCES t (id));"]).await;
    db.script(3, "INSERT INTO child VALUES (1);");
    db.script(4, "INSERT INTO t VALUES (1);");
    let refused = "error: the check after Script-0003.sql failed: a row would violate a foreign key: child row 1 points to a row of \
                   t that does not exist";
    assert_eq!(db.upgrade().await[0], refused);
}

async fn a_constraint_that_rolls_back_leaves_no_trace(db: Database) {
    db.upgraded([TABLE]).await;
    let before = db.dump();
    db.script(2, "INSERT INTO t VALUES (1);\nINSERT OR ROLLBACK INTO t VALUES (1);\nINSERT INTO t VALUES (2);");
    db.script(3, "INSERT INTO t VALUES (3);");
    let answer = [
        "error: Script-0002.sql failed: UNIQUE constraint failed: t.id",
        "at Script-0002.sql:2:1: INSERT OR ROLLBACK INTO t VALUES (1)",
        "note: SQLite SQLITE_CONSTRAINT (1555)",
        "note: rolled back: 0002-0003 were not applied, the database is unchanged at 0001",
    ];
    assert_eq!(db.upgrade().await, answer);
    assert_eq!(db.dump(), before);
}

async fn a_trigger_that_rolls_back_leaves_no_trace(db: Database) {
    let trigger = "CREATE TRIGGER r BEFORE INSERT ON t WHEN new.id = 7 BEGIN SELECT RAISE(ROLLBACK, 'no seven'); END;";
    db.upgraded([TABLE, trigger]).await;
    let before = db.dump();
    db.script(3, "INSERT INTO t VALUES (1); INSERT INTO t VALUES (7); INSERT INTO t VALUES (2);");
    assert_eq!(
        db.upgrade().await[..2],
        ["error: Script-0003.sql failed: no seven", "at Script-0003.sql:1:27: INSERT INTO t VALUES (7)"]
    );
    assert_eq!(db.dump(), before);
}

async fn tables_are_rebuilt_without_losing_what_points_to_them(db: Database) {
    let child = "CREATE TABLE child (t integer REFERENCES t (id) ON DELETE CASCADE);";
    let rebuild = "CREATE TABLE t2 (id integer PRIMARY KEY, name text);\nINSERT INTO t2 SELECT id, 'x' FROM t;\nDROP TABLE t;\n\
                   ALTER TABLE t2 RENAME TO t;";
    db.upgraded([TABLE, child, "INSERT INTO t VALUES (1); INSERT INTO child VALUES (1);", rebuild]).await;
    assert_eq!(db.query("SELECT * FROM t; SELECT * FROM child; PRAGMA foreign_key_check;"), "1|x\n1");
}

async fn old_dangling_rows_are_accepted(db: Database) {
    db.upgraded([TABLE, "CREATE TABLE child (t integer REFERENCES t (id));"]).await;
    db.query("INSERT INTO child VALUES (7)");
    db.script(3, "INSERT INTO t VALUES (1);");
    assert_eq!(db.upgrade().await, ["0002 -> 0003: Script-0003.sql; atomic (one transaction)"]);
}

async fn an_old_dangling_row_hides_no_new_one(db: Database) {
    for child in ["CREATE TABLE child (k text PRIMARY KEY, t integer REFERENCES t (id)) WITHOUT ROWID;"] {
        db.upgraded([TABLE, child]).await;
        db.query("INSERT INTO child VALUES ('old', 7)");
        db.script(3, "INSERT INTO child VALUES ('new', 999);");
        let refused = "error: the check after Script-0003.sql failed: a row would violate a foreign key: child points to a row of t \
                       that does not exist";
        assert_eq!(db.upgrade().await[0], refused);
        assert_eq!(db.query("SELECT k FROM child"), "old");
    }
}

async fn an_old_dangling_row_does_not_prevent_a_table_from_being_rebuilt(db: Database) {
    let child = "CREATE TABLE child (id integer PRIMARY KEY, t integer REFERENCES t (id));";
    db.upgraded([TABLE, child, "CREATE TABLE other (t integer REFERENCES t (id));"]).await;
    db.query("INSERT INTO child VALUES (70, 7); INSERT INTO other VALUES (8)");
    let copy = "CREATE TABLE c2 (id integer PRIMARY KEY, t integer REFERENCES t (id));\n\
                INSERT INTO c2 SELECT id + 1, t FROM child;\nDROP TABLE child;\nALTER TABLE c2 RENAME TO child;";
    db.script(4, copy);
    db.script(5, "ALTER TABLE other RENAME TO another;");
    assert_eq!(db.upgrade().await, ["0003 -> 0005: Script-0004.sql, Script-0005.sql; atomic (one transaction)"]);
    assert_eq!(db.query("SELECT * FROM child; SELECT * FROM another"), "71|7\n8");
}

async fn a_dangling_row_is_found_whatever_caused_it(db: Database) {
    let tables = "CREATE TABLE child (t integer REFERENCES t (id)); CREATE TABLE source (id integer);\n\
                  CREATE TRIGGER copies AFTER INSERT ON source BEGIN INSERT INTO child VALUES (new.id); END;";
    db.upgraded([TABLE, tables, "INSERT INTO t VALUES (1), (2); INSERT INTO child VALUES (1), (2);"]).await;
    let before = db.dump();
    for script in [
        "INSERT INTO source VALUES (3);",
        "DELETE FROM t WHERE id = 1;",
        "UPDATE t SET id = 9 WHERE id = 2;",
        "UPDATE child SET t = 9 WHERE t = 2;",
        "DELETE FROM t;",
        "DROP TABLE t;",
        "ALTER TABLE source ADD COLUMN t integer REFERENCES t (id) DEFAULT 9; INSERT INTO source (id) VALUES (1);",
        "CREATE TABLE late (t integer REFERENCES t (id)); INSERT INTO late VALUES (9);",
        "ALTER TABLE child RENAME TO renamed; INSERT INTO renamed VALUES (9);",
        "ALTER TABLE child RENAME TO renamed; CREATE TABLE child (id integer); INSERT INTO renamed VALUES (9);",
        "CREATE TABLE late (t integer REFERENCES T (id)); INSERT INTO LATE VALUES (1); DELETE FROM t WHERE id = 1;",
        "CREATE TABLE IF NOT EXISTS t (id integer PRIMARY KEY); DELETE FROM t WHERE id = 1;",
        "CREATE TABLE IF NOT EXISTS CHILD (t integer); DELETE FROM T WHERE id = 1;",
        "DROP TABLE t; CREATE TABLE t (id integer PRIMARY KEY); INSERT INTO t VALUES (1);",
        "CREATE TEMP TABLE child (t integer); DELETE FROM t WHERE id = 1;",
        "CREATE TEMP TABLE t (id integer); INSERT INTO main.child VALUES (9);",
    ] {
        db.script(4, script);
        for transaction in [TransactionMode::Single, TransactionMode::PerScript] {
            let answer = db.upgrade_with(UpgradeOptions::new().transaction(transaction)).await;
            assert!(answer[0].contains(" would violate a foreign key: "), "{script} {answer:?}");
            assert_eq!(db.dump(), before, "{script}");
        }
    }
    db.script(4, "DELETE FROM child WHERE t = 1; DELETE FROM t WHERE id = 1; INSERT INTO source VALUES (2);");
    assert_eq!(db.upgrade().await, ["0003 -> 0004: Script-0004.sql; atomic (one transaction)"]);
}

async fn a_key_that_can_no_longer_be_checked_is_found(db: Database) {
    let parent = "CREATE TABLE parent (code text); CREATE UNIQUE INDEX parent_code ON parent (code);\n\
                  CREATE TABLE child (code text REFERENCES parent (code));";
    db.upgraded([parent, "INSERT INTO parent VALUES ('a'); INSERT INTO child VALUES ('a');"]).await;
    let before = db.dump();
    for script in [
        "DROP INDEX parent_code;",
        "CREATE TABLE m (a, b); CREATE TABLE bad (x REFERENCES m (a)); INSERT INTO bad VALUES (1);",
    ] {
        db.script(3, script);
        let answer = db.upgrade().await;
        let refused =
            "error: the check after Script-0003.sql failed: a foreign key cannot be checked: foreign key mismatch - ";
        assert!(answer[0].starts_with(refused), "{answer:?}");
        assert_eq!(db.dump(), before);
    }
}

async fn an_old_row_counts_once_whatever_the_case_of_names(db: Database) {
    db.upgraded([TABLE, "CREATE TABLE child (t integer REFERENCES t (id));"]).await;
    db.query("INSERT INTO child VALUES (7)");
    db.script(
        3,
        "CREATE TABLE IF NOT EXISTS CHILD (t integer); INSERT INTO T VALUES (1); INSERT INTO Child VALUES (1);",
    );
    assert_eq!(db.upgrade().await, ["0002 -> 0003: Script-0003.sql; atomic (one transaction)"]);
}

async fn a_file_that_a_script_attaches_is_detached_before_the_next(db: Database) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let other = folder.path().join("other.db");
    std::fs::write(&other, "").expect("it can be written");
    let other = other.display();
    db.upgraded(["CREATE TABLE seen (files integer);"]).await;
    let seen = "INSERT INTO seen SELECT count(*) FROM pragma_database_list WHERE name NOT IN ('main', 'temp');";
    let attach = format!("ATTACH '{other}' AS other;\nCREATE TABLE other.t (id integer);\n{seen}");
    let again = format!("-- dbmigrate: no-transaction\nATTACH '{other}' AS other;\n{seen}");
    for (number, script) in (2..).zip([seen, &attach, seen, &again, seen]) {
        db.script(number, script);
    }
    let answer = db.upgrade().await;
    assert!(answer[0].contains("commits after Script-0003 (ATTACH "), "{answer:?}");
    assert_eq!(db.query("SELECT files FROM seen"), "0\n1\n0\n1\n0");
}

async fn a_file_that_cannot_be_written_is_an_error(mut db: Database) {
    db.upgraded([TABLE]).await;
    let before = db.dump();
    db.script(2, "INSERT INTO t VALUES (1);");
    db.url += "?mode=ro";
    let answer = [
        "error: Script-0002.sql failed: attempt to write a readonly database",
        "at Script-0002.sql:1:1: INSERT INTO t VALUES (1)",
        "note: SQLite SQLITE_READONLY (8)",
        "note: rolled back: 0002 was not applied, the database is unchanged at 0001",
        "hint: it is read-only here: check the permissions on a file and its folder, or connect to a server's primary",
    ];
    assert_eq!(db.upgrade().await, answer);
    assert_eq!(db.dump(), before);
    assert_eq!(db.status().await[..2], ["Script-0001.sql applied", "Script-0002.sql pending"]);
    assert_eq!(db.left_beside(), Vec::<String>::new());
}

async fn a_full_disk_leaves_no_trace(db: Database) {
    db.upgraded([TABLE]).await;
    let before = db.dump();
    let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) INSERT INTO t SELECT i FROM n";
    db.script(2, &format!("PRAGMA max_page_count = 20;\n{many};"));
    let answer = [
        "error: Script-0002.sql failed: database or disk is full",
        &format!("at Script-0002.sql:2:1: {many}"),
        "note: SQLite SQLITE_FULL (13)",
        "note: rolled back: 0002 was not applied, the database is unchanged at 0001",
        "hint: free some disk space and run it again",
    ];
    assert_eq!(db.upgrade().await, answer);
    assert_eq!(db.dump(), before);
}

async fn a_file_that_is_not_a_database_is_unchanged(db: Database) {
    let path = db.target().file().expect("a file").to_owned();
    let text = "this is a letter, not a database\n".repeat(50);
    std::fs::write(&path, &text).expect("it can be written");
    db.scripts([TABLE]);
    for answer in [db.upgrade().await, db.status().await] {
        assert!(answer[0].ends_with("file is not a database"), "{answer:?}");
    }
    assert_eq!(std::fs::read_to_string(&path).expect("it can be read"), text);
}

async fn a_journal_in_another_schema_is_an_error(mut db: Database) {
    db.scripts([TABLE]);
    let before = db.dump();
    for schema in ["temp", "other"] {
        db.options.journal.schema = Some(schema.into());
        let answer = db.upgrade().await;
        assert!(answer[0].starts_with("error: "), "{answer:?}");
        assert_eq!(db.dump(), before);
    }
}

async fn a_rebuild_of_a_file_that_is_open_elsewhere_keeps_it(mut db: Database) {
    db.query("PRAGMA journal_mode = WAL");
    db.upgraded([TABLE]).await;
    let mut reader = db.session().await;
    reader.run("BEGIN; SELECT * FROM t").await;
    let before = db.dump();
    db.options.lock_timeout = Some(Duration::from_millis(100));
    let answer = [
        "error: the rebuilt database cannot take the place of app.db: another program has the old file open: database is locked",
        "note: SQLite SQLITE_BUSY (5)",
        "note: the old database is unchanged",
        "hint: run rebuild again when no one is using the database",
    ];
    assert_eq!(db.rebuild().await, answer);
    assert_eq!(db.dump(), before);
    reader.run("ROLLBACK").await;
    drop(reader);
}

async fn a_rebuild_of_a_wal_file_that_is_not_open_works(db: Database) {
    db.query("PRAGMA journal_mode = WAL");
    db.upgraded([TABLE, "-- dbmigrate: no-transaction\nPRAGMA journal_mode = WAL;"]).await;
    db.query("INSERT INTO t VALUES (7)");
    assert!(db.rebuild().await[0].starts_with("nothing -> 0002"));
    assert_eq!(db.query("PRAGMA journal_mode; SELECT count(*) FROM t;"), "wal\n0");
    assert_eq!(db.left_beside(), Vec::<String>::new());
}

async fn a_rebuild_keeps_the_wal_mode_that_no_script_sets(db: Database) {
    db.upgraded([TABLE]).await;
    db.query("PRAGMA journal_mode = WAL");
    assert!(db.rebuild().await[0].starts_with("nothing -> 0001"));
    assert_eq!(db.query("PRAGMA journal_mode; SELECT count(*) FROM t;"), "wal\n0");
    assert_eq!(db.left_beside(), Vec::<String>::new());
}

#[cfg(unix)]
async fn a_rebuild_keeps_the_file_s_permissions(mut db: Database) {
    use std::os::unix::fs::PermissionsExt as _;
    db.upgraded([TABLE]).await;
    let path = db.target().file().expect("a file").to_owned();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("it is ours");
    let link = path.with_file_name("link.db");
    std::os::unix::fs::symlink(&path, &link).expect("a link");
    db.url = format!("sqlite:{}", link.display());
    db.rebuild().await;
    let mode = || std::fs::metadata(&path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(), 0o640);
    assert!(std::fs::symlink_metadata(&link).expect("it is there").is_symlink());
}

async fn each_statement_has_the_whole_time_limit(mut db: Database) {
    let count = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) INSERT INTO t SELECT max(i) FROM n;";
    db.upgraded(["CREATE TABLE t (id integer);", count]).await;
    let duration = db.query("SELECT duration_ms FROM dbmigrate_journal WHERE number = 2").parse().expect("a number");
    // many times what one statement takes, and less than all of them take
    db.options.statement_timeout = Some(10 * Duration::from_millis(duration));
    db.script(3, &[count; 25].join("\n"));
    assert_eq!(db.upgrade().await, ["0002 -> 0003: Script-0003.sql; atomic (one transaction)"]);
}

async fn a_reader_that_keeps_the_commit_from_ending_is_waited_for(mut db: Database) {
    db.upgraded([TABLE]).await;
    let before = db.dump();
    let mut reader = db.session().await;
    reader.run("BEGIN; SELECT * FROM t").await;
    db.script(2, "INSERT INTO t VALUES (1);");
    db.options.lock_timeout = Some(Duration::from_millis(200));
    let answer = [
        "error: the commit failed: database is locked",
        "note: SQLite SQLITE_BUSY (5)",
        "note: rolled back: 0002 was not applied, the database is unchanged at 0001",
        "hint: end the session that blocks, or wait longer with `Options::lock_timeout`",
    ];
    assert_eq!(db.upgrade().await, answer);
    reader.run("ROLLBACK").await;
    assert_eq!(db.dump(), before);
    assert_eq!(db.upgrade().await, ["0001 -> 0002: Script-0002.sql; atomic (one transaction)"]);
}

const ITEM: &str = "CREATE TABLE item (id integer PRIMARY KEY, price integer);";

async fn a_view_or_a_trigger_that_cannot_run_fails_the_upgrade(db: Database) {
    let cases = [
        (
            "v.sql",
            "DROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT nope FROM item;",
            "no such column: nope",
            "v.sql:2:13",
        ),
        (
            "v.sql",
            "DROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT * FROM nope;",
            "no such table: main.nope",
            "v.sql:2:13",
        ),
        (
            "t.sql",
            "DROP TRIGGER IF EXISTS t;\nCREATE TRIGGER t AFTER INSERT ON item BEGIN INSERT INTO nope VALUES (1); END;",
            "no such table: main.nope",
            "t.sql:2:16",
        ),
        (
            "t.sql",
            "DROP TRIGGER IF EXISTS t;\nCREATE TRIGGER t AFTER UPDATE OF price ON item BEGIN SELECT new.nope; END;",
            "no such column: new.nope",
            "t.sql:2:16",
        ),
        (
            "t.sql",
            "DROP TRIGGER IF EXISTS t;\nCREATE TRIGGER t BEFORE DELETE ON item WHEN old.nope BEGIN SELECT 1; END;",
            "no such column: old.nope",
            "t.sql:2:16",
        ),
    ];
    db.scripts([ITEM]);
    for (file, text, message, place) in cases {
        db.object(file, text);
        let error = db.upgrade().await;
        assert_eq!(error[0], format!("error: {file} failed: {message}"), "{text}");
        assert!(error[1].contains(place), "{error:?}");
        assert!(error.iter().any(|line| line.contains("rolled back: 0001 was not applied")), "{error:?}");
        std::fs::remove_file(db.path("objects").join(file)).expect("the file is there");
    }
    // a script that breaks an unchanged object
    db.object("v.sql", "DROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT price FROM item;");
    db.object("w.sql", "DROP VIEW IF EXISTS w;\nCREATE VIEW w AS SELECT app_function(price) AS n FROM item;");
    db.upgrade().await;
    db.script(2, "PRAGMA legacy_alter_table = ON; ALTER TABLE item RENAME TO thing;");
    let error = db.upgrade().await;
    assert_eq!(error[0], "error: v.sql failed: no such table: main.item");
    assert_eq!(db.query("SELECT count(*) FROM item"), "0");
}
