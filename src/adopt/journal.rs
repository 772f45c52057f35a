//! The journals of other tools: what each says about the scripts of the map.

use std::collections::{BTreeMap, BTreeSet};

use super::moment::moment;
use super::{Map, Tool, numbers};
use crate::engine::{Cells, Connection};
use crate::error::ServerError;
use crate::import::ForeignOrigin;
use crate::journal::{JournalTable, Timestamp};
use crate::old_journal::{Column, journal_rows};
use crate::plan::{Problem, Unimportable};
use crate::script::Number;

/// How a tool keeps its journal.
struct Layout {
    /// The default tables, in lower case.
    tables: &'static [&'static str],
    /// The columns, as [`Old::from_cells`] reads them. The first one tells the order.
    columns: &'static [Column],
}

use Column::{Hex, Text};

const fn layout(tool: Tool) -> Layout {
    match tool {
        Tool::Flyway => Layout {
            tables: &["flyway_schema_history", "schema_version"],
            columns: &[
                Text("installed_rank"),
                Text("version"),
                Text("script"),
                Text("checksum"),
                Text("installed_on"),
                Text("installed_by"),
                Text("success"),
                Text("type"),
            ],
        },
        Tool::Sqlx => Layout {
            tables: &["_sqlx_migrations"],
            columns: &[
                Text("version"),
                Text("version"),
                Text("description"),
                Hex("checksum"),
                Text("installed_on"),
                Column::None,
                Text("success"),
                Column::None,
            ],
        },
        Tool::Dbmate => Layout { tables: &["schema_migrations"], columns: &[Text("version"), Text("version")] },
        Tool::GolangMigrate => Layout {
            tables: &["schema_migrations"],
            columns: &[
                Text("version"),
                Text("version"),
                Column::None,
                Column::None,
                Column::None,
                Column::None,
                Column::None,
                Text("dirty"),
            ],
        },
        Tool::Goose => Layout {
            tables: &["goose_db_version"],
            columns: &[
                Text("id"),
                Text("version_id"),
                Column::None,
                Column::None,
                Text("tstamp"),
                Column::None,
                Column::None,
                Text("is_applied"),
            ],
        },
        Tool::Prisma => Layout {
            tables: &["_prisma_migrations"],
            columns: &[
                Text("started_at"),
                Text("migration_name"),
                Column::None,
                Text("checksum"),
                Text("finished_at"),
                Column::None,
                Column::None,
                Text("rolled_back_at"),
            ],
        },
        Tool::Dbup => Layout {
            tables: &["schemaversions"],
            columns: &[
                Text("applied"),
                Text("scriptname"),
                Text("scriptname"),
                Column::None,
                Text("applied"),
                Column::None,
                Column::None,
                Column::None,
            ],
        },
    }
}

/// A row of an old journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Old {
    version: Option<String>,
    name: Option<String>,
    checksum: Option<String>,
    at: Option<Timestamp>,
    by: Option<String>,
    success: Option<String>,
    /// What only one tool has.
    mark: Option<String>,
}

impl Old {
    fn from_cells(cells: Cells) -> Self {
        let mut cells = cells.into_iter().skip(1);
        let mut next = || cells.next().flatten();
        Self {
            version: next(),
            name: next(),
            checksum: next().map(|checksum| checksum.to_ascii_lowercase()),
            at: next().and_then(|text| moment(&text)),
            by: next(),
            success: next(),
            mark: next(),
        }
    }

    fn shown(&self) -> String {
        self.name.clone().or_else(|| self.version.clone()).unwrap_or_default()
    }
}

fn is_true(cell: Option<&String>) -> bool {
    cell.is_none_or(|text| matches!(text.to_ascii_lowercase().as_str(), "1" | "t" | "true"))
}

/// What an old journal says about the scripts of a map.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OldHistory {
    /// Who applied which script, and when.
    pub(crate) applied: BTreeMap<Number, ForeignOrigin>,
    /// Why rows cannot be recorded.
    pub(crate) problems: Vec<Problem>,
    /// Whether the journal's checksums were compared.
    pub(crate) verified: bool,
    /// The object files whose old text was applied last.
    pub(crate) objects: BTreeSet<String>,
}

/// Reads the journal of a tool; `None` if the database has none. Its rows are held against the map.
pub(crate) async fn read_history(
    connection: &mut dyn Connection,
    tool: Tool,
    table: Option<&JournalTable>,
    map: &Map,
) -> Result<Option<OldHistory>, ServerError> {
    let Layout { tables, columns } = layout(tool);
    let Some(rows) = journal_rows(connection, table, tables, columns).await? else { return Ok(None) };
    Ok(Some(judged(tool, rows.into_iter().map(Old::from_cells).collect(), map)))
}

/// Holds the rows of a journal, in the order in which they were written, against the map.
fn judged(tool: Tool, rows: Vec<Old>, map: &Map) -> OldHistory {
    let mut history = OldHistory::default();
    let mut problem = |name: String, why: Unimportable| history.problems.push(Problem::Unimportable { name, why });
    let mut applied = BTreeMap::<Number, Old>::new();
    let mut objects = BTreeMap::<String, Option<String>>::new();
    for row in rows {
        match verdict(tool, &row) {
            Verdict::Ignored => {}
            Verdict::Failed(why) => problem(row.shown(), Unimportable::Failed { why: why.into() }),
            Verdict::Repeatable => {
                objects.insert(row.shown(), row.checksum);
            }
            Verdict::Undone => {
                if let Some(number) = row_number(tool, map, &row) {
                    applied.remove(&number);
                }
            }
            // a baseline can have any version, but what ran has that of a script
            Verdict::Through if tool == Tool::GolangMigrate && row_number(tool, map, &row).is_none() => {
                problem(row.shown(), Unimportable::Unknown);
            }
            Verdict::Through => {
                let version = row.version.clone().unwrap_or_default();
                let through = map.scripts.iter().filter(|script| reaches(&version, &script.old_version));
                applied.extend(through.filter_map(|script| Some((number(script.number)?, row.clone()))));
            }
            Verdict::Applied => match row_number(tool, map, &row) {
                Some(number) => {
                    applied.insert(number, row);
                }
                None => problem(row.shown(), Unimportable::Unknown),
            },
        }
    }
    for (number, row) in &applied {
        let script = map.scripts.iter().find(|script| script.number == number.get());
        let expected = script.and_then(|script| script.old_checksum.as_ref());
        if let (Some(expected), Some(found)) = (expected, &row.checksum) {
            history.verified = true;
            if !expected.eq_ignore_ascii_case(found) {
                problem(row.shown(), Unimportable::Changed { number: *number });
            }
        }
    }
    let highest = applied.keys().next_back().copied();
    let absent = map.scripts.iter().filter_map(|script| Some((number(script.number)?, script)));
    let absent = absent.filter(|(number, _)| Some(*number) < highest && !applied.contains_key(number));
    for (_, script) in absent.collect::<Vec<_>>() {
        if let Some(highest) = highest {
            problem(script.old_name.clone(), Unimportable::Absent { highest });
        }
    }
    for object in &map.objects {
        let last = objects.iter().find(|(name, _)| object.old_name.ends_with(name.as_str())).map(|(_, sum)| sum);
        if last.is_some_and(|last| last == &object.old_checksum) {
            history.objects.insert(object.path.clone());
        }
    }
    let origin = |row: Old| {
        let name = row.shown();
        let by = row.by.map_or_else(String::new, |by| format!(", {by}"));
        ForeignOrigin { by: format!("{tool}: {name}{by}"), at: row.at }
    };
    history.applied = applied.into_iter().map(|(number, row)| (number, origin(row))).collect();
    history
}

/// What a row means.
enum Verdict {
    Applied,
    /// Everything up to its version is applied.
    Through,
    Repeatable,
    Undone,
    Ignored,
    Failed(&'static str),
}

fn verdict(tool: Tool, row: &Old) -> Verdict {
    match tool {
        Tool::Flyway => match row.mark.as_deref().unwrap_or_default() {
            _ if !is_true(row.success.as_ref()) => Verdict::Failed("failed"),
            "SCHEMA" | "DELETE" => Verdict::Ignored,
            kind if kind.starts_with("UNDO") => Verdict::Undone,
            "BASELINE" | "SQL_BASELINE" => Verdict::Through,
            _ if row.version.is_none() => Verdict::Repeatable,
            _ => Verdict::Applied,
        },
        Tool::Sqlx if !is_true(row.success.as_ref()) => Verdict::Failed("failed"),
        Tool::GolangMigrate if is_true(row.mark.as_ref()) => Verdict::Failed("is dirty"),
        Tool::GolangMigrate => Verdict::Through,
        Tool::Goose if row.version.as_deref() == Some("0") => Verdict::Ignored,
        Tool::Goose if !is_true(row.mark.as_ref()) => Verdict::Undone,
        Tool::Prisma if row.mark.is_some() => Verdict::Ignored,
        Tool::Prisma if row.at.is_none() => Verdict::Failed("did not finish"),
        _ => Verdict::Applied,
    }
}

fn number(number: u32) -> Option<Number> {
    Number::new(number.into()).ok()
}

/// Whether a version is at or after another.
fn reaches(version: &str, other: &str) -> bool {
    match (numbers(version), numbers(other)) {
        (Some(version), Some(other)) => version >= other,
        _ => version >= other,
    }
}

/// Returns the number of the script that a row is about.
fn row_number(tool: Tool, map: &Map, row: &Old) -> Option<Number> {
    number_of(tool, map, row.version.as_deref()?)
}

/// Returns the number of the script with this version.
fn number_of(tool: Tool, map: &Map, version: &str) -> Option<Number> {
    let same = |old: &str| match tool {
        Tool::Prisma | Tool::Dbmate => old == version,
        // an embedded script has its folders in its name, with dots
        Tool::Dbup => {
            let dotted = old.replace('/', ".");
            version == old || version == dotted || version.ends_with(&format!(".{dotted}"))
        }
        _ => old == version || numbers(old).is_some_and(|old| Some(old) == numbers(version)),
    };
    let script = map.scripts.iter().find(|script| same(&script.old_version))?;
    number(script.number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adopt::MappedScript;

    fn map(versions: &[(&str, Option<&str>)]) -> Map {
        let script = |(place, (version, checksum)): (usize, &(&str, Option<&str>))| MappedScript {
            number: u32::try_from(place).expect("few") + 1,
            old_version: (*version).to_owned(),
            old_name: format!("{version}_x.sql"),
            old_checksum: checksum.map(ToOwned::to_owned),
        };
        let scripts = versions.iter().enumerate().map(script).collect();
        Map { tool: String::new(), folders: Vec::new(), kept: Vec::new(), scripts, objects: Vec::new() }
    }

    fn row(cells: &[&str]) -> Old {
        let cell = |cell: &&str| Some((*cell).to_owned()).filter(|cell| cell != "-");
        Old::from_cells([None].into_iter().chain(cells.iter().map(cell)).collect())
    }

    fn said(tool: Tool, rows: &[&[&str]], map: &Map) -> (Vec<u32>, Vec<String>) {
        let history = judged(tool, rows.iter().map(|cells| row(cells)).collect(), map);
        let problems = history.problems.iter().map(ToString::to_string).collect();
        (history.applied.keys().map(|number| number.get()).collect(), problems)
    }

    #[test]
    fn rows_are_held_against_the_map() {
        let three = map(&[("1", Some("7")), ("2", Some("8")), ("10", None)]);
        let none = Vec::<String>::new;
        // version, script, checksum, time, user, success, type
        let flyway = |rows: &[&[&str]]| said(Tool::Flyway, rows, &three);
        let at = "2026-01-02 03:04:05";
        let one: &[&str] = &["1", "V1__x.sql", "7", at, "me", "t", "SQL"];
        assert_eq!(flyway(&[one, &["2.0", "V2__x.sql", "8", at, "me", "1", "SQL"]]), (vec![1, 2], none()));
        assert_eq!(flyway(&[&["2", "<< Flyway Baseline >>", "-", at, "me", "t", "BASELINE"]]), (vec![1, 2], none()));
        assert_eq!(
            flyway(&[
                one,
                &["2", "V2__x.sql", "8", at, "me", "t", "SQL"],
                &["2", "U2__x.sql", "8", at, "me", "t", "UNDO_SQL"]
            ]),
            (vec![1], none())
        );
        for (rows, expected) in [
            (&["1", "V1__x.sql", "7", at, "me", "f", "SQL"], "\"V1__x.sql\" failed in the other tool"),
            (
                &["3", "V3__x.sql", "7", at, "me", "t", "SQL"],
                "\"V3__x.sql\" was applied, and adopted.toml does not have it",
            ),
            (
                &["1", "V1__x.sql", "9", at, "me", "t", "SQL"],
                "\"V1__x.sql\" was applied with another text than that of Script-0001.sql before it was adopted",
            ),
        ] {
            assert_eq!(flyway(&[rows]).1, [expected]);
        }
        assert_eq!(
            flyway(&[one, &["10", "V10__x.sql", "-", at, "me", "t", "SQL"]]).1,
            ["2_x.sql is not in the other tool's journal, which goes up to 0003"]
        );
        // one row means everything up to it
        let migrate = |cells: &[&str]| said(Tool::GolangMigrate, &[cells], &three);
        assert_eq!(migrate(&["2", "-", "-", "-", "-", "-", "f"]), (vec![1, 2], none()));
        assert_eq!(migrate(&["2", "-", "-", "-", "-", "-", "1"]).1, ["\"2\" is dirty in the other tool"]);
        // the last row of a version counts
        let goose = |rows: &[&[&str]]| said(Tool::Goose, rows, &three);
        let applied = |version: &'static str, is: &'static str| [version, "-", "-", at, "-", "-", is];
        assert_eq!(
            goose(&[&applied("0", "t"), &applied("1", "t"), &applied("2", "t"), &applied("2", "f")]),
            (vec![1], none())
        );
        let prisma = map(&[("2024_init", Some("ab")), ("2025_more", None)]);
        let of_prisma = |rows: &[&[&str]]| said(Tool::Prisma, rows, &prisma);
        assert_eq!(
            of_prisma(&[&["2024_init", "-", "AB", at, "-", "-", "-"], &["2025_more", "-", "x", "-", "-", "-", at]]),
            (vec![1], none())
        );
        assert_eq!(
            of_prisma(&[&["2024_init", "-", "ab", "-", "-", "-", "-"]]).1,
            ["\"2024_init\" did not finish in the other tool"]
        );
        let dbup = map(&[("Script0001 - a.sql", None), ("sub/Script0002 - b.sql", None)]);
        let rows: &[&[&str]] = &[
            &["Shop.Scripts.Script0001 - a.sql", "-", "-", at],
            &["Shop.Scripts.sub.Script0002 - b.sql", "-", "-", at],
        ];
        assert_eq!(said(Tool::Dbup, rows, &dbup), (vec![1, 2], none()));
    }
}
