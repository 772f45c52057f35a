//! Reads the journal on any engine.

use std::collections::BTreeMap;

use super::{Cells, Connection};
use crate::error::{Error, ServerError};
use crate::journal::{Entry, FORMAT, Journal};
use crate::schema::{Object, Schema};
use crate::script::Number;

/// Reads the journal, except for the scripts' texts. A journal that cannot be read is an error, never an empty one.
pub(crate) async fn read_journal(connection: &mut dyn Connection) -> Result<Journal, Error> {
    let table = connection.server().journal.table.clone();
    let unreadable = |error: ServerError| Error::Journal { table: table.clone(), reason: error.message };
    let exists = connection.has_journal().await.map_err(unreadable)?;
    let entries = if exists { read_entries(connection, &table).await? } else { Vec::new() };
    let occupied = entries.is_empty() && connection.is_occupied().await.map_err(unreadable)?;
    Ok(Journal { entries, exists, occupied })
}

async fn read_entries(connection: &mut dyn Connection, table: &str) -> Result<Vec<Entry>, Error> {
    let unreadable = |reason: String| Error::Journal { table: table.to_owned(), reason };
    let format = connection.server().journal.format();
    let format = connection.query(&format).await.map_err(|error| unreadable(error.message))?;
    let found = format.into_iter().flatten().flatten().next().map_or(Ok(0), |text| text.parse());
    let found = found.map_err(|_| unreadable("its format is not a number".into()))?;
    if found > FORMAT {
        return Err(Error::JournalFormat { table: table.to_owned(), found });
    }
    let rows = connection.server().journal.select();
    let rows = connection.query(&rows).await.map_err(|error| unreadable(error.message))?;
    rows.into_iter().map(Entry::from_cells).collect::<Result<_, _>>().map_err(unreadable)
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

/// Describes the schema.
pub(crate) async fn read_schema(connection: &mut dyn Connection) -> Result<Schema, ServerError> {
    let schema = connection.server().schema.clone();
    let rows = connection.query(&schema.sql).await?;
    Ok(Schema::new(rows.into_iter().flat_map(schema.objects)))
}

impl Object {
    /// Returns the object of a row: kind, name, table, place, definition, owner, grants.
    pub(super) fn from_cells(row: Cells) -> Option<Self> {
        let Ok([Some(kind), Some(name), parent, position, Some(definition), owner, grants]) = <[_; 7]>::try_from(row)
        else {
            return None;
        };
        let position = position.and_then(|position: String| position.parse().ok());
        let object = Self::new(kind, name, definition.replace("\r\n", "\n"));
        Some(Self { parent, position, owner, grants, ..object })
    }
}
