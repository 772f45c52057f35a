//! What an application does at its start, and waiting for an upgrade.

use std::time::Duration;

use dbmigrate::{AtStart, Error, Event, Migrator, Number, Scripts, Start, UpgradeOptions, WaitOptions};

use crate::database::{Database, number_of};

contract! {
    a_check_changes_nothing,
    many_processes_that_start_at_once_upgrade_once,
    a_database_can_be_created_at_the_start,
    an_older_build_leaves_a_newer_database_alone,
    an_older_build_leaves_what_a_newer_one_does_meanwhile_alone,
    a_refused_history_is_an_answer,
    a_failing_script_is_an_error,
    a_wait_ends_with_the_upgrade,
    a_wait_for_a_number_is_for_no_more,
    a_database_that_does_not_exist_yet_is_waited_for,
    a_missing_object_is_pending,
}

const T: &str = "CREATE TABLE t (id integer PRIMARY KEY);";
const MORE: &str = "INSERT INTO t VALUES (1);";

fn view(db: &Database, query: &str) -> String {
    db.texts().view.replace("{name}", "v").replace("{query}", query)
}

/// What a start or a wait has found, in a few words.
fn said(start: &Start) -> String {
    let numbers = |numbers: &[Number]| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    match start {
        Start::UpToDate { at } => format!("up to date at {}", numbers(at.as_slice())),
        Start::Upgraded(report) => format!("upgraded {}", report.applied.len()),
        Start::Ahead { at, highest } => format!("at {at}, ahead of {highest}"),
        Start::Pending { scripts, objects, .. } => format!("pending {} {}", numbers(scripts), objects.join(" ")),
        Start::Refused { problems } => format!("refused: {}", problems.len()),
        start => format!("{start:?}"),
    }
}

async fn started(db: &Database, at_start: AtStart) -> String {
    let start = db.migrator().at_start(at_start).await;
    said(&start.unwrap_or_else(|error| panic!("{error:?}")))
}

async fn waited(db: &Database, options: WaitOptions) -> String {
    let start = db.migrator().wait(&options).await;
    said(&start.unwrap_or_else(|error| panic!("{error:?}")))
}

/// Options of a wait that looks once.
fn once() -> WaitOptions {
    WaitOptions::new().timeout(Duration::ZERO)
}

async fn a_check_changes_nothing(db: Database) {
    db.scripts([T, MORE]);
    db.object("v.sql", &view(&db, "SELECT 1 AS n"));
    let before = db.dump();
    assert_eq!(started(&db, AtStart::Check).await, "pending 0001 0002 v.sql");
    assert_eq!(db.dump(), before);
    assert_eq!(started(&db, AtStart::Upgrade).await, "upgraded 2");
    assert_eq!(started(&db, AtStart::Upgrade).await, "up to date at 0002");
    assert_eq!(started(&db, AtStart::Check).await, "up to date at 0002");
}

async fn many_processes_that_start_at_once_upgrade_once(db: Database) {
    db.scripts([T, MORE]);
    let starts = (0..30).map(|_| {
        let migrator = db.migrator();
        tokio::spawn(async move { migrator.at_start(AtStart::Upgrade).await })
    });
    let mut answers = Vec::new();
    for start in starts.collect::<Vec<_>>() {
        let answer = start.await.expect("it does not panic");
        answers.push(said(&answer.unwrap_or_else(|error| panic!("{error:?}"))));
    }
    answers.sort();
    assert_eq!(answers.iter().filter(|answer| *answer == "upgraded 2").count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| *answer == "up to date at 0002").count(), 29, "{answers:?}");
    assert_eq!(db.query("SELECT count(*) FROM t"), "1");
}

async fn a_database_can_be_created_at_the_start(db: Database) {
    db.scripts([T]);
    db.drop_database();
    let create = UpgradeOptions::new().create_database(true);
    assert!(db.migrator().at_start_with(AtStart::Check, &create).await.is_err());
    assert!(db.migrator().at_start(AtStart::Upgrade).await.is_err());
    assert!(!db.exists());
    let start = db.migrator().at_start_with(AtStart::Upgrade, &create).await;
    assert_eq!(said(&start.expect("it can be created")), "upgraded 1");
}

async fn an_older_build_leaves_a_newer_database_alone(db: Database) {
    db.scripts([T, MORE]);
    db.object("v.sql", &view(&db, "SELECT 2 AS n"));
    started(&db, AtStart::Upgrade).await;
    db.remove("Script-0002.sql");
    db.object("v.sql", &view(&db, "SELECT 1 AS n"));
    for at_start in [AtStart::Check, AtStart::Upgrade] {
        assert_eq!(started(&db, at_start).await, "at 0002, ahead of 0001");
    }
    assert_eq!(waited(&db, once()).await, "at 0002, ahead of 0001");
    assert_eq!(db.query("SELECT n FROM v"), "2");
}

async fn an_older_build_leaves_what_a_newer_one_does_meanwhile_alone(db: Database) {
    db.scripts([T]);
    let older = [("Script-0001.sql", T.to_owned()), ("objects/v.sql", view(&db, "SELECT 1 AS n"))];
    let older = Scripts::from_files(older.map(|(name, text)| (name, text.into_bytes())));
    let older = Migrator::new(db.target(), older);
    db.script(2, MORE);
    db.object("v.sql", &view(&db, "SELECT 2 AS n"));
    let (tell, has_begun) = std::sync::mpsc::channel();
    let newer = db.migrator().on_event(move |event: &Event<'_>| {
        if matches!(event, Event::Started { script } if script.number().get() == 1) {
            let _ = tell.send(());
            std::thread::sleep(Duration::from_millis(700));
        }
    });
    let newer = tokio::spawn(async move { newer.upgrade().await });
    let has_begun = tokio::task::spawn_blocking(move || has_begun.recv()).await.expect("no panic");
    has_begun.expect("the newer build has the lock");
    let start = older.at_start(AtStart::Upgrade).await.unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(newer.await.expect("no panic").expect("it works").applied.len(), 2);
    assert_eq!(said(&start), "at 0002, ahead of 0001");
    assert_eq!(db.query("SELECT n FROM v"), "2");
}

async fn a_refused_history_is_an_answer(db: Database) {
    db.upgraded([T]).await;
    db.script(1, MORE);
    for at_start in [AtStart::Check, AtStart::Upgrade] {
        assert_eq!(started(&db, at_start).await, "refused: 1");
    }
    assert_eq!(waited(&db, WaitOptions::new()).await, "refused: 1", "at once");
}

async fn a_failing_script_is_an_error(db: Database) {
    db.scripts([T, "INSERT INTO nope VALUES (1);"]);
    let error = db.migrator().at_start(AtStart::Upgrade).await.expect_err("there is no such table");
    assert!(matches!(error, Error::Script { .. }), "{error:?}");
}

async fn a_wait_ends_with_the_upgrade(db: Database) {
    db.scripts([T, MORE]);
    db.object("v.sql", &view(&db, "SELECT 1 AS n"));
    assert_eq!(waited(&db, once()).await, "pending 0001 0002 v.sql");
    let (waiting, upgrading) = (db.migrator(), db.migrator());
    let wait = tokio::spawn(async move { waiting.wait(&WaitOptions::new()).await });
    crate::database::until("it waits", || {
        db.events().iter().any(|event| event == "waiting for 2 scripts and 1 objects")
    })
    .await;
    upgrading.upgrade().await.expect("it can be upgraded");
    assert_eq!(said(&wait.await.expect("no panic").expect("it waits")), "up to date at 0002");
}

async fn a_wait_for_a_number_is_for_no_more(db: Database) {
    db.scripts([T, MORE, "INSERT INTO t VALUES (2);"]);
    let to = |number| once().to(number_of(number));
    assert_eq!(waited(&db, to(2)).await, "pending 0001 0002 ");
    db.upgrade_to(2).await;
    assert_eq!(waited(&db, to(2)).await, "up to date at 0002");
    assert_eq!(waited(&db, to(1)).await, "up to date at 0002", "a higher number is as good");
    assert_eq!(waited(&db, to(3)).await, "pending 0003 ");
    assert_eq!(waited(&db, to(4)).await, "refused: 1", "it can never be reached");
}

async fn a_database_that_does_not_exist_yet_is_waited_for(db: Database) {
    db.scripts([T]);
    db.drop_database();
    assert!(db.migrator().wait(&once()).await.is_err(), "it never answered");
    assert!(!db.exists());
    let (waiting, upgrading) = (db.migrator(), db.migrator());
    let wait = tokio::spawn(async move { waiting.wait(&WaitOptions::new()).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    upgrading.upgrade_with(&UpgradeOptions::new().create_database(true)).await.expect("it can be created");
    assert_eq!(said(&wait.await.expect("no panic").expect("it waits")), "up to date at 0001");
}

async fn a_missing_object_is_pending(db: Database) {
    db.scripts([T]);
    db.object("v.sql", &view(&db, "SELECT 1 AS n"));
    started(&db, AtStart::Upgrade).await;
    db.query("DROP VIEW v");
    assert_eq!(started(&db, AtStart::Check).await, "pending  v.sql");
    assert_eq!(waited(&db, once()).await, "pending  v.sql");
    assert_eq!(started(&db, AtStart::Upgrade).await, "upgraded 0");
    assert_eq!(db.query("SELECT n FROM v"), "1");
}

#[cfg(any(feature = "mysql", feature = "postgres"))]
mod servers {
    use dbmigrate::AtStart;

    use super::{MORE, T, started};
    use crate::database::Database;
    use crate::proxy::{Cut, Proxy};

    /// With nothing to do, it asks for no more than the journal.
    async fn one_query(mut db: Database) {
        db.upgraded([T, MORE]).await;
        let proxy = Proxy::between(&mut db, Cut::OnDemand).await;
        for at_start in [AtStart::Check, AtStart::Upgrade] {
            let before = proxy.queries().len();
            assert_eq!(started(&db, at_start).await, "up to date at 0002");
            let queries = proxy.queries()[before..].to_vec();
            let of_rows = queries.iter().filter(|query| query.contains("checksum")).count();
            let is_greeting = |query: &&String| query.contains("server_version") || query.contains("VERSION()");
            assert_eq!((of_rows, queries.iter().filter(is_greeting).count()), (1, 1), "{queries:#?}");
            // the others are about the session: what it has, and what it is set to
            assert!(queries.len() <= 5, "{queries:#?}");
        }
    }

    #[cfg(feature = "postgres")]
    mod postgres {
        crate::tests! { crate::engine::postgres::Postgres: one_query }
    }
    #[cfg(feature = "mysql")]
    mod mysql {
        crate::tests! { crate::engine::mysql::Mysql: one_query }
    }
}
