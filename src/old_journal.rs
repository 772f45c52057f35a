//! Journals that a database already has: of other migration tools, and of other dbmigrate histories.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

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

/// How to recognise and read the journal of a tool.
struct Tool {
    name: &'static str,
    /// Its table, in lower case.
    table: &'static str,
    /// The columns that it must have, in lower case.
    columns: &'static [&'static str],
    /// What its rows say.
    rows: Rows,
}

/// What the rows of a journal say.
enum Rows {
    /// Nothing that dbmigrate understands.
    Unread,
    /// Each row is a migration that was applied.
    Applied,
    /// Each row is a migration; `judge` tells its result from these columns.
    Judged { columns: &'static [&'static str], judge: fn(&[Option<String>]) -> Row, counts: bool },
}

/// What a row says.
enum Row {
    Applied,
    Ignored,
    Failed(String),
}

/// The tools, each with its default table. If two use the same table name, the first one whose columns match counts.
/// The names come from the tools' own sources.
const TOOLS: [Tool; 23] = [
    Tool::judged(
        "Flyway",
        "flyway_schema_history",
        &["installed_rank", "version", "success"],
        &["version", "success"],
        success,
        false,
    ),
    Tool::judged(
        "Flyway",
        "schema_version",
        &["installed_rank", "version", "success"],
        &["version", "success"],
        success,
        false,
    ),
    Tool::judged("Liquibase", "databasechangelog", &["id", "author", "exectype"], &["id", "exectype"], executed, false),
    Tool::unread("DbUp", "schemaversions", &["scriptname", "applied"]),
    Tool::unread("grate or RoundhousE", "scriptsrun", &["script_name", "text_hash"]),
    Tool::unread("grate", "grate_scriptsrun", &["script_name", "text_hash"]),
    Tool::unread("RoundhousE", "roundhouse_scriptsrun", &["script_name", "text_hash"]),
    Tool::judged("sqlx", "_sqlx_migrations", &["version", "success"], &["version", "success"], success, true),
    Tool::unread("refinery", "refinery_schema_history", &["version", "checksum"]),
    Tool::judged("golang-migrate", "schema_migrations", &["version", "dirty"], &["version", "dirty"], dirty, false),
    Tool::unread("Ecto", "schema_migrations", &["version", "inserted_at"]),
    Tool { name: "dbmate", table: "schema_migrations", columns: &["version"], rows: Rows::Applied },
    Tool::unread("goose", "goose_db_version", &["version_id", "is_applied"]),
    Tool::unread("tern", "schema_version", &["version"]),
    Tool { name: "EF Core", table: "__efmigrationshistory", columns: &["migrationid"], rows: Rows::Applied },
    Tool::unread("Alembic", "alembic_version", &["version_num"]),
    Tool::judged(
        "Prisma",
        "_prisma_migrations",
        &["migration_name", "finished_at", "rolled_back_at"],
        &["migration_name", "finished_at", "rolled_back_at"],
        finished,
        true,
    ),
    Tool::judged(
        "Atlas",
        "atlas_schema_revisions",
        &["version", "applied", "total"],
        &["version", "applied", "total"],
        complete,
        false,
    ),
    Tool::unread("node-pg-migrate", "pgmigrations", &["name", "run_on"]),
    Tool::judged("Evolve", "changelog", &["version", "checksum", "success"], &["version", "success"], success, false),
    Tool::unread("Diesel", "__diesel_schema_migrations", &["version", "run_on"]),
    Tool::unread("sql-migrate", "gorp_migrations", &["id", "applied_at"]),
    Tool::unread("FluentMigrator", "versioninfo", &["version", "appliedon"]),
];

impl Tool {
    const fn unread(name: &'static str, table: &'static str, columns: &'static [&'static str]) -> Self {
        Self { name, table, columns, rows: Rows::Unread }
    }

    const fn judged(
        name: &'static str,
        table: &'static str,
        known: &'static [&'static str],
        columns: &'static [&'static str],
        judge: fn(&[Option<String>]) -> Row,
        counts: bool,
    ) -> Self {
        Self { name, table, columns: known, rows: Rows::Judged { columns, judge, counts } }
    }
}

fn text(cells: &[Option<String>], at: usize) -> &str {
    cells.get(at).and_then(Option::as_deref).unwrap_or_default()
}

/// Whether a cell is true in any engine's notation.
fn is_true(cells: &[Option<String>], at: usize) -> bool {
    matches!(text(cells, at), "1" | "t" | "true" | "True")
}

fn success(cells: &[Option<String>]) -> Row {
    let version = Some(text(cells, 0)).filter(|version| !version.is_empty()).unwrap_or("a repeatable migration");
    if is_true(cells, 1) { Row::Applied } else { Row::Failed(format!("{version} failed")) }
}

fn executed(cells: &[Option<String>]) -> Row {
    if text(cells, 1) == "FAILED" { Row::Failed(format!("{} failed", text(cells, 0))) } else { Row::Applied }
}

fn dirty(cells: &[Option<String>]) -> Row {
    if is_true(cells, 1) { Row::Failed(format!("{} is dirty", text(cells, 0))) } else { Row::Applied }
}

fn finished(cells: &[Option<String>]) -> Row {
    match (text(cells, 1), text(cells, 2)) {
        (_, rolled_back) if !rolled_back.is_empty() => Row::Ignored,
        ("", _) => Row::Failed(format!("{} did not finish", text(cells, 0))),
        _ => Row::Applied,
    }
}

fn complete(cells: &[Option<String>]) -> Row {
    let number = |at| text(cells, at).parse::<u64>().unwrap_or(0);
    match (text(cells, 0), number(1) < number(2)) {
        // the row is not a migration
        (version, _) if version.starts_with('.') => Row::Ignored,
        (version, true) => Row::Failed(format!("{version} stopped in the middle")),
        _ => Row::Applied,
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

/// The table that Rails keeps beside its journal.
const RAILS: &str = "ar_internal_metadata";

/// The tables that tools keep beside their journals, in lower case.
const BESIDE: [(&str, &[&str]); 6] = [
    ("Rails", &[RAILS]),
    ("Liquibase", &["databasechangeloglock"]),
    ("EF Core", &["__efmigrationslock"]),
    (
        "grate or RoundhousE",
        &["version", "scriptsrunerrors", "gratescriptsrun", "gratescriptsrunerrors", "grateversion"],
    ),
    (
        "grate",
        &[
            "grate_version",
            "grate_scriptsrunerrors",
            "grate_gratescriptsrun",
            "grate_gratescriptsrunerrors",
            "grate_grateversion",
        ],
    ),
    ("RoundhousE", &["roundhouse_version", "roundhouse_scriptsrunerrors"]),
];

/// The schemas that tools make for their journals, in lower case.
const SCHEMAS: [&str; 3] = ["grate", "roundhouse", "atlas_schema_revisions"];

/// Returns the names of the tables that a tool keeps beside its journal.
fn beside(tool: &str) -> &'static [&'static str] {
    BESIDE.iter().find(|(name, _)| *name == tool).map_or(&[], |(_, tables)| tables)
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
    let Some(candidate) = found.iter().find(is_meant) else { return Ok(None) };
    let dialect = &connection.server().journal.dialect;
    let quoted_column = |name: &str| (dialect.quote)(candidate.columns.get(name).map_or(name, String::as_str));
    let read = |column: &Column| match column {
        Column::Text(name) => format!("CAST({} AS {})", quoted_column(name), dialect.catalog.text),
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
        format!("CAST({column} AS {})", dialect.catalog.text)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(cells: &[&str]) -> Vec<Option<String>> {
        cells.iter().map(|cell| Some((*cell).to_owned()).filter(|cell| !cell.is_empty())).collect()
    }

    fn judged(judge: fn(&[Option<String>]) -> Row, row: &[&str]) -> Option<String> {
        match judge(&cells(row)) {
            Row::Applied => Some("applied".into()),
            Row::Ignored => None,
            Row::Failed(why) => Some(why),
        }
    }

    #[test]
    fn rows_say_what_became_of_a_migration() {
        for (judge, row, expected) in [
            (success as fn(&[Option<String>]) -> Row, ["3", "t", ""], Some("applied")),
            (success, ["3", "0", ""], Some("3 failed")),
            (success, ["", "false", ""], Some("a repeatable migration failed")),
            (executed, ["a-1", "EXECUTED", ""], Some("applied")),
            (executed, ["a-1", "FAILED", ""], Some("a-1 failed")),
            (dirty, ["14", "1", ""], Some("14 is dirty")),
            (dirty, ["14", "false", ""], Some("applied")),
            (finished, ["2024_init", "2024-01-01", ""], Some("applied")),
            (finished, ["2024_init", "", ""], Some("2024_init did not finish")),
            (finished, ["2024_init", "", "2024-01-01"], None),
            (complete, ["3", "2", "2"], Some("applied")),
            (complete, ["3", "1", "2"], Some("3 stopped in the middle")),
            (complete, [".atlas_cloud_identifier", "0", "0"], None),
        ] {
            assert_eq!(judged(judge, &row).as_deref(), expected, "{row:?}");
        }
    }

    #[test]
    fn the_tables_and_columns_of_tools_are_in_lower_case() {
        for tool in &TOOLS {
            let texts = tool.columns.iter().chain([&tool.table]);
            assert!(texts.into_iter().all(|text| *text == text.to_lowercase()), "{}", tool.name);
        }
    }
}
