//! The schema as `information_schema` has it.

mod invented;

use super::Product;
use crate::engine::{Cells, SchemaSql};
use crate::schema::{Object, Row};

/// Returns how the schema is read. The two products have different columns.
pub(super) fn schema_sql(product: Product) -> SchemaSql {
    let sql = match product {
        Product::Mariadb => include_str!("mariadb.sql"),
        Product::Mysql | Product::Unknown => include_str!("mysql.sql"),
    };
    SchemaSql { surroundings: Some(SURROUNDINGS), ..SchemaSql::plain(sql, rows) }
}

/// A query for what may make two databases differ although the same scripts have built them.
const SURROUNDINGS: &str = "SELECT 'case of table names', @@lower_case_table_names \
                            UNION ALL SELECT 'SQL mode of the server', @@GLOBAL.sql_mode";

/// How many cells a row has.
const CELLS: usize = 7;

fn rows(cells: Cells) -> Vec<Row> {
    if cells.len() != CELLS {
        return Vec::new();
    }
    let row = Row::read(cells, |object| {
        let of_table = object.own_name();
        let has_invented_name =
            of_table.is_some_and(|(table, own)| invented::is_invented(own, table, &object.kind, &object.definition));
        Object { has_invented_name, ..object }
    });
    row.into_iter().collect()
}
