//! EF Core, with the SQL scripts that `dotnet ef migrations script` writes: a row of the journal ends each migration.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{Column, Evidence, Journal, Meaning, Part, Traits, USUAL};

pub(super) const TRAITS: Traits = Traits {
    name: "efcore",
    title: "EF Core",
    files: &[(r"(?i)^(.*)\.sql$", Meaning::Script), (r"(?:^|/)([0-9]{14}_([^/.]+))\.(?:cs|vb)$", Meaning::Code)],
    evidence: Evidence::Contains("__EFMigrationsHistory"),
    package: "entityframeworkcore",
    first: Some("write their SQL: dotnet ef migrations script --no-transactions -o all.sql; then adopt its folder"),
    parts,
    journal: Journal {
        tables: &["__efmigrationshistory"],
        rank: Column::Text("migrationid"),
        version: Column::Text("migrationid"),
        ..Journal::NONE
    },
    ..USUAL
};

static INSERT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?is)INSERT\s+INTO\s+\S*__EFMigrationsHistory\S*\s*\([^)]*\)\s*VALUES\s*\(N?'([^']+)',\s*N?'[^']*'\)\s*;")
});
static TABLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?is)(?:IF\s+OBJECT_ID\([^)]*__EFMigrationsHistory[^)]*\)\s+IS\s+NULL\s+BEGIN\s+CREATE\s+TABLE.*?\);\s*END;|CREATE\s+TABLE\s+IF\s+NOT\s+EXISTS\s+\S*__EFMigrationsHistory\S*\s*\(.*?\)[^;()]*;)",
    )
});
static WRAPPED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?is)IF\s+NOT\s+EXISTS\s*\(\s*SELECT\s+[*1]\s+FROM\s+\S*__EFMigrationsHistory"));
static DELETE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)DELETE\s+FROM\s+\S*__EFMigrationsHistory"));
/// What begins and ends transactions, and batches.
static FRAME: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?im)^(?:BEGIN TRANSACTION;|START TRANSACTION;|COMMIT;)[ \t]*\r?\n(?:GO[ \t]*\r?\n)?"));
static EDGES: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\A(?:\s+|GO[ \t]*\r?\n|(?:COMMIT|BEGIN TRANSACTION|START TRANSACTION);)+"));

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant that the tests compile")
}

/// A command of an idempotent script, as the history repository of each provider wraps it.
static COMMANDS: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    [
        r#"(?ms)^DO \$EF\$\r?\nBEGIN\r?\n    IF NOT EXISTS\(SELECT 1 FROM \S+ WHERE [^)]*\) THEN\r?\n(.*?)\r?\n    END IF;\r?\nEND \$EF\$;"#,
        r"(?ms)^DROP PROCEDURE IF EXISTS \S+;\r?\nDELIMITER //\r?\nCREATE PROCEDURE [^\n]*\nBEGIN\r?\n    IF NOT EXISTS\(SELECT 1 FROM \S+ WHERE [^)]*\) THEN\r?\n(.*?)\r?\n    END IF;\r?\nEND //\r?\nDELIMITER ;\r?\nCALL [^;]*;\r?\nDROP PROCEDURE [^;]*;",
        r"(?ms)^IF NOT EXISTS \(\r?\n    SELECT \* FROM \S*__EFMigrationsHistory\S*\r?\n    WHERE [^)]*\)\r?\nBEGIN\r?\n(.*?)\r?\nEND;",
    ]
    .map(pattern)
});

/// Returns the commands of an idempotent script without their conditions: the journal here decides what runs.
fn unwrapped(text: &str) -> String {
    let mut text = text.to_owned();
    for command in &*COMMANDS {
        let plain = command.replace_all(&text, |found: &Captures<'_>| {
            let lines = found[1].split_inclusive('\n').map(|line| line.strip_prefix("    ").unwrap_or(line));
            lines.collect::<String>()
        });
        text = plain.into_owned();
    }
    text
}

fn parts(whole: Part) -> Result<Vec<Part>, String> {
    let text = unwrapped(&TABLE.replace(&whole.text, ""));
    if WRAPPED.is_match(&text) {
        return Err("its statements depend on the journal: write it again without --idempotent".into());
    }
    if DELETE.is_match(&text) {
        return Err("it goes down: write the script from an earlier migration to a later one".into());
    }
    let (mut parts, mut from) = (Vec::new(), 0);
    for found in INSERT.captures_iter(&text) {
        let Some(row) = found.get(0) else { continue };
        let id = found[1].to_owned();
        let description = id.split_once('_').map_or(&*id, |(_, name)| name).to_owned();
        let body = within(&text[from..row.start()]);
        // a transaction that ends in the middle
        let no_transaction = FRAME.is_match(&body);
        let body = FRAME.replace_all(&body, "").into_owned();
        parts.push(Part { version: id, description, text: body, no_transaction, ..Part::default() });
        from = row.end();
    }
    if !within(&text[from..]).trim().is_empty() {
        return Err(
            "no row of __EFMigrationsHistory follows its last statements, so they belong to no migration".into()
        );
    }
    Ok(parts)
}

/// Returns a migration's own statements.
fn within(text: &str) -> String {
    let start = EDGES.find(text).map_or(0, |found| found.end());
    let text = text[start..].trim_end();
    format!("{}\n", text)
}
