//! The names that the server invents for constraints and indexes.

use std::borrow::Cow;

/// Whether the server may have invented this name: `orders_ibfk_1` for a foreign key and for the index made for it,
/// `orders_chk_1` and `CONSTRAINT_1` for a check, and for an index the name of its first column: `a`, `a_2`.
/// Sources: <https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html>,
/// <https://mariadb.com/kb/en/constraint/>; verified by experiment on both products.
pub(super) fn is_invented(own: &str, table: &str, kind: &str, definition: &str) -> bool {
    let (own, table) = (bare(own), bare(table));
    let numbered = |name: &str, label: &str| name.strip_prefix(label).is_some_and(is_number);
    let of_table = own.strip_prefix(&*table).unwrap_or_default();
    match kind {
        "foreign key" => numbered(of_table, "_ibfk_"),
        "check" => numbered(of_table, "_chk_") || numbered(&own, "CONSTRAINT_"),
        "index" => numbered(of_table, "_ibfk_") || is_of_first_column(&own, definition),
        "unique" => is_of_first_column(&own, definition),
        _ => false,
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether an index has the name of its first column, with a number if that name was taken.
fn is_of_first_column(own: &str, definition: &str) -> bool {
    let Some(column) = first_column(definition) else { return false };
    let Some((start, rest)) = own.split_at_checked(column.len()) else { return false };
    let is_copy = |number: &str| is_number(number) && !number.starts_with('0') && number != "1";
    // the case of these names does not count
    start.eq_ignore_ascii_case(&column) && (rest.is_empty() || rest.strip_prefix('_').is_some_and(is_copy))
}

/// Returns the first column in the definition of an index: ``INDEX (`a`(10) DESC, `b`)``. The server names an index on an
/// expression `functional_index`.
fn first_column(definition: &str) -> Option<Cow<'_, str>> {
    let (_, columns) = definition.split_once('(')?;
    if columns.starts_with('(') {
        return Some("functional_index".into());
    }
    let mut end = 1;
    while let Some(at) = columns.get(end..)?.find('`') {
        end += at + 1;
        if !columns[end..].starts_with('`') {
            return Some(bare(&columns[..end]));
        }
        end += 1;
    }
    None
}

/// Returns a name without its quotes.
fn bare(name: &str) -> Cow<'_, str> {
    match name.strip_prefix('`').and_then(|name| name.strip_suffix('`')) {
        Some(name) => name.replace("``", "`").into(),
        None => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_invented;

    #[test]
    fn names_of_the_server_are_told_from_others() {
        for (own, table, kind, definition) in [
            ("orders_ibfk_1", "orders", "foreign key", ""),
            ("`o x_ibfk_1`", "`o x`", "foreign key", ""),
            ("orders_ibfk_1", "orders", "index", "INDEX (`a`)"),
            ("orders_chk_12", "orders", "check", ""),
            ("CONSTRAINT_3", "orders", "check", ""),
            ("a", "orders", "index", "INDEX (`a`(10) DESC, `b`) USING BTREE"),
            ("A", "orders", "index", "INDEX (`a`)"),
            ("a_2", "orders", "unique", "UNIQUE (`a`)"),
            ("`a``b_3`", "orders", "unique", "UNIQUE (`a``b`)"),
            ("functional_index_2", "orders", "index", "INDEX ((lower(`a`)), `b`)"),
        ] {
            assert!(is_invented(own, table, kind, definition), "{own}");
        }
    }

    #[test]
    fn names_that_somebody_chose_are_not() {
        for (own, kind, definition) in [
            ("fk_1", "foreign key", ""),
            ("other_ibfk_1", "foreign key", ""),
            ("orders_ibfk_", "foreign key", ""),
            ("orders_chk_a", "check", ""),
            ("orders_ibfk_1", "unique", "UNIQUE (`a`)"),
            ("a_1", "index", "INDEX (`a`)"),
            ("a_02", "index", "INDEX (`a`)"),
            ("a_x", "index", "INDEX (`a`)"),
            ("ab", "index", "INDEX (`a`)"),
            ("b", "index", "INDEX (`a`, `b`)"),
        ] {
            assert!(!is_invented(own, "orders", kind, definition), "{own}");
        }
    }
}
