//! The schema as SQL Server's catalog views have it.

use std::sync::LazyLock;

use super::session::{literal, quote};
use crate::engine::{Cells, SchemaSql};
use crate::schema::{Qualifier, Row};

/// Returns how the schema is read, in a call of its own: the settings of the query end with it.
pub(super) fn schema_sql(schema: Option<&str>) -> SchemaSql {
    let of = schema.map(|schema| Qualifier::new(schema, quote));
    SchemaSql { surroundings: Some(SURROUNDINGS), of, ..SchemaSql::plain(&DESCRIBE, rows) }
}

/// A query for what may make two databases differ although the same scripts have built them.
const SURROUNDINGS: &str = "SELECT N'collation', CONVERT(nvarchar(200), DATABASEPROPERTYEX(DB_NAME(), 'Collation'))";

static DESCRIBE: LazyLock<String> =
    LazyLock::new(|| format!("EXEC sp_executesql {}", literal(include_str!("describe.sql"))));

fn rows(cells: Cells) -> Vec<Row> {
    if cells.len() == Row::CELLS { Row::from_cells(cells).into_iter().collect() } else { Vec::new() }
}
