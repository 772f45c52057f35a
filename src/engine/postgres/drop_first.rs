//! Drops objects with what depends on them, and gives what is created in their place what they had beside their definitions.

use super::server::escaped;
use crate::engine::{Cells, Dependent, DropFirst, KeptRow, quote};
use crate::objects::Existing;

pub(super) const DROP_FIRST: DropFirst =
    DropFirst { dependents, dependent, keep, kept, enter: ENTER, leave: LEAVE, guarded, late };

/// The queries and the statements read and write names in full.
const ENTER: Option<&str> = Some(
    "SELECT set_config('dbmigrate.search_path', current_setting('search_path'), true), set_config('search_path', '', true)",
);
const LEAVE: Option<&str> = Some("SELECT set_config('search_path', current_setting('dbmigrate.search_path'), true)");

/// Returns a query with the objects in the place of its parameters: kinds, schemas, names, relations, arguments.
fn with_objects(query: &str, objects: &[Existing]) -> String {
    let array = |of: fn(&Existing) -> Option<&str>| {
        let items = objects.iter().map(|object| of(object).map_or_else(|| "NULL".to_owned(), escaped));
        format!("ARRAY[{}]", items.collect::<Vec<_>>().join(", "))
    };
    let kinds = array(|object| Some(object.kind()));
    let names = array(|object| Some(object.name()));
    let parameters = [kinds, array(Existing::schema), names, array(Existing::on), array(Existing::arguments)];
    let mut query = query.to_owned();
    for (parameter, number) in parameters.iter().zip(1..) {
        query = query.replace(&format!("${number}::text[]"), &format!("{parameter}::text[]"));
    }
    query
}

fn dependents(objects: &[Existing]) -> String {
    with_objects(concat!(include_str!("asked.sql"), include_str!("dependents.sql")), objects)
}

fn keep(objects: &[Existing]) -> String {
    with_objects(concat!(include_str!("asked.sql"), include_str!("keep.sql")), objects)
}

/// Reads a row of `dependents.sql`.
fn dependent(cells: Cells) -> Option<Dependent> {
    let [_, kind, schema, name, on, arguments, shown, statement, _] = <[_; 9]>::try_from(cells).ok()?;
    let existing = match kind.as_deref() {
        Some("other") | None => None,
        Some(_) => Existing::from_cells(vec![kind, schema, name, on, arguments]),
    };
    Some(Dependent { existing, shown: shown?, statement })
}

/// Reads a row of `keep.sql`.
fn kept(cells: Cells) -> Option<KeptRow> {
    let [_, kind, schema, name, on, arguments, creates, view_schema, view, needs, statement, problem] =
        <[_; 12]>::try_from(cells).ok()?;
    let creates = creates.is_some_and(|creates| creates == "t" || creates == "true");
    let view = view_schema.zip(view);
    let object = Existing::from_cells(vec![kind, schema, name, on, arguments])?;
    Some(KeptRow { object, creates, view, needs, statement: statement?, problem })
}

/// Returns a statement that runs another if what it is about has the columns, or the constraints, that it needs.
fn guarded(row: &KeptRow) -> String {
    let Some(needs) = &row.needs else { return row.statement.clone() };
    let KeptRow { object, statement, .. } = row;
    let relation = relation(object.schema(), object.name());
    only_if(&has(needs, &relation), statement)
}

/// Returns the statement for a part of a materialized view, such as an index: it creates the part unless the file has, or
/// completes it.
fn late(row: &KeptRow) -> String {
    let KeptRow { object, creates, view, needs, statement, .. } = row;
    let part = relation(object.schema(), object.name());
    let exists = if object.kind() == "index" {
        format!("to_regclass({part}) IS NOT NULL")
    } else {
        let (schema, name) = (escaped(object.schema().unwrap_or_default()), escaped(object.name()));
        format!(
            "EXISTS (SELECT FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace \
             WHERE n.nspname = {schema} AND s.stxname = {name})"
        )
    };
    let on = view.as_ref().map_or_else(|| part.clone(), |(schema, view)| relation(Some(schema), view));
    let has = needs.as_ref().map_or_else(|| format!("to_regclass({on}) IS NOT NULL"), |needs| has(needs, &on));
    let condition = if *creates { format!("NOT {exists} AND {has}") } else { exists };
    only_if(&condition, statement)
}

/// Returns a name as a literal that `to_regclass` understands.
fn relation(schema: Option<&str>, name: &str) -> String {
    escaped(&format!("{}.{}", quote(schema.unwrap_or_default()), quote(name)))
}

/// Returns the condition that a relation, or a domain, has columns or constraints; `needs` is an array as text.
fn has(needs: &str, relation: &str) -> String {
    format!(
        "NOT EXISTS (SELECT FROM unnest({}::text[]) n (name) \
         WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = to_regclass({relation}) AND a.attname = n.name AND NOT a.attisdropped) \
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.contypid = to_regtype({relation}) AND k.conname = n.name))",
        escaped(needs)
    )
}

fn only_if(condition: &str, statement: &str) -> String {
    let body = format!("BEGIN IF {condition} THEN EXECUTE {}; END IF; END", escaped(statement));
    format!("DO {}", escaped(&body))
}
