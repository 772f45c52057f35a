//! Prisma Migrate.

use super::super::checksum;
use super::{Column, Journal, Meaning, OldRow, Traits, USUAL, Verdict};

pub(super) const TRAITS: Traits = Traits {
    name: "prisma",
    title: "Prisma",
    // https://www.prisma.io/docs/orm/prisma-migrate
    files: &[
        (r"^((?:[0-9]+_)?([^/]*))/migration\.sql$", Meaning::Script),
        (r"^migration_lock\.toml$", Meaning::Unneeded),
    ],
    arrange: |migrations| migrations.sort_by(|one, other| one.part.version.cmp(&other.part.version)),
    package: "\"prisma\"",
    // schema-connector/src/checksum.rs: also with the other line ends
    checksums: |migrations| checksum::each(migrations, |migration| checksum::whatever_ends(&migration.bytes)),
    journal: Journal {
        tables: &["_prisma_migrations"],
        rank: Column::Text("started_at"),
        version: Column::Text("migration_name"),
        checksum: Column::Text("checksum"),
        at: Column::Text("finished_at"),
        mark: Column::Text("rolled_back_at"),
        ..Journal::NONE
    },
    verdict,
    ..USUAL
};

fn verdict(row: &OldRow) -> Verdict {
    match (&row.mark, &row.at) {
        (Some(_), _) => Verdict::Ignored,
        (None, None) => Verdict::Failed("did not finish"),
        (None, Some(_)) => Verdict::Applied,
    }
}
