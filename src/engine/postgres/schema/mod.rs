//! The schema as PostgreSQL's catalog has it.

mod invented;
mod reprint;

use std::sync::LazyLock;

use crate::engine::{Cells, SchemaSql};
use crate::schema::{Object, Row};

/// Returns how the schema is read. Names in definitions are qualified, because there is no search path.
pub(super) fn schema_sql() -> SchemaSql {
    SchemaSql {
        sql: &DESCRIBE,
        in_transaction: &IN_TRANSACTION,
        undo: Some(UNDO),
        surroundings: Some(SURROUNDINGS),
        rows,
    }
}

static DESCRIBE: LazyLock<String> = LazyLock::new(|| format!("{SETTINGS};\n{}", include_str!("describe.sql")));

/// The settings end with the savepoint.
static IN_TRANSACTION: LazyLock<String> =
    LazyLock::new(|| format!("SAVEPOINT dbmigrate_schema;\n{};\n{UNDO}", DESCRIBE.trim_end().trim_end_matches(';')));

/// A query for what may make two databases differ although the same scripts have built them.
const SURROUNDINGS: &str = "SELECT 'encoding', pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database() \
    UNION ALL SELECT 'collation', datcollate FROM pg_database WHERE datname = current_database() \
    UNION ALL SELECT 'character type', datctype FROM pg_database WHERE datname = current_database()";

const UNDO: &str = "ROLLBACK TO SAVEPOINT dbmigrate_schema; RELEASE SAVEPOINT dbmigrate_schema";

/// Fixes what texts of the catalog depend on, until the end of the message or of the transaction. It also turns off the
/// compilation of the query, which takes longer than the query, and joins that take three times as long: verified by
/// experiment.
const SETTINGS: &str = "SELECT set_config('search_path', '', true), set_config('TimeZone', 'UTC', true), \
                        set_config('DateStyle', 'ISO, MDY', true), set_config('IntervalStyle', 'postgres', true), \
                        set_config('quote_all_identifiers', 'off', true), set_config('bytea_output', 'hex', true), \
                        set_config('extra_float_digits', '1', true), set_config('jit', 'off', true), \
                        set_config('enable_nestloop', 'off', true), set_config('enable_mergejoin', 'off', true)";

/// Returns the row of the description: the cells of every engine, its own name, and what an invented name is made of.
fn rows(mut cells: Cells) -> Vec<Row> {
    if cells.len() != 10 {
        return Vec::new();
    }
    let origin = cells.split_off(7);
    let row = Row::read(cells, |object| {
        let has_invented_name = match origin.as_slice() {
            [Some(own), Some(table), Some(columns)] => invented::is_invented(own, table, columns),
            _ => false,
        };
        Object { definition: reprint::canonical(object.definition), has_invented_name, ..object }
    });
    row.into_iter().collect()
}
