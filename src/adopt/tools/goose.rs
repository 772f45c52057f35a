//! goose: the last row of a version counts.

use super::{Column, Evidence, Journal, Meaning, OldRow, Placeholders, Traits, USUAL, Verdict};

pub(super) const TRAITS: Traits = Traits {
    name: "goose",
    title: "goose",
    // migrate.go
    files: &[
        (r"^([0-9]+)_([^/]*)\.sql$", Meaning::Script),
        (r"^([0-9]+)_([^/]*(?:[^t]|[^s]t|[^e]st|[^t]est|[^_]test))\.go$", Meaning::Code),
    ],
    evidence: Evidence::Marked(""),
    package: "pressly/goose",
    // https://pressly.github.io/goose/documentation/environment-variables/
    placeholders: Placeholders::Between("-- +goose ENVSUB ON", "-- +goose ENVSUB OFF"),
    journal: Journal {
        tables: &["goose_db_version"],
        rank: Column::Text("id"),
        version: Column::Text("version_id"),
        at: Column::Text("tstamp"),
        mark: Column::Text("is_applied"),
        ..Journal::NONE
    },
    verdict,
    ..USUAL
};

fn verdict(row: &OldRow) -> Verdict {
    match row.version.as_deref() {
        // the row of the journal's birth
        Some("0") => Verdict::Ignored,
        _ if row.is_marked() => Verdict::Applied,
        _ => Verdict::Undone,
    }
}
