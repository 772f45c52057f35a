//! The real program in an empty folder with a clean environment: exit code, standard output and standard error, whole.
//!
//! The snapshots are inline. The tests on PostgreSQL need `DBMIGRATE_TEST_POSTGRES_URL`, a superuser's URL, and `psql`;
//! some of those on SQLite need `sqlite3`.
#![cfg(all(feature = "cli", feature = "sqlite", unix))]

mod project;
#[cfg(feature = "postgres")]
mod server;

mod commands;
mod files;
mod folder;
mod help;
mod history;
mod interrupts;
mod json;
mod json_failures;
mod output;
mod previews;
mod rebuild;
mod settings;
mod sqlite;
mod statements;
mod upgrade;
mod urls;
mod usage;

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "postgres")]
mod postgres_rebuild;
#[cfg(feature = "postgres")]
mod postgres_scripts;
#[cfg(feature = "postgres")]
mod secrets;
