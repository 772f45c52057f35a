//! The schema as SQL Server's catalog views have it.

use super::session::literal;
use crate::engine::{Cells, SchemaSql, Settings};
use crate::schema::Object;

/// Returns how the schema is read, in a call of its own: the settings of the query end with it.
pub(super) fn schema_sql(settings: &Settings) -> SchemaSql {
    let schema = settings.journal.schema.as_deref().unwrap_or("dbo");
    let tables = settings.journal.tables().map(|table| format!("{}.{}", plain(schema), plain(&table))).join(",");
    let (query, tables) = (literal(include_str!("describe.sql")), literal(&tables));
    let sql = format!("EXEC sp_executesql {query}, N'@leave_out nvarchar(max)', @leave_out = {tables}");
    SchemaSql { sql, objects }
}

/// Returns a name as the query writes it.
fn plain(name: &str) -> String {
    if name.contains(['.', ',', '[', ' ', ']']) { super::session::quote(name) } else { name.to_owned() }
}

/// Returns the object of a row: the fields of every engine, and whether its name is the server's.
fn objects(mut row: Cells) -> Vec<Object> {
    if row.len() != 8 {
        return Vec::new();
    }
    let has_invented_name = row.pop().flatten().is_some_and(|invented| invented == "1" || invented == "true");
    Object::from_cells(row).map(|object| Object { has_invented_name, ..object }).into_iter().collect()
}
