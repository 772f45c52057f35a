//! Unedited dumps of the databases' own tools are baselines: they build the same database, or are refused at their line.
//!
//! The databases that are dumped are in `databases/`. Needs the servers that `support` names, and the clients and the dump
//! programs of all databases.
#![cfg(all(feature = "cli", feature = "mysql", feature = "postgres", feature = "sqlite", feature = "sqlserver", unix))]

mod folder;
mod mysql;
mod postgres;
mod sqlite;
mod sqlserver;
#[allow(dead_code, reason = "each test program uses a part of it")]
#[path = "../support/mod.rs"]
mod support;

/// Fails with the lines that differ.
fn assert_same(built: &str, origin: &str) {
    let difference = similar::TextDiff::from_lines(origin, built).unified_diff().header("origin", "built").to_string();
    assert!(difference.is_empty(), "{difference}");
}

/// Everything up to the end of `mark` after the first `start`.
fn cut<'a>(dump: &'a str, start: &str, mark: &str) -> &'a str {
    let at = dump.find(start).unwrap_or_else(|| panic!("the dump has {start}"));
    let mark_at = dump[at..].find(mark).unwrap_or_else(|| panic!("the dump has {mark} after {start}"));
    &dump[..at + mark_at + mark.len()]
}

/// The number of the line that starts like this.
fn line_of(text: &str, start: &str) -> usize {
    1 + text.lines().position(|line| line.starts_with(start)).unwrap_or_else(|| panic!("a line starts with {start}"))
}

/// The text in UTF-16 with a byte order mark.
fn utf16(text: &str) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}
