//! Flyway.

use super::super::checksum;
use super::{Column, Journal, Meaning, OldRow, Placeholders, Traits, USUAL, Verdict};

const CALLBACK: &str = "a callback: what it does for each run has no counterpart; make it a script, or an object file";
const BASELINE: &str = "a baseline migration: a new database runs all scripts, or starts from a Baseline.sql (squash)";

pub(super) const TRAITS: Traits = Traits {
    name: "flyway",
    title: "Flyway",
    // https://documentation.red-gate.com/fd/migrations-271585107.html
    files: &[
        (r"(?:^|/)V([0-9]+(?:[._][0-9]+)*)(?:__([^/]*))?\.sql$", Meaning::Script),
        (r"(?:^|/)U[0-9][0-9._]*(?:__[^/]*)?\.sql$", Meaning::Unneeded),
        (r"(?:^|/)R__([^/]*)\.sql$", Meaning::Repeatable),
        (r"(?:^|/)B[0-9][0-9._]*(?:__[^/]*)?\.sql$", Meaning::Left(BASELINE)),
        (r"(?:^|/)(?:before|after|createSchema)[A-Za-z]*(?:__[^/]*)?\.sql$", Meaning::Left(CALLBACK)),
        (r"\.sql\.conf$", Meaning::Unneeded),
        (r"(?:^|/)V([0-9]+(?:[._][0-9]+)*)__([^/]*)\.(?:java|kt|groovy|py|ps1|sh|cmd|bat)$", Meaning::Code),
        (r"(?:^|/)[UR][0-9._]*__[^/]*\.(?:java|kt|groovy|py|ps1|sh|cmd|bat)$", Meaning::Code),
    ],
    package: "flyway",
    placeholders: Placeholders::Braces,
    checksums: |migrations| checksum::each(migrations, |migration| vec![checksum::flyway(&migration.bytes)]),
    journal: Journal {
        tables: &["flyway_schema_history", "schema_version"],
        rank: Column::Text("installed_rank"),
        version: Column::Text("version"),
        name: Column::Text("script"),
        checksum: Column::Text("checksum"),
        at: Column::Text("installed_on"),
        by: Column::Text("installed_by"),
        success: Column::Text("success"),
        mark: Column::Text("type"),
        more: Column::None,
    },
    verdict,
    ..USUAL
};

fn verdict(row: &OldRow) -> Verdict {
    match row.mark.as_deref().unwrap_or_default() {
        _ if !row.succeeded() => Verdict::Failed("failed"),
        "SCHEMA" => Verdict::Ignored,
        kind if kind == "DELETE" || kind.starts_with("UNDO") => Verdict::Undone,
        "BASELINE" | "SQL_BASELINE" => Verdict::Baseline,
        _ if row.version.is_none() => Verdict::Repeatable,
        _ => Verdict::Applied,
    }
}
