//! What the server can do, and the SQL of the journal for it.

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
        schema: Some(schema_sql()),
        objects: Some(ObjectsSql {
            existing: include_str!("existing.sql"),
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
        unlike_new: None,
    }
}

/// Returns the journal's SQL: its table, quoted, and the statement that creates its schema, which may be missing.
pub(super) fn journal(settings: &Settings) -> JournalSql {
    let schema = settings.journal.schema.as_deref();
    let table = format!("{}.{}", quote(schema.unwrap_or("dbo")), quote(&settings.journal.name));
    let create_schema = schema.map(|name| {
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
        begin: BEGIN,
        elapsed: "DATEDIFF_BIG(millisecond, {since}, SYSUTCDATETIME())",
        begun: "SYSUTCDATETIME()",
        restart: None,
        guard: "",
        returning: None,
        quote,
        foreign: Foreign { table: "SchemaVersions", columns: "[ScriptName], CONVERT(nvarchar(19), [Applied], 120)" },
        catalog: Catalog {
            tables: include_str!("tables.sql"),
            columns: include_str!("columns.sql"),
            text: "nvarchar(400)",
        },
    };
    JournalSql { name: settings.journal.name.clone(), table, create_schema, dialect }
}
