//! The journals of other tools: what each says about the scripts of the map.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};

use super::moment::moment;
use super::tools::{OldRow, Verdict};
use super::{Map, MappedObject, MappedScript, Order, Tool};
use crate::engine::Connection;
use crate::error::ServerError;
use crate::import::ForeignOrigin;
use crate::journal::JournalTable;
use crate::old_journal::journal_rows;
use crate::plan::{Problem, Unimportable};
use crate::script::Number;

/// What an old journal says about the scripts of a map.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OldHistory {
    /// Who applied which script, and when.
    pub(crate) applied: BTreeMap<Number, ForeignOrigin>,
    /// Why rows cannot be recorded.
    pub(crate) problems: Vec<Problem>,
    /// The rows that ran in another order than the scripts: only a comparison shows whether that matters.
    pub(crate) reordered: Vec<Problem>,
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
    let journal = &tool.traits().journal;
    let Some(rows) = journal_rows(connection, table, journal.tables, &journal.columns()).await? else {
        return Ok(None);
    };
    Ok(Some(judged(tool, rows.into_iter().map(OldRow::from_cells).collect(), map)))
}

/// The rows of a journal that say what is applied.
#[derive(Default)]
struct Sorted {
    /// By the place of the script in the map.
    applied: BTreeMap<usize, OldRow>,
    /// By the place of the object file in the map, what was applied last.
    objects: BTreeMap<usize, OldRow>,
    /// By name, why rows cannot be recorded.
    refused: Vec<(OldRow, Unimportable)>,
    /// By name, the rows that stand for everything before them.
    heads: Vec<String>,
}

impl Sorted {
    fn take(&mut self, tool: Tool, row: OldRow, map: &Map) {
        let is_about = tool.traits().is_about;
        // the longest name is the most exact one
        let about = map.scripts.iter().enumerate().filter(|(_, script)| is_about(&row, script));
        let about = about.max_by_key(|(at, script)| (script.old_name.len(), Reverse(*at))).map(|(at, _)| at);
        let upto = |is_meant: fn(Ordering) -> bool| {
            let version = Order::of(row.version.as_deref().unwrap_or_default());
            let order = |script: &MappedScript| Order::of(&script.old_version).cmp(&version);
            let meant = map.scripts.iter().enumerate().filter(|(_, script)| is_meant(order(script)));
            Some(meant.map(|(at, _)| at).collect::<Vec<_>>())
        };
        let places = match (tool.traits().verdict)(&row) {
            Verdict::Ignored => return,
            Verdict::Failed(why) => return self.refused.push((row, Unimportable::Failed { why: why.into() })),
            Verdict::Repeatable => return self.applied_object(row, map, OldRow::has_name),
            Verdict::Undone => {
                about.map(|at| self.applied.remove(&at));
                return self.refused.retain(|(other, _)| other.version != row.version);
            }
            Verdict::Baseline => upto(Ordering::is_le),
            Verdict::Start => upto(Ordering::is_lt),
            Verdict::Through => {
                self.heads.push((tool.traits().shown)(&row));
                about.map(|at| before(at, map))
            }
            Verdict::Applied => about.map(|at| vec![at]),
        };
        let Some(places) = places else {
            let is_object = |row: &OldRow, object: &MappedObject| is_about(row, &object.as_script());
            if map.objects.iter().any(|object| is_object(&row, object)) {
                self.applied_object(row, map, is_object);
            } else {
                self.refused.push((row, Unimportable::Unknown));
            }
            return;
        };
        // what failed first and was run again is applied
        let is_same = |other: &OldRow| other.version == row.version;
        self.refused.retain(|(other, why)| !(matches!(why, Unimportable::Failed { .. }) && is_same(other)));
        self.applied.extend(places.into_iter().map(|at| (at, row.clone())));
    }
}

impl Sorted {
    /// Takes a row about an object file; the last one counts.
    fn applied_object(&mut self, row: OldRow, map: &Map, is_about: impl Fn(&OldRow, &MappedObject) -> bool) {
        if let Some(at) = map.objects.iter().position(|object| is_about(&row, object)) {
            self.objects.insert(at, row);
        }
    }
}

/// Returns the places of a script and of what comes before it: what the tool says that it follows, or else everything.
fn before(at: usize, map: &Map) -> Vec<usize> {
    if map.scripts.iter().all(|script| script.after.is_empty()) {
        return (0..=at).collect();
    }
    let (mut places, mut waiting) = (Vec::new(), vec![at]);
    while let Some(at) = waiting.pop() {
        if places.contains(&at) {
            continue;
        }
        places.push(at);
        let after = &map.scripts[at].after;
        let is_one = |script: &MappedScript| after.contains(&script.old_version);
        waiting.extend(map.scripts.iter().enumerate().filter(|(_, script)| is_one(script)).map(|(at, _)| at));
    }
    places
}

/// Holds the rows of a journal, in the order in which they were written, against the map.
fn judged(tool: Tool, rows: Vec<OldRow>, map: &Map) -> OldHistory {
    let mut sorted = Sorted::default();
    for row in rows {
        sorted.take(tool, row, map);
    }
    let Sorted { applied, objects, refused, heads } = sorted;
    let shown = tool.traits().shown;
    let mut history = OldHistory::default();
    let mut problem = |name: String, why: Unimportable| history.problems.push(Problem::Unimportable { name, why });
    for (row, why) in refused {
        problem(shown(&row), why);
    }
    if heads.len() > 1 {
        for head in heads {
            problem(head, Unimportable::Failed { why: "is one of several heads".into() });
        }
    }
    for (at, row) in &applied {
        let script = &map.scripts[*at];
        let Some(number) = number(script.number) else { continue };
        match script.has_checksum(row.checksum.as_deref()) {
            Some(false) => problem(shown(row), Unimportable::Changed { number }),
            Some(true) => history.verified = true,
            None => {}
        }
    }
    let absent = absent(&applied, map);
    for (script, highest) in absent.iter().filter(|(script, _)| script.number > Number::BASELINE.get()) {
        let is_part = map.scripts.iter().filter(|other| other.old_name == script.old_name).count() > 1;
        let part = if is_part { format!(" ({})", script.old_version) } else { String::new() };
        problem(format!("{}{part}", script.old_name), Unimportable::Absent { highest: *highest });
    }
    // a dump is one script
    let in_dump = map.scripts.iter().filter(|script| script.number == Number::BASELINE.get());
    let (of, missing) = (in_dump.count(), absent.iter().filter(|(script, _)| script.number == Number::BASELINE.get()));
    let missing = missing.count();
    if missing > 0 {
        problem(Number::BASELINE.baseline_name(), Unimportable::Partly { applied: of - missing, of });
    }
    for (row, number, earlier) in reordered(&applied, map) {
        history
            .reordered
            .push(Problem::Unimportable { name: shown(row), why: Unimportable::Reordered { number, earlier } });
    }
    let is_latest = |(at, object): &(usize, &MappedObject)| {
        objects.get(at).is_some_and(|row| object.has_checksum(row.checksum.as_deref()) == Some(true))
    };
    let latest = map.objects.iter().enumerate().filter(is_latest);
    history.objects = latest.map(|(_, object)| object.path.clone()).collect();
    let origin = |row: &OldRow| {
        let by = row.by.as_ref().map_or_else(String::new, |by| format!(", {by}"));
        ForeignOrigin { by: format!("{tool}: {}{by}", shown(row)), at: row.at.as_deref().and_then(moment) }
    };
    let applied = applied.iter().filter_map(|(at, row)| Some((number(map.scripts[*at].number)?, origin(row))));
    history.applied = applied.collect();
    history
}

/// Returns the scripts that have no row although a later one has, each with the highest number that has one.
fn absent<'a>(applied: &BTreeMap<usize, OldRow>, map: &'a Map) -> Vec<(&'a MappedScript, Number)> {
    let highest = applied.keys().filter_map(|at| number(map.scripts[*at].number)).max();
    let Some(highest) = highest else { return Vec::new() };
    let due = map.scripts.iter().enumerate().filter(|(_, script)| script.number <= highest.get());
    due.filter(|(at, _)| !applied.contains_key(at)).map(|(_, script)| (script, highest)).collect()
}

/// Returns the rows whose script ran after one with a higher number, with the two numbers.
fn reordered<'a>(applied: &'a BTreeMap<usize, OldRow>, map: &Map) -> Vec<(&'a OldRow, Number, Number)> {
    let mut found = Vec::new();
    let mut last: Option<(Number, &OldRow)> = None;
    for (at, row) in applied.iter().rev() {
        let Some(number) = number(map.scripts[*at].number) else { continue };
        match last {
            Some((earlier, other)) if ran_after(row, other) => found.push((row, number, earlier)),
            _ => last = Some((number, row)),
        }
    }
    found.reverse();
    found
}

/// Whether a row says that it ran after another. Ranks are numbers, or else times.
fn ran_after(row: &OldRow, other: &OldRow) -> bool {
    let rank = |row: &OldRow| row.rank.as_deref().and_then(|rank| rank.trim().parse::<u128>().ok());
    let at = |row: &OldRow| row.rank.as_deref().and_then(moment);
    match (rank(row), rank(other)) {
        (Some(one), Some(other)) => one > other,
        _ => at(row).zip(at(other)).is_some_and(|(one, other)| one > other),
    }
}

fn number(number: u32) -> Option<Number> {
    Number::new(number.into()).ok()
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
            other_checksums: Vec::new(),
            after: Vec::new(),
        };
        let scripts = versions.iter().enumerate().map(script).collect();
        Map { tool: String::new(), folders: Vec::new(), kept: Vec::new(), scripts, objects: Vec::new() }
    }

    fn row(cells: &[&str]) -> OldRow {
        let cell = |cell: &&str| Some((*cell).to_owned()).filter(|cell| cell != "-");
        OldRow::from_cells([None].into_iter().chain(cells.iter().map(cell)).collect())
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
        // an applied migration that an earlier one follows
        let second = &["2", "V2__x.sql", "8", at, "me", "t", "SQL"];
        let ranked = [(2, one), (1, second as &[&str])]
            .map(|(rank, cells)| OldRow { rank: Some(rank.to_string()), ..row(cells) });
        let history = judged(Tool::Flyway, ranked.into(), &three);
        let reordered = history.reordered.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(reordered, ["\"V1__x.sql\" is 0001 now, but it ran after 0002"]);
        // version, name, checksum, time, user, type, applied, total
        let atlas = |cells: &[&str]| said(Tool::Atlas, &[cells], &three);
        assert_eq!(atlas(&["1", "-", "7", at, "-", "2", "3", "3"]), (vec![1], none()));
        assert_eq!(atlas(&["2", "-", "", at, "-", "1", "0", "0"]), (vec![1, 2], none()));
        assert_eq!(
            atlas(&["1", "-", "7", at, "-", "2", "1", "3"]).1,
            ["\"1\" stopped in the middle in the other tool"]
        );
        assert_eq!(atlas(&[".atlas_cloud_identifier", "-", "", at, "-", "2", "0", "0"]), (vec![], none()));
        let evolve = |cells: &[&str]| said(Tool::Evolve, &[cells], &three);
        assert_eq!(evolve(&["2", "StartVersion = 2", "", at, "me", "t", "3"]), (vec![1], none()));
        // of two branches, a database has one
        let mut branches = map(&[("a", None), ("b", None), ("c", None), ("d", None)]);
        for (at, after) in [(1, vec!["a"]), (2, vec!["a"]), (3, vec!["b", "c"])] {
            branches.scripts[at].after = after.into_iter().map(ToOwned::to_owned).collect();
        }
        let alembic = |version: &str| said(Tool::Alembic, &[&[version]], &branches);
        assert_eq!(alembic("d"), (vec![1, 2, 3, 4], none()));
        assert_eq!(alembic("b"), (vec![1, 2], none()));
        assert_eq!(alembic("c").1, ["b_x.sql is not in the other tool's journal, which goes up to 0003"]);
        // the longest name is meant
        let dbup = map(&[("Script1.sql", None), ("sub/Script1.sql", None), ("2024/Script2.sql", None)]);
        let of_dbup = |rows: &[&str]| {
            let rows = rows.iter().map(|name| vec![*name]).collect::<Vec<_>>();
            said(Tool::Dbup, &rows.iter().map(Vec::as_slice).collect::<Vec<_>>(), &dbup)
        };
        assert_eq!(
            of_dbup(&["Shop.Script1.sql", "Shop.sub.Script1.sql", "Shop._2024.Script2.sql"]),
            (vec![1, 2, 3], none())
        );
        assert_eq!(of_dbup(&["Shop.sub.Script1.sql"]).0, [2]);
        // what was deleted from the journal is gone
        let deleted = &["2", "V2__x.sql", "8", at, "me", "t", "DELETE"];
        assert_eq!(flyway(&[one, &["2", "V2__x.sql", "8", at, "me", "t", "SQL"], deleted]), (vec![1], none()));
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
