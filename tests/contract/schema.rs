//! What a description of a schema must see, and what it must not see.
//!
//! The folder `schema/` has three files for each engine: a schema with everything in it, changes, and what is no change.
//! A change begins with a line `-- what it is => change kind name; change kind name`.

use dbmigrate::schema::{Change, Difference, Schema};

use crate::database::Database;
use crate::engine::Engine;

/// The files of an engine.
struct Files {
    setup: &'static str,
    changes: &'static str,
    unseen: &'static str,
}

macro_rules! files {
    ($folder:literal) => {
        $crate::schema::Files {
            setup: include_str!(concat!("schema/", $folder, "/setup.sql")),
            changes: include_str!(concat!("schema/", $folder, "/changes.sql")),
            unseen: include_str!(concat!("schema/", $folder, "/unseen.sql")),
        }
    };
}

macro_rules! described {
    ($($name:ident: $engine:ty, $folder:literal, at_least $changes:literal);+ $(;)?) => {
        $(mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn every_change_is_seen_and_named() {
                super::every_change_is_seen_and_named::<$engine>(&files!($folder), $changes).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn what_is_no_change_is_not_seen() {
                super::what_is_no_change_is_not_seen::<$engine>(&files!($folder)).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn a_restored_dump_is_equal() {
                super::a_restored_dump_is_equal::<$engine>(&files!($folder)).await;
            }
        })+
    };
}

#[cfg(feature = "sqlite")]
described! { sqlite: crate::engine::sqlite::Sqlite, "sqlite", at_least 40 }
#[cfg(feature = "postgres")]
described! { postgres: crate::engine::postgres::Postgres, "postgres", at_least 80 }
#[cfg(feature = "mysql")]
described! { mysql: crate::engine::mysql::Mysql, "mysql", at_least 60 }

/// A block of a file: its title, and its SQL.
fn blocks(text: &str) -> Vec<(&str, &str)> {
    let heads = text.match_indices("-- ").map(|(at, _)| at).filter(|at| *at == 0 || text.as_bytes()[at - 1] == b'\n');
    let heads = heads.collect::<Vec<_>>();
    let ends = heads.iter().skip(1).copied().chain([text.len()]);
    heads.iter().zip(ends).filter_map(|(&start, end)| text[start + 3..end].split_once('\n')).collect()
}

/// A new database with the schema of the engine's file.
fn built<E: Engine + 'static>(files: &Files) -> Database {
    let database = Database::new::<E>();
    run(&database, files.setup);
    database
}

/// Runs SQL in which `{database}` is the database's name.
fn run(database: &Database, sql: &str) {
    database.query(&sql.replace("{database}", &database.target().database()));
}

async fn described(database: &Database) -> Schema {
    database.migrator().schema().await.expect("the schema can be read")
}

fn line(difference: &Difference) -> String {
    format!("{} {} {}", difference.change.as_str(), difference.kind, difference.name)
}

fn lines(differences: &[Difference]) -> Vec<String> {
    let mut lines = differences.iter().map(line).collect::<Vec<_>>();
    lines.sort();
    lines
}

async fn every_change_is_seen_and_named<E: Engine + 'static>(files: &Files, at_least: usize) {
    let original = built::<E>(files);
    let before = described(&original).await;
    let changes = blocks(files.changes);
    let mut wrong = Vec::new();
    for (title, sql) in &changes {
        let (_, expected) = title.split_once(" => ").expect("the title names the differences");
        let mut expected = expected.split("; ").map(ToOwned::to_owned).collect::<Vec<_>>();
        expected.sort();
        let database = original.copy().unwrap_or_else(|| built::<E>(files));
        run(&database, sql);
        let after = described(&database).await;
        let found = before.difference(&after);
        let counts = found.iter().any(|difference| difference.change != Change::Order);
        if lines(&found) != expected || counts != (before.fingerprint() != after.fingerprint()) {
            wrong.push(format!("{title}\n    found {}", lines(&found).join("; ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(changes.len() >= at_least, "only {} changes", changes.len());
}

async fn what_is_no_change_is_not_seen<E: Engine + 'static>(files: &Files) {
    let original = built::<E>(files);
    let before = described(&original).await;
    let mut wrong = Vec::new();
    for (title, sql) in blocks(files.unseen) {
        let database = original.copy().unwrap_or_else(|| built::<E>(files));
        run(&database, sql);
        let after = described(&database).await;
        let found = before.difference(&after);
        if !found.is_empty() || before.fingerprint() != after.fingerprint() {
            wrong.push(format!("{title}\n    found {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn a_restored_dump_is_equal<E: Engine + 'static>(files: &Files) {
    let database = built::<E>(files);
    let restored = Database::new::<E>();
    restored.query(&database.dump());
    let (before, after) = (described(&database).await, described(&restored).await);
    assert_eq!(before.difference(&after), []);
    assert_eq!(before.fingerprint(), after.fingerprint());
}
