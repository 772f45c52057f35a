//! golang-migrate: its journal is one row, the last version.

use super::{Column, Journal, Meaning, OldRow, Traits, USUAL, Verdict};

pub(super) const TRAITS: Traits = Traits {
    name: "golang-migrate",
    title: "golang-migrate",
    // source/parse.go
    files: &[(r"^([0-9]+)_([^/]*)\.up\.[^/]*$", Meaning::Script), (r"^[0-9]+_[^/]*\.down\.[^/]*$", Meaning::Unneeded)],
    package: "golang-migrate",
    journal: Journal {
        tables: &["schema_migrations"],
        rank: Column::Text("version"),
        version: Column::Text("version"),
        mark: Column::Text("dirty"),
        ..Journal::NONE
    },
    verdict: |row: &OldRow| if row.is_marked() { Verdict::Failed("is dirty") } else { Verdict::Through },
    ..USUAL
};
