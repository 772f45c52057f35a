//! Rails, with a `structure.sql`: a dump that stands for the migrations that it names.

use std::sync::LazyLock;

use regex::Regex;

use super::super::pattern;
use super::{Column, Evidence, Journal, Meaning, Part, Role, Traits, USUAL, numbers};

pub(super) const TRAITS: Traits = Traits {
    name: "rails",
    title: "Rails",
    files: &[
        (r"(?:^|/)((?:[^/]+_)?structure)\.sql$", Meaning::Script),
        (r"(?:^|/)([0-9]+)_([_a-z0-9]*)\.?[_a-z0-9]*\.rb$", Meaning::Code),
    ],
    evidence: Evidence::Has("structure.sql"),
    package: "rails",
    first: Some(
        "write db/structure.sql: set config.active_record.schema_format = :sql, run bin/rails db:migrate and \
         bin/rails db:schema:dump; then adopt db",
    ),
    refuses: |text| versions(text).is_empty().then_some(NO_ROWS),
    dumps: true,
    parts,
    journal: Journal {
        tables: &["schema_migrations"],
        rank: Column::Text("version"),
        version: Column::Text("version"),
        ..Journal::NONE
    },
    ..USUAL
};

static INSERT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?is)INSERT\s+INTO\s+\S*schema_migrations["`\]]?\s*\([^)]*\)\s*VALUES\s*([^;]*);"#));
static VERSION: LazyLock<Regex> = LazyLock::new(|| pattern(r"'([0-9]+)'"));

const NO_ROWS: &str = "it has no rows of schema_migrations, so it does not say which migrations it stands for";

/// Returns the migrations that a dump stands for, in their order.
fn versions(text: &str) -> Vec<String> {
    let rows = INSERT.captures_iter(text).map(|found| found[1].to_owned()).collect::<Vec<_>>();
    let versions = rows.iter().flat_map(|rows| VERSION.captures_iter(rows)).map(|found| found[1].to_owned());
    let mut versions = versions.collect::<Vec<_>>();
    versions.sort_by_key(|version| numbers(version));
    versions
}

/// The dump stays as it is, with the rows of the journal: the application asks for them.
fn parts(whole: &Part) -> Vec<Part> {
    let mut further = versions(&whole.text);
    let version = further.pop().unwrap_or_default();
    let description = format!("the structure of Rails at {version}");
    vec![Part { version, role: Role::Dump { further }, description, ..whole.clone() }]
}
