//! The databases' own clients split texts into the same statements as `sql::split`, and the servers do what the checks say of statements.
//!
//! Needs `sqlite3`, `psql` and `mariadb`, a superuser's URL in `DBMIGRATE_TEST_POSTGRES_URL`, and one in
//! `DBMIGRATE_TEST_MYSQL_URL`. Comments in the texts are written `--#`, `-- #`, `## ` and `/*# #*/`, so that a plain
//! search tells them from the same characters in a string.

#![cfg(all(feature = "mysql", feature = "postgres", feature = "sqlite"))]

mod mysql;
mod postgres;
mod sqlite;
#[allow(dead_code, reason = "each test program uses a part of it")]
#[path = "../support/mod.rs"]
mod support;
#[cfg(all(unix, feature = "cli"))]
mod tls;

use std::path::PathBuf;

use dbmigrate::internals::split;

/// A file of its own in the temporary directory, gone at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("dbmigrate-clients-{}-{name}", std::process::id()));
        std::fs::write(&path, text).expect("the temporary directory can be written");
        Self(path)
    }

    fn read(&self) -> String {
        std::fs::read_to_string(&self.0).expect("a client wrote its log")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The statement without what a client leaves out or adds: blanks, comments, the semicolon.
fn bare(statement: &str) -> String {
    let without = |text: String, open: &str, close: &str| -> String {
        let mut parts = text.split(open);
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| text + part.split_once(close).map_or("", |(_, rest)| rest))
    };
    let lines = ["--#", "-- #", "## "].into_iter();
    let text = lines.fold(statement.to_owned(), |text, open| without(text, open, "\n"));
    let text: String = without(text, "/*#", "#*/").split_whitespace().collect();
    text.trim_matches(';').to_owned()
}

fn ours(dialect: &str, text: &str) -> Vec<String> {
    let statements = split(dialect, text).map(|found| bare(&text[found.expect("splits").range]));
    statements.filter(|statement| !statement.is_empty()).collect()
}
