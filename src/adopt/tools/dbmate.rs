//! dbmate.

use super::{Column, Evidence, Journal, Meaning, Traits, USUAL};

pub(super) const TRAITS: Traits = Traits {
    name: "dbmate",
    title: "dbmate",
    // pkg/dbmate/migration.go
    files: &[(r"^([0-9]+)_?([^/]*)\.sql$", Meaning::Script)],
    evidence: Evidence::Marked(""),
    arrange: |migrations| migrations.sort_by(|one, other| one.file.below.cmp(&other.file.below)),
    package: "dbmate",
    journal: Journal {
        tables: &["schema_migrations"],
        rank: Column::Text("version"),
        version: Column::Text("version"),
        ..Journal::NONE
    },
    ..USUAL
};
