//! What the server can do, and the SQL of the journal for it.

use std::borrow::Cow;

use super::drop_first::DROP_FIRST;
use super::schema::schema_sql;
use super::session::{literal, quote, session_sql};
use super::{BEGIN, PRODUCT};
use crate::engine::{ObjectsSql, RehearsalSql, Server, Settings};
use crate::journal::{Catalog, Foreign, JournalDialect, JournalSql};
use crate::plan::{Batching, Checkpoints};
use crate::sql::{Context, SQLSERVER};

/// Returns what is known before the server has said anything.
pub(super) fn server(database: &str, settings: &Settings) -> Server {
    let alone = settings.schema.as_deref();
    let context = Context { database: Some(database.to_owned()), ..Context::new(SQLSERVER) };
    Server {
        context,
        product: PRODUCT.into(),
        user: None,
        batching: Batching::Statement,
        checkpoints: Checkpoints::Aside,
        message_limit: 0,
        stores_to_the_end: false,
        session: session_sql("us_english", settings),
        rehearsal: RehearsalSql::default(),
        journal: journal(settings),
        schema: Some(schema_sql(alone)),
        objects: Some(ObjectsSql {
            existing: existing_sql(settings).into(),
            retries: false,
            drop_first: Some(DROP_FIRST),
            keep: None,
            exercise: None,
        }),
        databases: Some(|like| {
            format!(
                "SELECT name FROM sys.databases WHERE state = 0 AND database_id > 4 AND name LIKE {} ESCAPE '\\'",
                literal(like)
            )
        }),
        schemas: Some(|like| {
            format!(
                "SELECT name FROM sys.schemas WHERE schema_id < 16384 \
                 AND name NOT IN (N'dbo', N'guest', N'sys', N'INFORMATION_SCHEMA') AND name LIKE {} ESCAPE '\\'",
                literal(like)
            )
        }),
        unlike_new: None,
    }
}

/// Returns a query about all schemas of the database, or about a tenant's schema alone. `name` is the expression for a
/// schema's name.
pub(super) fn in_schemas(sql: &'static str, name: &str, settings: &Settings) -> Cow<'static, str> {
    let schemas = settings.schema.as_deref().map(|schema| format!(" AND {name} = {}", literal(schema)));
    sql.replace("{schemas}", &schemas.unwrap_or_default()).into()
}

/// Returns the query for the objects that the database has. For a tenant's schema, also those of schemas without a
/// journal count: files can create objects there.
fn existing_sql(settings: &Settings) -> String {
    let condition = settings.schema.as_deref().map(|schema| {
        let (schema, journal) = (literal(schema), literal(&settings.journal.name));
        format!(" AND (s.name IS NULL OR s.name = {schema} OR s.schema_id NOT IN (SELECT schema_id FROM sys.objects WHERE name = {journal}))")
    });
    include_str!("existing.sql").replace("{schemas}", &condition.unwrap_or_default())
}

/// Returns the journal's SQL: its table, quoted, and the statement that creates its schema, which may be missing.
pub(super) fn journal(settings: &Settings) -> JournalSql {
    let schema = settings.journal.schema.as_deref();
    let table = format!("{}.{}", quote(schema.unwrap_or("dbo")), quote(&settings.journal.name));
    // a tenant's schema exists, and its owner may not be allowed to create others
    let create_schema = schema.filter(|_| settings.schema.is_none()).map(|name| {
        let create = literal(&format!("CREATE SCHEMA {}", quote(name)));
        format!("IF SCHEMA_ID({}) IS NULL EXEC ({create})", literal(name))
    });
    let dialect = JournalDialect {
        create: include_str!("journal.sql"),
        repairs: include_str!("repairs.sql"),
        snapshots: include_str!("snapshots.sql"),
        objects: include_str!("objects.sql"),
        exists: "SELECT 1 WHERE OBJECT_ID({literal}, N'U') IS NOT NULL",
        now: "SYSUTCDATETIME()",
        time: "CONCAT(REPLACE(CONVERT(varchar(23), applied_at, 121), ' ', 'T'), 'Z')",
        literal,
        moment: |at| literal(&at.replace('Z', "")),
        begin: BEGIN,
        elapsed: "DATEDIFF_BIG(millisecond, {since}, SYSUTCDATETIME())",
        begun: "SYSUTCDATETIME()",
        restart: None,
        guard: "",
        returning: None,
        quote,
        foreign: Foreign { table: "SchemaVersions", columns: "[ScriptName], CONVERT(nvarchar(19), [Applied], 120)" },
        catalog: Catalog {
            tables: in_schemas(include_str!("tables.sql"), "TABLE_SCHEMA", settings),
            columns: in_schemas(include_str!("columns.sql"), "TABLE_SCHEMA", settings),
            cell: "CONVERT(nvarchar(4000), {column}, 121)",
            hex: "LOWER(CONVERT(varchar(400), {column}, 2))",
        },
    };
    JournalSql { name: settings.journal.name.clone(), table, create_schema, dialect }
}
