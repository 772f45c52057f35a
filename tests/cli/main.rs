//! The real program in an empty folder with a clean environment: its exit code, standard output and standard error.
//!
//! The snapshots are inline. What the program does alike on several engines is in `servers/`, what it does on one alone in
//! `only_postgres/` and `only_mysql/`; the other tests run on SQLite. They need the servers that `support` names, `psql`
//! and `pg_dump`, the client and the dump program of MySQL or MariaDB, and `sqlite3`.
#![cfg(all(feature = "cli", feature = "sqlite", unix))]

#[cfg_attr(not(all(feature = "mysql", feature = "postgres")), allow(dead_code, reason = "only servers need all of it"))]
mod engine;
mod project;
#[allow(dead_code, reason = "each test program uses a part of it")]
#[path = "../support/mod.rs"]
mod support;

mod adopt;
mod adoption;
mod commands;
mod dotenv;
#[cfg(feature = "sqlserver")]
mod ef_core;
mod files;
mod fleet;
mod folder;
mod git;
mod help;
mod help_of_commands;
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
mod verify;
mod wait;
mod walls;
mod words;

#[cfg(feature = "mysql")]
mod only_mysql;
#[cfg(feature = "postgres")]
mod only_postgres;
#[cfg(all(feature = "mysql", feature = "postgres"))]
mod secrets;
#[cfg_attr(not(any(feature = "mysql", feature = "postgres")), allow(dead_code, reason = "most need a server"))]
mod servers;
