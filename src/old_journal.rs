//! Journals that a database already has: of other migration tools, and of other dbmigrate histories.

mod tools;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use self::tools::{BESIDE, RAILS, Row, Rows, SCHEMAS, TOOLS, Tool, beside};
use crate::engine::{Cells, Connection};
use crate::error::ServerError;
use crate::journal::JournalTable;
use crate::sql::tables_beside;

/// The journal of another migration tool in a database.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OldJournal {
    /// The tool.
    pub tool: &'static str,
    /// Its table, with the schema if the database has several.
    pub table: String,
    /// How many migrations it has recorded, if each has a row.
    pub applied: Option<u64>,
    /// The migrations that failed or stopped in the middle, one sentence each.
    pub failed: Vec<String>,
    /// The tool's other tables, and its schema if it has one of its own.
    pub(crate) others: Vec<String>,
}

/// A journal of dbmigrate's own that belongs to another history in the same database.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OtherHistory {
    /// Its table, with the schema if the database has several.
    pub table: String,
    /// How many rows it has.
    pub rows: u64,
}

impl OldJournal {
    /// Whether it may be the journal of a tool: two tools share one.
    pub(crate) fn may_be_of(&self, tool: &str) -> bool {
        self.tool.split(" or ").any(|one| one == tool)
    }
}

impl fmt::Display for OldJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} has its journal in {}", self.tool, self.table)?;
        match self.applied {
            None => Ok(()),
            Some(1) => f.write_str(", with 1 migration"),
            Some(applied) => write!(f, ", with {applied} migrations"),
        }
    }
}

/// A table that may be a journal.
struct Candidate {
    /// The schema as the database writes it; `None` if there is only one.
    schema: Option<String>,
    /// The name as the database writes it.
    name: String,
    /// The columns in lower case, each with how the database writes it.
    columns: BTreeMap<String, String>,
}

impl Candidate {
    fn has(&self, columns: &[&str]) -> bool {
        columns.iter().all(|column| self.columns.contains_key(*column))
    }

    fn shown(&self) -> String {
        self.schema.as_ref().map_or_else(|| self.name.clone(), |schema| format!("{schema}.{}", self.name))
    }

    /// Whether a name, with or without a schema, is the name of the table.
    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name) || self.shown().eq_ignore_ascii_case(name)
    }
}

/// Two columns that only dbmigrate's journals have.
const OURS: [&str; 2] = ["done_checksum", "statements_done"];

/// Returns the tables of a database that may be journals: by their names, or because they have dbmigrate's columns.
async fn candidates(connection: &mut dyn Connection) -> Result<Vec<Candidate>, ServerError> {
    let beside = BESIDE.iter().flat_map(|(_, tables)| *tables).copied();
    tables_named(connection, &mut TOOLS.iter().map(|tool| tool.table).chain(beside)).await
}

/// A column of an old journal, and how it is read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Column {
    /// As text.
    Text(&'static str),
    /// Bytes, as hexadecimal digits.
    Hex(&'static str),
    /// The tool has none.
    None,
}

/// Reads the rows of an old journal, in the order of the first column: of this table, or of the first table with one of the
/// names. `None` if there is none with these columns.
pub(crate) async fn journal_rows(
    connection: &mut dyn Connection,
    table: Option<&JournalTable>,
    names: &[&str],
    columns: &[Column],
) -> Result<Option<Vec<Cells>>, ServerError> {
    let chosen = table.map(|table| table.name.to_lowercase());
    let found = match &chosen {
        Some(name) => tables_named(connection, &mut [name.as_str()].into_iter()).await?,
        None => tables_named(connection, &mut names.iter().copied()).await?,
    };
    let wanted = |column: &Column| match column {
        Column::Text(name) | Column::Hex(name) => Some(*name),
        Column::None => None,
    };
    let needed = columns.iter().filter_map(wanted).collect::<Vec<_>>();
    let is_meant = |candidate: &&Candidate| {
        let schema = table.and_then(|table| table.schema.as_deref());
        let is_there =
            schema.is_none_or(|schema| candidate.schema.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(schema)));
        is_there
            && candidate.has(&needed)
            && (table.is_some() || names.iter().any(|name| candidate.name.eq_ignore_ascii_case(name)))
    };
    let dialect = &connection.server().journal.dialect;
    // where a name is without a schema, the session's own one counts first
    let default = connection.server().context.journal_schema.clone();
    let mut meant = found.iter().filter(is_meant).collect::<Vec<_>>();
    meant.sort_by_key(|candidate| candidate.schema != default);
    let Some(candidate) = meant.first() else { return Ok(None) };
    let quoted_column = |name: &str| (dialect.quote)(candidate.columns.get(name).map_or(name, String::as_str));
    let read = |column: &Column| match column {
        Column::Text(name) => dialect.catalog.cell.replace("{column}", &quoted_column(name)),
        Column::Hex(name) => dialect.catalog.hex.replace("{column}", &quoted_column(name)),
        Column::None => "NULL".into(),
    };
    let list = columns.iter().map(read).collect::<Vec<_>>().join(", ");
    let order = needed.first().map_or_else(String::new, |first| format!(" ORDER BY {}", quoted_column(first)));
    let sql = format!("SELECT {list} FROM {}{order}", quoted(connection, candidate));
    connection.query(&sql).await.map(Some)
}

/// Returns the tables with these names, in lower case, and those that have dbmigrate's columns.
async fn tables_named(
    connection: &mut dyn Connection,
    names: &mut (dyn Iterator<Item = &str> + Send),
) -> Result<Vec<Candidate>, ServerError> {
    let dialect = &connection.server().journal.dialect;
    let list = |names: &mut dyn Iterator<Item = &str>| names.map(dialect.literal).collect::<Vec<_>>().join(", ");
    let names = list(names);
    let sql = dialect.catalog.columns.replace("{names}", &names).replace("{columns}", &list(&mut OURS.into_iter()));
    let mut tables = BTreeMap::<(Option<String>, String), Candidate>::new();
    for row in connection.query(&sql).await? {
        let Ok([schema, Some(name), Some(column)]) = <[Option<String>; 3]>::try_from(row) else { continue };
        let table = tables.entry((schema.clone(), name.clone()));
        let table = table.or_insert_with(|| Candidate { schema, name, columns: BTreeMap::new() });
        table.columns.insert(column.to_lowercase(), column);
    }
    Ok(tables.into_values().collect())
}

fn quoted(connection: &dyn Connection, table: &Candidate) -> String {
    let quote = connection.server().journal.dialect.quote;
    let schema = table.schema.as_ref().map_or_else(String::new, |schema| format!("{}.", quote(schema)));
    format!("{schema}{}", quote(&table.name))
}

async fn count(connection: &mut dyn Connection, table: &Candidate) -> Result<u64, ServerError> {
    let sql = format!("SELECT count(*) FROM {}", quoted(connection, table));
    let count = connection.query(&sql).await?.into_iter().flatten().next().flatten();
    Ok(count.and_then(|count| count.parse().ok()).unwrap_or(0))
}

/// Returns the journals of other tools in a database, without those to be ignored.
pub(crate) async fn old_journals(
    connection: &mut dyn Connection,
    ignored: &[String],
) -> Result<Vec<OldJournal>, ServerError> {
    let mut found = Vec::new();
    let candidates = candidates(connection).await?;
    // dbmate uses the same table, but without this one beside it
    let is_rails = candidates.iter().any(|table| table.is(RAILS));
    for table in &candidates {
        let named = |tool: &&Tool| table.name.eq_ignore_ascii_case(tool.table) && table.has(tool.columns);
        let Some(tool) = TOOLS.iter().find(named) else { continue };
        if ignored.iter().any(|name| table.is(name)) {
            continue;
        }
        let name = if is_rails && matches!(tool.name, "dbmate") { "Rails" } else { tool.name };
        let others = others(name, table, &candidates);
        let mut journal = OldJournal { tool: name, table: table.shown(), applied: None, failed: Vec::new(), others };
        match tool.rows {
            Rows::Unread => {}
            Rows::Applied => journal.applied = Some(count(connection, table).await?),
            Rows::Judged { columns, judge, counts } => {
                let mut applied = 0;
                for row in read(connection, table, columns).await? {
                    match judge(&row) {
                        Row::Applied => applied += 1,
                        Row::Ignored => {}
                        Row::Failed(why) => journal.failed.push(why),
                    }
                }
                journal.applied = counts.then_some(applied);
            }
        }
        found.push(journal);
    }
    Ok(found)
}

/// Returns the other tables of the tool that has a journal, and the schema that it has made for them.
fn others(tool: &str, journal: &Candidate, candidates: &[Candidate]) -> Vec<String> {
    let names = beside(tool);
    let is_one = |table: &&Candidate| {
        table.schema == journal.schema && names.iter().any(|name| table.name.eq_ignore_ascii_case(name))
    };
    let own = journal.schema.clone().filter(|schema| SCHEMAS.contains(&schema.to_lowercase().as_str()));
    candidates.iter().filter(is_one).map(Candidate::shown).chain(own).collect()
}

async fn read(connection: &mut dyn Connection, table: &Candidate, columns: &[&str]) -> Result<Vec<Cells>, ServerError> {
    let dialect = &connection.server().journal.dialect;
    let column = |name: &&str| {
        let column = (dialect.quote)(table.columns.get(*name).map_or(*name, String::as_str));
        dialect.catalog.cell.replace("{column}", &column)
    };
    let columns = columns.iter().map(column).collect::<Vec<_>>().join(", ");
    let sql = format!("SELECT {columns} FROM {} ORDER BY 1", quoted(connection, table));
    connection.query(&sql).await
}

/// Returns the journals of other dbmigrate histories in a database.
pub(crate) async fn other_histories(
    connection: &mut dyn Connection,
    own: &JournalTable,
) -> Result<Vec<OtherHistory>, ServerError> {
    let default = connection.server().context.journal_schema.clone();
    let schema = own.schema.clone().or(default);
    let mut found = Vec::new();
    for table in candidates(connection).await? {
        let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
        let in_schema =
            table.schema.as_deref().is_none_or(|one| schema.as_deref().is_none_or(|other| same(one, other)));
        let is_own = same(&table.name, &own.name) && in_schema;
        if table.has(&OURS) && table.has(&["number", "script", "checksum"]) && !is_own {
            found.push(OtherHistory { table: table.shown(), rows: count(connection, &table).await? });
        }
    }
    Ok(found)
}

/// How many tables one query asks for rows.
const ASKED: usize = 200;

/// Returns the tables of a database that have rows, without its journals.
pub(crate) async fn filled(
    connection: &mut dyn Connection,
    own: &JournalTable,
) -> Result<BTreeSet<String>, ServerError> {
    let (tables, mut filled) = (tables(connection, own).await?, BTreeSet::new());
    for tables in tables.chunks(ASKED) {
        let journal = &connection.server().journal;
        let query = |table: &String| {
            let (schema, name) =
                table.split_once('.').map_or((None, table.as_str()), |(schema, name)| (Some(schema), name));
            let (from, shown) = (journal.quoted(schema, name), (journal.dialect.literal)(table));
            format!("SELECT CASE WHEN EXISTS (SELECT 1 FROM {from}) THEN {shown} END")
        };
        let query = tables.iter().map(query).collect::<Vec<_>>().join(" UNION ALL ");
        filled.extend(connection.query(&query).await?.into_iter().flatten().flatten());
    }
    Ok(filled)
}

/// Returns the tables of a database without its journals.
pub(crate) async fn tables(connection: &mut dyn Connection, own: &JournalTable) -> Result<Vec<String>, ServerError> {
    let sql = connection.server().journal.dialect.catalog.tables.clone();
    let rows = connection.query(&sql).await?;
    let is_journal = |name: &str| {
        let (schema, name) = name.rsplit_once('.').map_or((None, name), |(schema, name)| (Some(schema), name));
        let is_made = schema.is_some_and(|schema| SCHEMAS.iter().any(|own| schema.eq_ignore_ascii_case(own)));
        // a table of the user's may have the name, too
        let is_beside = |one: &str| one != "version" && name.eq_ignore_ascii_case(one);
        let is_old = TOOLS.iter().any(|tool| name.eq_ignore_ascii_case(tool.table))
            || is_made
            || BESIDE.iter().flat_map(|(_, tables)| *tables).any(|one| is_beside(one));
        is_old || name == own.name || tables_beside(&own.name).iter().any(|beside| name == beside)
    };
    let name = |row: Cells| row.into_iter().next().flatten().filter(|name| !is_journal(name));
    Ok(rows.into_iter().filter_map(name).collect())
}
