//! Baselines: recorded on databases that exist, run on new ones.

use std::time::Duration;

use dbmigrate::{BaselineOptions, Error, Event};

use crate::database::{Database, number_of};

contract! {
    what_another_run_has_recorded_meanwhile_counts,
    an_existing_database_is_recorded_and_upgraded,
    scripts_that_an_existing_database_has_are_recorded_with_it,
    recording_runs_nothing,
    an_empty_database_is_not_recorded,
    a_database_with_a_journal_is_not_recorded,
    further_scripts_are_recorded_on_a_database_with_a_journal,
    recording_needs_a_baseline_or_a_number,
    a_new_database_starts_at_the_highest_baseline,
    a_new_database_starts_at_the_highest_baseline_below_the_goal,
    an_older_database_needs_only_what_it_lacks,
    scripts_under_a_baseline_may_be_deleted,
    a_database_below_the_baseline_is_refused,
    a_changed_baseline_is_refused,
    a_database_recorded_as_it_is_gets_every_script,
    what_is_about_to_be_recorded_is_reported_first,
    a_journal_with_another_number_of_migrations_is_refused,
    a_journal_with_a_migration_that_failed_is_refused,
    tables_that_only_have_the_name_of_a_journal_are_ignored,
}

/// What has a client that writes dumps.
#[cfg(feature = "sqlite")]
mod sqlite_dumps {
    crate::tests! { crate::engine::sqlite::Sqlite: a_dump_of_the_client_is_a_baseline }
}
#[cfg(feature = "postgres")]
mod postgres_dumps {
    crate::tests! { crate::engine::postgres::Postgres: a_dump_of_the_client_is_a_baseline }
}
#[cfg(feature = "mysql")]
mod mysql_dumps {
    crate::tests! { crate::engine::mysql::Mysql: a_dump_of_the_client_is_a_baseline }
}

const BASELINE: &str = "CREATE TABLE base (id integer);";

async fn an_existing_database_is_recorded_and_upgraded(db: Database) {
    db.query("CREATE TABLE base (id integer)");
    db.file("Baseline.sql", BASELINE);
    db.scripts(["INSERT INTO base VALUES (1);"]);
    assert_eq!(db.baseline(None).await, ["nothing -> 0000: Baseline.sql; atomic (one transaction)"]);
    assert_eq!(db.journal(), ["0 Baseline.sql baselined"]);
    assert_eq!(db.upgrade().await, ["0000 -> 0001: Script-0001.sql; atomic (one transaction)"]);
    assert_eq!(db.query("SELECT id FROM base"), "1");
}

async fn scripts_that_an_existing_database_has_are_recorded_with_it(db: Database) {
    db.query("CREATE TABLE base (id integer)");
    db.scripts([BASELINE, "ALTER TABLE base ADD COLUMN name text;", "INSERT INTO base VALUES (1);"]);
    let recorded = "nothing -> 0002: Script-0001.sql, Script-0002.sql; atomic (one transaction)";
    assert_eq!(db.baseline(Some(2)).await, [recorded]);
    assert_eq!(db.journal(), ["1 Script-0001.sql baselined", "2 Script-0002.sql baselined"]);
    assert_eq!(db.upgrade().await, ["0002 -> 0003: Script-0003.sql; atomic (one transaction)"]);
    assert_eq!(db.query("SELECT * FROM base"), "1");
}

async fn recording_runs_nothing(db: Database) {
    db.query("CREATE TABLE base (id integer)");
    db.file("Baseline.sql", "INSERT INTO nope VALUES (1);");
    db.scripts([&format!("-- dbmigrate: no-transaction\n{};", db.texts().maintain), "BEGIN; DROP TABLE base; COMMIT;"]);
    let recorded = "nothing -> 0002: Baseline.sql, Script-0001.sql, Script-0002.sql; atomic (one transaction)";
    assert_eq!(db.baseline(Some(2)).await, [recorded]);
    assert_eq!(db.query("SELECT count(*) FROM base"), "0");
    assert_eq!(db.upgrade().await, ["0002 -> 0002: ; nothing to do"]);
}

async fn an_empty_database_is_not_recorded(db: Database) {
    db.file("Baseline.sql", BASELINE);
    let before = db.dump();
    let answer = ["error: baseline recorded nothing: the database is empty", "hint: `Migrator::upgrade` builds it"];
    assert_eq!(db.baseline(None).await, answer);
    assert_eq!(db.dump(), before);
}

async fn a_database_with_a_journal_is_not_recorded(db: Database) {
    db.file("Baseline.sql", BASELINE);
    db.upgrade().await;
    db.scripts(["SELECT 1;"]);
    let before = db.dump();
    let answer = [
        "error: baseline recorded nothing: the database already has a journal with rows",
        "hint: `Migrator::status` shows what it says",
    ];
    assert_eq!(db.baseline(None).await, answer);
    assert_eq!(db.baseline(Some(0)).await, answer);
    assert_eq!(db.dump(), before);
}

async fn further_scripts_are_recorded_on_a_database_with_a_journal(db: Database) {
    db.upgraded(["CREATE TABLE t (id integer);"]).await;
    // two hotfixes that became scripts
    db.query("CREATE TABLE u (id integer)");
    db.script(2, "CREATE TABLE u (id integer);");
    db.script(3, "CREATE TABLE v (id integer);");
    assert_eq!(db.baseline(Some(2)).await, ["0001 -> 0002: Script-0002.sql; atomic (one transaction)"]);
    assert_eq!(db.states()[1..], ["2 Script-0002.sql baselined"]);
    assert!(db.upgrade().await[0].starts_with("0002 -> 0003: Script-0003.sql; "));
}

async fn recording_needs_a_baseline_or_a_number(db: Database) {
    db.query("CREATE TABLE base (id integer)");
    db.scripts([BASELINE]);
    let before = db.dump();
    let answer = [
        "error: baseline recorded nothing: there is no Baseline.sql",
        "hint: pass `BaselineOptions::to` with the number of the last script that the database already has, or 0 if it has none \
         of them",
    ];
    assert_eq!(db.baseline(None).await, answer);
    let above = db.baseline(Some(2)).await;
    assert_eq!(above[0], "error: the number 0002 is above the highest script, which is 0001");
    assert_eq!(db.dump(), before);
}

/// What is promised of a baseline where what creates something commits at once.
const RESUMABLE: &str =
    "resumable, not atomic: Baseline-0003 (CREATE TABLE t) commits statement by statement; the rest in one transaction";

/// Three ways to the same table: script by script, or from a baseline.
fn two_baselines(db: &Database) {
    db.scripts([
        "CREATE TABLE t (id integer);",
        "INSERT INTO t VALUES (2);",
        "INSERT INTO t VALUES (3);",
        "INSERT INTO t VALUES (4);",
    ]);
    db.file("Baseline-0002.sql", "CREATE TABLE t (id integer);\nINSERT INTO t VALUES (2);");
    db.file("Baseline-0003.sql", "CREATE TABLE t (id integer);\nINSERT INTO t VALUES (2), (3);");
}

async fn a_new_database_starts_at_the_highest_baseline(db: Database) {
    two_baselines(&db);
    let all = format!("nothing -> 0004: Baseline-0003.sql, Script-0004.sql; {}", db.promised(RESUMABLE));
    assert_eq!(db.upgrade().await, [all]);
    assert_eq!(db.query("SELECT id FROM t ORDER BY id"), "2\n3\n4");
    assert_eq!(db.states(), ["3 Baseline-0003.sql applied", "4 Script-0004.sql applied"]);
    assert_eq!(db.upgrade().await, ["0004 -> 0004: ; nothing to do"]);
}

async fn a_new_database_starts_at_the_highest_baseline_below_the_goal(db: Database) {
    two_baselines(&db);
    let promised = db.promised("resumable, not atomic: Baseline-0002 (CREATE TABLE t) commits statement by statement");
    assert_eq!(db.upgrade_to(2).await, [format!("nothing -> 0002: Baseline-0002.sql; {promised}")]);
    assert_eq!(db.upgrade().await, ["0002 -> 0004: Script-0003.sql, Script-0004.sql; atomic (one transaction)"]);
    assert_eq!(db.query("SELECT id FROM t ORDER BY id"), "2\n3\n4");
    let below = db.upgrade_to(1).await;
    assert_eq!(below[0], "error: the number 0001 is below what is applied: the database is at 0004");
}

async fn an_older_database_needs_only_what_it_lacks(db: Database) {
    db.upgraded(["CREATE TABLE t (id integer);"]).await;
    two_baselines(&db);
    db.remove("Script-0001.sql");
    let lacking = "0001 -> 0004: Script-0002.sql, Script-0003.sql, Script-0004.sql; atomic (one transaction)";
    assert_eq!(db.upgrade().await, [lacking]);
    assert_eq!(db.query("SELECT id FROM t ORDER BY id"), "2\n3\n4");
}

async fn scripts_under_a_baseline_may_be_deleted(db: Database) {
    two_baselines(&db);
    db.remove("Baseline-0002.sql");
    db.remove("Baseline-0003.sql");
    db.upgrade().await;
    two_baselines(&db);
    for name in ["Script-0001.sql", "Script-0002.sql", "Script-0003.sql", "Baseline-0002.sql"] {
        db.remove(name);
    }
    assert_eq!(db.upgrade().await, ["0004 -> 0004: ; nothing to do"]);
}

async fn a_database_below_the_baseline_is_refused(db: Database) {
    db.upgraded(["CREATE TABLE t (id integer);"]).await;
    two_baselines(&db);
    db.remove("Script-0002.sql");
    db.remove("Script-0003.sql");
    let before = db.dump();
    let answer = [
        "error: the database is at 0001, but the scripts 0002-0003 were deleted and replaced by Baseline-0003.sql",
        "hint: upgrade it first from a checkout that still has the scripts up to 0003",
        "note: nothing was applied",
    ];
    assert_eq!(db.upgrade().await, answer);
    assert_eq!(db.dump(), before);
}

async fn a_changed_baseline_is_refused(db: Database) {
    db.file("Baseline.sql", "CREATE TABLE base (id integer);\n");
    db.upgrade().await;
    db.file("Baseline.sql", "CREATE TABLE base (id bigint);\n");
    let answer = [
        "error: Baseline.sql has changed since it was applied (<time>)",
        "--- applied",
        "+++ on disk",
        "@@ -1 +1 @@",
        "-CREATE TABLE base (id integer);",
        "+CREATE TABLE base (id bigint);",
        "hint: an applied script never changes: undo the change (git checkout) and put it into a new script; if \
         this is a new script with the same number, give it another number; if the change has no effect, accept it \
         with `Migrator::repair`",
        "note: nothing was applied",
    ];
    assert_eq!(db.upgrade().await, answer);
}

async fn a_dump_of_the_client_is_a_baseline(db: Database) {
    db.query(db.texts().objects);
    let before = db.dump();
    db.file("Baseline.sql", &before);
    db.scripts(["INSERT INTO child VALUES (3, 1);"]);
    let rebuilt = db.rebuild().await;
    assert!(rebuilt[0].starts_with("nothing -> 0001: Baseline.sql, Script-0001.sql"), "{rebuilt:?}");
    assert_eq!(db.query("SELECT * FROM pairs ORDER BY id"), "1|one; COMMIT;\n2|a \\ 'ü' \t tab\n3|one; COMMIT;");
    db.query("DROP TABLE dbmigrate_journal; DROP TABLE dbmigrate_journal_schema; DELETE FROM child WHERE id = 3;");
    assert_eq!(db.dump(), before);
}

async fn a_database_recorded_as_it_is_gets_every_script(db: Database) {
    db.query("CREATE TABLE other (id integer)");
    db.scripts(["CREATE TABLE t (id integer);", "INSERT INTO t VALUES (2);"]);
    assert_eq!(db.baseline(Some(0)).await, ["nothing -> 0000: Baseline.sql; atomic (one transaction)"]);
    assert_eq!(db.journal(), ["0 Baseline.sql baselined"]);
    assert!(db.upgrade().await[0].starts_with("0000 -> 0002: Script-0001.sql, Script-0002.sql; "));
    // new databases may start from one later
    db.file("Baseline.sql", "CREATE TABLE other (id integer);");
    assert_eq!(db.upgrade().await, ["0002 -> 0002: ; nothing to do"]);
    assert_eq!(db.query("SELECT title FROM dbmigrate_journal WHERE number = 0"), "the database as it was");
}

/// Creates the journal of a tool, with rows.
fn old_journal(db: &Database, table: &str, columns: &str, rows: impl IntoIterator<Item = String>) {
    let table = db.quoted(table);
    db.query(&format!("CREATE TABLE {table} ({columns})"));
    for row in rows {
        db.query(&format!("INSERT INTO {table} VALUES ({row})"));
    }
}

/// Without what only some engines put before a table's name.
fn bare(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| line.replace("public.", "").replace("dbo.", "")).collect()
}

async fn what_is_about_to_be_recorded_is_reported_first(db: Database) {
    db.query("CREATE TABLE base (id integer)");
    db.query("CREATE TABLE more (id integer)");
    db.scripts([BASELINE, "CREATE TABLE more (id integer);"]);
    old_journal(&db, "schema_migrations", "version varchar(20)", ["'20240101'".into(), "'20240202'".into()]);
    let before = db.dump();
    let wanted = dbmigrate::BaselineOptions::new().to(Some(crate::database::number_of(2)));
    let recording = db.migrator().recording(&wanted).await.expect("nothing disagrees");
    assert_eq!(recording.scripts, ["Script-0001.sql", "Script-0002.sql"]);
    assert_eq!(recording.tables, ["base", "more"]);
    let old = recording.old_journals.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(bare(&old), ["dbmate has its journal in schema_migrations, with 2 migrations"]);
    assert_eq!(db.dump(), before);
    let recorded = bare(&db.record(&wanted).await);
    let warning =
        "warning: dbmate has its journal in schema_migrations: from here on, keep dbmate away from this database";
    assert_eq!(recorded[1], warning);
}

async fn a_journal_with_another_number_of_migrations_is_refused(db: Database) {
    db.query("CREATE TABLE base (id integer)");
    db.scripts([BASELINE, "SELECT 2;", "SELECT 3;"]);
    let journals = [
        ("sqlx", "_sqlx_migrations", "version bigint, success integer", "#, 1"),
        ("dbmate", "schema_migrations", "version varchar(20)", "'2024010#'"),
        ("EF Core", "__EFMigrationsHistory", "MigrationId varchar(150), ProductVersion varchar(32)", "'#', '8'"),
        (
            "Prisma",
            "_prisma_migrations",
            "migration_name varchar(50), finished_at varchar(20), rolled_back_at varchar(20)",
            "'#', '2024-01-01', NULL",
        ),
    ];
    for (tool, table, columns, row) in journals {
        old_journal(&db, table, columns, ["1", "2"].map(|number| row.replace('#', number)));
        let before = db.dump();
        let refused = bare(&db.baseline(Some(3)).await);
        let why = format!("error: the journal of {tool} ({table}) has 2 migrations, but 3 scripts would be recorded");
        assert_eq!(refused[0], why);
        let hint = format!(
            "hint: record as many as were applied (`BaselineOptions::to` 2), and let `Migrator::upgrade` apply the rest; `BaselineOptions::ignoring` {table} records"
        );
        assert!(refused[1].starts_with(&hint), "{refused:?}");
        assert_eq!(db.dump(), before);
        db.query(&format!("DROP TABLE {}", db.quoted(table)));
    }
    old_journal(&db, "_sqlx_migrations", "version bigint, success integer", ["1, 1".into(), "2, 1".into()]);
    let two = "nothing -> 0002: Script-0001.sql, Script-0002.sql; atomic (one transaction)";
    assert_eq!(db.baseline(Some(2)).await[0], two);
    db.query("DROP TABLE dbmigrate_journal");
    let three = dbmigrate::BaselineOptions::new().to(Some(crate::database::number_of(3))).ignoring("_sqlx_migrations");
    assert!(db.record(&three).await[0].starts_with("nothing -> 0003: "));
    // a dump as the baseline has all that the tool did, whatever it counts
    db.query("DROP TABLE dbmigrate_journal");
    db.file("Baseline.sql", BASELINE);
    assert!(db.baseline(Some(1)).await[0].starts_with("nothing -> 0001: Baseline.sql, Script-0001.sql"));
}

async fn a_journal_with_a_migration_that_failed_is_refused(db: Database) {
    db.query("CREATE TABLE base (id integer)");
    db.file("Baseline.sql", BASELINE);
    for (tool, table, columns, row, why) in [
        ("golang-migrate", "schema_migrations", "version bigint, dirty integer", "14, 1", "14 is dirty"),
        ("sqlx", "_sqlx_migrations", "version bigint, success integer", "3, 0", "3 failed"),
        (
            "Flyway",
            "flyway_schema_history",
            "installed_rank integer, version varchar(50), success integer",
            "1, '2.1', 0",
            "2.1 failed",
        ),
        (
            "Prisma",
            "_prisma_migrations",
            "migration_name varchar(50), finished_at varchar(20), rolled_back_at varchar(20)",
            "'20240101_init', NULL, NULL",
            "20240101_init did not finish",
        ),
        (
            "Atlas",
            "atlas_schema_revisions",
            "version varchar(50), applied bigint, total bigint",
            "'20240101', 1, 3",
            "20240101 stopped in the middle",
        ),
    ] {
        old_journal(&db, table, columns, [row.to_owned()]);
        let before = db.dump();
        let refused = bare(&db.baseline(None).await);
        assert_eq!(refused[0], format!("error: the journal of {tool} ({table}) says: {why}"));
        assert!(refused[1].starts_with(&format!("hint: finish it with {tool} first; ")), "{refused:?}");
        assert_eq!(db.dump(), before);
        let ignoring = dbmigrate::BaselineOptions::new().ignoring(table);
        assert_eq!(db.migrator().recording(&ignoring).await.map(|told| told.old_journals.len()).ok(), Some(0));
        db.query(&format!("DROP TABLE {}", db.quoted(table)));
    }
    assert_eq!(db.baseline(None).await, ["nothing -> 0000: Baseline.sql; atomic (one transaction)"]);
}

async fn tables_that_only_have_the_name_of_a_journal_are_ignored(db: Database) {
    db.file("Baseline.sql", BASELINE);
    old_journal(&db, "changelog", "id integer, entry varchar(50)", ["1, 'x'".into()]);
    old_journal(&db, "versioninfo", "id integer", []);
    let told = db.migrator().recording(&dbmigrate::BaselineOptions::new()).await.expect("nothing disagrees");
    assert_eq!(told.old_journals, []);
}

async fn what_another_run_has_recorded_meanwhile_counts(db: Database) {
    db.scripts(["CREATE TABLE t (id integer PRIMARY KEY);"]);
    let (tell, is_locked) = std::sync::mpsc::channel();
    let other = db.migrator().on_event(move |event: &Event<'_>| {
        if matches!(event, Event::Planned { .. }) {
            let _ = tell.send(());
            std::thread::sleep(Duration::from_millis(1500));
        }
    });
    let other = tokio::spawn(async move { other.upgrade().await });
    tokio::task::spawn_blocking(move || is_locked.recv()).await.expect("no panic").expect("it has the lock");
    // it connects before there is a journal, and waits for the lock
    let refused = db.migrator().baseline_with(&BaselineOptions::new().to(number_of(1))).await.expect_err("it is late");
    assert_eq!(other.await.expect("no panic").expect("it works").applied.len(), 1);
    let said = refused.to_string();
    assert!(matches!(&refused, Error::Baseline { .. }) && said.contains("journal"), "{said}");
    assert_eq!(db.journal().len(), 1);
}
