//! The journal: what was applied to a database, and the SQL that reads and writes it.

mod dialect;
mod object;
mod repair;
mod snapshot;
mod values;

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

pub(crate) use self::dialect::{Catalog, Clock, Foreign, JournalDialect};
pub(crate) use self::object::{ObjectEntry, ObjectJournal, ObjectRecord};
pub(crate) use self::repair::{Acceptance, Repair};
pub(crate) use self::snapshot::{MARK, NewSnapshot, Origin, Position, SCHEMA, Snapshot};
pub use self::values::{RunId, Timestamp};
use crate::script::{AS_IT_WAS, Checksum, Kind, Number, Script};
use crate::sql::Context;

/// The format of the journal that this version writes. A journal with a higher one is refused.
pub const FORMAT: u32 = 2;

/// The longest text that a journal row keeps, in bytes of canonical text: 64 KiB.
pub const BODY_LIMIT: usize = 64 * 1024;

/// The name of the journal table and, if it is not the engine's default, its schema.
///
/// dbmigrate quotes it wherever it uses it, so any name works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalTable {
    /// The schema; `None` is the engine's default: `public`, `main` or `dbo`.
    pub schema: Option<String>,
    /// The table.
    pub name: String,
}

impl Default for JournalTable {
    fn default() -> Self {
        Self { schema: None, name: "dbmigrate_journal".into() }
    }
}

impl Context {
    /// Sets the journal; without a schema of its own, it is in the default schema.
    #[must_use]
    pub fn with_journal(self, journal: &JournalTable) -> Self {
        let journal_schema = journal.schema.clone().or(self.journal_schema);
        Self { journal: journal.name.clone(), journal_schema, ..self }
    }
}

/// The state of a script in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// It ran and was committed.
    Applied,
    /// It was recorded by `baseline` without running.
    Baselined,
    /// It was imported from another tool's journal.
    Imported,
    /// It began outside a transaction and did not end: whether the statement that was running has run is unknown.
    Started,
    /// It began outside a transaction and did not end, but no statement was running: it is known what ran.
    Paused,
    /// It failed outside a transaction: the statements before the failed one stay.
    Failed,
}

impl State {
    const ALL: [Self; 6] = [Self::Applied, Self::Baselined, Self::Imported, Self::Started, Self::Paused, Self::Failed];

    /// Returns the word for the state in the journal and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Baselined => "baselined",
            Self::Imported => "imported",
            Self::Started => "started",
            Self::Paused => "paused",
            Self::Failed => "failed",
        }
    }

    /// Whether the script is done, in whichever way.
    #[must_use]
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Applied | Self::Baselined | Self::Imported)
    }
}

impl FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or_else(|| format!("unknown state {text:?}"))
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One row of the journal, as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The script's number.
    pub(crate) number: Number,
    /// Its canonical name: `Script-0007.sql`.
    pub(crate) script: String,
    /// Its first comment line.
    pub(crate) title: Option<String>,
    /// The checksum of the text that was applied.
    pub(crate) checksum: Checksum,
    /// Its state.
    pub(crate) state: State,
    /// When it was applied, in UTC by the server's clock: `2026-01-31T23:59:59.123Z`.
    pub(crate) applied_at: Timestamp,
    /// How long it ran.
    pub(crate) duration: Duration,
    /// The database user and the operating system user: `shop_owner (deploy@web1)`.
    pub(crate) applied_by: String,
    /// The run that applied it (a UUID): all scripts of one `upgrade` have the same.
    pub(crate) run: String,
    /// The version of dbmigrate that applied it.
    pub(crate) tool_version: String,
    /// The commit that the script came from, if it is known.
    pub(crate) git_commit: Option<String>,
    /// How many statements are known to have finished, outside a transaction.
    pub(crate) statements_done: Option<usize>,
    /// The checksum of the text of those statements.
    pub(crate) done_checksum: Option<Checksum>,
}

impl Entry {
    /// Parses a row of texts in the order of [`SELECTED`].
    pub(crate) fn from_cells(cells: Vec<Option<String>>) -> Result<Self, String> {
        let mut cells = cells.into_iter();
        let mut cell = move || cells.next().flatten();
        Ok(Self {
            number: parse("number", &required("number", cell())?)?,
            script: required("script", cell())?,
            title: cell(),
            checksum: parse("checksum", &required("checksum", cell())?)?,
            state: parse("state", &required("state", cell())?)?,
            applied_at: Timestamp::new(required("applied_at", cell())?),
            duration: Duration::from_millis(parse("duration_ms", &required("duration_ms", cell())?)?),
            applied_by: required("applied_by", cell())?,
            run: required("run", cell())?,
            tool_version: required("tool_version", cell())?,
            git_commit: cell(),
            statements_done: cell().map(|text| parse("statements_done", &text)).transpose()?,
            done_checksum: cell().map(|text| parse("done_checksum", &text)).transpose()?,
        })
    }

    /// Whether the entry stands for the database as it was when it was recorded, so that it has no file.
    pub(crate) fn is_as_it_was(&self) -> bool {
        self.number == Number::BASELINE && self.checksum == Checksum::of(AS_IT_WAS)
    }

    /// Returns whether it is a script or a baseline.
    #[must_use]
    pub(crate) fn kind(&self) -> Kind {
        if self.script.starts_with("Baseline") { Kind::Baseline } else { Kind::Script }
    }
}

fn required(column: &str, cell: Option<String>) -> Result<String, String> {
    cell.ok_or_else(|| format!("the column {column} is empty"))
}

fn parse<T: FromStr<Err: fmt::Display>>(column: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|error| format!("the column {column} holds {text:?}: {error}"))
}

/// What a database says about its own history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Journal {
    /// The rows by number; empty if there is no journal table.
    pub(crate) entries: Vec<Entry>,
    /// Whether there is a journal table.
    pub(crate) exists: bool,
    /// The highest format of its rows.
    pub(crate) format: u32,
    /// If there are no entries, whether the database contains something that the journal does not explain.
    pub(crate) occupied: bool,
    /// What was applied of the object files.
    pub(crate) objects: ObjectJournal,
}

impl Journal {
    /// Returns the highest number that is done.
    #[must_use]
    pub(crate) fn at(&self) -> Option<Number> {
        self.entries.iter().filter(|entry| entry.state.is_done()).map(|entry| entry.number).max()
    }

    /// Whether a script began and is not done.
    #[must_use]
    pub(crate) fn is_unfinished(&self) -> bool {
        self.entries.iter().any(|entry| !entry.state.is_done())
    }

    pub(crate) fn find(&self, kind: Kind, number: Number) -> Option<&Entry> {
        let entry = &self.entries[self.entries.binary_search_by_key(&number, |entry| entry.number).ok()?];
        (entry.kind() == kind).then_some(entry)
    }
}

/// A row to be written.
#[derive(Debug, Clone)]
pub(crate) struct Record<'a> {
    pub(crate) script: &'a Script,
    pub(crate) state: State,
    pub(crate) clock: Clock,
    pub(crate) progress: Option<Progress>,
    pub(crate) body: Option<&'a str>,
    pub(crate) author: &'a Author,
}

/// How far a script outside a transaction has got: the content of a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) statements: usize,
    pub(crate) checksum: Checksum,
}

/// Who writes the journal.
#[derive(Debug, Clone)]
pub(crate) struct Author {
    pub(crate) applied_by: String,
    pub(crate) run: String,
    /// The commit that the script comes from.
    pub(crate) commit: Option<String>,
    /// When another tool has applied the script; `None` is now.
    pub(crate) at: Option<Timestamp>,
}

/// The journal's SQL for one table of one engine. It contains values as literals, so that `--dry-run` can print what is
/// sent.
#[derive(Clone)]
pub(crate) struct JournalSql {
    /// The table's own name, as it is.
    pub(crate) name: String,
    /// The table with its schema, quoted.
    pub(crate) table: String,
    /// The statement that creates the schema if it does not exist; `None` if the schema always exists.
    pub(crate) create_schema: Option<String>,
    pub(crate) dialect: JournalDialect,
}

/// The columns that [`JournalSql::select`] reads, in the order of [`Entry`]'s fields; `{time}` depends on the engine.
const SELECTED: &str = "number, script, title, checksum, state, {time}, duration_ms, applied_by, run, tool_version, \
                        git_commit, statements_done, done_checksum";

impl JournalSql {
    /// Returns the statements that create the journal.
    pub(crate) fn create(&self) -> Vec<String> {
        let table = self.dialect.create.replace("{table}", &self.table);
        self.create_schema.clone().into_iter().chain([table]).collect()
    }

    pub(crate) fn format(&self) -> String {
        format!("SELECT max(format) FROM {}", self.table)
    }

    /// Returns a statement that fails unless the journal has this many rows and the condition also holds.
    pub(crate) fn guard(&self, rows: u64, condition: Option<&str>) -> String {
        let count = self.count();
        let condition = condition.map_or_else(String::new, |condition| format!(" AND {condition}"));
        self.dialect.guard.replace("{condition}", &format!("({count}) = {rows}{condition}")).replace("{count}", &count)
    }

    /// Returns a query for the number of rows.
    pub(crate) fn count(&self) -> String {
        format!("SELECT count(*) FROM {}", self.table)
    }

    pub(crate) fn select(&self) -> String {
        let columns = SELECTED.replace("{time}", self.dialect.time);
        format!("SELECT {columns} FROM {} ORDER BY number", self.table)
    }

    pub(crate) fn bodies(&self, numbers: &[Number]) -> String {
        let list = numbers.iter().map(|number| number.get().to_string()).collect::<Vec<_>>().join(", ");
        format!("SELECT number, body FROM {} WHERE number IN ({list}) AND body IS NOT NULL", self.table)
    }

    /// Makes a statement that writes a script's row also answer how long the script ran, if necessary by a second
    /// statement.
    pub(crate) fn timed(&self, sql: String, number: Number) -> Vec<String> {
        match self.dialect.returning {
            Some(returning) => vec![format!("{sql} {returning}")],
            None => vec![sql, format!("SELECT duration_ms FROM {} WHERE number = {}", self.table, number.get())],
        }
    }

    /// Returns a query for the names and times that another tool has recorded.
    pub(crate) fn foreign(&self, table: Option<&JournalTable>) -> String {
        let Foreign { table: usual, columns } = self.dialect.foreign;
        let schema = table.and_then(|table| table.schema.as_deref());
        format!("SELECT {columns} FROM {}", self.quoted(schema, table.map_or(usual, |table| &table.name)))
    }

    /// Quotes a table with its schema.
    pub(crate) fn quoted(&self, schema: Option<&str>, table: &str) -> String {
        let quote = self.dialect.quote;
        let schema = schema.map_or_else(String::new, |schema| format!("{}.", quote(schema)));
        format!("{schema}{}", quote(table))
    }

    /// Returns the journal of another history in the same database.
    pub(crate) fn elsewhere(&self, schema: Option<&str>, table: &str) -> Self {
        Self { name: table.to_owned(), table: self.quoted(schema, table), ..self.clone() }
    }

    /// Returns a statement that writes the row of a script that has none.
    pub(crate) fn insert(&self, record: &Record<'_>) -> String {
        let fields = self.fields(record);
        let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
        format!("INSERT INTO {} ({}) VALUES ({})", self.table, names.join(", "), values.join(", "))
    }

    /// Returns a statement that replaces the row of a script that has begun.
    pub(crate) fn update(&self, record: &Record<'_>) -> String {
        let mut fields = self.fields(record);
        // some engines set columns from left to right, and the duration may be computed from `applied_at`
        fields.sort_by_key(|(name, _)| record.clock == Clock::Row && *name != "duration_ms");
        // the text was already written when the script began
        fields.retain(|(name, _)| record.clock != Clock::Row || *name != "body");
        let set = fields.into_iter().map(|(name, value)| format!("{name} = {value}"));
        let set = set.collect::<Vec<_>>().join(", ");
        format!("UPDATE {} SET {set} WHERE number = {}", self.table, record.script.number().get())
    }

    /// Returns a statement that writes a checkpoint.
    pub(crate) fn progress(&self, number: Number, progress: Progress, state: State) -> String {
        let Progress { statements, checksum } = progress;
        let (table, state) = (&self.table, self.literal(state.as_str()));
        let checksum = self.literal(&checksum.to_string());
        format!(
            "UPDATE {table} SET state = {state}, statements_done = {statements}, done_checksum = {checksum} \
             WHERE number = {}",
            number.get()
        )
    }

    /// Returns a statement that writes the state of a script.
    pub(crate) fn state(&self, number: Number, state: State) -> String {
        format!("UPDATE {} SET state = {} WHERE number = {}", self.table, self.literal(state.as_str()), number.get())
    }

    /// Returns a statement that writes where a script stopped, and why.
    pub(crate) fn stopped(&self, number: Number, progress: Option<Progress>, state: State, message: &str) -> String {
        let (table, message, state) = (&self.table, self.literal(message), self.literal(state.as_str()));
        let done = progress.map_or(0, |progress| progress.statements);
        let checksum = progress.map_or_else(|| "NULL".into(), |progress| self.literal(&progress.checksum.to_string()));
        format!(
            "UPDATE {table} SET state = {state}, statements_done = {done}, done_checksum = {checksum}, error = {message} \
             WHERE number = {}",
            number.get()
        )
    }

    fn fields(&self, record: &Record<'_>) -> Vec<(&'static str, String)> {
        let optional = |text: Option<&str>| text.map_or_else(|| "NULL".into(), |text| self.literal(text));
        let moment = |at: &Timestamp| (self.dialect.moment)(&at.to_string());
        let progress = record.progress;
        vec![
            ("number", record.script.number().get().to_string()),
            ("script", self.literal(&record.script.name())),
            ("title", optional(record.script.title())),
            ("checksum", self.literal(&record.script.known_checksum().to_string())),
            ("state", self.literal(record.state.as_str())),
            ("applied_at", record.author.at.as_ref().map_or_else(|| self.dialect.now.into(), moment)),
            ("duration_ms", self.dialect.elapsed(&self.table, record.clock)),
            ("applied_by", self.literal(&record.author.applied_by)),
            ("run", self.literal(&record.author.run)),
            ("tool_version", self.literal(crate::VERSION)),
            ("git_commit", optional(record.author.commit.as_deref())),
            ("statements_done", progress.map_or_else(|| "NULL".into(), |progress| progress.statements.to_string())),
            ("done_checksum", optional(progress.map(|progress| progress.checksum.to_string()).as_deref())),
            ("error", "NULL".into()),
            ("body", optional(record.body)),
            ("format", FORMAT.to_string()),
        ]
    }

    fn literal(&self, text: &str) -> String {
        (self.dialect.literal)(text)
    }
}

/// Formats a range of numbers: `0005`, `0005-0007`.
pub(crate) fn range(numbers: &RangeInclusive<Number>) -> String {
    let (first, last) = (numbers.start(), numbers.end());
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

#[cfg(test)]
mod tests;
