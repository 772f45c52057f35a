//! A database for each test: built once, dropped at the end, and swept up when the test was killed.

use std::process::{Command, Stdio};

use dbmigrate::testing::TestDatabase;
use dbmigrate::{Error, Migrator, Options, Scripts, Templates};

use crate::database::Database;

contract! {
    each_test_has_a_database_of_its_own,
    tests_that_begin_at_once_all_get_a_database,
    a_test_needs_no_executor,
    scripts_that_fail_leave_nothing,
    a_test_that_was_killed_leaves_nothing_for_long,
}

contract_with_templates! {
    the_scripts_run_once_for_all_tests,
}

/// Scripts that no other test has.
fn scripts(db: &Database) -> Scripts {
    let first = format!("CREATE TABLE t (id integer PRIMARY KEY);\n-- {}\n", db.url);
    let second = b"INSERT INTO t VALUES (1);\n".to_vec();
    Scripts::from_files([("Script-0001.sql", first.into_bytes()), ("Script-0002.sql", second)])
}

fn options(db: &Database) -> Options {
    let mut options = Options::default();
    options.templates = Some(Templates::new().in_folder(db.path("../cache")));
    options
}

async fn test_database(db: &Database) -> TestDatabase {
    let created = TestDatabase::with_options(&scripts(db), &db.url, &options(db)).await;
    created.unwrap_or_else(|error| panic!("{:?}", crate::outcome::error(&error)))
}

/// The databases of tests that begin at the same time.
async fn at_once(db: &Database) -> Vec<TestDatabase> {
    let begin = |_| {
        let (scripts, url, options) = (scripts(db), db.url.clone(), options(db));
        tokio::spawn(async move { TestDatabase::with_options(&scripts, &url, &options).await })
    };
    let mut all = Vec::new();
    for test in (0..8).map(begin).collect::<Vec<_>>() {
        let created = test.await.expect("no panic");
        all.push(created.unwrap_or_else(|error| panic!("{:?}", crate::outcome::error(&error))));
    }
    all
}

/// Where a database of a test is: at what number, or nowhere.
async fn at(database: &TestDatabase, scripts: &Scripts) -> Option<u32> {
    let url = database.url().parse().expect("a URL");
    let status = Migrator::new(url, scripts.clone()).status().await.ok()?;
    assert_eq!((status.pending, status.problems.len()), (0, 0));
    status.at.map(dbmigrate::Number::get)
}

async fn each_test_has_a_database_of_its_own(db: Database) {
    let scripts = scripts(&db);
    let (one, other) = (test_database(&db).await, test_database(&db).await);
    assert_ne!(one.url(), other.url());
    assert!(one.url().contains("dbmigrate_test_"), "{one:?}");
    let third = Scripts::from_files([
        ("Script-0001.sql", scripts.scripts()[0].read().expect("read").as_str().as_bytes().to_vec()),
        ("Script-0002.sql", b"INSERT INTO t VALUES (1);\n".to_vec()),
        ("Script-0003.sql", b"INSERT INTO t VALUES (2);\n".to_vec()),
    ]);
    Migrator::new(one.target().clone(), third.clone()).upgrade().await.expect("upgraded");
    assert_eq!((at(&one, &third).await, at(&other, &scripts).await), (Some(3), Some(2)));
    let target = one.target().clone();
    drop(one);
    let gone = Migrator::new(target, scripts.clone()).status().await;
    assert!(matches!(gone, Err(Error::NoFile { .. } | Error::Connect { .. })), "{gone:?}");
    assert_eq!(at(&other, &scripts).await, Some(2));
}

async fn tests_that_begin_at_once_all_get_a_database(db: Database) {
    let scripts = scripts(&db);
    let all = at_once(&db).await;
    let mut urls = all.iter().map(|database| database.url().to_owned()).collect::<Vec<_>>();
    urls.sort_unstable();
    urls.dedup();
    assert_eq!(urls.len(), 8);
    for database in &all {
        assert_eq!(at(database, &scripts).await, Some(2));
    }
}

async fn the_scripts_run_once_for_all_tests(db: Database) {
    let mut times = Vec::new();
    // a test of `clean` may drop the template in between
    for _ in 0..3 {
        let all = at_once(&db).await;
        times.clear();
        for database in &all {
            let migrator = Migrator::new(database.target().clone(), scripts(&db));
            times.push(migrator.status().await.expect("status").scripts[0].applied_at.clone());
        }
        times.dedup();
        if times.len() == 1 {
            return;
        }
    }
    panic!("all are copies of what one run has built: {times:?}");
}

async fn a_test_needs_no_executor(db: Database) {
    let (scripts, url) = (scripts(&db), db.url.clone());
    let done = std::thread::spawn(move || {
        let blocking = TestDatabase::blocking(&scripts, &url).expect("created");
        let polled = pollster::block_on(TestDatabase::new(&scripts, &url)).expect("created");
        assert_ne!(blocking.url(), polled.url());
    });
    done.join().expect("no panic");
}

async fn scripts_that_fail_leave_nothing(db: Database) {
    for text in ["INSERT INTO nope VALUES (1);", "COMMIT;"] {
        let scripts = Scripts::from_files([("Script-0001.sql", text.as_bytes())]);
        let error = TestDatabase::with_options(&scripts, &db.url, &options(&db)).await.expect_err("it fails");
        assert!(matches!(error, Error::Script { .. } | Error::Refused { .. }), "{error:?}");
    }
    assert_eq!(db.left_beside(), Vec::<String>::new());
}

/// The variable with the URL of the server, in the process that is killed.
const SERVER: &str = "DBMIGRATE_TEST_KILLED";

async fn a_test_that_was_killed_leaves_nothing_for_long(db: Database) {
    let this = std::env::current_exe().expect("a program");
    let mut killed = Command::new(this);
    killed.args(["--exact", "testing::a_test_that_waits_to_be_killed", "--ignored", "--nocapture"]);
    let mut killed = killed.env(SERVER, &db.url).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut said = std::io::BufReader::new(killed.stdout.take().expect("a pipe"));
    let mut url = String::new();
    while !url.contains("database: ") {
        url.clear();
        assert!(std::io::BufRead::read_line(&mut said, &mut url).expect("it says something") > 0, "it has ended");
    }
    let url = url.trim().split_once("database: ").expect("a URL").1.to_owned();
    let status = || async {
        let migrator = Migrator::new(url.parse().expect("a URL"), scripts(&db));
        migrator.status().await
    };
    assert!(status().await.is_ok(), "the test is running");
    let during = test_database(&db).await;
    assert!(status().await.is_ok(), "another test does not drop it");
    killed.kill().expect("killed");
    killed.wait().expect("it has ended");
    assert!(status().await.is_ok(), "no one has dropped it");
    // the server may need a moment to notice
    for _ in 0..50 {
        drop(test_database(&db).await);
        if status().await.is_err() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(status().await.is_err(), "the next test drops it");
    assert_eq!(at(&during, &scripts(&db)).await, Some(2));
}

#[test]
#[ignore = "it waits until it is killed"]
fn a_test_that_waits_to_be_killed() {
    let Ok(server) = std::env::var(SERVER) else { return };
    let first = b"CREATE TABLE t (id integer PRIMARY KEY);\n".to_vec();
    let scripts = Scripts::from_files([("Script-0001.sql", first)]);
    let mut options = Options::default();
    options.templates = Some(Templates::new().max(0));
    let database = TestDatabase::blocking_with_options(&scripts, &server, &options).expect("created");
    println!("database: {}", database.url());
    loop {
        std::thread::sleep(std::time::Duration::from_mins(1));
    }
}
