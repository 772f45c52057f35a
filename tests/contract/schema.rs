//! What a description of a schema must see, and what it must not see.
//!
//! The folder `schema/` has three files for each engine, and more for single products and versions: a schema with
//! everything in it, changes, and what is no change.
//! A change begins with a line `-- what it is => change kind name; change kind name`.

use dbmigrate::schema::{Change, Difference, Schema};

use crate::database::Database;
use crate::engine::Engine;

/// The texts of an engine, for one of its servers.
struct Texts {
    setup: String,
    changes: String,
    unseen: String,
}

/// The files for every server of an engine, and those that only some take: a text in the answer to a query, or the lowest
/// version.
type Files = &'static [(Server, [&'static str; 3])];

enum Server {
    Any,
    #[cfg(feature = "mysql")]
    Product(&'static str),
    #[cfg(feature = "postgres")]
    From(u32),
}

macro_rules! file {
    ($path:literal) => {
        include_str!(concat!("schema/", $path, ".sql"))
    };
}

#[cfg(feature = "sqlite")]
const SQLITE: Files = &[(Server::Any, [file!("sqlite/setup"), file!("sqlite/changes"), file!("sqlite/unseen")])];

#[cfg(feature = "postgres")]
const POSTGRES: Files = &[
    (Server::Any, [file!("postgres/setup"), file!("postgres/changes"), file!("postgres/unseen")]),
    (Server::From(15), [file!("postgres/setup-15"), file!("postgres/changes-15"), file!("postgres/unseen-15")]),
    (Server::From(16), [file!("postgres/setup-16"), file!("postgres/changes-16"), ""]),
    (Server::From(17), [file!("postgres/setup-17"), file!("postgres/changes-17"), file!("postgres/unseen-17")]),
    (Server::From(18), [file!("postgres/setup-18"), file!("postgres/changes-18"), file!("postgres/unseen-18")]),
];

#[cfg(feature = "mysql")]
const MYSQL: Files = &[
    (Server::Any, [file!("mysql/setup"), file!("mysql/changes"), file!("mysql/unseen")]),
    (
        Server::Product("MariaDB"),
        [file!("mysql/setup-mariadb"), file!("mysql/changes-mariadb"), file!("mysql/unseen-mariadb")],
    ),
    (Server::Product("MySQL"), [file!("mysql/setup-mysql"), file!("mysql/changes-mysql"), file!("mysql/unseen-mysql")]),
];

#[cfg(feature = "sqlserver")]
const SQLSERVER: Files =
    &[(Server::Any, [file!("sqlserver/setup"), file!("sqlserver/changes"), file!("sqlserver/unseen")])];

macro_rules! described {
    ($(#[$attribute:meta])? $name:ident: $engine:ty, $files:ident, at_least $changes:literal, $twin:ident) => {
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            $(#[$attribute])?
            async fn every_change_is_seen_and_named() {
                super::every_change_is_seen_and_named::<$engine>(super::$files, $changes).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            $(#[$attribute])?
            async fn what_is_no_change_is_not_seen() {
                super::what_is_no_change_is_not_seen::<$engine>(super::$files).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            $(#[$attribute])?
            async fn $twin() {
                super::$twin::<$engine>(super::$files).await;
            }
        }
    };
}

#[cfg(feature = "sqlite")]
described! { sqlite: crate::engine::sqlite::Sqlite, SQLITE, at_least 40, a_restored_dump_is_equal }
#[cfg(feature = "postgres")]
described! { postgres: crate::engine::postgres::Postgres, POSTGRES, at_least 80, a_restored_dump_is_equal }
#[cfg(feature = "mysql")]
described! { mysql: crate::engine::mysql::Mysql, MYSQL, at_least 60, a_restored_dump_is_equal }
#[cfg(feature = "sqlserver")]
described! {
    #[ignore = "needs a server: DBMIGRATE_TEST_MSSQL_URL"]
    sqlserver: crate::engine::sqlserver::SqlServer, SQLSERVER, at_least 40, a_database_built_again_is_equal
}

/// The texts that a database's server takes.
async fn texts(database: &Database, files: Files) -> Texts {
    let product = database.migrator().status().await.expect("the database can be reached").product;
    let version = product.split([' ', '.']).find_map(|part| part.parse::<u32>().ok());
    let takes = |server: &Server| match server {
        Server::Any => true,
        #[cfg(feature = "mysql")]
        Server::Product(name) => product.starts_with(name),
        #[cfg(feature = "postgres")]
        Server::From(lowest) => version.is_some_and(|version| version >= *lowest),
    };
    let text = |part: usize| files.iter().filter(|(server, _)| takes(server)).map(|(_, texts)| texts[part]).collect();
    let _ = version;
    Texts { setup: text(0), changes: text(1), unseen: text(2) }
}

/// A block of a file: its title, and its SQL.
fn blocks(text: &str) -> Vec<(&str, &str)> {
    let heads = text.match_indices("-- ").map(|(at, _)| at).filter(|at| *at == 0 || text.as_bytes()[at - 1] == b'\n');
    let heads = heads.collect::<Vec<_>>();
    let ends = heads.iter().skip(1).copied().chain([text.len()]);
    heads.iter().zip(ends).filter_map(|(&start, end)| text[start + 3..end].split_once('\n')).collect()
}

/// A new database with the schema of the engine's file.
fn built<E: Engine + 'static>(setup: &str) -> Database {
    let database = Database::new::<E>();
    run(&database, setup);
    database
}

/// Runs SQL in which `{database}` is the database's name.
fn run(database: &Database, sql: &str) {
    database.query(&sql.replace("{database}", &database.target().database()));
}

async fn described(database: &Database) -> Schema {
    let schema = database.migrator().schema().await.expect("the schema can be read");
    assert!(schema.objects().iter().all(|object| !object.kind.is_empty()), "every object is of a kind");
    schema
}

fn line(difference: &Difference) -> String {
    format!("{} {} {}", difference.change.as_str(), difference.kind, difference.name)
}

fn lines(differences: &[Difference]) -> Vec<String> {
    let mut lines = differences.iter().map(line).collect::<Vec<_>>();
    lines.sort();
    lines
}

async fn every_change_is_seen_and_named<E: Engine + 'static>(files: Files, at_least: usize) {
    let original = Database::new::<E>();
    let Texts { setup, changes, .. } = texts(&original, files).await;
    run(&original, &setup);
    let before = described(&original).await;
    let changes = blocks(&changes);
    let mut wrong = Vec::new();
    for (title, sql) in &changes {
        let (_, expected) = title.split_once(" => ").expect("the title names the differences");
        let mut expected = expected.split("; ").map(ToOwned::to_owned).collect::<Vec<_>>();
        expected.sort();
        let database = original.copy().unwrap_or_else(|| built::<E>(&setup));
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

async fn what_is_no_change_is_not_seen<E: Engine + 'static>(files: Files) {
    let original = Database::new::<E>();
    let Texts { setup, unseen, .. } = texts(&original, files).await;
    run(&original, &setup);
    let before = described(&original).await;
    let mut wrong = Vec::new();
    for (title, sql) in blocks(&unseen) {
        let database = original.copy().unwrap_or_else(|| built::<E>(&setup));
        run(&database, sql);
        let after = described(&database).await;
        let found = before.difference(&after);
        if !found.is_empty() || before.fingerprint() != after.fingerprint() {
            wrong.push(format!("{title}\n    found {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[cfg(feature = "sqlserver")]
async fn a_database_built_again_is_equal<E: Engine + 'static>(files: Files) {
    let (database, again) = (Database::new::<E>(), Database::new::<E>());
    let Texts { setup, .. } = texts(&database, files).await;
    for one in [&database, &again] {
        run(one, &setup);
    }
    let (before, after) = (described(&database).await, described(&again).await);
    assert_eq!(before.difference(&after), []);
    assert_eq!(before.fingerprint(), after.fingerprint());
    assert!(before.objects().len() > 50, "{before:?}");
}

async fn a_restored_dump_is_equal<E: Engine + 'static>(files: Files) {
    let database = Database::new::<E>();
    run(&database, &texts(&database, files).await.setup);
    let restored = Database::new::<E>();
    restored.query(&database.dump());
    let (before, after) = (described(&database).await, described(&restored).await);
    assert_eq!(before.difference(&after), []);
    assert_eq!(before.fingerprint(), after.fingerprint());
}
