//! dbmate.

use super::{Column, Evidence, Journal, Meaning, Traits, USUAL};

pub(super) const TRAITS: Traits = Traits {
    name: "dbmate",
    title: "dbmate",
    // pkg/dbmate/migration.go
    files: &[(r"^([0-9]+)_?([^/]*)\.sql$", Meaning::Script)],
    evidence: Evidence::Marked(""),
    package: "dbmate",
    journal: Journal {
        tables: &["schema_migrations"],
        rank: Column::Text("version"),
        version: Column::Text("version"),
        ..Journal::NONE
    },
    ..USUAL
};
