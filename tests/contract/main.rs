//! The contract: one list of scenarios that every engine keeps.
//!
//! Each scenario is written once and becomes one test for each engine: `upgrade::sqlite::a_new_database_gets_everything`
//! and `upgrade::postgres::...`. What only one engine has is in the files with its name. The databases are real
//! and are looked at through their own clients: `sqlite3`; `psql` and `pg_dump` on the server that
//! `DBMIGRATE_TEST_POSTGRES_URL` names; `mariadb` and `mariadb-dump` on the server that `DBMIGRATE_TEST_MYSQL_URL` names,
//! which may be MySQL. Both URLs must name a user with all privileges. A server that is missing fails the tests.

mod database;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod dry_run;
mod engine;
mod outcome;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlserver"))]
mod proxy;
#[allow(dead_code, reason = "each test program uses a part of it")]
#[path = "../support/mod.rs"]
mod support;

/// One test for each scenario and each engine.
macro_rules! contract {
    ($($scenario:ident),+ $(,)?) => {
        #[cfg(feature = "sqlite")]
        mod sqlite {
            $crate::tests! { crate::engine::sqlite::Sqlite: $($scenario),+ }
        }
        contract_on_servers! { $($scenario),+ }
    };
}

/// One test for each scenario and each engine that is a server.
macro_rules! contract_on_servers {
    ($($scenario:ident),+ $(,)?) => {
        #[cfg(feature = "postgres")]
        mod postgres {
            $crate::tests! { crate::engine::postgres::Postgres: $($scenario),+ }
        }
        #[cfg(feature = "mysql")]
        mod mysql {
            $crate::tests! { crate::engine::mysql::Mysql: $($scenario),+ }
        }
        #[cfg(feature = "sqlserver")]
        mod sqlserver {
            $crate::tests! { #[ignore = "needs a server: DBMIGRATE_TEST_MSSQL_URL"] crate::engine::sqlserver::SqlServer: $($scenario),+ }
        }
    };
}

/// One test for each scenario and each engine that can take back everything: what is created, a rebuild. What the others
/// keep instead is in the files with their names.
macro_rules! contract_with_rollback {
    ($($scenario:ident),+ $(,)?) => {
        #[cfg(feature = "sqlite")]
        mod sqlite_rolls_back {
            $crate::tests! { crate::engine::sqlite::Sqlite: $($scenario),+ }
        }
        #[cfg(feature = "postgres")]
        mod postgres_rolls_back {
            $crate::tests! { crate::engine::postgres::Postgres: $($scenario),+ }
        }
        #[cfg(feature = "sqlserver")]
        mod sqlserver_rolls_back {
            $crate::tests! { #[ignore = "needs a server: DBMIGRATE_TEST_MSSQL_URL"] crate::engine::sqlserver::SqlServer: $($scenario),+ }
        }
    };
}

/// One test for each scenario and each engine that can copy a database.
macro_rules! contract_with_templates {
    ($($scenario:ident),+ $(,)?) => {
        #[cfg(feature = "sqlite")]
        mod sqlite_copies {
            $crate::tests! { crate::engine::sqlite::Sqlite: $($scenario),+ }
        }
        #[cfg(feature = "postgres")]
        mod postgres_copies {
            $crate::tests! { crate::engine::postgres::Postgres: $($scenario),+ }
        }
    };
}

/// One test for each scenario on one engine.
macro_rules! tests {
    ($(#[$attribute:meta])? $engine:ty: $($scenario:ident),+ $(,)?) => {
        $crate::tests! { @each ($(#[$attribute])?) $engine: $($scenario),+ }
    };
    (@each $attributes:tt $engine:ty: $($scenario:ident),+) => {
        $($crate::tests! { @one $attributes $engine: $scenario })+
    };
    (@one ($(#[$attribute:meta])?) $engine:ty: $scenario:ident) => {
            $(#[$attribute])?
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $scenario() {
                super::$scenario(crate::database::Database::new::<$engine>()).await;
            }
    };
}
pub(crate) use tests;

mod adopt;
mod alone;
mod baseline;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlserver"))]
mod commit;
mod crash;
mod drift;
mod fleet;
mod history;
mod import;
mod journal;
mod journal_changes;
#[cfg(feature = "sqlite")]
mod lent;
mod objects;
#[cfg(feature = "mysql")]
mod only_mysql;
#[cfg(feature = "postgres")]
mod only_postgres;
#[cfg(feature = "sqlite")]
mod only_sqlite;
#[cfg(feature = "sqlserver")]
mod only_sqlserver;
mod peers;
mod place;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod pool;
mod portions;
mod preflight;
mod random_schemas;
mod rebuild;
mod rehearse;
mod repair;
mod schema;
mod session;
mod start;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod templates;
mod testing;
mod together;
mod upgrade;
mod variables;
