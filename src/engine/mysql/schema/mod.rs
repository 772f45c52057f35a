//! The schema as `information_schema` has it.

use super::Product;
use crate::engine::{Cells, SchemaSql, literal};
use crate::journal::JournalTable;
use crate::schema::Object;

/// Returns how the schema is read. The two products have different columns.
pub(super) fn schema_sql(product: Product, journal: &JournalTable) -> SchemaSql {
    let sql = match product {
        Product::Mariadb => include_str!("mariadb.sql"),
        Product::Mysql | Product::Unknown => include_str!("mysql.sql"),
    };
    SchemaSql { objects, ..SchemaSql::of_objects(sql, journal, literal) }
}

fn objects(row: Cells) -> Vec<Object> {
    let object = Object::from_cells(row).map(|object| {
        let has_invented_name = object.own_name().is_some_and(|(table, own)| is_invented(own, table));
        Object { has_invented_name, ..object }
    });
    object.into_iter().collect()
}

/// Whether the server may have invented this name for a constraint: `orders_ibfk_1`, `orders_chk_1`, `CONSTRAINT_1`.
/// Sources: <https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html>,
/// <https://mariadb.com/kb/en/constraint/>.
fn is_invented(own: &str, table: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let of_table = own.strip_prefix(table).unwrap_or_default();
    [("_ibfk_", of_table), ("_chk_", of_table), ("CONSTRAINT_", own)]
        .iter()
        .any(|(label, name)| name.strip_prefix(label).is_some_and(is_number))
}

#[cfg(test)]
mod tests {
    use super::is_invented;

    #[test]
    fn names_of_the_server_are_told_from_others() {
        assert!(["orders_ibfk_1", "orders_chk_12", "CONSTRAINT_3"].iter().all(|own| is_invented(own, "orders")));
        assert!(["fk_1", "other_ibfk_1", "orders_ibfk_", "orders_chk_a"].iter().all(|own| !is_invented(own, "orders")));
    }
}
