//! What has come of a fleet, for people and for programs.

use std::collections::BTreeMap;

use comfy_table::CellAlignment;
use dbmigrate::fleet::{Ended, FailureGroup, FleetSummary, Outcome};
use serde_json::{Value, json};

use super::json::{failed, millis};
use super::table::{columns, trimmed};

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
    let summary: Value = json!({ "databases": summary.databases, "outcomes": outcomes, "at": at });
    format!("{}\n", json!({ "command": command, "summary": summary }))
}

/// Returns how many databases are at which number.
pub(super) fn standing(summary: &FleetSummary, colored: bool) -> String {
    let mut table = columns(["number", "databases"], colored);
    let known = summary.at.values().sum::<usize>();
    let unreached = summary.count(Outcome::Unreachable) + summary.count(Outcome::Failed);
    let none = summary.databases.saturating_sub(known + unreached);
    let rows = summary.at.iter().rev().map(|(number, count)| [number.to_string(), count.to_string()]);
    table.add_rows(rows.chain((none > 0).then(|| ["none".to_owned(), none.to_string()])));
    if let Some(count) = table.column_mut(1) {
        count.set_cell_alignment(CellAlignment::Right);
    }
    let table = if known + none > 0 { trimmed(&table.to_string()) + "\n" } else { String::new() };
    table + &counted("fleet status", summary) + "\n"
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
    let names = &group.databases;
    let shown = if all { names.len() } else { NAMED };
    let more = names.len().saturating_sub(shown);
    let names = names.iter().take(shown).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if more > 0 { format!(" and {more} more; -v names all") } else { String::new() };
    format!("{}: {names}{more}", group.outcome.as_str())
}
