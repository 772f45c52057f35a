//! Queries about all schemas of the user's own, or about a tenant's schema alone.
//!
//! In a database with many schemas, one of them is a small part of the catalog. What is in it is found by the index of what
//! depends on it; without that, each run would scan the whole catalog, and a run over all schemas would take quadratic time:
//! verified by experiment with 300 schemas of 30 tables.

use std::borrow::Cow;

use super::server::escaped;
use crate::engine::Settings;

/// Fills in the condition `{schemas}`. `name` is the expression for a schema's name.
pub(super) fn in_schemas(sql: &'static str, name: &str, schema: Option<&str>) -> Cow<'static, str> {
    let schemas = match schema {
        Some(schema) => format!("{name} = {}", escaped(schema)),
        None => format!("{name} !~ '^pg_' AND {name} <> 'information_schema'"),
    };
    sql.replace("{schemas}", &schemas).into()
}

/// Fills in the conditions `{attributes}`, `{relations}`, `{types}` and `{routines}`: that an object is in one of the schemas that
/// a query for their oids returns, if there is one.
pub(super) fn inside(sql: &str, schemas: Option<&str>) -> String {
    let condition = |oid: &str, catalog: &str| match schemas {
        Some(schemas) => format!(
            " AND {oid} IN (SELECT here.objid FROM pg_catalog.pg_depend here WHERE here.classid = 'pg_catalog.{catalog}'::regclass \
             AND here.refclassid = 'pg_catalog.pg_namespace'::regclass AND here.refobjid IN ({schemas}))"
        ),
        None => String::new(),
    };
    sql.replace("{attributes}", &condition("a.attrelid", "pg_class"))
        .replace("{relations}", &condition("c.oid", "pg_class"))
        .replace("{types}", &condition("t.oid", "pg_type"))
        .replace("{routines}", &condition("p.oid", "pg_proc"))
}

/// Returns the query for the oid of a schema.
pub(super) fn oid_sql(schema: &str) -> String {
    format!("SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = {}", escaped(schema))
}

/// Returns the query whether there is anything but the journal, whose tables have these oids.
pub(super) fn occupied_sql(schema: Option<&str>, journal: &str) -> String {
    let sql = match schema {
        Some(schema) => include_str!("occupied_schema.sql").replace("{schema}", &oid_sql(schema)),
        None => include_str!("occupied.sql").to_owned(),
    };
    sql.replace("{journal}", journal)
}

/// Returns the query for the columns of tables with some names or with some columns.
pub(super) fn columns_sql(schema: Option<&str>) -> Cow<'static, str> {
    match schema {
        Some(schema) => include_str!("columns_schema.sql").replace("{schema}", &escaped(schema)).into(),
        None => include_str!("columns.sql").into(),
    }
}

/// Returns the query for the objects that the database has. For a tenant's schema, also those of schemas without a
/// journal count: files can create objects there.
pub(super) fn existing_sql(settings: &Settings) -> String {
    let sql = include_str!("existing.sql");
    let Some(schema) = settings.schema.as_deref() else {
        return inside(sql, None).replace("{default}", "current_schema()").replace("{own}", "");
    };
    let (schema, journal) = (escaped(schema), escaped(&settings.journal.name));
    let others = format!("SELECT relnamespace FROM pg_catalog.pg_class WHERE relname = {journal}");
    let own = format!(" AND (nspname = {schema} OR oid NOT IN ({others}))");
    inside(sql, Some("SELECT oid FROM space")).replace("{default}", &schema).replace("{own}", &own)
}
