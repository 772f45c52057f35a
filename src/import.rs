//! Imports what another tool has recorded.

mod number;

use std::collections::{BTreeMap, BTreeSet};

use self::number::number;
#[cfg(feature = "adopt")]
use crate::adopt::{Map, OldHistory, Tool, read_history};
use crate::engine::{Cells, Connection};
use crate::error::{Error, ServerError};
use crate::journal::{Journal, JournalTable, Timestamp};
use crate::migrator::Migrator;
use crate::old_journal::{self, OldJournal};
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
    which: Which,
}

/// Which journal is read, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    /// `DbUp`'s, by the numbers in its names.
    Numbers,
    /// A tool's, by the map of an adoption.
    #[cfg(feature = "adopt")]
    Of(Tool),
    /// That of the tool that the map names, or else of the only one that the database has.
    #[cfg(feature = "adopt")]
    Auto,
}

/// Who applied a script with another tool, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ForeignOrigin {
    pub(crate) by: String,
    /// The time, if it was recorded in a way that dbmigrate understands.
    pub(crate) at: Option<Timestamp>,
}

/// What another tool has recorded.
pub(crate) enum Imported {
    /// Names, with the numbers in them.
    Named(Vec<Row>),
    /// What the map of an adoption says about them.
    #[cfg(feature = "adopt")]
    Mapped(&'static str, OldHistory),
}

impl Imported {
    /// The tool, as messages name it.
    pub(crate) const fn tool(&self) -> &'static str {
        match self {
            Self::Named(_) => TOOL,
            #[cfg(feature = "adopt")]
            Self::Mapped(tool, _) => tool,
        }
    }

    /// Returns who applied which script.
    pub(crate) fn origins(&self) -> BTreeMap<Number, ForeignOrigin> {
        match self {
            Self::Named(rows) => rows.iter().filter_map(Row::origin).collect(),
            #[cfg(feature = "adopt")]
            Self::Mapped(_, history) => history.applied.clone(),
        }
    }

    /// Returns the paths of the object files that were applied, too.
    pub(crate) fn objects(&self) -> BTreeSet<String> {
        match self {
            Self::Named(_) => BTreeSet::new(),
            #[cfg(feature = "adopt")]
            Self::Mapped(_, history) => history.objects.clone(),
        }
    }
}

impl ForeignJournal {
    /// Returns the journal of `DbUp`, in the table that the tool uses by default on the engine.
    #[must_use]
    pub const fn dbup() -> Self {
        Self { table: None, which: Which::Numbers }
    }

    /// Returns the journal of a tool whose scripts were adopted: the map `adopted.toml` in their folder says which script is
    /// which. Without a map, the journal of `DbUp` is read as by [`ForeignJournal::dbup`].
    #[cfg(feature = "adopt")]
    #[must_use]
    pub const fn of(tool: Tool) -> Self {
        Self { table: None, which: Which::Of(tool) }
    }

    /// Returns the journal of the tool that the map names, or without a map, of the only tool that has one in the database.
    #[cfg(feature = "adopt")]
    #[must_use]
    pub const fn auto() -> Self {
        Self { table: None, which: Which::Auto }
    }

    /// Sets the table.
    #[must_use]
    pub fn in_table(mut self, table: JournalTable) -> Self {
        self.table = Some(table);
        self
    }
}

impl ForeignJournal {
    /// Returns the journal in the table that was named.
    pub(crate) fn named(&self) -> Option<OldJournal> {
        let JournalTable { schema, name } = self.table.clone()?;
        let table = schema.map_or_else(|| name.clone(), |schema| format!("{schema}.{name}"));
        let (applied, failed, others) = (None, Vec::new(), Vec::new());
        Some(OldJournal { tool: "the other tool", table, applied, failed, others })
    }
}

impl Migrator {
    /// Reads what another tool has recorded.
    pub(crate) async fn imported(
        &self,
        connection: &mut dyn Connection,
        from: &ForeignJournal,
    ) -> Result<Imported, Error> {
        #[cfg(feature = "adopt")]
        {
            let tool = match from.which {
                Which::Numbers => None,
                Which::Of(tool) => Some(tool),
                Which::Auto => Some(self.recognized(connection).await?),
            };
            if let Some(tool) = tool
                && let Some(mapped) = self.mapped(connection, tool, from.table.as_ref()).await?
            {
                return Ok(mapped);
            }
        }
        read_rows(connection, from).await.map(Imported::Named)
    }

    /// Returns the tool that the map names, or else the only one that has a journal in the database.
    #[cfg(feature = "adopt")]
    async fn recognized(&self, connection: &mut dyn Connection) -> Result<Tool, Error> {
        if let Ok(Some(map)) = Map::of_dir(self.scripts.dir())
            && let Ok(tool) = map.tool()
        {
            return Ok(tool);
        }
        let found = old_journal::old_journals(connection, &[]).await;
        let found = found.map_err(|error| Error::reading("reading the journals of other tools", error))?;
        let mut tools = found.iter().flat_map(|journal| Tool::titled(journal.tool)).collect::<Vec<_>>();
        tools.dedup();
        if let [tool] = *tools {
            return Ok(tool);
        }
        let names = tools.iter().map(|tool| tool.title()).collect::<Vec<_>>().join(" and ");
        let why = match tools.len() {
            0 => "the database has no journal of a tool that can be imported".into(),
            _ => format!("the database has the journals of {names}"),
        };
        Err(Error::Baseline { why, remedy: "name the tool with --import, and its table with --import-table".into() })
    }

    /// Reads the journal of a tool whose scripts were adopted; `None` if they were not, and the names may have numbers.
    #[cfg(feature = "adopt")]
    async fn mapped(
        &self,
        connection: &mut dyn Connection,
        tool: Tool,
        table: Option<&JournalTable>,
    ) -> Result<Option<Imported>, Error> {
        let refuse = |why: String, remedy: &str| Err(Error::Baseline { why, remedy: remedy.into() });
        let dir = self.scripts.dir();
        let map = match Map::of_dir(dir) {
            Ok(Some(map)) => map,
            Ok(None) if tool == Tool::Dbup => return Ok(None),
            Ok(None) => {
                let why =
                    format!("{} has no adopted.toml, which says which script was which of {tool}'s", dir.display());
                return refuse(why, "adopt the scripts first: dbmigrate adopt");
            }
            Err(error) => return refuse(error.to_string(), "restore it from Git"),
        };
        if map.tool != tool.as_str() {
            let why = format!("{} was adopted from {}, not from {tool}", dir.display(), map.tool);
            return refuse(why, "name the tool that adopted.toml names");
        }
        let reading = |error| Error::reading("reading the journal of the other tool", error);
        match read_history(connection, tool, table, &map).await.map_err(reading)? {
            Some(history) => Ok(Some(Imported::Mapped(tool.title(), history))),
            None => refuse(
                format!("the database has no journal of {tool}"),
                "name its table: `ForeignJournal::in_table` SCHEMA.TABLE",
            ),
        }
    }

    /// Returns the plan to record what another tool has recorded. `compares` says whether the schema is compared, too.
    pub(crate) fn plan_of(&self, journal: &Journal, imported: &Imported, compares: bool) -> Result<Plan, Error> {
        match imported {
            Imported::Named(rows) => self.import_plan(journal, rows),
            #[cfg(feature = "adopt")]
            Imported::Mapped(tool, history) => self.mapped_plan(journal, tool, history, compares),
        }
    }

    #[cfg(feature = "adopt")]
    fn mapped_plan(&self, journal: &Journal, tool: &str, old: &OldHistory, compares: bool) -> Result<Plan, Error> {
        let to = old.applied.keys().next_back().copied();
        let mut problems = old.problems.clone();
        // a comparison shows whether the order made a difference
        problems.extend(old.reordered.iter().filter(|_| !compares).cloned());
        let mut plan = self.recorded_through(journal, tool, to, problems)?;
        plan.warnings.extend((!old.verified).then_some(Warning::Unverified));
        Ok(plan)
    }

    /// Returns the plan to record the scripts through a number, unless something is wrong with what a tool has recorded or
    /// with the folder.
    fn recorded_through(
        &self,
        journal: &Journal,
        tool: &str,
        to: Option<Number>,
        problems: Vec<Problem>,
    ) -> Result<Plan, Error> {
        if !problems.is_empty() {
            return Err(Error::Refused { problems });
        }
        let Some(to) = to else {
            let why = format!("the journal of {tool} names no script");
            return Err(Error::Baseline { why, remedy: "`BaselineOptions::to` N records scripts without it".into() });
        };
        let journal = Self::recordable(journal)?;
        let mut history = History::new(&self.scripts, &journal, &UpgradeOptions::new().to(Some(to)));
        history.problems.extend(self.scripts.unreadable(|_| true).into_iter().map(Problem::from));
        if history.problems.is_empty() {
            Ok(Plan::recording(history))
        } else {
            Err(Error::Refused { problems: history.problems })
        }
    }

    fn import_plan(&self, journal: &Journal, rows: &[Row]) -> Result<Plan, Error> {
        let to = rows.iter().filter_map(|row| row.number).max();
        let (rows, repeated) = once(rows);
        let problems = to.map_or_else(Vec::new, |to| unimportable(&self.scripts, &rows, to));
        let mut plan = self.recorded_through(journal, TOOL, to, problems)?;
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
    fn origin(&self) -> Option<(Number, ForeignOrigin)> {
        let by = format!("DbUp: {}, {}", self.name, self.applied);
        Some((self.number?, ForeignOrigin { by, at: None }))
    }
}

async fn read_rows(connection: &mut dyn Connection, from: &ForeignJournal) -> Result<Vec<Row>, Error> {
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
