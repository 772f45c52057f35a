//! The real program in an empty folder with a clean environment: its exit code, standard output and standard error.
//!
//! The snapshots are inline. The tests on PostgreSQL need `DBMIGRATE_TEST_POSTGRES_URL`, a superuser's URL, and `psql`;
//! those on MySQL or MariaDB `DBMIGRATE_TEST_MYSQL_URL` and `DBMIGRATE_TEST_MYSQL_DEFAULTS_FILE`, and the server's own
//! client; some of those on SQLite need `sqlite3`.
#![cfg(all(feature = "cli", feature = "sqlite", unix))]

#[cfg(feature = "mysql")]
mod mysql_server;
mod project;
#[cfg(feature = "postgres")]
mod server;

mod adoption;
mod commands;
mod dotenv;
#[cfg(feature = "sqlserver")]
mod ef_core;
mod files;
mod folder;
mod git;
mod help;
mod history;
mod init;
mod interrupts;
mod json;
mod json_failures;
mod messages;
mod output;
mod previews;
mod rebuild;
mod settings;
mod since;
mod sqlite;
mod sqlite_features;
mod squash;
mod statements;
mod strict;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod tls;
mod upgrade;
mod urls;
mod usage;
mod variables;
mod walls;
mod words;

#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "mysql")]
mod mysql_json;
#[cfg(feature = "mysql")]
mod mysql_previews;
#[cfg(feature = "mysql")]
mod mysql_rebuild;
#[cfg(feature = "mysql")]
mod mysql_resume;
#[cfg(feature = "mysql")]
mod mysql_scripts;
#[cfg(feature = "mysql")]
mod mysql_sessions;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "postgres")]
mod postgres_rebuild;
#[cfg(feature = "postgres")]
mod postgres_scripts;
#[cfg(all(feature = "mysql", feature = "postgres"))]
mod secrets;
