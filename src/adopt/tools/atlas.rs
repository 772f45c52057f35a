//! Atlas.

use super::super::checksum;
use super::{Column, Evidence, Journal, Meaning, OldRow, Part, Traits, USUAL, Verdict};

const CHECKPOINT: &str = "a checkpoint: a new database runs all scripts, or starts from a Baseline.sql (squash)";

pub(super) const TRAITS: Traits = Traits {
    name: "atlas",
    title: "Atlas",
    // sql/migrate/dir.go
    files: &[(r"^([^/_]+)_?([^/]*)\.sql$", Meaning::Script), (r"^atlas\.sum$", Meaning::Unneeded)],
    evidence: Evidence::Has("atlas.sum"),
    package: "atlas",
    parts,
    arrange: |migrations| migrations.sort_by(|one, other| one.file.below.cmp(&other.file.below)),
    checksums: checksum::atlas,
    // cmd/atlas/internal/migrate/ent/migrate/schema.go
    journal: Journal {
        tables: &["atlas_schema_revisions"],
        rank: Column::Text("executed_at"),
        version: Column::Text("version"),
        checksum: Column::Text("hash"),
        at: Column::Text("executed_at"),
        success: Column::Text("type"),
        mark: Column::Text("applied"),
        more: Column::Text("total"),
        ..Journal::NONE
    },
    verdict,
    ..USUAL
};

fn parts(whole: &Part) -> Vec<Part> {
    let mut head = whole.text.lines().take_while(|line| line.starts_with("--") || line.starts_with('#'));
    let is_checkpoint = head.any(|line| line.contains("atlas:checkpoint"));
    let delimiter = whole.text.lines().next().and_then(|line| line.strip_prefix("-- atlas:delimiter "));
    let note = delimiter.map(|delimiter| format!("its statements end with {delimiter}: end them with a semicolon"));
    let left = is_checkpoint.then_some(CHECKPOINT);
    vec![Part { left, notes: note.into_iter().collect(), ..whole.clone() }]
}

fn verdict(row: &OldRow) -> Verdict {
    let is_baseline = row.success.as_deref() == Some("1");
    match &row.version {
        // the row of a cloud has no migration
        Some(version) if version.starts_with('.') => Verdict::Ignored,
        _ if row.mark != row.more => Verdict::Failed("stopped in the middle"),
        _ if is_baseline => Verdict::Baseline,
        _ => Verdict::Applied,
    }
}
