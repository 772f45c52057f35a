//! What the server can do, and the SQL of the journal for it.

use super::PRODUCT;
use super::drop_first::DROP_FIRST;
use super::exercise::EXERCISE;
use super::schema::schema_sql;
use super::schemas::{columns_sql, existing_sql, in_schemas};
use crate::engine::{ObjectsSql, RehearsalSql, Server, SessionSql, Settings, literal, quote};
use crate::journal::{Catalog, Foreign, JournalDialect, JournalSql};
use crate::plan::{Batching, Checkpoints};
use crate::sql::{Context, POSTGRES};

/// Statements share a message up to this many bytes. The server keeps the parsed form of a whole message in memory.
const MESSAGE: usize = 1024 * 1024;

/// Returns what is known before the server has said anything.
pub(super) fn server(settings: &Settings) -> Server {
    let (table, alone) = (journal_table(settings), settings.schema.as_deref());
    let schema = settings.journal.schema.as_deref();
    // a tenant's schema exists, and its owner may not be allowed to create others
    let created = schema.filter(|_| settings.schema.is_none());
    let create_schema = created.map(|name| format!("CREATE SCHEMA IF NOT EXISTS {}", quote(name)));
    let dialect = JournalDialect {
        create: include_str!("journal.sql"),
        repairs: include_str!("repairs.sql"),
        snapshots: include_str!("snapshots.sql"),
        objects: include_str!("objects.sql"),
        exists: "SELECT 1 WHERE to_regclass({literal}) IS NOT NULL",
        now: "clock_timestamp()",
        time: r#"to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"#,
        literal: escaped,
        moment: escaped,
        begin: "BEGIN",
        // a script that removes the rows before its own from the journal is detected at the end
        elapsed: "COALESCE(CAST(extract(epoch FROM clock_timestamp() - {since}) * 1000 AS bigint), 0)",
        begun: "transaction_timestamp()",
        restart: None,
        guard: "",
        returning: Some("RETURNING duration_ms"),
        quote,
        foreign: Foreign { table: "schemaversions", columns: "scriptname, to_char(applied, 'YYYY-MM-DD HH24:MI:SS')" },
        catalog: Catalog {
            tables: in_schemas(include_str!("tables.sql"), "table_schema", alone),
            columns: columns_sql(alone),
            cell: "CAST({column} AS text)",
            hex: "encode({column}, 'hex')",
        },
    };
    let locks = include_str!("locks.sql").replace("{journal}", &literal(&table));
    let rehearsal = RehearsalSql { locks: Some(locks), untransactional: None };
    Server {
        context: Context::new(POSTGRES),
        product: PRODUCT.into(),
        user: None,
        batching: Batching::Run,
        checkpoints: Checkpoints::Aside,
        message_limit: MESSAGE,
        stores_to_the_end: false,
        session: SessionSql::default(),
        rehearsal,
        journal: JournalSql { name: settings.journal.name.clone(), table, create_schema, dialect },
        schema: Some(schema_sql(alone)),
        objects: Some(ObjectsSql {
            existing: existing_sql(settings).into(),
            retries: true,
            drop_first: Some(DROP_FIRST),
            keep: None,
            exercise: Some(EXERCISE),
        }),
        databases: Some(|like| {
            format!(
                "SELECT datname AS name FROM pg_catalog.pg_database \
                 WHERE datallowconn AND NOT datistemplate AND datname LIKE {}",
                escaped(like)
            )
        }),
        schemas: Some(|like| {
            format!(
                "SELECT nspname AS name FROM pg_catalog.pg_namespace \
                 WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname LIKE {}",
                escaped(like)
            )
        }),
        unlike_new: None,
    }
}

/// Returns the journal's name, with its schema, quoted.
pub(super) fn journal_table(settings: &Settings) -> String {
    let schema = settings.journal.schema.as_deref().unwrap_or("public");
    format!("{}.{}", quote(schema), quote(&settings.journal.name))
}

/// Returns a literal that means the same whatever `standard_conforming_strings` is.
pub(super) fn escaped(text: &str) -> String {
    if text.contains('\\') { format!("E{}", literal(&text.replace('\\', "\\\\"))) } else { literal(text) }
}
