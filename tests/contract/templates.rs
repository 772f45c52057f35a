//! Templates: a rebuild copies what an earlier one has built, and the database is the same as without.

use dbmigrate::outcome::Copied;
use dbmigrate::{Error, Reference, Report, Templates, UpgradeOptions, Variables};

use crate::database::{Database, number_of};

contract_with_templates! {
    a_rebuild_copies_what_an_earlier_one_has_built,
    the_longest_part_that_still_holds_is_copied,
    objects_are_in_a_template_of_their_own,
    a_copy_is_like_what_the_scripts_build,
    a_script_that_fails_on_a_copy_keeps_the_old_database,
    other_values_options_and_scripts_have_other_templates,
    without_templates_none_is_copied_and_none_is_kept,
    only_so_many_templates_are_kept,
    a_database_that_is_too_large_becomes_no_template,
    rebuilds_of_several_databases_at_once_share_templates,
    rebuilds_of_one_database_at_once_leave_it_whole,
    a_goal_is_reached_by_a_copy,
    templates_are_cleaned,
}

const SCRIPTS: [&str; 3] = [
    "CREATE TABLE t (id integer PRIMARY KEY);",
    "INSERT INTO t VALUES (1);",
    "CREATE INDEX t_id ON t (id);\nINSERT INTO t VALUES (2);",
];

/// Templates in a folder of this test's own, where the engine needs one.
fn kept(db: &Database) -> Templates {
    Templates::new().in_folder(db.path("../cache"))
}

/// A database with these scripts, whose rebuilds keep templates. A script of its own makes its templates its own.
fn keeping<const N: usize>(db: &mut Database, scripts: [&str; N]) {
    db.options.templates = Some(kept(db));
    db.scripts(scripts);
    let own = format!("{}\n-- {}\n", scripts[0], db.url);
    db.script(1, &own);
}

async fn rebuilt(db: &Database) -> Report {
    db.migrator().rebuild().await.unwrap_or_else(|error| panic!("{:?}", crate::outcome::error(&error)))
}

/// What was copied and what ran: `0002 + Script-0003.sql`.
fn made(report: &Report) -> String {
    let copied = report.template.as_ref().map_or_else(|| "nothing".into(), Copied::to_string);
    let scripts = report.applied.iter().map(|applied| applied.script.clone());
    let made = scripts.chain(report.objects.iter().map(|object| object.path.clone()));
    std::iter::once(copied).chain(made).collect::<Vec<_>>().join(" + ")
}

async fn remade(db: &Database) -> String {
    made(&rebuilt(db).await)
}

async fn a_rebuild_copies_what_an_earlier_one_has_built(mut db: Database) {
    keeping(&mut db, SCRIPTS);
    let first = rebuilt(&db).await;
    assert_eq!(made(&first), "nothing + Script-0001.sql + Script-0002.sql + Script-0003.sql");
    let times = db.query("SELECT number, checksum, applied_at FROM dbmigrate_journal ORDER BY number");
    db.query("INSERT INTO t VALUES (7); CREATE TABLE extra (id integer);");

    let second = rebuilt(&db).await;
    assert_eq!(made(&second), "0003");
    assert_eq!((second.from, second.to), (Some(number_of(3)), Some(number_of(3))));
    assert_eq!(db.query("SELECT id FROM t ORDER BY id").split_whitespace().collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(db.query("SELECT number, checksum, applied_at FROM dbmigrate_journal ORDER BY number"), times);
    assert_eq!(db.query("SELECT DISTINCT run FROM dbmigrate_journal").trim(), second.run.to_string());
    assert_ne!(first.run, second.run);
    assert!(!db.dump().contains("extra"));
    assert_eq!(db.upgrade().await, ["0003 -> 0003: ; nothing to do"]);
    assert_eq!(db.left_beside(), Vec::<String>::new());
}

async fn the_longest_part_that_still_holds_is_copied(mut db: Database) {
    keeping(&mut db, SCRIPTS);
    remade(&db).await;
    // the first rebuild keeps what comes before the last script, too
    db.script(3, "INSERT INTO t VALUES (3);");
    assert_eq!(remade(&db).await, "0002 + Script-0003.sql");
    db.script(4, "INSERT INTO t VALUES (4);");
    assert_eq!(remade(&db).await, "0003 + Script-0004.sql");
    assert_eq!(db.query("SELECT sum(id) FROM t").trim(), "8");
    db.script(2, "INSERT INTO t VALUES (5);");
    assert_eq!(remade(&db).await, "nothing + Script-0001.sql + Script-0002.sql + Script-0003.sql + Script-0004.sql");
    db.remove("Script-0004.sql");
    assert_eq!(remade(&db).await, "0003");
    assert_eq!(db.query("SELECT sum(id) FROM t").trim(), "8");
}

async fn objects_are_in_a_template_of_their_own(mut db: Database) {
    keeping(&mut db, SCRIPTS);
    let view = |name: &str, query: &str| db.texts().view.replace("{name}", name).replace("{query}", query);
    db.object("views/many.sql", &view("many", "SELECT count(*) AS n FROM t"));
    db.object("views/most.sql", &view("most", "SELECT max(id) AS n FROM t"));
    assert_eq!(
        remade(&db).await,
        "nothing + Script-0001.sql + Script-0002.sql + Script-0003.sql + views/many.sql + views/most.sql"
    );
    assert_eq!(remade(&db).await, "0003 with the objects");
    assert_eq!(db.query("SELECT n FROM many").trim(), "2");
    db.object("views/many.sql", &view("many", "SELECT 7 AS n"));
    assert_eq!(remade(&db).await, "0003 + views/many.sql + views/most.sql");
    assert_eq!(db.query("SELECT n FROM many").trim(), "7");
    db.remove("objects/views/most.sql");
    assert_eq!(remade(&db).await, "0003 + views/many.sql");
    assert!(!db.dump().contains("most"), "the objects of a template that holds other ones are not copied");
    assert_eq!(db.upgrade().await, ["0003 -> 0003: ; nothing to do"]);
}

async fn a_copy_is_like_what_the_scripts_build(mut db: Database) {
    let objects = db.texts().objects;
    keeping(&mut db, ["SELECT 1;", objects]);
    rebuilt(&db).await;
    assert_eq!(made(&rebuilt(&db).await), "0002");
    let verified = db.migrator().verify(&Reference::LastRun).await.expect("verified");
    assert!(verified.comparison.is_equal(), "{:?}", verified.comparison);
    let scratch = db.migrator().verify(&Reference::Rebuild { scratch: None }).await.expect("verified");
    assert!(scratch.comparison.is_equal(), "{:?}", scratch.comparison);
    let plain = |db: &Database| {
        for table in ["dbmigrate_journal", "dbmigrate_journal_schema"] {
            db.query(&format!("DROP TABLE {table}"));
        }
        db.dump()
    };
    let copied = plain(&db);
    db.options.templates = None;
    rebuilt(&db).await;
    assert_eq!(plain(&db), copied);
}

async fn a_script_that_fails_on_a_copy_keeps_the_old_database(mut db: Database) {
    keeping(&mut db, SCRIPTS);
    remade(&db).await;
    db.query("INSERT INTO t VALUES (7)");
    let before = db.dump();
    db.script(4, "INSERT INTO nope VALUES (1);");
    let answer = db.rebuild().await;
    assert_eq!(answer[0], format!("error: Script-0004.sql failed: {}", db.texts().no_table));
    assert_eq!(answer.last().map(String::as_str), Some("note: the old database is unchanged"));
    db.script(4, "COMMIT;");
    assert!(db.rebuild().await[0].starts_with("error: "), "what is pending is checked");
    assert_eq!(db.dump(), before);
    assert_eq!(db.left_beside(), Vec::<String>::new());
}

async fn other_values_options_and_scripts_have_other_templates(mut db: Database) {
    keeping(&mut db, ["CREATE TABLE t (id integer);", "INSERT INTO t VALUES ($(x));"]);
    let with = |value: &str| {
        let mut variables = Variables::default();
        variables.declare_secret("x", value).expect("a name");
        variables
    };
    db.options.variables = with("1");
    assert_eq!(remade(&db).await, "nothing + Script-0001.sql + Script-0002.sql");
    assert_eq!(remade(&db).await, "0002");
    db.options.variables = with("2");
    assert_eq!(remade(&db).await, "nothing + Script-0001.sql + Script-0002.sql");
    assert_eq!(db.query("SELECT id FROM t").trim(), "2");
    db.options.store_text = false;
    assert_eq!(remade(&db).await, "nothing + Script-0001.sql + Script-0002.sql");
    db.options.journal.name = "log".into();
    assert_eq!(remade(&db).await, "nothing + Script-0001.sql + Script-0002.sql");
    assert_eq!(remade(&db).await, "0002");
    assert_eq!(db.query("SELECT count(*) FROM log").trim(), "2");
}

async fn without_templates_none_is_copied_and_none_is_kept(mut db: Database) {
    keeping(&mut db, SCRIPTS);
    for templates in [None, Some(kept(&db).max(0))] {
        db.options.templates = templates;
        remade(&db).await;
        assert_eq!(remade(&db).await, "nothing + Script-0001.sql + Script-0002.sql + Script-0003.sql");
    }
}

async fn only_so_many_templates_are_kept(mut db: Database) {
    keeping(&mut db, SCRIPTS);
    db.options.templates = Some(kept(&db).max(2));
    for last in ["INSERT INTO t VALUES (3);", "INSERT INTO t VALUES (4);", "INSERT INTO t VALUES (5);"] {
        db.script(3, last);
        assert_eq!(remade(&db).await, "nothing + Script-0001.sql + Script-0002.sql + Script-0003.sql");
    }
    db.script(3, "INSERT INTO t VALUES (3);");
    assert_eq!(remade(&db).await, "nothing + Script-0001.sql + Script-0002.sql + Script-0003.sql", "it was the oldest");
    db.script(3, "INSERT INTO t VALUES (5);");
    assert_eq!(remade(&db).await, "0003");
}

async fn a_database_that_is_too_large_becomes_no_template(mut db: Database) {
    keeping(&mut db, SCRIPTS);
    db.options.templates = Some(kept(&db).max_bytes(4096));
    for _ in 0..2 {
        assert_eq!(remade(&db).await, "nothing + Script-0001.sql + Script-0002.sql + Script-0003.sql");
    }
    // one of them has room
    let bytes = std::fs::metadata(db.target().file().unwrap_or(&db.path("."))).map_or(0, |file| file.len());
    let bytes = if db.target().file().is_some() { bytes } else { 8_000_000 };
    db.options.templates = Some(kept(&db).max_bytes(bytes * 3 / 2));
    remade(&db).await;
    assert_eq!(remade(&db).await, "0003");
    db.script(3, "INSERT INTO t VALUES (4);");
    assert_eq!(remade(&db).await, "nothing + Script-0001.sql + Script-0002.sql + Script-0003.sql");
}

async fn rebuilds_of_several_databases_at_once_share_templates(mut db: Database) {
    keeping(&mut db, SCRIPTS);
    let others = [db.another(), db.another(), db.another()];
    let migrators = others.iter().map(|other| db.migrator_of(other.target())).chain([db.migrator()]);
    let runs = migrators.map(|migrator| tokio::spawn(async move { migrator.rebuild().await })).collect::<Vec<_>>();
    for run in runs {
        let report = run.await.expect("no panic").expect("a rebuild of its own database");
        assert_eq!(report.to, Some(number_of(3)));
    }
    for other in &others {
        let report = db.migrator_of(other.target()).rebuild().await.expect("rebuilt");
        assert_eq!(made(&report), "0003");
        assert_eq!(other.query("SELECT count(*) FROM t").trim(), "2");
        assert_eq!(other.left_beside(), Vec::<String>::new());
    }
    db.migrator().clean_templates().await.expect("cleaned");
    assert_eq!(made(&db.migrator_of(others[0].target()).rebuild().await.expect("rebuilt")), "0003", "others use it");
    for other in &others {
        db.migrator_of(other.target()).clean_templates().await.expect("cleaned");
    }
    assert_eq!(remade(&db).await, "nothing + Script-0001.sql + Script-0002.sql + Script-0003.sql");
}

async fn rebuilds_of_one_database_at_once_leave_it_whole(mut db: Database) {
    keeping(&mut db, SCRIPTS);
    db.options.lock_timeout = Some(std::time::Duration::from_millis(50));
    let migrators = [db.migrator(), db.migrator(), db.migrator(), db.migrator()];
    let runs = migrators.map(|migrator| tokio::spawn(async move { migrator.rebuild().await }));
    let mut done = 0;
    for run in runs {
        match run.await.expect("no panic") {
            Ok(report) => {
                done += 1;
                assert_eq!(report.to, Some(number_of(3)));
            }
            Err(Error::Locked { .. }) => {}
            Err(error) => panic!("{:?}", crate::outcome::error(&error)),
        }
    }
    assert!(done > 0);
    assert_eq!(db.query("SELECT count(*) FROM t").trim(), "2");
    assert_eq!(db.left_beside(), Vec::<String>::new());
    db.options.lock_timeout = None;
    assert_eq!(remade(&db).await, "0003");
}

async fn a_goal_is_reached_by_a_copy(mut db: Database) {
    keeping(&mut db, SCRIPTS);
    db.object("views/many.sql", &db.texts().view.replace("{name}", "many").replace("{query}", "SELECT 1 AS n"));
    rebuilt(&db).await;
    let goal = UpgradeOptions::new().to(number_of(2));
    let report = db.migrator().rebuild_with(&goal).await.expect("rebuilt");
    assert_eq!((made(&report).as_str(), report.to), ("0002", Some(number_of(2))));
    let warnings = report.warnings.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(warnings.len(), 1, "the objects are held: {warnings:?}");
    assert_eq!(db.query("SELECT count(*) FROM t").trim(), "1");
    assert_eq!(db.upgrade().await[0].split(';').next(), Some("0002 -> 0003: Script-0003.sql"));
}

async fn templates_are_cleaned(mut db: Database) {
    keeping(&mut db, SCRIPTS);
    remade(&db).await;
    let cleaned = db.migrator().clean_templates().await.expect("cleaned");
    // and those of tests that have ended
    assert!(cleaned.templates.len() >= 2, "{cleaned:?}");
    assert!(cleaned.bytes > 0 && cleaned.templates.iter().all(|name| name.starts_with("dbmigrate_tpl_")));
    assert_eq!(db.query("SELECT count(*) FROM t").trim(), "2", "the database stays");
    assert_eq!(remade(&db).await, "nothing + Script-0001.sql + Script-0002.sql + Script-0003.sql");
}
