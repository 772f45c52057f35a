//! What has come of a fleet, for people and for programs.

use std::collections::BTreeMap;

use comfy_table::CellAlignment;
use dbmigrate::fleet::{DriftGroup, Ended, FailureGroup, FleetSummary, Outcome, SchemaGroup, WarningGroup};
use dbmigrate::schema::Difference;
use serde_json::{Value, json};

use super::hints;
use super::json::{compared, failed, millis};
use super::table::{self, columns, trimmed};

/// Returns the line for a database.
pub(super) fn ended(ended: &Ended) -> String {
    let number = |number: Option<dbmigrate::Number>| number.map(dbmigrate::Number::get);
    let mut line = json!({
        "database": ended.name,
        "outcome": ended.outcome.as_str(),
        "from": number(ended.from),
        "at": number(ended.at),
        "pending": ended.pending,
        "applied": ended.applied,
        "duration_ms": millis(ended.duration),
    });
    if let Some(comparison) = &ended.comparison {
        line["differences"] = compared(comparison)["differences"].take();
    }
    if !ended.warnings.is_empty() {
        line["warnings"] = ended.warnings.iter().map(hints::warning).collect();
    }
    if let Some(error) = &ended.error {
        line["error"] = failed(error);
    }
    format!("{line}\n")
}

/// Returns the last line.
pub(super) fn summary(command: &str, summary: &FleetSummary) -> String {
    let outcomes =
        summary.outcomes.iter().map(|(outcome, count)| (outcome.as_str(), count)).collect::<BTreeMap<_, _>>();
    let at = summary.at.iter().map(|(number, count)| (number.get().to_string(), count)).collect::<BTreeMap<_, _>>();
    let schema = |group: &SchemaGroup| {
        json!({
            "at": group.at.map(dbmigrate::Number::get),
            "fingerprint": group.fingerprint.to_string(),
            "databases": group.databases.len(),
        })
    };
    let mut line: Value = json!({ "databases": summary.databases, "outcomes": outcomes, "at": at });
    if !summary.schemas.is_empty() {
        line["fingerprints"] = summary.schemas.iter().map(schema).collect();
    }
    format!("{}\n", json!({ "command": command, "summary": line }))
}

/// Returns how many databases are at which number with which schema.
pub(super) fn standing(summary: &FleetSummary, colored: bool) -> String {
    let mut table = columns(["number", "databases", "schema"], colored);
    table.add_rows(summary.schemas.iter().map(|group| {
        let number = group.at.map_or_else(|| "none".to_owned(), |number| number.to_string());
        [number, group.databases.len().to_string(), schema(group)]
    }));
    if let Some(count) = table.column_mut(1) {
        count.set_cell_alignment(CellAlignment::Right);
    }
    let table = if summary.schemas.is_empty() { String::new() } else { trimmed(&table.to_string()) + "\n" };
    table + &counted("fleet status", summary) + "\n"
}

/// How many objects that differ, and how many databases, are named in a row.
const SHOWN: usize = 3;

/// Returns the fingerprint of a schema, and how it is unlike that of most databases.
fn schema(group: &SchemaGroup) -> String {
    let fingerprint = &group.fingerprint.to_string()[..8];
    if group.differences.is_empty() {
        return fingerprint.to_owned();
    }
    let objects = group.differences.iter().map(|Difference { kind, name, .. }| format!("{kind} {name}"));
    format!("{fingerprint} differs in {}: {}", few(objects), few(group.databases.iter().cloned()))
}

/// Returns the first of some names, and how many more there are.
fn few(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(SHOWN);
    let shown = names.take(SHOWN).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// Returns the line that counts the outcomes: `300 databases: 285 upgraded, 10 current, 5 failed`.
pub(super) fn counted(command: &str, summary: &FleetSummary) -> String {
    let word = |outcome: Outcome| match outcome {
        Outcome::Upgraded if command == "fleet baseline" => "recorded".to_owned(),
        Outcome::Current if command == "fleet verify" => "as expected".to_owned(),
        Outcome::Drift => "different".to_owned(),
        outcome => outcome.as_str().replace('-', " "),
    };
    let outcomes = summary.outcomes.iter().map(|(outcome, count)| format!("{count} {}", word(*outcome)));
    let outcomes = outcomes.collect::<Vec<_>>().join(", ");
    let databases = databases(summary.databases);
    if outcomes.is_empty() { databases } else { format!("{databases}: {outcomes}") }
}

/// Counts databases.
pub(super) fn databases(count: usize) -> String {
    if count == 1 { "1 database".into() } else { format!("{count} databases") }
}

/// How many names of databases with one error are shown.
const NAMED: usize = 10;

/// Returns which databases have an error.
pub(super) fn affected(group: &FailureGroup, all: bool) -> String {
    format!("{}: {}", group.outcome.as_str(), named(&group.databases, all))
}

/// Returns how schemas are not what they should be, and which.
pub(super) fn differing(group: &DriftGroup, all: bool) -> String {
    let DriftGroup { comparison, databases, .. } = group;
    let summary = comparison.summary("what it should be");
    format!("{summary}\n{}different: {}\n", table::differences(comparison), named(databases, all))
}

/// Returns a warning, and which databases have it.
pub(super) fn warned(group: &WarningGroup, all: bool) -> String {
    let warning = hints::warning(&group.warning).replace("dbmigrate verify", "dbmigrate fleet verify");
    format!("{warning}\n{}", named(&group.databases, all))
}

/// Returns the first names of databases, or all.
fn named(names: &[String], all: bool) -> String {
    let shown = if all { names.len() } else { NAMED };
    let more = names.len().saturating_sub(shown);
    let names = names.iter().take(shown).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if more > 0 { format!(" and {more} more; -v names all") } else { String::new() };
    format!("{names}{more}")
}
