//! Objects: what was applied of the object files, in a table beside the journal.

use std::collections::BTreeSet;

use super::{Author, FORMAT, JournalSql, RunId, State, Timestamp, parse, required};
use crate::script::Checksum;
use crate::sql::tables_beside;

/// What a database says about the object files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ObjectJournal {
    /// Whether there is a table.
    pub(crate) exists: bool,
    /// The key by which the values of variables are hashed.
    pub(crate) key: Option<String>,
    /// The rows, in the order in which the files were applied last.
    pub(crate) entries: Vec<ObjectEntry>,
    /// The names of the objects that the database has.
    pub(crate) existing: BTreeSet<String>,
}

/// What was applied of an object file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ObjectEntry {
    /// The file: its path in the folder of objects.
    pub(crate) path: String,
    /// The checksum of the text that was applied.
    pub(crate) checksum: Checksum,
    /// The variables that it used, and a hash of their values.
    pub(crate) variables: Option<String>,
    /// The names of the objects that it created.
    pub(crate) names: Vec<String>,
    /// The names of objects that it created once, and that its text no longer creates.
    pub(crate) left: Vec<String>,
    /// Its place in the order in which files were applied.
    pub(crate) place: u64,
    pub(crate) state: State,
    pub(crate) applied_at: Timestamp,
    pub(crate) applied_by: String,
    pub(crate) run: RunId,
    pub(crate) git_commit: Option<String>,
}

/// A row to be written.
#[derive(Debug, Clone)]
pub(crate) struct ObjectRecord<'a> {
    pub(crate) path: &'a str,
    pub(crate) checksum: Checksum,
    pub(crate) variables: Option<&'a str>,
    pub(crate) names: &'a [String],
    pub(crate) left: &'a [String],
    pub(crate) place: u64,
    pub(crate) state: State,
    pub(crate) body: Option<&'a str>,
    pub(crate) author: Author,
}

/// The columns that [`JournalSql::objects`] reads; `{time}` depends on the engine.
const SELECTED: &str = "object_path, checksum, variables, names, place, state, {time}, applied_by, run, git_commit";

/// The columns that are written.
const WRITTEN: &str = "entry, object_path, checksum, variables, names, place, state, applied_at, applied_by, run, \
                       git_commit, body, tool_version, format";

/// What precedes the name of an object that a file no longer creates. No kind of object begins with it.
const LEFT: char = '-';

/// The path of the row that holds the key. No file has it.
const KEY: &str = "";

impl ObjectJournal {
    /// Reads the rows of [`JournalSql::objects`].
    pub(crate) fn from_rows(rows: Vec<Vec<Option<String>>>) -> Result<Self, String> {
        let mut journal = Self { exists: true, ..Self::default() };
        for mut row in rows {
            if row.first().is_some_and(|path| path.as_deref() == Some(KEY)) {
                journal.key = row.get_mut(1).and_then(Option::take);
            } else {
                journal.entries.push(ObjectEntry::from_cells(row)?);
            }
        }
        journal.entries.sort_by(|one, other| (one.place, &one.path).cmp(&(other.place, &other.path)));
        Ok(journal)
    }

    /// Whether the database has an object of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.existing.contains(name)
    }
}

impl ObjectEntry {
    fn from_cells(cells: Vec<Option<String>>) -> Result<Self, String> {
        let mut cells = cells.into_iter();
        let mut cell = move || cells.next().flatten();
        let is_left = |name: &String| name.starts_with(LEFT);
        let entry = Self {
            path: required("object_path", cell())?,
            checksum: parse("checksum", &required("checksum", cell())?)?,
            variables: cell(),
            names: cell().iter().flat_map(|names| names.lines()).map(ToOwned::to_owned).collect(),
            left: Vec::new(),
            place: parse("place", &required("place", cell())?)?,
            state: parse("state", &required("state", cell())?)?,
            applied_at: Timestamp::new(required("applied_at", cell())?),
            applied_by: required("applied_by", cell())?,
            run: RunId::new(required("run", cell())?),
            git_commit: cell(),
        };
        let (left, names) = entry.names.iter().cloned().partition::<Vec<_>, _>(is_left);
        let left = left.iter().map(|name| name.trim_start_matches(LEFT).to_owned()).collect();
        Ok(Self { names, left, ..entry })
    }
}

impl JournalSql {
    /// Returns the table of objects, which is beside the journal.
    pub(crate) fn object_table(&self) -> String {
        let [.., objects] = self.beside();
        objects
    }

    /// Returns the statement that creates the table of objects if there is none.
    pub(crate) fn create_object_table(&self) -> String {
        let table = self.object_table();
        let sql = self.dialect.objects.trim_end().replace("{literal}", &self.literal(&table));
        sql.replace("{table}", &table)
    }

    /// Returns a query that answers a row if the journal has a table of objects.
    pub(crate) fn has_objects(&self) -> String {
        let [.., name] = tables_beside(&self.name);
        let literal = self.literal(&self.object_table());
        self.dialect.exists.replace("{literal}", &literal).replace("{name}", &self.literal(&name))
    }

    /// Returns a query for the rows of all object files, and the key.
    pub(crate) fn objects(&self) -> String {
        format!("SELECT {} FROM {}", SELECTED.replace("{time}", self.dialect.time), self.object_table())
    }

    /// Returns the statement that records the key.
    pub(crate) fn object_key(&self, key: &str) -> String {
        let (table, key, version) = (self.object_table(), self.literal(key), self.literal(crate::VERSION));
        let [entry, path] = [&entry(KEY), KEY].map(|text| self.literal(text));
        format!(
            "INSERT INTO {table} (entry, object_path, checksum, tool_version, format) \
             VALUES ({entry}, {path}, {key}, {version}, {FORMAT})"
        )
    }

    /// Returns the statements that write these rows over those that their files have.
    pub(crate) fn record_objects(&self, records: &[ObjectRecord<'_>]) -> Vec<String> {
        let table = self.object_table();
        let paths = records.iter().map(|record| record.path).collect::<Vec<_>>();
        let inserts = records.chunks(ROWS).map(|records| {
            let rows = records.iter().map(|record| self.row_of_object(record)).collect::<Vec<_>>().join(", ");
            format!("INSERT INTO {table} ({WRITTEN}) VALUES {rows}")
        });
        self.forget_objects(&paths).into_iter().chain(inserts).collect()
    }

    /// Returns the statements that delete the rows of these files.
    pub(crate) fn forget_objects(&self, paths: &[&str]) -> Vec<String> {
        let delete = |paths: &[&str]| {
            let entries = paths.iter().map(|path| self.literal(&entry(path))).collect::<Vec<_>>().join(", ");
            format!("DELETE FROM {} WHERE entry IN ({entries})", self.object_table())
        };
        paths.chunks(ROWS).map(delete).collect()
    }

    /// Returns the statement that gives the row of a file to the file that it was renamed to.
    pub(crate) fn rename_object(&self, from: &str, to: &str) -> String {
        let [new, to, old] = [&entry(to), to, &entry(from)].map(|text| self.literal(text));
        format!("UPDATE {} SET entry = {new}, object_path = {to} WHERE entry = {old}", self.object_table())
    }

    /// Returns the statements that write the places of these files in the order.
    pub(crate) fn place_objects(&self, places: &[(&str, u64)]) -> Vec<String> {
        let update = |places: &[(&str, u64)]| {
            let entries = places.iter().map(|(path, place)| (self.literal(&entry(path)), place)).collect::<Vec<_>>();
            let cases = entries.iter().map(|(entry, place)| format!("WHEN {entry} THEN {place}")).collect::<Vec<_>>();
            let all = entries.iter().map(|(entry, _)| entry.as_str()).collect::<Vec<_>>().join(", ");
            let (table, cases) = (self.object_table(), cases.join(" "));
            format!("UPDATE {table} SET place = CASE entry {cases} END WHERE entry IN ({all})")
        };
        places.chunks(ROWS).map(update).collect()
    }

    /// Returns the values of a row in the order of [`WRITTEN`].
    fn row_of_object(&self, record: &ObjectRecord<'_>) -> String {
        let ObjectRecord { path, checksum, variables, names, left, place, state, body, author } = record;
        let optional = |text: Option<&str>| text.map_or_else(|| "NULL".into(), |text| self.literal(text));
        let (entry, checksum) = (entry(path), checksum.to_string());
        let [entry, path, checksum] = [entry.as_str(), path, &checksum].map(|text| self.literal(text));
        let left = left.iter().map(|name| format!("{LEFT}{name}"));
        let names = names.iter().cloned().chain(left).collect::<Vec<_>>();
        let names = (!names.is_empty()).then(|| names.join("\n"));
        let [variables, names, commit] = [*variables, names.as_deref(), author.commit.as_deref()].map(optional);
        let (now, body) = (self.dialect.now, optional(*body));
        let [state, by, run] = [state.as_str(), &author.applied_by, &author.run].map(|text| self.literal(text));
        let version = self.literal(crate::VERSION);
        format!(
            "({entry}, {path}, {checksum}, {variables}, {names}, {place}, {state}, {now}, {by}, {run}, \
             {commit}, {body}, {version}, {FORMAT})"
        )
    }
}

/// The most rows that one statement writes: some servers accept no more than 1,000.
const ROWS: usize = 100;

/// Returns the key of a file's row: paths are too long for the key of a table on some servers.
fn entry(path: &str) -> String {
    Checksum::of(path).to_string()
}
