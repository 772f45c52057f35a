//! node-pg-migrate.

use super::super::MappedScript;
use super::{Column, Evidence, Journal, Meaning, Migration, OldRow, Traits, USUAL};
use crate::adopt::moment::digits;

pub(super) const TRAITS: Traits = Traits {
    name: "node-pg-migrate",
    title: "node-pg-migrate",
    // src/migration.ts
    files: &[
        (r"^[0-9][^/]*\.down\.sql$", Meaning::Unneeded),
        (r"^([0-9]+[_-]?([^/]*?))(?:\.up)?\.sql$", Meaning::Script),
        (r"^([0-9]+[_-]?([^/]*))\.[cm]?[jt]s$", Meaning::Code),
    ],
    evidence: Evidence::Marked(""),
    package: "node-pg-migrate",
    arrange: |migrations| migrations.sort_by_key(prefix),
    journal: Journal {
        tables: &["pgmigrations"],
        rank: Column::Text("id"),
        version: Column::Text("name"),
        at: Column::Text("run_on"),
        ..Journal::NONE
    },
    is_about,
    ..USUAL
};

/// A prefix of 17 digits is a time, and counts as its milliseconds since 1970: `src/utils/fileNameUtils.ts`.
fn prefix(migration: &Migration) -> (u128, String) {
    let version = &migration.part.version;
    let number = &version[..version.find(|c: char| !c.is_ascii_digit()).unwrap_or(version.len())];
    let millis = Some(number).filter(|number| number.len() == 17).and_then(digits);
    (millis.or_else(|| number.parse().ok()).unwrap_or(0), version.clone())
}

fn is_about(row: &OldRow, script: &MappedScript) -> bool {
    row.version.as_deref().is_some_and(|name| name.strip_suffix(".up").unwrap_or(name) == script.old_version)
}
