//! grate, and `RoundhousE`, which it comes from: folders of scripts.

use super::super::{MappedScript, checksum};
use super::{Column, Journal, Meaning, Migration, OldRow, Placeholders, Traits, USUAL, Verdict};

const ENVIRONMENT: &str = "it runs in some environments only, which has no counterpart: run it there by hand";
const BEFORE: &str = "it runs before everything, which has no counterpart: run it in the deployment";
const OUTSIDE: &str = "it is for the server or for a new database: run it where databases are created";

pub(super) const TRAITS: Traits = Traits {
    name: "grate",
    title: "grate",
    // src/grate.core/Configuration/FoldersConfiguration.cs
    files: &[
        (r"(?i)\.env\.[^/]*\.sql$", Meaning::Left(ENVIRONMENT)),
        (r"(?i)^([^/]+/(?:.*/)?(?:everytime\.|[^/]*\.everytime\.)[^/]*)\.sql$", Meaning::Always),
        (r"^up/((?:.*/)?(?:[0-9]+(?:\.[0-9]+)*)?[ _-]*([^/]*)\.sql)$", Meaning::Script),
        (
            r"^((?:runBeforeUp|runFirstAfterUp|functions|views|sprocs|triggers|indexes|runAfterOtherAnyTimeScripts)/.+)\.sql$",
            Meaning::Repeatable,
        ),
        (r"^((?:permissions|afterMigration)/.+)\.sql$", Meaning::Always),
        (r"^beforeMigration/.+\.sql$", Meaning::Left(BEFORE)),
        (r"^(?:alterDatabase|runAfterCreateDatabase|createDatabase|dropDatabase)/.+\.sql$", Meaning::Left(OUTSIDE)),
    ],
    package: "grate",
    // by path without the extension, whatever the case
    arrange: |migrations| {
        migrations.sort_by_key(|one| one.part.version.to_lowercase().trim_end_matches(".sql").to_owned());
    },
    placeholders: Placeholders::DoubleBraces,
    checksums: |migrations| checksum::each(migrations, |migration| checksum::grate(&migration.part.text)),
    journal: Journal {
        tables: &["scriptsrun", "grate_scriptsrun"],
        rank: Column::Text("id"),
        version: Column::Text("script_name"),
        name: Column::Text("script_name"),
        checksum: Column::Text("text_hash"),
        at: Column::Text("entry_date"),
        by: Column::Text("entered_by"),
        mark: Column::Text("one_time_script"),
        ..Journal::NONE
    },
    verdict: |row: &OldRow| if row.is_marked() { Verdict::Applied } else { Verdict::Repeatable },
    is_about: |row, script| is_path(row, &script.old_version),
    ..USUAL
};

pub(super) const ROUNDHOUSE: Traits = Traits {
    name: "roundhouse",
    title: "RoundhousE",
    package: "roundhouse",
    arrange: |migrations| migrations.sort_by_key(files_first),
    journal: Journal { tables: &["scriptsrun", "roundhouse_scriptsrun"], ..TRAITS.journal },
    // the journal has names without folders
    is_about: |row: &OldRow, script: &MappedScript| {
        is_path(row, script.old_version.rsplit('/').next().unwrap_or_default())
    },
    ..TRAITS
};

fn is_path(row: &OldRow, path: &str) -> bool {
    row.version.as_deref().is_some_and(|version| version.eq_ignore_ascii_case(path))
}

/// The files of a folder come before its subfolders: `product/roundhouse.core/runners/RoundhouseMigrationRunner.cs`.
fn files_first(migration: &Migration) -> Vec<(bool, String)> {
    let parts = migration.part.version.split('/').collect::<Vec<_>>();
    let is_folder = |at: usize| at + 1 < parts.len();
    parts.iter().enumerate().map(|(at, part)| (is_folder(at), part.to_lowercase())).collect()
}
