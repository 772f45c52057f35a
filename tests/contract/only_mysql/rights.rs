//! Users with few rights, databases with odd names, and what a new database is like.

use std::time::Duration;

use dbmigrate::{Reference, UpgradeOptions};

use crate::database::{Database, until};
use crate::engine::mysql::{admin, name, product, user};

mod mysql {
    crate::tests! { crate::engine::mysql::Mysql:
        rights_on_the_database_itself_are_enough,
        the_holder_of_the_lock_is_named_as_far_as_rights_allow,
        a_user_who_may_not_create_the_journal_learns_why,
        a_user_who_may_not_create_databases_learns_why,
        a_database_with_an_odd_name_is_created_and_rebuilt,
        a_new_database_takes_every_character,
        a_new_database_is_what_the_options_say,
        what_a_user_may_not_see_is_said_and_is_no_difference,
    }
}

const SCRIPTS: [&str; 3] = [
    "CREATE TABLE t (id integer PRIMARY KEY); CREATE VIEW v AS SELECT * FROM t; SET time_zone = '+01:00';",
    "INSERT INTO t VALUES (1);",
    "LOCK TABLES t WRITE; INSERT INTO t VALUES (2); UNLOCK TABLES; CREATE TABLE u AS SELECT * FROM t;",
];

async fn what_a_user_may_not_see_is_said_and_is_no_difference(mut db: Database) {
    db.upgraded([
        SCRIPTS[0],
        "CREATE TRIGGER before_row BEFORE INSERT ON t FOR EACH ROW SET NEW.id = NEW.id + 1;",
        "CREATE PROCEDURE p() SELECT 1;",
    ])
    .await;
    let all = db.migrator().verify(&Reference::LastRun).await.expect("it is recorded").comparison;
    assert!(all.is_equal() && all.not_compared.is_empty(), "{all:?}");
    user(&mut db, "SELECT");
    let some = db.migrator().verify(&Reference::LastRun).await.expect("it is recorded").comparison;
    assert!(some.is_equal(), "{:?}", some.differences);
    let kinds = some.not_compared.iter().map(|missing| missing.kind.as_str()).collect::<Vec<_>>();
    assert!(["trigger", "view", "procedure"].iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
    assert!(some.not_compared.iter().all(|missing| missing.why.contains("needs")), "{:?}", some.not_compared);
}

async fn rights_on_the_database_itself_are_enough(mut db: Database) {
    user(&mut db, "ALL");
    db.upgraded(SCRIPTS).await;
    assert_eq!(db.status().await[3..], ["3 applied, 0 pending", "nothing to do"]);
    db.query("INSERT INTO t VALUES (7)");
    let rebuilt = "nothing -> 0003: Script-0001.sql, Script-0002.sql, Script-0003.sql; not atomic (the old database is dropped first)";
    assert_eq!(db.rebuild().await, [rebuilt]);
    assert_eq!(db.query("SELECT id FROM u ORDER BY id"), "1\n2");
}

async fn the_holder_of_the_lock_is_named_as_far_as_rights_allow(mut db: Database) {
    db.upgraded(SCRIPTS).await;
    db.script(4, "SELECT SLEEP(2);");
    let another = db.migrator();
    let another = tokio::spawn(async move { another.upgrade().await });
    until("another run is under way", || db.events().iter().any(|event| event == "started Script-0004.sql")).await;
    user(&mut db, "ALL");
    db.options.lock_timeout = Some(Duration::from_millis(100));
    let answer = [
        "error: another run holds the lock (waited 100ms): connection <n>",
        "note: nothing was applied",
        "hint: wait for that run to end, or wait longer with `Options::lock_timeout`",
    ];
    assert_eq!(db.upgrade().await, answer);
    another.await.expect("no panic").expect("it works");
}

async fn a_user_who_may_not_create_the_journal_learns_why(mut db: Database) {
    let user = user(&mut db, "SELECT, INSERT");
    db.scripts(["SELECT 1;"]);
    let before = db.dump();
    let host = admin("SELECT SUBSTRING_INDEX(USER(), '@', -1)");
    let answer = db.upgrade().await;
    let denied =
        format!("error: creating the journal failed: CREATE command denied to user '{user}'@'{host}' for table ");
    assert!(answer[0].starts_with(&denied), "{answer:?}");
    let rest = [
        &format!("note: {} 1142 (42000)", product()),
        "note: rolled back: 0001 was not applied, the database is unchanged, no script is applied",
        "hint: grant the user what it lacks, or connect as the owner",
    ];
    assert_eq!(answer[1..], rest);
    assert_eq!(db.dump(), before);
}

async fn a_user_who_may_not_create_databases_learns_why(mut db: Database) {
    db.upgraded(SCRIPTS).await;
    user(&mut db, "SELECT, INSERT, UPDATE, DELETE, DROP");
    // the old database goes only when the new one can come
    let before = db.dump();
    let answer = db.rebuild().await;
    assert!(answer[0].starts_with("error: creating the new database failed: Access denied for user "), "{answer:?}");
    assert_eq!(db.dump(), before);
}

/// The same scripts for a database with another name.
fn renamed(db: &mut Database, name: &str) {
    let mut url = db.url.parse::<url::Url>().expect("a URL");
    url.set_path(&percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string());
    db.url = url.into();
    assert_eq!(db.target().database(), name);
}

async fn a_database_with_an_odd_name_is_created_and_rebuilt(mut db: Database) {
    db.scripts(SCRIPTS);
    let odd = format!("{} `Ü` \"x\"'y' % b_c$", name(&db));
    renamed(&mut db, &odd);
    let answer = db.migrator().upgrade_with(&UpgradeOptions::new().create_database(true)).await;
    assert_eq!(
        db.outcome(&answer)[0].split(';').next(),
        Some("nothing -> 0003: Script-0001.sql, Script-0002.sql, Script-0003.sql")
    );
    assert_eq!(db.upgrade().await, ["0003 -> 0003: ; nothing to do"]);
    assert_eq!(db.status().await[3], "3 applied, 0 pending");
    assert!(db.rebuild().await[0].starts_with("nothing -> 0003: "));
    let quoted = odd.replace('`', "``");
    assert_eq!(admin(&format!("SELECT id FROM `{quoted}`.u ORDER BY id")), "1\n2");
}

/// The character set and the collation of the scenario's database.
fn characters(db: &Database) -> String {
    let name = db.target().database();
    admin(&format!(
        "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata \
         WHERE schema_name = '{name}'"
    ))
}

async fn a_new_database_takes_every_character(mut db: Database) {
    db.scripts(["CREATE TABLE t (what varchar(50));", "INSERT INTO t VALUES ('é🦀');"]);
    let new = format!("{}_new", name(&db));
    renamed(&mut db, &new);
    db.migrator().upgrade_with(&UpgradeOptions::new().create_database(true)).await.expect("it works");
    let created = characters(&db);
    assert!(created.starts_with("utf8mb4|utf8mb4_"), "{created}");
    assert_eq!(admin(&format!("SELECT what FROM {new}.t")), "é🦀");
    admin(&format!("ALTER DATABASE {new} CHARACTER SET latin1"));
    db.rebuild().await;
    assert_eq!(characters(&db), created);
}

async fn a_new_database_is_what_the_options_say(mut db: Database) {
    db.scripts(["CREATE TABLE t (what varchar(50));"]);
    let new = format!("{}_new", name(&db));
    renamed(&mut db, &new);
    db.options.charset = Some("latin1".into());
    db.migrator().upgrade_with(&UpgradeOptions::new().create_database(true)).await.expect("it works");
    assert_eq!(characters(&db), "latin1|latin1_swedish_ci");
    db.options.collation = Some("latin1_german2_ci".into());
    db.rebuild().await;
    assert_eq!(characters(&db), "latin1|latin1_german2_ci");
    (db.options.charset, db.options.collation) = (None, Some("utf8mb4_bin".into()));
    db.rebuild().await;
    assert_eq!(characters(&db), "utf8mb4|utf8mb4_bin");
}
