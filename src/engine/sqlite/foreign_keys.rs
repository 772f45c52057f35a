//! Foreign keys, which are off while a run is under way: no script may leave more rows that point nowhere than it found.
//!
//! Rows are counted for each child table, parent table and key, so that an old one neither hides a new one nor is in the way
//! when its table is copied. Only what a transaction has touched is counted again.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext};

use super::PRODUCT;
use crate::engine::quote;
use crate::error::{ServerError, Trouble};

/// Child table, parent table, number of the key.
type Key = (String, String, i64);

/// The rows of a key that point nowhere.
#[derive(Debug, Default)]
struct Dangling {
    count: usize,
    /// Those that have a number.
    rows: BTreeSet<i64>,
    /// Why the key cannot be checked at all.
    mismatch: Option<String>,
}

/// What is known of the foreign keys of a database.
#[derive(Debug)]
pub(super) struct ForeignKeys {
    /// Another number means that another connection has written since.
    version: i64,
    tables: BTreeSet<String>,
    dangling: BTreeMap<Key, Dangling>,
}

/// What statements have touched.
#[derive(Debug, Default)]
pub(super) struct Touched {
    tables: BTreeSet<String>,
    created: BTreeSet<String>,
    dropped: BTreeSet<String>,
    /// Columns were added, or a table has another name.
    altered: bool,
    /// The schema's own table was open for writing.
    whole: bool,
}

impl Touched {
    /// Takes note of what a statement is about to do, the triggers that it runs included.
    pub(super) fn note(&mut self, context: &AuthContext<'_>) {
        match context.action {
            AuthAction::Insert { table_name }
            | AuthAction::Delete { table_name }
            | AuthAction::Update { table_name, .. } => self.touch(table_name),
            AuthAction::CreateTable { table_name } => drop(self.created.insert(table_name.to_owned())),
            AuthAction::DropTable { table_name } => {
                self.touch(table_name);
                self.dropped.insert(table_name.to_owned());
            }
            AuthAction::AlterTable { table_name, .. } => {
                self.touch(table_name);
                self.altered = true;
            }
            AuthAction::Pragma { pragma_name, pragma_value: Some(value) } => {
                self.whole |=
                    pragma_name.eq_ignore_ascii_case("writable_schema") && !value.eq_ignore_ascii_case("RESET");
            }
            _ => {}
        }
    }

    fn touch(&mut self, table: &str) {
        if !table.starts_with("sqlite_") {
            self.tables.insert(table.to_owned());
        }
    }
}

impl ForeignKeys {
    /// Reads all of the database.
    pub(super) fn of(connection: &Connection) -> rusqlite::Result<Self> {
        let (version, tables) = (version(connection)?, tables(connection)?);
        let mut dangling = BTreeMap::new();
        if let Err(error) = find(connection, None, &mut dangling) {
            // one key that cannot be checked keeps the others from being seen
            dangling.clear();
            if !is_mismatch(&error) {
                return Err(error);
            }
            for table in &tables {
                check(connection, table, &mut dangling)?;
            }
        }
        Ok(Self { version, tables, dangling })
    }

    /// What was known, as long as nobody else has written since.
    pub(super) fn or_anew(known: Option<Self>, connection: &Connection) -> rusqlite::Result<Self> {
        match known {
            Some(known) if known.version == version(connection)? => Ok(known),
            _ => Self::of(connection),
        }
    }

    /// The same after this was touched. The journal's own table has no keys.
    pub(super) fn after(&self, connection: &Connection, touched: Touched, journal: &str) -> rusqlite::Result<Self> {
        let tables = tables(connection)?;
        let is_gone = |table: &&String| !tables.contains(*table) && !touched.dropped.contains(*table);
        if touched.whole || touched.altered && self.tables.iter().any(|table| is_gone(&table)) {
            return Self::of(connection);
        }
        let mut changed = touched.tables;
        changed.remove(journal);
        let parents = changed.difference(&touched.created).map(|table| table.to_lowercase()).collect::<BTreeSet<_>>();
        changed.extend(children(connection, &parents)?);
        let mut dangling = BTreeMap::new();
        for table in changed.intersection(&tables) {
            check(connection, table, &mut dangling)?;
        }
        let is_kept = |(key, _): &(&Key, &Dangling)| tables.contains(&key.0) && !changed.contains(&key.0);
        let kept = self.dangling.iter().filter(is_kept).map(|(key, dangling)| (key.clone(), dangling.copied()));
        dangling.extend(kept);
        Ok(Self { version: self.version, tables, dangling })
    }

    /// What is worse than it was before.
    pub(super) fn worse_than(&self, before: &Self) -> Option<ServerError> {
        let none = Dangling::default();
        // a table that has another name now takes its rows with it
        let mut moved = BTreeMap::<&str, usize>::new();
        for ((table, parent, _), dangling) in before.dangling.iter().filter(|(key, _)| !self.tables.contains(&key.0)) {
            let _ = table;
            *moved.entry(parent).or_default() += dangling.count;
        }
        let (mut more, mut places) = (0, Vec::new());
        for (key, now) in &self.dangling {
            let old = before.dangling.get(key).unwrap_or(&none);
            let mut increase = now.count.saturating_sub(old.count);
            if !before.tables.contains(&key.0)
                && let Some(moved) = moved.get_mut(key.1.as_str())
            {
                let taken = increase.min(*moved);
                (increase, *moved) = (increase - taken, *moved - taken);
            }
            if increase > 0 {
                more += increase;
                places.extend(now.places(key, old, increase));
            }
        }
        let first = places.first()?;
        let rows = if more == 1 { "a row".to_owned() } else { format!("{more} rows") };
        let message = format!("{rows} would violate a foreign key: {first}");
        let detail = (places.len() > 1).then(|| places[1..].iter().take(4).cloned().collect::<Vec<_>>().join("; "));
        Some(ServerError { detail, ..ServerError::new(PRODUCT, message, Trouble::Plain) })
    }
}

impl Dangling {
    fn copied(&self) -> Self {
        Self { count: self.count, rows: self.rows.clone(), mismatch: self.mismatch.clone() }
    }

    /// Some of the rows that are new, each as a sentence.
    fn places(&self, (table, parent, _): &Key, old: &Self, increase: usize) -> Vec<String> {
        if let Some(mismatch) = &self.mismatch {
            return vec![mismatch.clone()];
        }
        let sentence = |row: &str| format!("{table}{row} points to a row of {parent} that is not there");
        let new = self.rows.difference(&old.rows).take(increase.min(5));
        let new = new.map(|row| sentence(&format!(" row {row}"))).collect::<Vec<_>>();
        if new.is_empty() { vec![sentence("")] } else { new }
    }
}

/// Counts the rows of a table that point nowhere.
fn check(connection: &Connection, table: &str, dangling: &mut BTreeMap<Key, Dangling>) -> rusqlite::Result<()> {
    match find(connection, Some(table), dangling) {
        Err(error) if is_mismatch(&error) => {
            let mismatch = Dangling { count: 1, mismatch: Some(error.to_string()), ..Dangling::default() };
            dangling.insert((table.to_owned(), String::new(), -1), mismatch);
            Ok(())
        }
        answer => answer,
    }
}

fn find(connection: &Connection, table: Option<&str>, dangling: &mut BTreeMap<Key, Dangling>) -> rusqlite::Result<()> {
    let table = table.map_or_else(String::new, |table| format!("({})", quote(table)));
    let mut statement = connection.prepare(&format!("PRAGMA foreign_key_check{table}"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let found = dangling.entry((row.get(0)?, row.get(2)?, row.get(3)?)).or_default();
        found.count += 1;
        found.rows.extend(row.get::<_, Option<i64>>(1)?);
    }
    Ok(())
}

fn is_mismatch(error: &rusqlite::Error) -> bool {
    error.to_string().contains("foreign key mismatch")
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA data_version", [], |row| row.get(0))
}

fn tables(connection: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    let mut statement = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
    statement.query_map([], |row| row.get(0))?.collect()
}

/// The tables with a key to one of these, which are in lower case.
fn children(connection: &Connection, parents: &BTreeSet<String>) -> rusqlite::Result<Vec<String>> {
    if parents.is_empty() {
        return Ok(Vec::new());
    }
    let keys = "SELECT child.name, key.\"table\" FROM sqlite_schema AS child \
                JOIN pragma_foreign_key_list(child.name) AS key WHERE child.type = 'table'";
    let mut statement = connection.prepare(keys)?;
    let pairs = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let pairs = pairs.collect::<Result<Vec<_>, _>>()?.into_iter();
    Ok(pairs.filter(|(_, parent)| parents.contains(&parent.to_lowercase())).map(|(child, _)| child).collect())
}
