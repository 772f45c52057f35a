//! Imports what another tool has recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use crate::engine::{Cells, Connection};
use crate::error::{Error, ServerError};
use crate::journal::{Journal, JournalTable};
use crate::migrator::Migrator;
use crate::plan::{History, Plan, Problem, Unimportable, UpgradeOptions, Warning};
use crate::script::{Number, Script, Scripts};

/// The tool whose journal can be imported.
pub(crate) const TOOL: &str = "DbUp";

/// The journal of another tool.
///
/// ```
/// use dbmigrate::ForeignJournal;
///
/// let journal = ForeignJournal::dbup();
/// assert_eq!(journal.table, None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForeignJournal {
    /// Its table; `None` is the tool's default.
    pub table: Option<JournalTable>,
}

impl ForeignJournal {
    /// Returns the journal of `DbUp`, in the table that the tool uses by default on the engine.
    #[must_use]
    pub const fn dbup() -> Self {
        Self { table: None }
    }

    /// Sets the table.
    #[must_use]
    pub fn in_table(mut self, table: JournalTable) -> Self {
        self.table = Some(table);
        self
    }
}

impl Migrator {
    pub(crate) fn import_plan(&self, journal: &Journal, rows: &[Row]) -> Result<Plan, Error> {
        let Some(to) = rows.iter().filter_map(|row| row.number).max() else {
            let why = "the journal of DbUp names no script".into();
            return Err(Error::Baseline { why, remedy: "`BaselineOptions::to` N records scripts without it".into() });
        };
        let journal = Self::recordable(journal)?;
        let history = History::new(&self.scripts, &journal, &UpgradeOptions::new().to(Some(to)));
        let (rows, repeated) = once(rows);
        let mut problems = unimportable(&self.scripts, &rows, to);
        if problems.is_empty() {
            problems.extend(history.problems.iter().cloned());
            problems.extend(self.scripts.unreadable(|_| true).into_iter().map(Problem::from));
        }
        if !problems.is_empty() {
            return Err(Error::Refused { problems });
        }
        let mut plan = Plan::recording(history);
        plan.warnings.push(Warning::Unverified);
        plan.warnings.extend(repeated.map(|(name, others)| Warning::Repeated { name, others }));
        Ok(plan)
    }
}

/// What the other tool has recorded about a script.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    name: String,
    number: Option<Number>,
    applied: String,
}

impl Row {
    fn from_cells(cells: Cells) -> Self {
        let mut cells = cells.into_iter().map(Option::unwrap_or_default);
        let name = cells.next().unwrap_or_default();
        Self { number: number(&name), name, applied: cells.next().unwrap_or_default() }
    }

    /// Returns what the journal is to say about who applied it. The time is that of the machine that ran the tool.
    pub(crate) fn origin(&self) -> Option<(Number, String)> {
        Some((self.number?, format!("DbUp: {}, {}", self.name, self.applied)))
    }
}

pub(crate) async fn read_rows(connection: &mut dyn Connection, from: &ForeignJournal) -> Result<Vec<Row>, Error> {
    let sql = connection.server().journal.foreign(from.table.as_ref());
    let rows = connection.query(&sql).await.map_err(|error| {
        let remedy = Some(match &from.table {
            None => "name the table where DbUp keeps its journal: `ForeignJournal::in_table` SCHEMA.TABLE",
            Some(_) => "check the name: a journal of DbUp has the columns scriptname and applied",
        });
        let error = ServerError { remedy, ..error };
        Error::Database { doing: "reading the journal of DbUp".into(), error, state: None }
    })?;
    Ok(rows.into_iter().map(Row::from_cells).collect())
}

/// Returns each name once, because the other tool records an always-run script each time. Also returns the first name
/// that occurs more than once, and how many other names do.
fn once(rows: &[Row]) -> (Vec<&Row>, Option<(String, usize)>) {
    let (mut seen, mut repeated) = (BTreeSet::new(), BTreeSet::new());
    let mut kept = Vec::with_capacity(rows.len());
    for row in rows {
        if seen.insert(&row.name) {
            kept.push(row);
        } else {
            repeated.insert(&row.name);
        }
    }
    let others = repeated.len().saturating_sub(1);
    (kept, repeated.into_iter().next().map(|first| (first.clone(), others)))
}

/// Returns why names and scripts do not match one to one.
fn unimportable(scripts: &Scripts, rows: &[&Row], to: Number) -> Vec<Problem> {
    let covered = scripts.baselines().iter().rfind(|baseline| baseline.number() <= to).map(Script::number);
    let is_covered = |number: Number| Some(number) <= covered;
    let on_disk = |number: Number| scripts.scripts().iter().any(|script| script.number() == number);
    let mut problems = Vec::new();
    let mut names = BTreeMap::<Number, &str>::new();
    for Row { name, number, .. } in rows {
        let why = match number {
            None => Some(Unimportable::Unnumbered),
            Some(number) => match names.insert(*number, name) {
                Some(other) => Some(Unimportable::Twice { number: *number, other: other.into() }),
                None if !is_covered(*number) && !on_disk(*number) => Some(Unimportable::NotOnDisk { number: *number }),
                None => None,
            },
        };
        problems.extend(why.map(|why| Problem::Unimportable { name: name.clone(), why }));
    }
    let due = scripts.scripts().iter().filter(|script| script.number() <= to && !is_covered(script.number()));
    let absent = due.filter(|script| !names.contains_key(&script.number()));
    problems.extend(
        absent.map(|script| Problem::Unimportable { name: script.name(), why: Unimportable::Absent { highest: to } }),
    );
    problems
}

/// Returns the number in a name that the other tool has recorded: at the start of the file's name, or there after the
/// word `Script`.
///
/// In the names of embedded scripts, dots also separate folders, and an underscore precedes a digit. The file's name
/// may contain dots as well: it begins with the first part that has a number, unless that is a folder
/// (`Script2.0012-x`).
fn number(name: &str) -> Option<Number> {
    let stem = name.get(..name.len().wrapping_sub(4)).filter(|_| name.to_ascii_lowercase().ends_with(".sql"));
    let file = stem.unwrap_or(name).rsplit(['/', '\\']).next()?;
    let parts = file.split('.').collect::<Vec<_>>();
    let numbered = |part: &&str| STARTS.is_match(part) || SCRIPT.is_match(part);
    // a folder is only a number without leading zeros, and what follows it begins like a file: with a zero or `Script`
    let is_folder = |at: usize| FOLDER.is_match(parts[at]) && parts.get(at + 1).is_some_and(|next| FILE.is_match(next));
    let at = (0..parts.len()).find(|at| numbered(&parts[*at]) && !is_folder(*at))?;
    // `V1.2.3__x` has a version, not a script number
    let is_version = |part: &str| VERSION.is_match(part);
    if !SCRIPT.is_match(parts[at])
        && (at > 0 && is_version(parts[at - 1]) && parts[at].starts_with(|c: char| c.is_ascii_digit())
            || is_version(parts[at]) && parts.len() > at + 1)
    {
        return None;
    }
    let found = STARTS.captures(parts[at]).or_else(|| SCRIPT.captures(parts[at]))?;
    Number::new(found[1].parse().ok()?).ok()
}

static STARTS: LazyLock<Regex> = LazyLock::new(|| pattern(r"^_*0*([0-9]+)(?:[^0-9]|$)"));
static SCRIPT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^_*script[ _-]*0*([0-9]+)(?:[^0-9]|$)"));
static VERSION: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^_*v?[0-9]+$"));
static FOLDER: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^(?:_*|script)[1-9][0-9]*$"));
static FILE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^_*(?:script[ _-]*[0-9]|0[0-9]*(?:[ _-]|$))"));

fn pattern(pattern: &'static str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant that the tests compile")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_found_in_names_of_all_kinds() {
        for (name, expected) in [
            ("Script-0007.sql", Some(7)),
            ("Script0001 - Create tables.sql", Some(1)),
            ("MyCompany.Shop.Scripts.Script0012 - Add 2 columns.sql", Some(12)),
            ("MyCompany.Shop2.Scripts.0003_orders.sql", Some(3)),
            ("Shop._2024._0042-x.sql", Some(42)),
            ("0005-customers.sql", Some(5)),
            ("0006.sql", Some(6)),
            ("migrations/year2024/0008 views.sql", Some(8)),
            ("migrations\\0009.SQL", Some(9)),
            ("script 10.sql", Some(10)),
            ("Script0000.sql", Some(0)),
            ("Shop.Scripts.Script0011.Create.sql", Some(11)),
            ("Shop.Script2.0012-x.sql", Some(12)),
            ("2024/0013 x.sql", Some(13)),
            ("Script0003 - Release 2.1.sql", Some(3)),
            ("Script0002 - Fixes for v2.1.sql", Some(2)),
            ("Shop.Scripts.Script0004 - Release 2.1.0 (final).sql", Some(4)),
            ("Shop.Scripts.Script0004 - Script 7 again.sql", Some(4)),
            ("Script0005.Release 2.1.sql", Some(5)),
            ("0014 - Release 2.1.sql", Some(14)),
            ("Shop.Scripts._0015_Release_2.1.sql", Some(15)),
            ("Shop.Script0016.sql", Some(16)),
            ("Shop._2024.Script0017.sql", Some(17)),
            ("Shop.v2.Scripts.0018-x.sql", Some(18)),
            ("Script0003.1 - Hotfix.sql", Some(3)),
            ("Shop.Scripts.Script0003.1 - Hotfix.sql", Some(3)),
            ("Shop.Script3.1 - Hotfix.sql", Some(3)),
            ("0001.2 fix.sql", None),
            ("Prescript0019.sql", None),
            ("Script99999999999.sql", None),
            ("ä.sql", None),
            ("V1.2.3__x.sql", None),
            ("1.2.sql", None),
            ("Grants.sql", None),
            ("Permissions2.sql", None),
            ("", None),
        ] {
            assert_eq!(number(name).map(Number::get), expected, "{name}");
        }
    }
}
