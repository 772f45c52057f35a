//! What SQLite can do, and the SQL of the journal on SQLite.

use super::exercise::EXERCISE;
use super::{PRODUCT, file, guard, schema};
use crate::engine::{ObjectsSql, RehearsalSql, SchemaSql, Server, SessionSql, Settings, literal, quote};
use crate::journal::{Catalog, Foreign, JournalDialect, JournalSql};
use crate::plan::{Batching, Checkpoints};
use crate::sql::{Context, SQLITE};

/// Statements share a message up to this many bytes. Each message costs a change of threads.
const MESSAGE: usize = 256 * 1024;

/// The statements that undo a script's settings: <https://www.sqlite.org/pragma.html>. Inside a transaction,
/// `foreign_keys` has no effect, and nothing can have changed it there. A dump writes virtual tables into the schema's
/// own table, and the next script finds them only after the schema is read again: hence `RESET`.
const SESSION: [&str; 8] = [
    "PRAGMA foreign_keys = OFF",
    file::REREAD,
    "PRAGMA recursive_triggers = OFF",
    "PRAGMA ignore_check_constraints = OFF",
    "PRAGMA legacy_alter_table = OFF",
    "PRAGMA query_only = OFF",
    "PRAGMA case_sensitive_like = OFF",
    "PRAGMA max_page_count = 4294967294",
];

/// Returns what is known before a file is open.
pub(super) fn server(settings: &Settings) -> Server {
    let schema = settings.journal.schema.as_deref().unwrap_or("main");
    let table = format!("{}.{}", quote(schema), quote(&settings.journal.name));
    let dialect = JournalDialect {
        create: include_str!("journal.sql"),
        repairs: include_str!("repairs.sql"),
        snapshots: include_str!("snapshots.sql"),
        objects: include_str!("objects.sql"),
        exists: "SELECT 1 FROM pragma_table_info({name}) LIMIT 1",
        now: "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
        time: "applied_at",
        literal,
        moment: literal,
        begin: "BEGIN IMMEDIATE",
        // a function of dbmigrate's own: SQLite's clock is this process's
        elapsed: guard::LAP,
        begun: "",
        restart: None,
        guard: "",
        returning: Some("RETURNING duration_ms"),
        quote,
        foreign: Foreign { table: "SchemaVersions", columns: "ScriptName, Applied" },
        catalog: Catalog {
            tables: include_str!("tables.sql").into(),
            columns: include_str!("columns.sql").into(),
            cell: "CAST({column} AS text)",
            hex: "lower(hex({column}))",
        },
    };
    let reset = SESSION.map(ToOwned::to_owned).to_vec();
    Server {
        context: Context::new(SQLITE),
        product: PRODUCT.into(),
        user: None,
        batching: Batching::Run,
        checkpoints: Checkpoints::Aside,
        message_limit: MESSAGE,
        stores_to_the_end: false,
        session: SessionSql {
            begin: vec![dialect.begin.into()],
            within: reset.clone(),
            apart: reset,
            settle: vec![file::CHECK.into()],
            defers: true,
            commit: "COMMIT",
            ..SessionSql::default()
        },
        rehearsal: RehearsalSql::default(),
        journal: JournalSql { name: settings.journal.name.clone(), table, create_schema: None, dialect },
        schema: Some(SchemaSql {
            in_transaction: Some(include_str!("schema.sql").into()),
            ..SchemaSql::plain(include_str!("schema.sql"), schema::rows)
        }),
        objects: Some(ObjectsSql {
            existing: include_str!("existing.sql").into(),
            retries: true,
            drop_first: None,
            keep: None,
            exercise: Some(EXERCISE),
        }),
        databases: None,
        schemas: None,
        unlike_new: None,
    }
}
