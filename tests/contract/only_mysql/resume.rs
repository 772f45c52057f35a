//! A script that cannot be rolled back stops in the middle, and the next upgrade resumes there.

use dbmigrate::{Event, UpgradeOptions};

use crate::database::{Database, until};
use crate::engine::mysql::{Mysql, is_doing, kill_connections, name, objects, product};

mod mysql {
    crate::tests! { crate::engine::mysql::Mysql:
        a_script_that_failed_anywhere_ends_as_if_it_had_not,
        a_failure_between_commits_rolls_its_neighbours_back,
        a_failure_of_a_statement_that_commits_leaves_what_came_before,
        an_unknown_word_is_shown_alone,
        what_ran_of_a_script_must_stay_as_it_is,
        what_ran_of_a_script_is_known_even_if_it_is_edited_meanwhile,
        a_script_that_stopped_must_not_be_missing,
        scripts_that_change_rows_share_a_transaction_around_commits,
        tables_without_transactions_are_named_when_they_keep_rows,
            a_connection_that_is_ended_between_two_statements_is_replaced,
        a_connection_that_is_ended_in_a_transaction_is_replaced,
        a_connection_that_is_ended_in_a_statement_that_commits_leaves_it_open,
        settings_of_the_part_that_ran_hold_for_the_rest,
    }
}

const BEFORE: &str = "CREATE TABLE t (id integer PRIMARY KEY);\nCREATE TABLE old (id integer);";

/// Statements that commit and statements that do not.
const MIXED: [&str; 8] = [
    "CREATE TABLE u (id integer PRIMARY KEY, note varchar(20))",
    "INSERT INTO t VALUES (1)",
    "INSERT INTO u VALUES (1, 'it''s; one')",
    "ALTER TABLE u ADD COLUMN extra integer DEFAULT 7",
    "UPDATE t SET id = id + 10",
    "CREATE INDEX u_note ON u (note)",
    "INSERT INTO u (id) SELECT id FROM t",
    "DROP TABLE old",
];

fn script(statements: &[&str]) -> String {
    format!("{};\n", statements.join(";\n"))
}

/// The script with another statement in place of one.
fn with(number: usize, statement: &str) -> String {
    let mut statements = MIXED;
    statements[number - 1] = statement;
    script(&statements)
}

async fn prepared(db: &Database) {
    db.upgraded([BEFORE]).await;
}

const NEXT: &str = "0001 -> 0002: Script-0002.sql; \
                    resumable, not atomic: Script-0002 (CREATE TABLE u) commits statement by statement";

async fn a_script_that_failed_anywhere_ends_as_if_it_had_not(db: Database) {
    prepared(&db).await;
    db.script(2, &script(&MIXED));
    assert_eq!(db.upgrade().await, [NEXT]);
    let undisturbed = objects(&db);
    for failing in ["INSERT INTO nope VALUES (1)", "ALTER TABLE nope ADD COLUMN x integer", "DELETE FROM"] {
        for number in 1..=MIXED.len() {
            let db = Database::new::<Mysql>();
            prepared(&db).await;
            db.script(2, &with(number, failing));
            let failed = db.upgrade().await;
            assert!(failed[0].starts_with("error: Script-0002.sql failed: "), "{number}: {failed:?}");
            db.script(2, &script(&MIXED));
            assert_eq!(db.upgrade().await[0].split(';').next(), Some("0001 -> 0002: Script-0002.sql"), "{number}");
            assert_eq!(objects(&db), undisturbed, "{failing} as statement {number}");
            assert_eq!(db.journal()[1], "2 Script-0002.sql applied 8");
        }
    }
}

/// The last lines of a failure that stopped after so many statements.
fn stopped_after(done: usize) -> [String; 2] {
    [
        format!(
            "note: Script-0002.sql runs outside a transaction: {done} of its 8 statements ran and stay; the database is at 0001"
        ),
        format!("hint: fix it from statement {} on and run `Migrator::upgrade` again: it resumes there", done + 1),
    ]
}

async fn a_failure_between_commits_rolls_its_neighbours_back(db: Database) {
    prepared(&db).await;
    db.script(2, &with(3, "INSERT INTO nope VALUES (1)"));
    let answer = [
        format!("error: Script-0002.sql failed: {}", db.texts().no_table),
        "at Script-0002.sql:3:13: nope".into(),
        format!("note: {}", db.texts().no_table_code),
    ];
    assert_eq!(db.upgrade().await, [&answer[..], &stopped_after(1)].concat());
    assert_eq!(db.journal(), ["1 Script-0001.sql applied 2", "2 Script-0002.sql failed 1"]);
    assert_eq!(db.query("SELECT count(*) FROM t; SELECT count(*) FROM u"), "0\n0");
    // the statement before the one that failed did not run: it may be edited, too
    db.script(2, &script(&[MIXED[0], "INSERT INTO t VALUES (2)", MIXED[2]]));
    db.upgrade().await;
    assert_eq!(db.query("SELECT id FROM t; SELECT id FROM u"), "2\n1");
    assert_eq!(db.journal()[1], "2 Script-0002.sql applied 3");
}

async fn a_failure_of_a_statement_that_commits_leaves_what_came_before(db: Database) {
    prepared(&db).await;
    db.script(2, &with(6, "CREATE INDEX u_note ON u (nope)"));
    let key = "Key column 'nope' doesn't exist in table";
    let answer = [
        format!("error: Script-0002.sql failed: {key}"),
        "at Script-0002.sql:6:27: nope".into(),
        format!("note: {} 1072 (42000)", product()),
    ];
    assert_eq!(db.upgrade().await, [&answer[..], &stopped_after(5)].concat());
    assert_eq!(db.journal()[1], "2 Script-0002.sql failed 5");
    assert_eq!(db.query("SELECT id FROM t; SELECT id, extra FROM u"), "11\n1|7");
    let warning = "warning: Script-0002.sql failed at statement 6; fix it from there, and upgrade will resume it";
    assert_eq!(db.status().await.last().map(String::as_str), Some(warning));
}

async fn an_unknown_word_is_shown_alone(db: Database) {
    prepared(&db).await;
    db.script(2, "INSERT INTO t VALUES (1);\n  SELCT id\n FROM t;\nINSERT INTO t VALUES (2);");
    let answer = [
        format!(
            "error: Script-0002.sql failed: You have an error in your SQL syntax; check the manual that corresponds to your \
             {} server version for the right syntax to use near 'SELCT id FROM t' at line 1",
            product()
        ),
        "at Script-0002.sql:2:3: SELCT".into(),
        format!("note: {} 1064 (42000)", product()),
        "note: Script-0002.sql runs outside a transaction: 1 of its 3 statements ran and stay; the database is at 0001"
            .into(),
        "hint: fix it from statement 2 on and run `Migrator::upgrade` again: it resumes there".into(),
    ];
    assert_eq!(db.upgrade().await, answer);
    // however long it is
    db.script(2, &format!("INSERT INTO t VALUES (1);\nSELCT {} FROM t;", "id, ".repeat(100)));
    assert_eq!(db.upgrade().await[1], "at Script-0002.sql:2:1: SELCT");
    // and where it just ends
    db.script(2, "INSERT INTO t VALUES (1);\nALTER TABLE t ADD COLUMN;\nINSERT INTO t VALUES (2);");
    let ends = db.upgrade().await;
    assert!(ends[0].ends_with("near '' at line 1"), "{ends:?}");
}

async fn what_ran_of_a_script_must_stay_as_it_is(db: Database) {
    prepared(&db).await;
    db.script(2, &with(6, "DROP TABLE nope"));
    db.upgrade().await;
    let before = db.dump();
    db.script(2, &with(4, "ALTER TABLE u ADD COLUMN extra integer DEFAULT 8"));
    let answer = [
        "error: Script-0002.sql has changed in its first 5 statements, which are already applied",
        "hint: undo the change to that part; what follows it may be changed",
        "note: nothing was applied",
    ];
    assert_eq!(db.upgrade().await, answer);
    assert_eq!(db.dump(), before);
    db.script(2, &script(&[&MIXED[..5], &["DROP TABLE u", "INSERT INTO t VALUES (7)"]].concat()));
    assert_eq!(db.upgrade().await, [NEXT]);
    assert_eq!(db.query("SELECT id FROM t ORDER BY id"), "7\n11");
    assert_eq!(db.journal()[1], "2 Script-0002.sql applied 7");
}

async fn a_script_that_stopped_must_not_be_missing(db: Database) {
    prepared(&db).await;
    db.script(2, &with(6, "DROP TABLE nope"));
    db.upgrade().await;
    let before = db.dump();
    let gone = [
        "error: Script-0002.sql stopped in the middle, and its file is missing",
        "hint: restore it from source control so that `Migrator::upgrade` can resume it",
        "note: nothing was applied",
    ];
    db.remove("Script-0002.sql");
    assert_eq!(db.upgrade().await, gone);
    // under another number it is another script
    db.script(3, &script(&MIXED));
    assert_eq!(db.upgrade().await, gone);
    assert_eq!(db.dump(), before);
    db.script(2, &script(&MIXED));
    db.script(3, "INSERT INTO t VALUES (3);");
    assert_eq!(db.upgrade().await[0].split(';').next(), Some("0001 -> 0003: Script-0002.sql, Script-0003.sql"));
}

async fn scripts_that_change_rows_share_a_transaction_around_commits(db: Database) {
    prepared(&db).await;
    db.script(2, "INSERT INTO t VALUES (2);");
    db.script(3, "INSERT INTO t VALUES (3);\nDROP TABLE old;");
    db.script(4, "INSERT INTO t VALUES (4);");
    db.script(5, "INSERT INTO t VALUES (5);\nINSERT INTO nope VALUES (1);");
    db.script(6, "INSERT INTO t VALUES (6);");
    let promised = db.status().await.last().cloned();
    let sentence = "resumable, not atomic: Script-0003 (DROP TABLE old) commits statement by statement; the rest in 2 transactions";
    assert_eq!(promised.as_deref(), Some(sentence));
    let answer = [
        &format!("error: Script-0005.sql failed: {}", db.texts().no_table),
        "at Script-0005.sql:2:13: nope",
        &format!("note: {}", db.texts().no_table_code),
        "note: rolled back: 0004-0006 were not applied, 0002-0003 are applied and stay, the database is at 0003",
    ];
    assert_eq!(db.upgrade().await, answer);
    assert_eq!(db.query("SELECT id FROM t"), "2\n3");
    assert_eq!(db.journal()[1..], ["2 Script-0002.sql applied", "3 Script-0003.sql applied 2"]);
}

/// The hint for what a table without transactions has kept.
const PUT_RIGHT: &str = "hint: tables whose storage engine has no transactions keep what was written to them: \
                         correct them before the next run";

async fn tables_without_transactions_are_named_when_they_keep_rows(db: Database) {
    db.upgraded([BEFORE, "CREATE TABLE m (id integer) ENGINE = MyISAM;"]).await;
    db.script(3, "INSERT INTO t VALUES (1);\nINSERT INTO m VALUES (1);");
    db.script(4, "INSERT INTO nope VALUES (1);");
    let answer = [
        "note: 0003-0004 were not applied, but not all of it was rolled back (Some non-transactional changed tables couldn't be \
         rolled back); the database is at 0002",
        PUT_RIGHT,
    ];
    let said = db.upgrade().await;
    assert_eq!(said[3..], answer, "{said:?}");
    assert_eq!(db.query("SELECT count(*) FROM t; SELECT id FROM m"), "0\n1");
    assert_eq!(db.journal().len(), 2);
    db.script(3, "DROP TABLE old;\nINSERT INTO t VALUES (1);\nINSERT INTO m VALUES (2);\nINSERT INTO nope VALUES (1);");
    db.remove("Script-0004.sql");
    let answer = [
        "note: Script-0003.sql runs outside a transaction: 1 of its 4 statements ran and stay, it is unknown whether statement 2 \
         ran; not all was rolled back (Some non-transactional changed tables couldn't be rolled back); the database is at 0002",
        PUT_RIGHT,
    ];
    let said = db.upgrade().await;
    assert_eq!(said[3..], answer, "{said:?}");
    assert_eq!(db.query("SELECT count(*) FROM t; SELECT id FROM m"), "0\n1\n2");
    assert_eq!(db.journal()[2], "3 Script-0003.sql started 1");
}

async fn a_connection_that_is_ended_between_two_statements_is_replaced(mut db: Database) {
    prepared(&db).await;
    db.script(2, &script(&MIXED));
    // statements with a limit of their own do not share a message
    db.options.statement_timeout = Some(std::time::Duration::from_mins(1));
    let database = name(&db);
    let watcher = move |event: &Event<'_>| {
        if matches!(event, Event::Progress { statements: 4, .. }) {
            kill_connections(&database);
        }
    };
    let migrator = db.migrator().on_event(watcher);
    let answer = db.outcome(&migrator.upgrade().await);
    assert!(answer[0].starts_with("error: Script-0002.sql failed: the connection was lost: "), "{answer:?}");
    assert_eq!(db.journal()[1], "2 Script-0002.sql paused 4");
    let status = "warning: Script-0002.sql stopped before statement 5; upgrade will resume it";
    assert_eq!(db.status().await.last().map(String::as_str), Some(status));
    assert_eq!(db.upgrade().await, [NEXT]);
    assert_eq!(db.query("SELECT id FROM t; SELECT id FROM u ORDER BY id"), "11\n1\n11");
}

async fn a_connection_that_is_ended_in_a_transaction_is_replaced(db: Database) {
    prepared(&db).await;
    db.script(2, &with(5, db.texts().slow));
    let end = async {
        until("the statement runs", || is_doing(&name(&db), "User sleep")).await;
        db.end_sessions();
    };
    let (answer, ()) = tokio::join!(db.upgrade(), end);
    assert!(answer[0].starts_with("error: Script-0002.sql failed: "), "{answer:?}");
    assert_eq!(answer[1], format!("at Script-0002.sql:5:1: {}", db.texts().slow));
    assert_eq!(db.journal()[1], "2 Script-0002.sql paused 4");
    db.script(2, &script(&MIXED));
    assert_eq!(db.upgrade().await, [NEXT]);
    assert_eq!(db.query("SELECT id FROM t; SELECT id FROM u ORDER BY id"), "11\n1\n11");
}

async fn a_connection_that_is_ended_in_a_statement_that_commits_leaves_it_open(db: Database) {
    prepared(&db).await;
    db.script(2, &script(&MIXED));
    // a transaction that has read the table keeps it from being dropped
    let mut reader = db.session().await;
    let old = format!("{}.old", name(&db));
    reader.run(&format!("USE information_schema; BEGIN; SELECT * FROM {old}")).await;
    let end = async {
        until("the last statement waits", || is_doing(&name(&db), "Waiting for table metadata lock")).await;
        db.end_sessions();
    };
    let (answer, ()) = tokio::join!(db.upgrade(), end);
    let open = [
        "note: Script-0002.sql runs outside a transaction: 7 of its 8 statements ran and stay, it is unknown whether \
         statement 8 ran; the database is at 0001",
        "hint: inspect the database, then run `Migrator::upgrade` with `UpgradeOptions::resume_at` 8 to run that statement again, or `UpgradeOptions::resume_at` 9 to \
         continue after it",
    ];
    assert_eq!(answer[answer.len() - 2..], open, "{answer:?}");
    let refused = [
        "error: Script-0002.sql stopped in the middle: it is unknown whether statement 8 of 8 ran",
        "at Script-0002.sql:8:1: DROP TABLE old",
        "hint: make sure that no run is under way, inspect the database, then run `Migrator::upgrade` with `UpgradeOptions::resume_at` 8 to run that \
         statement again, or `UpgradeOptions::resume_at` 9 to continue after it",
        "note: nothing was applied",
    ];
    assert_eq!(db.upgrade().await, refused);
    assert!(objects(&db).contains("CREATE TABLE `old`"));
    reader.run("ROLLBACK").await;
    assert_eq!(db.upgrade_with(UpgradeOptions::new().resume_at(Some(8))).await, [NEXT]);
    assert!(!objects(&db).contains("CREATE TABLE `old`"));
}

async fn settings_of_the_part_that_ran_hold_for_the_rest(db: Database) {
    prepared(&db).await;
    let start = "SET sql_mode = 'ANSI_QUOTES', @user = 'kept';\nDROP TABLE old;\nSET time_zone = '+05:00';\n";
    db.script(2, &format!("{start}INSERT INTO nope VALUES (1);"));
    db.upgrade().await;
    assert_eq!(db.journal()[1], "2 Script-0002.sql failed 2");
    db.script(2, &format!("{start}CREATE TABLE \"seen\" AS SELECT @@time_zone, @user;"));
    db.upgrade().await;
    assert_eq!(db.query("SELECT * FROM seen"), "+05:00|kept");
}

async fn what_ran_of_a_script_is_known_even_if_it_is_edited_meanwhile(db: Database) {
    db.upgraded(["CREATE TABLE t (id integer);"]).await;
    db.script(2, "CREATE TABLE u (id integer);\nSELECT SLEEP(2);\nDROP TABLE nope;\n");
    let edit = async {
        until("it sleeps", || is_doing(&name(&db), "User sleep")).await;
        db.script(2, "CREATE TABLE v (id integer);\n");
    };
    let (answer, ()) = tokio::join!(db.upgrade(), edit);
    assert!(answer[0].starts_with("error: Script-0002.sql failed: "), "{answer:?}");
    assert_eq!(db.journal()[1], "2 Script-0002.sql failed 2");
    // so the next run does not begin with what has run
    let answer = db.upgrade().await;
    assert!(answer[0].contains("has changed in its first 2 statements"), "{answer:?}");
}
