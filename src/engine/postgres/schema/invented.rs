//! The names that PostgreSQL invents for constraints, indexes and sequences.

/// The longest name, in bytes: `NAMEDATALEN` less its end.
const LONGEST: usize = 63;

/// What follows the names of the table and the columns.
const LABELS: [&str; 6] = ["key", "fkey", "check", "excl", "idx", "seq"];

/// Whether PostgreSQL may have invented this name for what is on these columns, which `_` joins.
///
/// It appends a label to the names of the table and the columns, and a number if that name is taken. Source:
/// `makeObjectName` and `ChooseRelationName` in `src/backend/commands/indexcmds.c`.
pub(super) fn is_invented(own: &str, table: &str, columns: &str) -> bool {
    let label = own.rsplit('_').next().unwrap_or_default();
    let is_label = LABELS.contains(&label.trim_end_matches(|last: char| last.is_ascii_digit()));
    is_label && own == invented(table, columns, label)
}

/// Returns the name that PostgreSQL makes of these parts.
fn invented(table: &str, columns: &str, label: &str) -> String {
    let parts = [table, columns].map(str::len);
    let separators = 1 + usize::from(!columns.is_empty());
    let room = LONGEST.saturating_sub(label.len() + separators);
    let [mut first, mut second] = parts;
    while first + second > room {
        if first > second { first -= 1 } else { second -= 1 }
    }
    let (table, columns) = (clipped(table, first), clipped(columns, second));
    let columns = if columns.is_empty() { String::new() } else { format!("_{columns}") };
    format!("{table}{columns}_{label}")
}

/// Returns the beginning of a text, in whole characters.
fn clipped(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_like_those_of_the_server_are_recognized() {
        for (own, table, columns) in [
            ("item_a_key", "item", "a"),
            ("item_a_key1", "item", "a"),
            ("item_a_b_idx12", "item", "a_b"),
            ("item_check", "item", ""),
            // PostgreSQL 15 has chosen these names
            (
                "a_very_long_name_for_a_table__a_very_long_name_for_a_colum_fkey",
                "a_very_long_name_for_a_table_with_more",
                "a_very_long_name_for_a_column_with_more",
            ),
            (
                "a_very_long_name_for_a_table__ü_ünter_einem_sehr_sehr_lan_key",
                "a_very_long_name_for_a_table_with_more",
                "ü_ünter_einem_sehr_sehr_langen_namen_einer_spalte_überall",
            ),
        ] {
            assert_eq!(invented(table, columns, own.rsplit('_').next().unwrap_or_default()), own);
        }
    }

    #[test]
    fn names_that_somebody_chose_are_not() {
        for (own, table, columns) in [
            ("item_b_key", "item", "a"),
            ("ix_item_a", "item", "a"),
            ("item_a_pkey", "item", "a"),
            ("key", "item", "a"),
        ] {
            assert!(!is_invented(own, table, columns), "{own}");
        }
    }
}
