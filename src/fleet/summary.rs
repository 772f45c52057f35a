//! What has come of a whole fleet.

use std::collections::BTreeMap;

use super::{Ended, Outcome};
use crate::error::Error;
use crate::plan::Warning;
use crate::schema::{Comparison, Difference, Fingerprint, Schema};
use crate::script::Number;

/// What has come of a whole fleet.
#[derive(Debug)]
#[non_exhaustive]
pub struct FleetSummary {
    /// How many databases there are.
    pub databases: usize,
    /// How many there are of each outcome.
    pub outcomes: BTreeMap<Outcome, usize>,
    /// How many databases are at each number; those without any script, or of which it is not known, are left out.
    pub at: BTreeMap<Number, usize>,
    /// What went wrong: equal errors once, with the databases that have them.
    pub failures: Vec<FailureGroup>,
    /// How schemas are not what they should be: equal differences once, with the databases that have them.
    pub drifts: Vec<DriftGroup>,
    /// What the user should know: equal warnings once, with the databases that have them.
    pub warnings: Vec<WarningGroup>,
    /// Which databases have the same schema, by number and then by their count, the most first: for a status only.
    pub schemas: Vec<SchemaGroup>,
}

/// Databases that are at the same number and have the same schema.
#[derive(Debug)]
#[non_exhaustive]
pub struct SchemaGroup {
    /// The highest number that is applied.
    pub at: Option<Number>,
    /// The fingerprint of the schema.
    pub fingerprint: Fingerprint,
    /// Their names, in the order in which they ended.
    pub databases: Vec<String>,
    /// How the schema differs from that of most databases at this number: empty for these, and where it is not known.
    pub differences: Vec<Difference>,
    schema: Option<Schema>,
}

/// Of so many different schemas it is known how they differ: each takes memory.
const KEPT: usize = 50;

/// Databases with the same drift.
#[derive(Debug)]
#[non_exhaustive]
pub struct DriftGroup {
    /// What was compared, and how it differs, on the first.
    pub comparison: Comparison,
    /// Their names, in the order in which they ended.
    pub databases: Vec<String>,
}

/// Databases with the same warning.
#[derive(Debug)]
#[non_exhaustive]
pub struct WarningGroup {
    /// The warning.
    pub warning: Warning,
    /// Their names, in the order in which they ended.
    pub databases: Vec<String>,
    key: String,
}

/// Databases with the same error.
#[derive(Debug)]
#[non_exhaustive]
pub struct FailureGroup {
    /// What has come of them.
    pub outcome: Outcome,
    /// The error of the first.
    pub error: Error,
    /// Their names, in the order in which they ended.
    pub databases: Vec<String>,
    key: String,
}

impl FleetSummary {
    pub(super) fn new(databases: usize) -> Self {
        let (outcomes, at) = (BTreeMap::new(), BTreeMap::new());
        let (failures, drifts, warnings, schemas) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { databases, outcomes, at, failures, drifts, warnings, schemas }
    }

    pub(super) fn take(&mut self, ended: Ended) {
        *self.outcomes.entry(ended.outcome).or_default() += 1;
        if let Some(at) = ended.at {
            *self.at.entry(at).or_default() += 1;
        }
        if let Some(schema) = ended.schema {
            self.sort_in(&ended.name, ended.at, schema);
        }
        if let Some(comparison) = ended.comparison {
            let alike = |group: &&mut DriftGroup| group.comparison.differences == comparison.differences;
            match self.drifts.iter_mut().find(alike) {
                Some(group) => group.databases.push(ended.name.clone()),
                None => self.drifts.push(DriftGroup { comparison, databases: vec![ended.name.clone()] }),
            }
        }
        for warning in ended.warnings {
            let key = match &warning {
                Warning::Drift { summary } => what_differs(summary).to_owned(),
                warning => warning.to_string(),
            };
            match self.warnings.iter_mut().find(|group| group.key == key) {
                Some(group) => group.databases.push(ended.name.clone()),
                None => self.warnings.push(WarningGroup { warning, databases: vec![ended.name.clone()], key }),
            }
        }
        let Some(error) = ended.error else { return };
        let key = key(&error);
        match self.failures.iter_mut().find(|group| group.outcome == ended.outcome && group.key == key) {
            Some(group) => group.databases.push(ended.name),
            None => {
                self.failures.push(FailureGroup { outcome: ended.outcome, error, databases: vec![ended.name], key });
            }
        }
    }

    fn sort_in(&mut self, name: &str, at: Option<Number>, schema: Schema) {
        let fingerprint = schema.fingerprint();
        let alike = |group: &&mut SchemaGroup| group.at == at && group.fingerprint == fingerprint;
        if let Some(group) = self.schemas.iter_mut().find(alike) {
            return group.databases.push(name.to_owned());
        }
        let schema = Some(schema).filter(|_| self.schemas.len() < KEPT);
        let databases = vec![name.to_owned()];
        self.schemas.push(SchemaGroup { at, fingerprint, databases, differences: Vec::new(), schema });
    }

    /// Compares the schemas, once all databases have ended.
    pub(super) fn compare(&mut self) {
        self.schemas.sort_by_key(|group| (std::cmp::Reverse(group.at), std::cmp::Reverse(group.databases.len())));
        let mut most: Option<(Option<Number>, Option<Schema>)> = None;
        for group in &mut self.schemas {
            match &most {
                Some((at, schema)) if *at == group.at => {
                    let both = schema.as_ref().zip(group.schema.as_ref());
                    group.differences = both.map(|(most, other)| most.difference(other)).unwrap_or_default();
                }
                _ => most = Some((group.at, group.schema.take())),
            }
        }
    }

    pub(super) fn not_begun(&mut self, count: usize) {
        if count > 0 {
            *self.outcomes.entry(Outcome::NotBegun).or_default() += count;
        }
    }

    /// How many databases have this outcome.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> usize {
        self.outcomes.get(&outcome).copied().unwrap_or_default()
    }

    /// How many databases have failed, are refused or cannot be reached.
    #[must_use]
    pub fn failures(&self) -> usize {
        self.outcomes.iter().filter(|(outcome, _)| outcome.is_failure()).map(|(_, count)| count).sum()
    }

    /// Whether any database is not where it should be because of an error.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.outcomes.keys().any(|outcome| outcome.is_bad())
    }
}

/// Returns what equal errors have in common: nothing of one database alone.
fn key(error: &Error) -> String {
    let place = error.location().map(ToString::to_string).unwrap_or_default();
    let what = match error {
        Error::Connect { error, .. } => error.message.clone(),
        Error::NoFile { .. } | Error::Locked { .. } => String::new(),
        Error::Refused { problems } => {
            let problem = |problem: &crate::plan::Problem| {
                let place = problem.location().map(ToString::to_string);
                let path = problem.path().map(|path| path.display().to_string());
                format!("{} {}", problem.code(), place.or(path).unwrap_or_default())
            };
            problems.iter().map(problem).collect::<Vec<_>>().join(", ")
        }
        Error::Drift { summary } => what_differs(summary).to_owned(),
        error => error.to_string(),
    };
    format!("{} {place} {what}", error.code())
}

/// Returns the objects that a summary of drift names, without the run that left them otherwise: each database has its own.
fn what_differs(summary: &str) -> &str {
    summary.split_once(": ").map_or(summary, |(_, objects)| objects)
}
