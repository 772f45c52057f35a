//! EF Core, with the SQL scripts that `dotnet ef migrations script` writes: a row of the journal ends each migration.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::super::pattern;
use super::{Column, Evidence, Journal, Meaning, Part, Traits, USUAL, ends_within};

pub(super) const TRAITS: Traits = Traits {
    name: "efcore",
    title: "EF Core",
    files: &[(r"(?i)^(.*)\.sql$", Meaning::Script), (r"(?:^|/)([0-9]{14}_([^/.]+))\.(?:cs|vb)$", Meaning::Code)],
    evidence: Evidence::Contains("__EFMigrationsHistory"),
    package: "entityframeworkcore",
    first: Some("write their SQL: dotnet ef migrations script --no-transactions -o all.sql; then adopt its folder"),
    refuses,
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

/// A command of an idempotent script, as the history repository of each provider wraps it.
static COMMANDS: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    [
        r"(?ms)^DO \$EF\$\r?\nBEGIN\r?\n    IF NOT EXISTS\(SELECT 1 FROM \S+ WHERE [^)]*\) THEN\r?\n(.*?)\r?\n    END IF;\r?\nEND \$EF\$;",
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
            let command = lines.collect::<String>();
            // the project's own SQL need not have an end
            let end = if command.trim_end().ends_with(';') { "" } else { ";" };
            format!("{}{end}", command.trim_end())
        });
        text = plain.into_owned();
    }
    text
}

/// Returns the text without the table of the journal and without conditions.
fn plain(text: &str) -> String {
    unwrapped(&TABLE.replace(text, ""))
}

fn refuses(text: &str) -> Option<&'static str> {
    let text = plain(text);
    let rest = INSERT.find_iter(&text).last().map_or(0, |last| last.end());
    match () {
        () if WRAPPED.is_match(&text) => {
            Some("its statements depend on the journal: write it again without --idempotent")
        }
        () if DELETE.is_match(&text) => Some("it goes down: write the script from an earlier migration to a later one"),
        () if !within(&text[rest..]).trim().is_empty() => {
            Some("no row of __EFMigrationsHistory follows its last statements, so they belong to no migration")
        }
        () => None,
    }
}

fn parts(whole: &Part) -> Vec<Part> {
    let text = plain(&whole.text);
    let (mut parts, mut from) = (Vec::new(), 0);
    for found in INSERT.captures_iter(&text) {
        let Some(row) = found.get(0) else { continue };
        let id = found[1].to_owned();
        let description = id.split_once('_').map_or(&*id, |(_, name)| name).to_owned();
        let body = within(&text[from..row.start()]);
        // a transaction that ends in the middle
        let no_transaction = ends_within(&FRAME, &body, "");
        let body = if no_transaction { FRAME.replace_all(&body, "").into_owned() } else { body };
        parts.push(Part { version: id, description, text: body, no_transaction, ..Part::default() });
        from = row.end();
    }
    parts
}

/// Returns a migration's own statements.
fn within(text: &str) -> String {
    let start = EDGES.find(text).map_or(0, |found| found.end());
    let text = text[start..].trim_end();
    format!("{text}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String, bool)>, &'static str> {
        if let Some(why) = refuses(text) {
            return Err(why);
        }
        let parts = parts(&Part { text: text.into(), ..Part::default() });
        Ok(parts.into_iter().map(|part| (part.version, part.text, part.no_transaction)).collect())
    }

    const TABLE: &str = "IF OBJECT_ID(N'[__EFMigrationsHistory]') IS NULL\nBEGIN\n    CREATE TABLE [__EFMigrationsHistory] (\n        \
                         [MigrationId] nvarchar(150) NOT NULL,\n        CONSTRAINT [PK___EFMigrationsHistory] PRIMARY KEY \
                         ([MigrationId])\n    );\nEND;\nGO\n\n";

    /// The texts are those of the providers' own tests.
    #[test]
    fn each_row_of_the_journal_ends_a_migration() {
        let insert = |id: &str| {
            format!(
                "INSERT INTO [__EFMigrationsHistory] ([MigrationId], [ProductVersion])\nVALUES (N'{id}', N'9.0.0');\n"
            )
        };
        let one = |text: &str| Ok(vec![("20240101000000_A".to_owned(), text.to_owned(), false)]);
        let (a, b) = (insert("20240101000000_A"), insert("20240102000000_B"));
        let framed = format!("{TABLE}BEGIN TRANSACTION;\nCREATE TABLE [a] ([id] int);\n\n{a}\nCOMMIT;\nGO\n\n");
        assert_eq!(read(&framed), one("CREATE TABLE [a] ([id] int);\n"));
        let batches =
            format!("{TABLE}BEGIN TRANSACTION;\nGO\n\nCREATE TABLE [a] ([id] int);\nGO\n\n{a}GO\n\nCOMMIT;\nGO\n\n");
        assert_eq!(read(&batches), one("CREATE TABLE [a] ([id] int);\nGO\n"));
        let together = format!("BEGIN TRANSACTION;\nSELECT 1;\n\n{a}\nSELECT 2;\n\n{b}\nCOMMIT;\n");
        let both = [("20240101000000_A", "SELECT 1;\n"), ("20240102000000_B", "SELECT 2;\n")];
        assert_eq!(read(&together), Ok(both.map(|(id, text)| (id.to_owned(), text.to_owned(), false)).into()));
        let parted = format!(
            "BEGIN TRANSACTION;\nSELECT 1;\nCOMMIT;\n\nPRAGMA foreign_keys = 0;\n\nBEGIN TRANSACTION;\nSELECT 2;\n{a}COMMIT;\n"
        );
        let text = "SELECT 1;\n\nPRAGMA foreign_keys = 0;\n\nSELECT 2;\n".to_owned();
        assert_eq!(read(&parted), Ok(vec![("20240101000000_A".into(), text, true)]));
        assert!(
            read(&format!("{a}SELECT 2;\n"))
                .expect_err("a rest")
                .starts_with("no row of __EFMigrationsHistory follows")
        );
        assert!(read("DELETE FROM [__EFMigrationsHistory] WHERE x;").expect_err("down").starts_with("it goes down"));
    }

    #[test]
    fn the_conditions_of_an_idempotent_script_are_left_out() {
        let insert = "INSERT INTO \"__EFMigrationsHistory\" (\"MigrationId\", \"ProductVersion\")\n    VALUES ('20240101000000_A', '7.0.9');";
        let condition = "SELECT 1 FROM \"__EFMigrationsHistory\" WHERE \"MigrationId\" = '20240101000000_A'";
        let block = |body: &str| {
            format!("DO $EF$\nBEGIN\n    IF NOT EXISTS({condition}) THEN\n    {body}\n    END IF;\nEND $EF$;\n\n")
        };
        let procedure = |body: &str| {
            format!(
                "DROP PROCEDURE IF EXISTS MigrationsScript;\nDELIMITER //\nCREATE PROCEDURE MigrationsScript()\nBEGIN\n    \
                 IF NOT EXISTS({condition}) THEN\n\n    {body}\n\n    END IF;\nEND //\nDELIMITER ;\nCALL MigrationsScript();\n\
                 DROP PROCEDURE MigrationsScript;\n\n"
            )
        };
        let conditional = |body: &str| {
            format!(
                "IF NOT EXISTS (\n    SELECT * FROM [__EFMigrationsHistory]\n    WHERE [MigrationId] = N'20240101000000_A'\n)\n\
                 BEGIN\n    {body}\nEND;\nGO\n\n"
            )
        };
        for wrapped in [&block as &dyn Fn(&str) -> String, &procedure, &conditional] {
            let text = format!("{}{}", wrapped("CREATE TABLE a (\n        id integer\n    )"), wrapped(insert));
            let parts = read(&text).expect("a migration");
            let (id, text, _) = &parts[0];
            assert_eq!((parts.len(), &**id), (1, "20240101000000_A"));
            assert_eq!(text.trim_end().trim_end_matches("GO").trim(), "CREATE TABLE a (\n    id integer\n);");
        }
    }
}
