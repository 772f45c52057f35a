//! Diesel.

use super::super::MappedScript;
use super::{Column, Journal, Meaning, OldRow, Traits, USUAL};

pub(super) const TRAITS: Traits = Traits {
    name: "diesel",
    title: "Diesel",
    // diesel_migrations/migrations_internals/src/lib.rs
    files: &[
        (r"^([^/_]+)_?([^/]*)/up\.sql$", Meaning::Script),
        (r"^[^/]+/(?:down\.sql|metadata\.toml)$", Meaning::Unneeded),
    ],
    package: "\ndiesel",
    // byte by byte
    arrange: |migrations| migrations.sort_by_key(|one| plain(&one.part.version)),
    // diesel/src/migration/setup_migration_table.sql
    journal: Journal {
        tables: &["__diesel_schema_migrations"],
        rank: Column::Text("run_on"),
        version: Column::Text("version"),
        at: Column::Text("run_on"),
        ..Journal::NONE
    },
    is_about: |row: &OldRow, script: &MappedScript| row.version.as_ref() == Some(&plain(&script.old_version)),
    ..USUAL
};

/// Returns a version as the journal has it.
fn plain(version: &str) -> String {
    version.replace('-', "")
}
