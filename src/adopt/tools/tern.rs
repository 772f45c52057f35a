//! tern: its journal is one row, the number of the last migration.

use super::{Column, Evidence, Journal, Meaning, OldRow, Placeholders, Traits, USUAL, Verdict};

const PARTIAL: &str = "a template that other migrations include: write it into those that do";

pub(super) const TRAITS: Traits = Traits {
    name: "tern",
    title: "tern",
    // migrate/migrate.go
    files: &[(r"^(\d+)_([^/]+)\.sql$", Meaning::Script), (r"/[^/]*\.sql$", Meaning::Left(PARTIAL))],
    evidence: Evidence::Marked("tern.conf"),
    package: "jackc/tern",
    placeholders: Placeholders::DoubleBraces,
    journal: Journal {
        tables: &["schema_version"],
        rank: Column::Text("version"),
        version: Column::Text("version"),
        ..Journal::NONE
    },
    verdict,
    ..USUAL
};

fn verdict(row: &OldRow) -> Verdict {
    if row.version.as_deref() == Some("0") { Verdict::Ignored } else { Verdict::Through }
}
