//! The schema as SQLite keeps it: the texts that created its objects.
//!
//! The texts are compared as they are parsed: comments, white space, the case of keywords and needless quotes do not
//! count, and a constraint counts as the same whether its column has it or the table.

mod table;
mod text;

use self::text::{Term, lines, terms};
use crate::engine::Cells;
use crate::schema::{Object, Row};

/// Returns the rows of the description of a row of the catalog: type, name, table, text.
pub(super) fn rows(row: Cells) -> Vec<Row> {
    objects(row).into_iter().map(Row::Object).collect()
}

fn objects(row: Cells) -> Vec<Object> {
    let Ok([Some(kind), Some(name), Some(table), sql]) = <[Option<String>; 4]>::try_from(row) else {
        return Vec::new();
    };
    let terms = terms(&sql.unwrap_or_default());
    let rest = after_name(&terms, &kind);
    match kind.as_str() {
        "table" if terms.get(1).is_some_and(|term| term.text.eq_ignore_ascii_case("VIRTUAL")) => {
            vec![Object::new("virtual table", name, lines(rest))]
        }
        "table" => table::objects(&name, rest),
        "index" => {
            let unique = if terms.get(1).is_some_and(|term| term.is("UNIQUE")) { "UNIQUE " } else { "" };
            let name = format!("{table}.{name}");
            vec![Object::new("index", name, format!("{unique}INDEX {}", lines(rest))).part_of(table)]
        }
        "trigger" => vec![Object::new("trigger", format!("{table}.{name}"), lines(rest)).part_of(table)],
        _ => vec![Object::new(kind, name, lines(rest))],
    }
}

/// Returns what follows the name of the object in its text, which SQLite begins with `CREATE`, the kind and the name.
fn after_name<'a>(terms: &'a [Term], kind: &str) -> &'a [Term] {
    let at = terms.iter().position(|term| term.text.eq_ignore_ascii_case(kind));
    at.map_or(terms, |at| &terms[(at + 2).min(terms.len())..])
}
