//! Snapshots: the schema as a run left it, in a table beside the journal.

use super::{Author, Entry, FORMAT, JournalSql, RunId, State, Timestamp};
use crate::schema::{Row, Schema};
use crate::script::Number;

/// The schema as a run left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// What the run described.
    pub(crate) schema: Schema,
    /// Which run it was.
    pub(crate) origin: Origin,
    /// Its place among the snapshots of this journal, from 1.
    place: u64,
}

/// The run that left a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) run: RunId,
    pub(crate) at: Timestamp,
    /// Where the journal was.
    pub(crate) position: Position,
    /// What decided how the schema was described.
    pub(crate) described_by: String,
}

/// A snapshot to be written.
#[derive(Clone, Copy)]
pub(crate) struct NewSnapshot<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) position: &'a Position,
    pub(crate) described_by: &'a str,
    pub(crate) author: &'a Author,
}

/// How far a journal is: the last script that it has, and how much of it if it is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position(String);

impl Position {
    /// Returns the place after a script.
    pub(crate) fn after(entry: &Entry) -> Self {
        Self::new(entry.number, entry.state, entry.statements_done)
    }

    fn new(number: Number, state: State, statements: Option<usize>) -> Self {
        let place = (!state.is_done()).then(|| format!(":{state}:{}", statements.unwrap_or_default()));
        Self(format!("{}{}", number.get(), place.unwrap_or_default()))
    }

    /// Reads the row of [`JournalSql::position`].
    pub(crate) fn from_cells(cells: Vec<Option<String>>) -> Option<Self> {
        let Ok([Some(number), Some(state), statements]) = <[_; 3]>::try_from(cells) else { return None };
        let statements = statements.and_then(|statements: String| statements.parse().ok());
        Some(Self::new(number.parse().ok()?, state.parse().ok()?, statements))
    }
}

/// The columns that [`JournalSql::snapshot`] reads; `{time}` depends on the engine.
const SELECTED: &str = "kind, name, parent, place, definition, owner, grants, invented, run, {time}, journal_position";

/// The kind of the rows that stand for runs.
const RUN: &str = "run";

/// What follows the journal's name in the name of its table of snapshots.
pub(crate) const SCHEMA: &str = "_schema";

/// The column by which a table of snapshots is recognized.
pub(crate) const MARK: &str = "journal_position";

impl Snapshot {
    /// Returns the newest snapshot of the rows of [`JournalSql::snapshot`]; `None` if there is none.
    pub(crate) fn from_rows(rows: Vec<Vec<Option<String>>>) -> Option<Self> {
        let (mut described, mut newest) = (Vec::new(), None);
        for mut row in rows {
            let run = row.split_off(Row::CELLS.min(row.len()));
            if row.first().is_some_and(|kind| kind.as_deref() == Some(RUN)) {
                newest = origin(row, run);
            } else {
                described.extend(Row::from_cells(row));
            }
        }
        let (place, origin) = newest?;
        Some(Self { schema: Schema::from_rows(described), origin, place })
    }
}

/// Reads the row of a run.
fn origin(row: Vec<Option<String>>, run: Vec<Option<String>>) -> Option<(u64, Origin)> {
    // a column's place in its table is this row's place among those of runs
    let (place, described_by) = (row.get(3)?.as_ref()?.parse().ok()?, row.into_iter().nth(4)??);
    let Ok([Some(run), Some(at), Some(position)]) = <[_; 3]>::try_from(run) else { return None };
    let (run, at, position) = (RunId::new(run), Timestamp::new(at), Position(position));
    Some((place, Origin { run, at, position, described_by }))
}

/// The most rows that one statement writes. Servers need much longer to read long lists, and some accept no more than 1,000
/// rows.
const ROWS: usize = 100;

/// The bytes after which a statement takes no further row.
const BYTES: usize = 128 * 1024;

impl JournalSql {
    /// Returns the table of snapshots, which is beside the journal.
    pub(crate) fn schema(&self) -> String {
        let [_, schema, _] = self.beside();
        schema
    }

    /// Returns the statement that creates the table of snapshots if there is none.
    pub(crate) fn create_schema_table(&self) -> String {
        let table = self.schema();
        let sql = self.dialect.snapshots.trim_end().replace("{literal}", &self.literal(&table));
        sql.replace("{table}", &table)
    }

    /// Returns the statement that empties the table of snapshots. It fails if the table is another.
    pub(crate) fn clear_schema_table(&self) -> String {
        format!("DELETE FROM {} WHERE entry IS NOT NULL AND hash IS NOT NULL AND format > 0", self.schema())
    }

    /// Returns a query for the newest snapshot.
    pub(crate) fn snapshot(&self) -> String {
        let (table, columns) = (self.schema(), SELECTED.replace("{time}", &self.recorded_at()));
        let run = self.literal(RUN);
        format!(
            "SELECT {columns} FROM {table} WHERE kind <> {run} OR place = (SELECT max(place) FROM {table} WHERE kind = {run})"
        )
    }

    /// Returns a query for the time of the newest snapshot.
    pub(crate) fn snapshot_time(&self) -> String {
        let (table, time, run) = (self.schema(), self.recorded_at(), self.literal(RUN));
        format!(
            "SELECT {time} FROM {table} WHERE kind = {run} AND place = (SELECT max(place) FROM {table} WHERE kind = {run})"
        )
    }

    /// Returns the statements that make what another run has recorded this run's: numbers, checksums and times stay.
    pub(crate) fn take_over(&self, run: &str, has_objects: bool, has_snapshots: bool) -> Vec<String> {
        let (of_run, run) = (self.literal(RUN), self.literal(run));
        let [_, schema, objects] = self.beside();
        let set = |table: &str, rows: &str| format!("UPDATE {table} SET run = {run}{rows}");
        let objects = has_objects.then(|| set(&objects, ""));
        let snapshots = has_snapshots.then(|| set(&schema, &format!(" WHERE kind = {of_run}")));
        [set(&self.table, "")].into_iter().chain(objects).chain(snapshots).collect()
    }

    /// Returns a query for how far the journal is.
    pub(crate) fn position(&self) -> String {
        let table = &self.table;
        format!("SELECT number, state, statements_done FROM {table} WHERE number = (SELECT max(number) FROM {table})")
    }

    /// Returns a query for the time of the newest row of the journal.
    pub(crate) fn latest(&self) -> String {
        let (table, time) = (&self.table, self.dialect.time);
        format!("SELECT {time} FROM {table} WHERE applied_at = (SELECT max(applied_at) FROM {table})")
    }

    fn recorded_at(&self) -> String {
        self.dialect.time.replace("applied_at", "recorded_at")
    }

    /// Returns the statements that write a snapshot over the one before: only rows that differ are written.
    pub(crate) fn write_snapshot(&self, before: Option<&Snapshot>, new: &NewSnapshot<'_>) -> Vec<String> {
        let NewSnapshot { schema, author, .. } = *new;
        let table = self.schema();
        let (known, rows) = (before.map(|before| before.schema.rows()).unwrap_or_default(), schema.rows());
        let gone = known.iter().filter(|(key, row)| rows.get(*key) != Some(row)).map(|(key, _)| self.literal(key));
        let gone = gone.collect::<Vec<_>>();
        let delete = |keys: &[String]| format!("DELETE FROM {table} WHERE entry IN ({})", keys.join(", "));
        let mut statements = gone.chunks(ROWS).map(delete).collect::<Vec<_>>();
        let other = rows.iter().filter(|(key, row)| known.get(*key) != Some(row));
        let other = other.map(|(key, row)| self.object_row(key, row, author));
        let run = self.run_row(new, before.map_or(1, |before| before.place + 1));
        let mut values = Vec::<String>::new();
        let mut bytes = 0;
        for row in other.chain([run]) {
            if values.len() == ROWS || bytes > BYTES {
                statements.push(insert(&table, &values));
                values.clear();
                bytes = 0;
            }
            bytes += row.len();
            values.push(row);
        }
        statements.push(insert(&table, &values));
        statements
    }

    /// Returns the values of an object's row in the order of [`WRITTEN`].
    fn object_row(&self, key: &str, row: &Row, author: &Author) -> String {
        let cells = row.cells().map(|cell| cell.map_or_else(|| "NULL".into(), |text| self.literal(&text))).join(", ");
        let [key, hash, run] = [key, &row.hash(), &author.run].map(|text| self.literal(text));
        let version = self.literal(crate::VERSION);
        format!("({key}, {cells}, {hash}, {run}, NULL, NULL, NULL, {version}, {FORMAT})")
    }

    /// Returns the values of a run's row in the order of [`WRITTEN`].
    fn run_row(&self, new: &NewSnapshot<'_>, place: u64) -> String {
        let NewSnapshot { schema, position, described_by, author } = *new;
        let fingerprint = schema.fingerprint().to_string();
        let [kind, fingerprint, run] = [RUN, &fingerprint, &author.run].map(|text| self.literal(text));
        let described_by = self.literal(described_by);
        let [by, position, version] = [&author.applied_by, &position.0, crate::VERSION].map(|text| self.literal(text));
        let now = self.dialect.now;
        format!(
            "({run}, {kind}, {run}, NULL, {place}, {described_by}, NULL, NULL, NULL, {fingerprint}, {run}, {now}, {by}, {position}, {version}, {FORMAT})"
        )
    }
}

/// The columns that are written.
const WRITTEN: &str = "entry, kind, name, parent, place, definition, owner, grants, invented, hash, run, recorded_at, \
                       recorded_by, journal_position, tool_version, format";

fn insert(table: &str, rows: &[String]) -> String {
    format!("INSERT INTO {table} ({WRITTEN}) VALUES {}", rows.join(", "))
}
