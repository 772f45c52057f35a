//! The schema as PostgreSQL's catalog has it.

mod invented;
mod reprint;

use crate::engine::{Cells, SchemaSql, Settings, literal, quote};
use crate::schema::Object;

/// Returns how the schema is read. Names in definitions are qualified, because there is no search path.
pub(super) fn schema_sql(settings: &Settings) -> SchemaSql {
    let schema = settings.journal.schema.as_deref().unwrap_or("public");
    let tables = settings.journal.tables().map(|table| literal(&format!("{}.{}", plain(schema), plain(&table))));
    let describe = include_str!("describe.sql").replace("{journal}", &tables.join(", "));
    SchemaSql { sql: format!("{SETTINGS};\n{describe}"), objects }
}

/// Fixes what texts of the catalog depend on, until the end of the message or of the transaction, and turns off the
/// compilation of the query, which takes longer than the query: verified by experiment.
const SETTINGS: &str = "SELECT set_config('search_path', '', true), set_config('TimeZone', 'UTC', true), \
                        set_config('DateStyle', 'ISO, MDY', true), set_config('IntervalStyle', 'postgres', true), \
                        set_config('quote_all_identifiers', 'off', true), set_config('bytea_output', 'hex', true), \
                        set_config('extra_float_digits', '1', true), set_config('jit', 'off', true)";

/// Returns a name as `format('%I')` writes it.
fn plain(name: &str) -> String {
    let is_plain = name.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if is_plain { name.to_owned() } else { quote(name) }
}

/// Returns the object of a row: the fields of every engine, its own name, and what an invented name is made of.
fn objects(mut row: Cells) -> Vec<Object> {
    if row.len() != 10 {
        return Vec::new();
    }
    let origin = row.split_off(7);
    let object = Object::from_cells(row).map(|object| {
        let has_invented_name = match origin.as_slice() {
            [Some(own), Some(table), Some(columns)] => invented::is_invented(own, table, columns),
            _ => false,
        };
        let definition = reprint::canonical(object.definition);
        Object { definition, has_invented_name, ..object }
    });
    object.into_iter().collect()
}
