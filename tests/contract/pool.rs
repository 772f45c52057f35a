//! The pool of an application as the target of a run.

use dbmigrate::error::TargetError;
use dbmigrate::{AtStart, Error, Start, Target, UpgradeOptions};

use crate::database::Database;

#[cfg(feature = "postgres")]
mod postgres {
    crate::tests! { crate::engine::postgres::Postgres:
        everything_works_with_the_options_of_a_pool,
        a_database_is_created_with_the_options_of_a_pool,
    }
}

#[cfg(feature = "mysql")]
mod mysql {
    crate::tests! { crate::engine::mysql::Mysql:
        everything_works_with_the_options_of_a_pool,
        a_database_is_created_with_the_options_of_a_pool,
        a_pool_without_a_database_is_an_error,
    }
}

/// The target of a pool that is not connected yet.
fn target(url: &str) -> Result<Target, TargetError> {
    match url.split_once(':').expect("it has a scheme").0 {
        #[cfg(feature = "postgres")]
        "postgres" => Target::try_from(&sqlx::PgPool::connect_lazy(url).expect("a URL")),
        #[cfg(feature = "mysql")]
        "mysql" => Target::try_from(&sqlx::MySqlPool::connect_lazy(url).expect("a URL")),
        scheme => panic!("{scheme}"),
    }
}

const T: &str = "CREATE TABLE t (id integer PRIMARY KEY);";
const MORE: &str = "INSERT INTO t VALUES (1);";

async fn everything_works_with_the_options_of_a_pool(db: Database) {
    let target = target(&db.url).expect("it names a database");
    assert!(target.is_same_database(&db.target()) && !target.to_string().contains("***"), "{target}");
    db.scripts([T]);
    let migrator = || db.migrator_of(target.clone());
    let start = migrator().at_start(AtStart::Upgrade).await.expect("it works");
    assert!(matches!(&start, Start::Upgraded(report) if report.applied.len() == 1), "{start:?}");
    db.script(2, MORE);
    let [one, other] = [migrator(), db.migrator()];
    let (one, other) = tokio::join!(one.upgrade(), other.upgrade());
    assert_eq!(one.expect("it waits").applied.len() + other.expect("it waits").applied.len(), 1, "the lock is one");
    let pending = migrator().status().await.expect("it works").pending;
    assert_eq!((pending, db.query("SELECT count(*) FROM t").as_str()), (0, "1"));
    let rebuilt = migrator().rebuild().await.expect("it works");
    assert_eq!((rebuilt.applied.len(), db.query("SELECT count(*) FROM t").as_str()), (2, "1"));
}

async fn a_database_is_created_with_the_options_of_a_pool(db: Database) {
    db.drop_database();
    db.scripts([T]);
    let migrator = db.migrator_of(target(&db.url).expect("it names a database"));
    let missing = migrator.upgrade().await.expect_err("there is none");
    assert!(matches!(&missing, Error::Connect { .. }), "{missing:?}");
    let report = migrator.upgrade_with(&UpgradeOptions::new().create_database(true)).await.expect("it is created");
    assert_eq!(report.applied.len(), 1);
    migrator.rebuild().await.expect("it works");
}

#[cfg(feature = "mysql")]
async fn a_pool_without_a_database_is_an_error(db: Database) {
    let (server, _) = db.url.rsplit_once('/').expect("it has a path");
    assert_eq!(target(server).expect_err("it names none").to_string(), "the mysql URL names no database");
}
