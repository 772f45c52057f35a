//! Checks foreign keys, which are off during a run: no script may leave more rows that point nowhere than it found.
//!
//! Rows are counted for each child table, parent table and key, so that an old row neither hides a new one nor causes
//! an error when its table is copied. Only what a transaction has touched is counted again.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext};

use super::PRODUCT;
use super::error::server_error;
use crate::engine::quote;
use crate::error::{ErrorKind, ServerError};

/// Child table, parent table, number of the key. The names of the tables are in lower case.
type Key = (String, String, i64);

/// The rows of a key that point nowhere.
#[derive(Debug, Default)]
struct Dangling {
    /// The names of the tables as they are written.
    child: String,
    parent: String,
    count: usize,
    /// The numbers of the rows that have one.
    rows: BTreeSet<i64>,
    /// Why the key cannot be checked at all.
    mismatch: Option<String>,
}

/// What is known about the foreign keys of a database.
#[derive(Debug)]
pub(super) struct ForeignKeys {
    /// SQLite's `data_version`: it differs after another connection has written.
    version: i64,
    /// Each table, with the tables that it points to.
    tables: BTreeMap<String, BTreeSet<String>>,
    dangling: BTreeMap<Key, Dangling>,
}

/// What statements have touched.
#[derive(Debug, Default)]
pub(super) struct Touched {
    tables: BTreeSet<String>,
    /// The table that was touched last: most statements are about the same one.
    last: String,
    created: BTreeSet<String>,
    dropped: BTreeSet<String>,
    /// Tables with added columns or a new name.
    altered: BTreeSet<String>,
    /// The schema's own table was open for writing.
    whole: bool,
}

impl Touched {
    /// Records what a statement is about to do, including the triggers that it runs. The journal's own table has no
    /// keys.
    pub(super) fn note(&mut self, context: &AuthContext<'_>, journal: &str) {
        if context.database_name.is_some_and(|database| !database.eq_ignore_ascii_case("main")) {
            return;
        }
        match context.action {
            AuthAction::Insert { table_name }
            | AuthAction::Delete { table_name }
            | AuthAction::Update { table_name, .. }
            // a key may need it
            | AuthAction::DropIndex { table_name, .. } => self.touch(table_name, journal),
            // a table of that name may already exist
            AuthAction::CreateTable { table_name } => drop(self.created.insert(table_name.to_ascii_lowercase())),
            AuthAction::DropTable { table_name } => {
                self.touch(table_name, journal);
                self.dropped.insert(table_name.to_ascii_lowercase());
            }
            AuthAction::AlterTable { table_name, .. } => {
                self.touch(table_name, journal);
                self.altered.insert(table_name.to_ascii_lowercase());
            }
            AuthAction::Pragma { pragma_name, pragma_value: Some(value) } => {
                self.whole |=
                    pragma_name.eq_ignore_ascii_case("writable_schema") && !value.eq_ignore_ascii_case("RESET");
            }
            _ => {}
        }
    }

    fn touch(&mut self, table: &str, journal: &str) {
        if self.last.eq_ignore_ascii_case(table) {
            return;
        }
        self.last = table.to_ascii_lowercase();
        if self.last != journal && !self.last.starts_with("sqlite_") {
            self.tables.insert(self.last.clone());
        }
    }
}

impl ForeignKeys {
    /// Reads the foreign keys of the whole database.
    pub(super) fn of(connection: &Connection) -> rusqlite::Result<Self> {
        let (version, tables) = (version(connection)?, tables(connection)?);
        let mut dangling = BTreeMap::new();
        if let Err(error) = find(connection, None, &mut dangling) {
            // one key that cannot be checked hides the others
            dangling.clear();
            if !is_mismatch(&error.to_string()) {
                return Err(error);
            }
            for table in tables.keys() {
                check(connection, table, &mut dangling)?;
            }
        }
        Ok(Self { version, tables, dangling })
    }

    /// Returns what was known, or reads it again if another connection has written since.
    pub(super) fn or_anew(known: Option<Self>, connection: &Connection) -> rusqlite::Result<Self> {
        match known {
            Some(known) if known.version == version(connection)? => Ok(known),
            _ => Self::of(connection),
        }
    }

    /// Fails if anything is worse than it was before these tables were touched.
    pub(super) fn check(&mut self, connection: &Connection, touched: &Touched) -> Result<(), ServerError> {
        let worse = self.update(connection, touched).unwrap_or_else(|error| Some(server_error(&error)));
        worse.map_or(Ok(()), Err)
    }

    /// Updates what is known about these tables. Returns what is worse than it was before.
    fn update(&mut self, connection: &Connection, touched: &Touched) -> rusqlite::Result<Option<ServerError>> {
        if touched.whole || is_renamed(connection, touched)? {
            let before = std::mem::replace(self, Self::of(connection)?);
            let new = self.tables.keys().filter(|table| !before.tables.contains_key(*table)).cloned().collect();
            return Ok(self.worse(&self.dangling, &before.dangling, &new));
        }
        let is_new = |table: &&String| !self.tables.contains_key(*table);
        let new = touched.created.iter().filter(is_new).cloned().collect::<BTreeSet<_>>();
        for table in touched.dropped.iter().chain(&touched.created).chain(&touched.altered) {
            self.tables.remove(table);
            if exists(connection, table)? {
                self.tables.insert(table.clone(), parents(connection, table)?);
            }
        }
        let affected = self.affected(touched, &new);
        let is_old = |(key, _): &(Key, Dangling)| affected.contains(&key.0) || !self.tables.contains_key(&key.0);
        let (before, kept) = std::mem::take(&mut self.dangling).into_iter().partition(is_old);
        let mut now = BTreeMap::new();
        for table in &affected {
            check(connection, table, &mut now)?;
        }
        let worse = self.worse(&now, &before, &new);
        self.dangling = kept;
        self.dangling.append(&mut now);
        Ok(worse)
    }

    /// Returns the tables whose rows may point nowhere now: the touched ones, and those that point to them.
    fn affected(&self, touched: &Touched, new: &BTreeSet<String>) -> BTreeSet<String> {
        let old = touched.tables.difference(new).cloned().collect::<BTreeSet<_>>();
        let points = |(_, parents): &(&String, &BTreeSet<String>)| !parents.is_disjoint(&old);
        let children = self.tables.iter().filter(points).map(|(child, _)| child);
        let own =
            touched.tables.iter().filter(|table| self.tables.get(*table).is_some_and(|parents| !parents.is_empty()));
        own.chain(children).cloned().collect()
    }

    /// Returns how the rows that point nowhere now are worse than those before. Rows of a table that is gone may be in
    /// a new table.
    fn worse(
        &self,
        now: &BTreeMap<Key, Dangling>,
        before: &BTreeMap<Key, Dangling>,
        new: &BTreeSet<String>,
    ) -> Option<ServerError> {
        let none = Dangling::default();
        let mut moved = BTreeMap::<&str, usize>::new();
        for ((_, parent, _), dangling) in before.iter().filter(|(key, _)| !self.tables.contains_key(&key.0)) {
            *moved.entry(parent).or_default() += dangling.count;
        }
        let (mut more, mut places) = (0, Vec::new());
        for (key, now) in now {
            let old = before.get(key).unwrap_or(&none);
            let mut increase = now.count.saturating_sub(old.count);
            if new.contains(&key.0)
                && let Some(moved) = moved.get_mut(key.1.as_str())
            {
                let taken = increase.min(*moved);
                (increase, *moved) = (increase - taken, *moved - taken);
            }
            if increase > 0 {
                more += increase;
                places.extend(now.places(old, increase));
            }
        }
        let first = places.first()?;
        let message = match more {
            _ if is_mismatch(first) => format!("a foreign key cannot be checked: {first}"),
            1 => format!("a row would violate a foreign key: {first}"),
            more => format!("{more} rows would violate a foreign key: {first}"),
        };
        let detail = (places.len() > 1).then(|| places[1..].iter().take(4).cloned().collect::<Vec<_>>().join("; "));
        Some(ServerError { detail, ..ServerError::new(PRODUCT, message, ErrorKind::Plain) })
    }
}

impl Dangling {
    /// Returns some of the new rows, each as a sentence.
    fn places(&self, old: &Self, increase: usize) -> Vec<String> {
        let Self { child, parent, .. } = self;
        if let Some(mismatch) = &self.mismatch {
            return vec![mismatch.clone()];
        }
        let sentence = |row: &str| format!("{child}{row} points to a row of {parent} that does not exist");
        let new = self.rows.difference(&old.rows).take(increase.min(5));
        let new = new.map(|row| sentence(&format!(" row {row}"))).collect::<Vec<_>>();
        if new.is_empty() { vec![sentence("")] } else { new }
    }
}

/// Counts the rows of a table that point nowhere.
fn check(connection: &Connection, table: &str, dangling: &mut BTreeMap<Key, Dangling>) -> rusqlite::Result<()> {
    match find(connection, Some(table), dangling) {
        Err(error) if is_mismatch(&error.to_string()) => {
            let mismatch = Dangling { count: 1, mismatch: Some(error.to_string()), ..Dangling::default() };
            dangling.insert((table.to_owned(), String::new(), -1), mismatch);
            Ok(())
        }
        answer => answer,
    }
}

fn find(connection: &Connection, table: Option<&str>, dangling: &mut BTreeMap<Key, Dangling>) -> rusqlite::Result<()> {
    let table = table.map_or_else(String::new, |table| format!("({})", quote(table)));
    let mut statement = connection.prepare(&format!("PRAGMA main.foreign_key_check{table}"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (child, parent) = (row.get::<_, String>(0)?, row.get::<_, String>(2)?);
        let key = (child.to_ascii_lowercase(), parent.to_ascii_lowercase(), row.get(3)?);
        let found = dangling.entry(key).or_insert_with(|| Dangling { child, parent, ..Dangling::default() });
        found.count += 1;
        found.rows.extend(row.get::<_, Option<i64>>(1)?);
    }
    Ok(())
}

fn is_mismatch(message: &str) -> bool {
    message.contains("foreign key mismatch")
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA data_version", [], |row| row.get(0))
}

fn tables(connection: &Connection) -> rusqlite::Result<BTreeMap<String, BTreeSet<String>>> {
    let keys = "SELECT lower(child.name), lower(key.\"table\") FROM main.sqlite_schema AS child \
                LEFT JOIN pragma_foreign_key_list(child.name, 'main') AS key WHERE child.type = 'table'";
    let mut statement = connection.prepare(keys)?;
    let mut rows = statement.query([])?;
    let mut tables = BTreeMap::<String, BTreeSet<String>>::new();
    while let Some(row) = rows.next()? {
        tables.entry(row.get(0)?).or_default().extend(row.get::<_, Option<String>>(1)?);
    }
    Ok(tables)
}

fn exists(connection: &Connection, table: &str) -> rusqlite::Result<bool> {
    connection.table_exists(Some("main"), table)
}

/// Returns the tables that a table points to, in lower case.
fn parents(connection: &Connection, table: &str) -> rusqlite::Result<BTreeSet<String>> {
    let mut statement = connection.prepare("SELECT lower(\"table\") FROM pragma_foreign_key_list(?1, 'main')")?;
    statement.query_map([table], |row| row.get(0))?.collect()
}

/// Returns whether a table was renamed, or may have been.
fn is_renamed(connection: &Connection, touched: &Touched) -> rusqlite::Result<bool> {
    for table in touched.altered.difference(&touched.dropped) {
        if touched.created.contains(table) || !exists(connection, table)? {
            return Ok(true);
        }
    }
    Ok(false)
}
