//! Drops objects with what is bound to them, and gives what is created in their place what they had beside their
//! definitions. `CREATE OR ALTER` keeps all of that, and fails only where something is bound to the object
//! (`WITH SCHEMABINDING`).

use super::session::{literal, quote};
use crate::engine::{Cells, Dependent, DropFirst, KeptRow};
use crate::objects::Existing;

pub(super) const DROP_FIRST: DropFirst =
    DropFirst { dependents, dependent, keep, kept, enter: None, leave: None, guarded, late };

fn with_objects(query: &str, objects: &[Existing]) -> String {
    let optional = |text: Option<&str>| text.map_or_else(|| "CONVERT(nvarchar(200), NULL)".to_owned(), literal);
    let row = |object: &Existing| {
        let (kind, name) = (literal(object.kind()), literal(object.name()));
        format!("({kind}, {}, {name}, {})", optional(object.schema()), optional(object.on()))
    };
    query.replace("{objects}", &objects.iter().map(row).collect::<Vec<_>>().join(", "))
}

fn dependents(objects: &[Existing]) -> String {
    with_objects(include_str!("dependents.sql"), objects)
}

fn keep(objects: &[Existing]) -> String {
    with_objects(include_str!("keep.sql"), objects)
}

/// Reads a row of `dependents.sql`.
fn dependent(cells: Cells) -> Option<Dependent> {
    let [_, kind, schema, name, on, _, shown, statement, _] = <[_; 9]>::try_from(cells).ok()?;
    let existing = match kind.as_deref() {
        Some("other") | None => None,
        Some(_) => Existing::from_cells(vec![kind, schema, name, on]),
    };
    Some(Dependent { existing, shown: shown?, statement })
}

/// Reads a row of `keep.sql`.
fn kept(cells: Cells) -> Option<KeptRow> {
    let [_, kind, schema, name, on, _, creates, view_schema, view, needs, statement, problem] =
        <[_; 12]>::try_from(cells).ok()?;
    let (creates, view) = (creates.is_some_and(|creates| creates == "1"), view_schema.zip(view));
    let object = Existing::from_cells(vec![kind, schema, name, on])?;
    Some(KeptRow { object, creates, view, needs, statement: statement?, problem })
}

/// Returns a statement that runs another if what it is about still has its column.
fn guarded(row: &KeptRow) -> String {
    let KeptRow { needs, statement, .. } = row;
    let Some(column) = needs else { return statement.clone() };
    format!("IF COL_LENGTH({}, {}) IS NOT NULL {statement}", full(row), literal(column))
}

/// Returns the statement for an index or an extended property, which checks that no file has created it.
fn late(row: &KeptRow) -> String {
    row.statement.clone()
}

/// Returns an object's name as a literal.
fn full(row: &KeptRow) -> String {
    let schema = row.object.schema().map(|schema| format!("{}.", quote(schema))).unwrap_or_default();
    literal(&format!("{schema}{}", quote(row.object.name())))
}
