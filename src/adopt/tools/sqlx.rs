//! sqlx.

use super::super::checksum;
use super::{Column, Evidence, Journal, Meaning, OldRow, Traits, USUAL, Verdict};

pub(super) const TRAITS: Traits = Traits {
    name: "sqlx",
    title: "sqlx",
    // sqlx-core/src/migrate/source.rs
    files: &[
        (r"^([0-9]+)_([^/]*)\.up\.sql$", Meaning::Script),
        (r"^[0-9]+_[^/]*\.down\.sql$", Meaning::Unneeded),
        (r"^([0-9]+)_([^/]*)\.sql$", Meaning::Script),
    ],
    evidence: Evidence::Names,
    package: "\nsqlx",
    // sqlx-core/src/migrate/migration.rs
    checksums: |migrations| checksum::each(migrations, |migration| vec![checksum::sha384(&migration.bytes)]),
    journal: Journal {
        tables: &["_sqlx_migrations"],
        rank: Column::Text("installed_on"),
        version: Column::Text("version"),
        name: Column::Text("description"),
        checksum: Column::Hex("checksum"),
        at: Column::Text("installed_on"),
        success: Column::Text("success"),
        ..Journal::NONE
    },
    verdict: |row| if row.succeeded() { Verdict::Applied } else { Verdict::Failed("failed") },
    shown: OldRow::version_and_name,
    ..USUAL
};
