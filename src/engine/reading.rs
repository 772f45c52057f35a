//! Reads the journal on any engine.

use std::collections::BTreeMap;

use super::{Cells, Connection, ObjectsSql, SchemaSql, Server};
use crate::error::{Error, ServerError};
use crate::journal::{Entry, FORMAT, Journal, ObjectJournal};
use crate::objects::Existing;
use crate::schema::Schema;
use crate::script::Number;

/// Reads the journal, except for the scripts' texts. A journal that cannot be read is an error, never an empty one.
pub(crate) async fn read_journal(connection: &mut dyn Connection) -> Result<Journal, Error> {
    let (journal, _) = read_journal_and(connection, &[]).await?;
    Ok(journal)
}

/// Reads the journal and, if there is one, sends further queries with it. The last one may consist of several
/// statements.
pub(crate) async fn read_journal_and(
    connection: &mut dyn Connection,
    queries: &[&str],
) -> Result<(Journal, Vec<Vec<Cells>>), Error> {
    let table = connection.server().journal.table.clone();
    let unreadable = |error: ServerError| Error::Journal { table: table.clone(), reason: error.message };
    let exists = connection.has_journal().await.map_err(unreadable)?;
    let (journal, answers) =
        if exists { read_entries(connection, &table, queries).await? } else { (Journal::default(), Vec::new()) };
    let occupied = journal.entries.is_empty() && connection.is_occupied().await.map_err(unreadable)?;
    Ok((Journal { occupied, ..journal }, answers))
}

async fn read_entries(
    connection: &mut dyn Connection,
    table: &str,
    queries: &[&str],
) -> Result<(Journal, Vec<Vec<Cells>>), Error> {
    let unreadable = |reason: String| Error::Journal { table: table.to_owned(), reason };
    let Server { journal, objects, .. } = connection.server();
    let (format, select, has_objects) = (journal.format(), journal.select(), journal.has_objects());
    let objects = objects.clone();
    let own = [format.as_str(), select.as_str(), has_objects.as_str()];
    let own = &own[..if objects.is_some() { 3 } else { 2 }];
    let (answers, failure) = match connection.query_each(&[own, queries].concat()).await {
        Ok(answers) => (answers, None),
        // the table of another format can have other columns: what its format is comes first
        Err(error) => (connection.query(&format).await.into_iter().collect(), Some(error)),
    };
    let mut answers = answers.into_iter();
    let found = answers.next().into_iter().flatten().flatten().flatten().next().map_or(Ok(0), |text| text.parse());
    let found = found.map_err(|_| unreadable("its format is not a number".into()))?;
    if found > FORMAT {
        return Err(Error::JournalFormat { table: table.to_owned(), found });
    }
    if let Some(error) = failure {
        return Err(unreadable(error.message));
    }
    let rows = answers.next().unwrap_or_default();
    let entries = rows.into_iter().map(Entry::from_cells).collect::<Result<_, _>>().map_err(unreadable)?;
    let mut journal = Journal { entries, exists: true, format: found, ..Journal::default() };
    if let Some(objects) = objects
        && answers.next().is_some_and(|exists| !exists.is_empty())
    {
        journal.objects = read_objects(connection, objects).await?;
    }
    Ok((journal, answers.collect()))
}

/// Reads what was applied of the object files, and which objects the database has.
async fn read_objects(connection: &mut dyn Connection, objects: ObjectsSql) -> Result<ObjectJournal, Error> {
    let (select, table) = (connection.server().journal.objects(), connection.server().journal.object_table());
    let unreadable = |reason: String| Error::Journal { table: table.clone(), reason };
    let answers = connection.query_each(&[&select, &objects.existing]).await;
    let mut answers = answers.map_err(|error| unreadable(error.message))?.into_iter();
    let journal = ObjectJournal::from_rows(answers.next().unwrap_or_default()).map_err(unreadable)?;
    let existing = ObjectsSql::read(answers.next().unwrap_or_default());
    let names = existing.iter().map(ToString::to_string).collect();
    Ok(ObjectJournal { existing: names, ..journal })
}

impl ObjectsSql {
    /// Returns the objects that the answer lists.
    pub(crate) fn read(answer: Vec<Cells>) -> Vec<Existing> {
        answer.into_iter().filter_map(Existing::from_cells).collect()
    }
}

/// Reads the texts of some scripts from the journal.
pub(crate) async fn read_bodies(
    connection: &mut dyn Connection,
    numbers: &[Number],
) -> Result<BTreeMap<Number, String>, ServerError> {
    let bodies = connection.server().journal.bodies(numbers);
    let rows = connection.query(&bodies).await?;
    let pair = |row: Cells| match <[Option<String>; 2]>::try_from(row) {
        Ok([Some(number), Some(body)]) => number.parse().ok().map(|number| (number, body)),
        _ => None,
    };
    Ok(rows.into_iter().filter_map(pair).collect())
}

/// Describes the schema; `None` if the engine has no catalog.
pub(crate) async fn read_schema(connection: &mut dyn Connection) -> Result<Option<Schema>, ServerError> {
    let Some(schema) = connection.server().schema.clone() else { return Ok(None) };
    let rows = connection.query(&schema.sql).await?;
    Ok(Some(schema.described(rows)))
}

impl SchemaSql {
    /// Returns the schema that the answer describes.
    pub(crate) fn described(&self, answer: Vec<Cells>) -> Schema {
        let schema = Schema::from_rows(answer.into_iter().flat_map(self.rows));
        self.of.iter().fold(schema, Schema::within)
    }
}
