//! The snapshots in a database: which journals have some, and what the newest one says.

use crate::engine::{Cells, Connection, Server, read_journal_and};
use crate::error::{Error, ServerError};
use crate::journal::{Journal, JournalSql, JournalTable, MARK, Origin, Position, Snapshot};
use crate::schema::Schema;
use crate::sql::tables_beside;

/// The journals of a database that have snapshots.
#[derive(Clone, Default)]
pub(crate) struct Snapshots {
    /// This journal has.
    pub(crate) own: bool,
    /// The journals of other histories that have.
    others: Vec<JournalSql>,
}

/// What the newest snapshot of a database says.
pub(crate) struct Recorded {
    pub(crate) schema: Schema,
    pub(crate) origin: Origin,
    /// The other history that has left it.
    pub(crate) journal: Option<String>,
    /// Its journal has changed since: scripts have run that it does not know.
    pub(crate) is_stale: bool,
}

/// What a database says at one moment: its journal, its snapshots, its schema.
pub(crate) struct Sight {
    pub(crate) journal: Journal,
    /// The newest snapshot of this journal.
    pub(crate) own: Option<Snapshot>,
    /// The newest snapshot of the database.
    pub(crate) recorded: Option<Recorded>,
    /// The schema as it is; `None` if the database has no snapshot.
    pub(crate) schema: Option<Schema>,
}

impl Snapshots {
    /// Reads the journal and, if there is one, finds the journals that have snapshots.
    pub(crate) async fn find(
        connection: &mut dyn Connection,
        own: &JournalTable,
    ) -> Result<(Journal, Option<Self>), Error> {
        let query = Self::query(connection.server());
        let (journal, answers) = read_journal_and(connection, &[&query]).await?;
        let found = journal.exists.then(|| Self::new(connection.server(), own, answers.into_iter().flatten()));
        Ok((journal, found))
    }

    fn query(server: &Server) -> String {
        let dialect = &server.journal.dialect;
        let none = (dialect.literal)("");
        dialect.catalog.columns.replace("{names}", &none).replace("{columns}", &(dialect.literal)(MARK))
    }

    fn new(server: &Server, own: &JournalTable, rows: impl Iterator<Item = Cells>) -> Self {
        let [_, own_table] = tables_beside(&own.name);
        let own_schema = own.schema.as_ref().or(server.context.journal_schema.as_ref());
        let suffix = own_table.strip_prefix(own.name.as_str()).unwrap_or_default().to_owned();
        let mut found = Self::default();
        for row in rows {
            let Ok([schema, Some(table), Some(column)]) = <[Option<String>; 3]>::try_from(row) else { continue };
            if column.eq_ignore_ascii_case(MARK) {
                let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
                let is_here = schema.as_ref().zip(own_schema).is_none_or(|(one, other)| same(one, other));
                if is_here && same(&table, &own_table) {
                    found.own = true;
                } else if let Some(name) = table.strip_suffix(&suffix) {
                    found.others.push(server.journal.elsewhere(schema.as_deref(), name));
                }
            }
        }
        found
    }

    /// Returns the journal that has the newest snapshot of the database.
    async fn newest(&self, connection: &mut dyn Connection) -> Result<Option<JournalSql>, ServerError> {
        let own = self.own.then(|| connection.server().journal.clone());
        let mut journals = own.into_iter().chain(self.others.iter().cloned()).collect::<Vec<_>>();
        if journals.len() < 2 {
            return Ok(journals.pop());
        }
        let queries = journals.iter().map(JournalSql::snapshot_time).collect::<Vec<_>>();
        let answers = connection.query_each(&queries.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        let time = |rows: Vec<Cells>| rows.into_iter().flatten().next().flatten();
        let newest = answers.into_iter().map(time).zip(journals).max_by(|(one, _), (other, _)| one.cmp(other));
        Ok(newest.map(|(_, journal)| journal))
    }

    /// Reads the journal, the newest snapshot and the schema, at once where the engine can.
    pub(crate) async fn look(&self, connection: &mut dyn Connection) -> Result<Sight, Error> {
        let looking = |error| Error::reading("looking for what the last run has left", error);
        let (Some(newest), Some(schema)) =
            (self.newest(connection).await.map_err(looking)?, connection.server().schema)
        else {
            let (journal, _) = read_journal_and(connection, &[]).await?;
            return Ok(Sight { journal, own: None, recorded: None, schema: None });
        };
        let own = connection.server().journal.clone();
        let is_own = newest.table == own.table;
        let mut queries = vec![newest.snapshot(), newest.position()];
        queries.extend((self.own && !is_own).then(|| own.snapshot()));
        let queries = queries.iter().map(String::as_str).chain([schema.sql]).collect::<Vec<_>>();
        let (journal, answers) = read_journal_and(connection, &queries).await?;
        let mut answers = answers.into_iter();
        let mut next = || answers.next().unwrap_or_default();
        let (snapshot, position) = (Snapshot::from_rows(next()), next());
        let own = if is_own { snapshot.clone() } else { self.own.then(|| Snapshot::from_rows(next())).flatten() };
        let described = schema.described(next());
        let position = position.into_iter().next().and_then(Position::from_cells);
        let recorded = snapshot.map(|Snapshot { schema, origin, .. }| Recorded {
            is_stale: position.as_ref() != Some(&origin.position),
            schema,
            origin,
            journal: (!is_own).then(|| newest.table.clone()),
        });
        Ok(Sight { journal, own, recorded, schema: Some(described) })
    }
}

impl Recorded {
    /// Names what a schema is compared with: `what run 41f3 left on 2026-11-20`.
    pub(crate) fn reference(&self) -> String {
        let (run, at) = (self.origin.run.to_string(), self.origin.at.to_string());
        let (run, day) = (run.get(..4).unwrap_or(&run).to_owned(), at.get(..10).unwrap_or(&at).to_owned());
        let of = self.journal.as_ref().map_or_else(String::new, |journal| format!(" of the journal {journal}"));
        format!("what run {run}{of} left on {day}")
    }
}
