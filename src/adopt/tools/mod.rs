//! What dbmigrate knows about each migration tool: how it names its files, what its texts mean, and what its journal says.

mod alembic;
mod atlas;
mod dbmate;
mod dbup;
mod diesel;
mod efcore;
mod evolve;
mod flyway;
mod golang_migrate;
mod goose;
mod grate;
mod liquibase;
mod node_pg_migrate;
mod prisma;
mod rails;
mod refinery;
mod sqlx;
mod tern;

use regex::Regex;

use super::migration::{Migration, Part, Role};
use super::{MappedObject, MappedScript, Tool, checksum, numbers};
use crate::engine::Cells;
use crate::old_journal::Column;

/// What dbmigrate knows about a tool.
pub(crate) struct Traits {
    /// The name in options and in the map: lower case, with dashes.
    pub(crate) name: &'static str,
    /// The name as the tool's own documentation writes it.
    pub(crate) title: &'static str,
    /// How it names its files, below the old folder. The first pattern that matches wins.
    pub(crate) files: &'static [(&'static str, Meaning)],
    /// What tells its files from those of other tools.
    pub(crate) evidence: Evidence,
    /// The dependency that a project with this tool has.
    pub(crate) package: &'static str,
    /// What a user has to write first if the tool itself keeps no SQL.
    pub(crate) first: Option<&'static str>,
    /// Whether the file of a migration belongs to what identifies it.
    pub(crate) keyed_by_file: bool,
    /// Whether a file is a dump that stands for all migrations, and that is written again and again.
    pub(crate) dumps: bool,
    /// Returns why a file cannot be taken over.
    pub(crate) refuses: fn(&str) -> Option<&'static str>,
    /// Returns the migrations of a file.
    pub(crate) parts: fn(&Part) -> Vec<Part>,
    /// Puts migrations into the order in which the tool runs them.
    pub(crate) arrange: fn(&mut [Migration]),
    /// The syntax of its placeholders.
    pub(crate) placeholders: Placeholders,
    /// The checksums that the tool may have recorded for each of some migrations, in their order; the usual one first.
    pub(crate) checksums: fn(&[&Migration]) -> Vec<Vec<String>>,
    /// Its journal.
    pub(crate) journal: Journal,
    /// What a row of its journal means.
    pub(crate) verdict: fn(&OldRow) -> Verdict,
    /// How messages and the new journal name a row.
    pub(crate) shown: fn(&OldRow) -> String,
    /// Whether a row is about a script.
    pub(crate) is_about: fn(&OldRow, &MappedScript) -> bool,
}

/// What most tools have in common.
const USUAL: Traits = Traits {
    name: "",
    title: "",
    files: &[],
    evidence: Evidence::Names,
    package: "",
    first: None,
    keyed_by_file: false,
    dumps: false,
    refuses: |_| None,
    parts: |whole| vec![whole.clone()],
    arrange: |migrations| migrations.sort_by(|one, other| one.order.cmp(&other.order)),
    placeholders: Placeholders::None,
    checksums: checksum::none,
    journal: Journal::NONE,
    verdict: |_| Verdict::Applied,
    shown: OldRow::name_or_version,
    is_about: OldRow::has_version,
};

/// What the name of a file means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// It runs once. The pattern's first group is the version, the second the description.
    Script,
    /// It undoes a script, or has settings that are taken over.
    Unneeded,
    /// It runs again whenever it changes. The pattern's first group is the path that it gets as an object file.
    Repeatable,
    /// It runs in each run. The group is that of a repeatable.
    Always,
    /// It is a migration in a programming language. The groups are those of a script, if the name says them.
    Code,
    /// It has no counterpart: what it is, and what to do.
    Left(&'static str),
}

/// What tells the files of a tool from those of other tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// Their names.
    Names,
    /// The tool's markers in them, or this file next to them.
    Marked(&'static str),
    /// This text in one of them.
    Contains(&'static str),
    /// This file next to them.
    Has(&'static str),
    /// Nothing: they can have any name.
    Nothing,
}

/// The syntax of placeholders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placeholders {
    /// The tool has none.
    None,
    /// `${x}`.
    Braces,
    /// `${x}`, `${x:-default}` and `$x` between two such lines, or after the first.
    Between(&'static str, &'static str),
    /// `{{x}}`.
    DoubleBraces,
    /// `$x$`.
    Dollars,
}

/// How a tool keeps its journal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Journal {
    /// The default tables, in lower case.
    pub(crate) tables: &'static [&'static str],
    /// What tells the order of the rows.
    pub(crate) rank: Column,
    pub(crate) version: Column,
    pub(crate) name: Column,
    pub(crate) checksum: Column,
    pub(crate) at: Column,
    pub(crate) by: Column,
    pub(crate) success: Column,
    /// What only this tool has.
    pub(crate) mark: Column,
    pub(crate) more: Column,
}

impl Journal {
    const NONE: Self = Self {
        tables: &[],
        rank: Column::None,
        version: Column::None,
        name: Column::None,
        checksum: Column::None,
        at: Column::None,
        by: Column::None,
        success: Column::None,
        mark: Column::None,
        more: Column::None,
    };

    /// The columns, as [`OldRow`] has them.
    pub(crate) const fn columns(&self) -> [Column; 9] {
        let Self { rank, version, name, checksum, at, by, success, mark, more, .. } = *self;
        [rank, version, name, checksum, at, by, success, mark, more]
    }
}

/// A row of an old journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OldRow {
    pub(crate) rank: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) checksum: Option<String>,
    pub(crate) at: Option<String>,
    pub(crate) by: Option<String>,
    pub(crate) success: Option<String>,
    pub(crate) mark: Option<String>,
    pub(crate) more: Option<String>,
}

impl OldRow {
    pub(crate) fn from_cells(cells: Cells) -> Self {
        let mut cells = cells.into_iter();
        let mut next = || cells.next().flatten();
        Self {
            rank: next(),
            version: next(),
            name: next(),
            checksum: next(),
            at: next(),
            by: next(),
            success: next(),
            mark: next(),
            more: next(),
        }
    }

    fn name_or_version(&self) -> String {
        self.name.clone().or_else(|| self.version.clone()).unwrap_or_default()
    }

    /// Its version, and its name if that is a description.
    fn version_and_name(&self) -> String {
        let parts = [&self.version, &self.name].into_iter().flatten().map(String::as_str);
        parts.collect::<Vec<_>>().join(" ")
    }

    /// Whether its version is that of a script, compared by numbers if it has some.
    fn has_version(&self, script: &MappedScript) -> bool {
        let Some(version) = self.version.as_deref() else { return false };
        let (own, other) = (numbers(version), numbers(&script.old_version));
        version == script.old_version || own.is_some() && own == other
    }

    /// Whether its name is that of an object file, from some folder.
    pub(crate) fn has_name(&self, object: &MappedObject) -> bool {
        let name = self.name_or_version();
        object.old_name == name || object.old_name.ends_with(&format!("/{name}"))
    }

    /// Whether it has succeeded, as far as it says.
    pub(crate) fn succeeded(&self) -> bool {
        self.success.as_deref().is_none_or(is_true)
    }

    /// Whether its mark is set.
    fn is_marked(&self) -> bool {
        self.mark.as_deref().is_some_and(is_true)
    }
}

/// Whether a text is true in any engine's notation.
fn is_true(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "1" | "t" | "true")
}

/// What a row of an old journal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The migration is applied.
    Applied,
    /// The migration is applied, and with it everything before it. There is one such row.
    Through,
    /// Everything up to this version counts as applied, whether or not there is a migration with it.
    Baseline,
    /// Everything before this version counts as applied.
    Start,
    /// A file that runs again whenever it changes was applied.
    Repeatable,
    /// The migration was undone.
    Undone,
    /// It says nothing about a migration.
    Ignored,
    /// It contradicts what dbmigrate expects: what happened, as in `failed`.
    Failed(&'static str),
}

/// Whether a transaction ends and another begins, once or several times, in a body or with the `tail` that follows it; `frame` matches
/// these words. In a routine, they come in another order.
fn ends_within(frame: &Regex, body: &str, tail: &str) -> bool {
    let words = frame.find_iter(body).map(|found| found.as_str().starts_with("COMMIT")).collect::<Vec<_>>();
    let alternate = words.iter().enumerate().all(|(at, is_commit)| *is_commit == (at % 2 == 0));
    let is_closed = words.len() % 2 == 0 || tail.trim_start().starts_with("BEGIN");
    !words.is_empty() && alternate && is_closed
}

/// Returns what dbmigrate knows about a tool.
pub(crate) const fn of(tool: Tool) -> &'static Traits {
    match tool {
        Tool::Dbup => &dbup::TRAITS,
        Tool::Grate => &grate::TRAITS,
        Tool::Roundhouse => &grate::ROUNDHOUSE,
        Tool::Flyway => &flyway::TRAITS,
        Tool::Liquibase => &liquibase::TRAITS,
        Tool::Sqlx => &sqlx::TRAITS,
        Tool::Refinery => &refinery::TRAITS,
        Tool::Dbmate => &dbmate::TRAITS,
        Tool::GolangMigrate => &golang_migrate::TRAITS,
        Tool::Goose => &goose::TRAITS,
        Tool::Tern => &tern::TRAITS,
        Tool::Prisma => &prisma::TRAITS,
        Tool::Diesel => &diesel::TRAITS,
        Tool::Rails => &rails::TRAITS,
        Tool::EfCore => &efcore::TRAITS,
        Tool::Alembic => &alembic::TRAITS,
        Tool::NodePgMigrate => &node_pg_migrate::TRAITS,
        Tool::Atlas => &atlas::TRAITS,
        Tool::Evolve => &evolve::TRAITS,
    }
}
