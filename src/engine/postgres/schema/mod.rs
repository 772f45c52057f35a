//! The schema as PostgreSQL's catalog has it.

mod flatten;
mod invented;
mod reprint;

use std::borrow::Cow;
use std::sync::LazyLock;

use super::schemas::{in_schemas, inside, oid_sql};
use crate::engine::{Cells, SchemaSql, quote};
use crate::schema::{Object, Qualifier, Row};

/// Returns how the schema is read. Names in definitions are qualified, because there is no search path.
pub(super) fn schema_sql(schema: Option<&str>) -> SchemaSql {
    let (sql, in_transaction) = match schema {
        Some(schema) => {
            let sql = describe(Some(schema));
            let in_transaction = within(&sql);
            (Cow::Owned(sql), Cow::Owned(in_transaction))
        }
        None => (Cow::Borrowed(DESCRIBE.as_str()), Cow::Borrowed(IN_TRANSACTION.as_str())),
    };
    let of = schema.map(|schema| Qualifier::new(schema, quote));
    SchemaSql { sql, in_transaction: Some(in_transaction), surroundings: Some(SURROUNDINGS), rows, of }
}

static DESCRIBE: LazyLock<String> = LazyLock::new(|| describe(None));

static IN_TRANSACTION: LazyLock<String> = LazyLock::new(|| within(&DESCRIBE));

fn describe(schema: Option<&str>) -> String {
    let sql = in_schemas(include_str!("describe.sql"), "n.nspname", schema);
    let settings = if schema.is_some() { SETTINGS.replace(SCANS, LOOKS_UP) } else { SETTINGS.to_owned() };
    format!("{settings};\n{}", inside(&sql, schema.map(oid_sql).as_deref()))
}

/// Returns the query for after a savepoint: the settings end with what followed it.
fn within(sql: &str) -> String {
    format!("{};\nROLLBACK TO SAVEPOINT dbmigrate_schema", sql.trim_end().trim_end_matches(';'))
}

/// A query for what may make two databases differ although the same scripts have built them.
const SURROUNDINGS: &str = include_str!("surroundings.sql");

/// Fixes what texts of the catalog depend on, until the end of the message or of the savepoint. It also turns off the
/// compilation of the query, which takes longer than the query, and joins that take three times as long: verified by
/// experiment. A table that another session has locked is waited for only briefly, since the run may hold locks itself.
/// The answer has one cell: nothing takes it for an object.
const SETTINGS: &str = "SELECT concat(set_config('search_path', '', true), set_config('TimeZone', 'UTC', true), \
                        set_config('DateStyle', 'ISO, MDY', true), set_config('IntervalStyle', 'postgres', true), \
                        set_config('quote_all_identifiers', 'off', true), set_config('bytea_output', 'hex', true), \
                        set_config('extra_float_digits', '1', true), set_config('jit', 'off', true), \
                        set_config('enable_nestloop', 'off', true), set_config('enable_mergejoin', 'off', true), \
                        set_config('lock_timeout', '2s', true))";

/// The setting for a query that reads most of the catalog, and the one for a query that reads little of it.
const SCANS: &str = "set_config('enable_nestloop', 'off', true)";
const LOOKS_UP: &str = "set_config('enable_seqscan', 'off', true)";

/// How many cells a row has.
const CELLS: usize = 10;

/// Returns the row of the description: the cells of every engine, its own name, and what an invented name is made of.
fn rows(mut cells: Cells) -> Vec<Row> {
    if cells.len() != CELLS {
        return Vec::new();
    }
    let origin = cells.split_off(7);
    let row = Row::read(cells, |object| {
        let has_invented_name = match origin.as_slice() {
            [Some(own), Some(table), Some(columns)] => invented::is_invented(own, table, columns),
            _ => false,
        };
        Object { definition: reprint::canonical(&object.kind, &object.definition), has_invented_name, ..object }
    });
    row.into_iter().collect()
}
