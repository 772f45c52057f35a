//! The tools whose journals are known, and what a row of each says.

/// How to recognise and read the journal of a tool.
pub(super) struct Tool {
    pub(super) name: &'static str,
    /// Its table, in lower case.
    pub(super) table: &'static str,
    /// The columns that it must have, in lower case.
    pub(super) columns: &'static [&'static str],
    /// What its rows say.
    pub(super) rows: Rows,
}

/// What the rows of a journal say.
pub(super) enum Rows {
    /// Nothing that dbmigrate understands.
    Unread,
    /// Each row is a migration that was applied.
    Applied,
    /// Each row is a migration; `judge` tells its result from these columns.
    Judged { columns: &'static [&'static str], judge: fn(&[Option<String>]) -> Row, counts: bool },
}

/// What a row says.
pub(super) enum Row {
    Applied,
    Ignored,
    Failed(String),
}

/// The tools, each with its default table. If two use the same table name, the first one whose columns match counts.
/// The names come from the tools' own sources.
pub(super) const TOOLS: [Tool; 23] = [
    Tool::judged(
        "Flyway",
        "flyway_schema_history",
        &["installed_rank", "version", "success"],
        &["version", "success"],
        success,
        false,
    ),
    Tool::judged(
        "Flyway",
        "schema_version",
        &["installed_rank", "version", "success"],
        &["version", "success"],
        success,
        false,
    ),
    Tool::judged("Liquibase", "databasechangelog", &["id", "author", "exectype"], &["id", "exectype"], executed, false),
    Tool::unread("DbUp", "schemaversions", &["scriptname", "applied"]),
    Tool::unread("grate or RoundhousE", "scriptsrun", &["script_name", "text_hash"]),
    Tool::unread("grate", "grate_scriptsrun", &["script_name", "text_hash"]),
    Tool::unread("RoundhousE", "roundhouse_scriptsrun", &["script_name", "text_hash"]),
    Tool::judged("sqlx", "_sqlx_migrations", &["version", "success"], &["version", "success"], success, true),
    Tool::unread("refinery", "refinery_schema_history", &["version", "checksum"]),
    Tool::judged("golang-migrate", "schema_migrations", &["version", "dirty"], &["version", "dirty"], dirty, false),
    Tool::unread("Ecto", "schema_migrations", &["version", "inserted_at"]),
    Tool { name: "dbmate", table: "schema_migrations", columns: &["version"], rows: Rows::Applied },
    Tool::unread("goose", "goose_db_version", &["version_id", "is_applied"]),
    Tool::unread("tern", "schema_version", &["version"]),
    Tool { name: "EF Core", table: "__efmigrationshistory", columns: &["migrationid"], rows: Rows::Applied },
    Tool::unread("Alembic", "alembic_version", &["version_num"]),
    Tool::judged(
        "Prisma",
        "_prisma_migrations",
        &["migration_name", "finished_at", "rolled_back_at"],
        &["migration_name", "finished_at", "rolled_back_at"],
        finished,
        true,
    ),
    Tool::judged(
        "Atlas",
        "atlas_schema_revisions",
        &["version", "applied", "total"],
        &["version", "applied", "total"],
        complete,
        false,
    ),
    Tool::unread("node-pg-migrate", "pgmigrations", &["name", "run_on"]),
    Tool::judged("Evolve", "changelog", &["version", "checksum", "success"], &["version", "success"], success, false),
    Tool::unread("Diesel", "__diesel_schema_migrations", &["version", "run_on"]),
    Tool::unread("sql-migrate", "gorp_migrations", &["id", "applied_at"]),
    Tool::unread("FluentMigrator", "versioninfo", &["version", "appliedon"]),
];

impl Tool {
    const fn unread(name: &'static str, table: &'static str, columns: &'static [&'static str]) -> Self {
        Self { name, table, columns, rows: Rows::Unread }
    }

    const fn judged(
        name: &'static str,
        table: &'static str,
        known: &'static [&'static str],
        columns: &'static [&'static str],
        judge: fn(&[Option<String>]) -> Row,
        counts: bool,
    ) -> Self {
        Self { name, table, columns: known, rows: Rows::Judged { columns, judge, counts } }
    }
}

fn text(cells: &[Option<String>], at: usize) -> &str {
    cells.get(at).and_then(Option::as_deref).unwrap_or_default()
}

/// Whether a cell is true in any engine's notation.
fn is_true(cells: &[Option<String>], at: usize) -> bool {
    matches!(text(cells, at), "1" | "t" | "true" | "True")
}

fn success(cells: &[Option<String>]) -> Row {
    let version = Some(text(cells, 0)).filter(|version| !version.is_empty()).unwrap_or("a repeatable migration");
    if is_true(cells, 1) { Row::Applied } else { Row::Failed(format!("{version} failed")) }
}

fn executed(cells: &[Option<String>]) -> Row {
    if text(cells, 1) == "FAILED" { Row::Failed(format!("{} failed", text(cells, 0))) } else { Row::Applied }
}

fn dirty(cells: &[Option<String>]) -> Row {
    if is_true(cells, 1) { Row::Failed(format!("{} is dirty", text(cells, 0))) } else { Row::Applied }
}

fn finished(cells: &[Option<String>]) -> Row {
    match (text(cells, 1), text(cells, 2)) {
        (_, rolled_back) if !rolled_back.is_empty() => Row::Ignored,
        ("", _) => Row::Failed(format!("{} did not finish", text(cells, 0))),
        _ => Row::Applied,
    }
}

fn complete(cells: &[Option<String>]) -> Row {
    let number = |at| text(cells, at).parse::<u64>().unwrap_or(0);
    match (text(cells, 0), number(1) < number(2)) {
        // the row is not a migration
        (version, _) if version.starts_with('.') => Row::Ignored,
        (version, true) => Row::Failed(format!("{version} stopped in the middle")),
        _ => Row::Applied,
    }
}

/// The table that Rails keeps beside its journal.
pub(super) const RAILS: &str = "ar_internal_metadata";

/// The tables that tools keep beside their journals, in lower case.
pub(super) const BESIDE: [(&str, &[&str]); 6] = [
    ("Rails", &[RAILS]),
    ("Liquibase", &["databasechangeloglock"]),
    ("EF Core", &["__efmigrationslock"]),
    (
        "grate or RoundhousE",
        &["version", "scriptsrunerrors", "gratescriptsrun", "gratescriptsrunerrors", "grateversion"],
    ),
    (
        "grate",
        &[
            "grate_version",
            "grate_scriptsrunerrors",
            "grate_gratescriptsrun",
            "grate_gratescriptsrunerrors",
            "grate_grateversion",
        ],
    ),
    ("RoundhousE", &["roundhouse_version", "roundhouse_scriptsrunerrors"]),
];

/// The schemas that tools make for their journals, in lower case.
pub(super) const SCHEMAS: [&str; 3] = ["grate", "roundhouse", "atlas_schema_revisions"];

/// Returns the names of the tables that a tool keeps beside its journal.
pub(super) fn beside(tool: &str) -> &'static [&'static str] {
    BESIDE.iter().find(|(name, _)| *name == tool).map_or(&[], |(_, tables)| tables)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(cells: &[&str]) -> Vec<Option<String>> {
        cells.iter().map(|cell| Some((*cell).to_owned()).filter(|cell| !cell.is_empty())).collect()
    }

    fn judged(judge: fn(&[Option<String>]) -> Row, row: &[&str]) -> Option<String> {
        match judge(&cells(row)) {
            Row::Applied => Some("applied".into()),
            Row::Ignored => None,
            Row::Failed(why) => Some(why),
        }
    }

    #[test]
    fn rows_say_what_became_of_a_migration() {
        for (judge, row, expected) in [
            (success as fn(&[Option<String>]) -> Row, ["3", "t", ""], Some("applied")),
            (success, ["3", "0", ""], Some("3 failed")),
            (success, ["", "false", ""], Some("a repeatable migration failed")),
            (executed, ["a-1", "EXECUTED", ""], Some("applied")),
            (executed, ["a-1", "FAILED", ""], Some("a-1 failed")),
            (dirty, ["14", "1", ""], Some("14 is dirty")),
            (dirty, ["14", "false", ""], Some("applied")),
            (finished, ["2024_init", "2024-01-01", ""], Some("applied")),
            (finished, ["2024_init", "", ""], Some("2024_init did not finish")),
            (finished, ["2024_init", "", "2024-01-01"], None),
            (complete, ["3", "2", "2"], Some("applied")),
            (complete, ["3", "1", "2"], Some("3 stopped in the middle")),
            (complete, [".atlas_cloud_identifier", "0", "0"], None),
        ] {
            assert_eq!(judged(judge, &row).as_deref(), expected, "{row:?}");
        }
    }

    #[test]
    fn the_tables_and_columns_of_tools_are_in_lower_case() {
        for tool in &TOOLS {
            let texts = tool.columns.iter().chain([&tool.table]);
            assert!(texts.into_iter().all(|text| *text == text.to_lowercase()), "{}", tool.name);
        }
    }
}
