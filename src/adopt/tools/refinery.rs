//! refinery.

use super::super::checksum;
use super::{Column, Journal, Meaning, OldRow, Traits, USUAL};

pub(super) const TRAITS: Traits = Traits {
    name: "refinery",
    title: "refinery",
    // refinery_core/src/util.rs; U is a script, too, that may run out of order
    files: &[(r"(?:^|/)[UV](\d+)__(\w+)\.sql$", Meaning::Script), (r"(?:^|/)[UV](\d+)__(\w+)\.rs$", Meaning::Code)],
    package: "\nrefinery",
    checksums: |migrations| checksum::each(migrations, checksum::refinery),
    // refinery_core/src/traits/mod.rs
    journal: Journal {
        tables: &["refinery_schema_history"],
        rank: Column::Text("applied_on"),
        version: Column::Text("version"),
        name: Column::Text("name"),
        checksum: Column::Text("checksum"),
        at: Column::Text("applied_on"),
        ..Journal::NONE
    },
    shown: OldRow::version_and_name,
    ..USUAL
};
