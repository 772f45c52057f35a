//! Evolve.

use super::super::checksum;
use super::{Column, Journal, Meaning, OldRow, Part, Placeholders, Role, Traits, USUAL, Verdict};

pub(super) const TRAITS: Traits = Traits {
    name: "evolve",
    title: "Evolve",
    // src/Evolve/Migration/FileMigrationLoader.cs
    files: &[
        (r"(?i)(?:^|/)V([0-9]+(?:[._][0-9]+)*)__([^/]+)\.sql$", Meaning::Script),
        (r"(?i)(?:^|/)R[^/]*?__([^/]+)\.sql$", Meaning::Repeatable),
    ],
    package: "\"evolve\"",
    parts,
    placeholders: Placeholders::Braces,
    checksums: |migrations| checksum::each(migrations, |migration| checksum::evolve(&migration.bytes)),
    journal: Journal {
        tables: &["changelog"],
        rank: Column::Text("id"),
        version: Column::Text("version"),
        name: Column::Text("name"),
        checksum: Column::Text("checksum"),
        at: Column::Text("installed_on"),
        by: Column::Text("installed_by"),
        success: Column::Text("success"),
        mark: Column::Text("type"),
        ..Journal::NONE
    },
    verdict,
    ..USUAL
};

fn parts(whole: &Part) -> Vec<Part> {
    let is_always = whole.text.lines().next().is_some_and(|line| line.contains("evolve-repeat-always"));
    let role = match whole.role.clone() {
        Role::Object { path, .. } => Role::Object { path, is_always },
        role => role,
    };
    vec![Part { role, ..whole.clone() }]
}

/// The types are those of `MetadataType.cs`.
fn verdict(row: &OldRow) -> Verdict {
    match row.mark.as_deref() {
        Some("1" | "2") => Verdict::Ignored,
        Some("3") => Verdict::Start,
        _ if !row.succeeded() => Verdict::Failed("failed"),
        Some("4") => Verdict::Repeatable,
        _ => Verdict::Applied,
    }
}
