//! `DbUp`: scripts of any name, in the order of their names.

use super::super::MappedScript;
use super::{Column, Evidence, Journal, Meaning, OldRow, Placeholders, Traits, USUAL};

pub(super) const TRAITS: Traits = Traits {
    name: "dbup",
    title: "DbUp",
    files: &[
        (r"^(.*?(?:^|/)(?i:script)?[ _-]*(?:[0-9]+(?:\.[0-9]+)*)?[ _-]*([^/]*)\.p?sql)$", Meaning::Script),
        (r"\.(?:cs|vb|fs)$", Meaning::Code),
    ],
    evidence: Evidence::Nothing,
    package: "dbup",
    // src/dbup-core/Engine/Preprocessors/VariableSubstitutionPreprocessor.cs
    placeholders: Placeholders::Dollars,
    journal: Journal {
        tables: &["schemaversions"],
        rank: Column::Text("applied"),
        version: Column::Text("scriptname"),
        name: Column::Text("scriptname"),
        at: Column::Text("applied"),
        ..Journal::NONE
    },
    is_about,
    ..USUAL
};

/// An embedded script has its folders in its name, with dots, and with an underscore for what no identifier may have.
fn is_about(row: &OldRow, script: &MappedScript) -> bool {
    let Some(version) = &row.version else { return false };
    let old = &script.old_version;
    let forms = [old.clone(), old.replace('/', "."), embedded(old)];
    forms.iter().any(|form| version == form || version.ends_with(&format!(".{form}")))
}

/// Returns the path as the name of a resource: `2024/0001 a.sql` is `_2024.0001 a.sql`.
fn embedded(path: &str) -> String {
    let Some((folders, file)) = path.rsplit_once('/') else { return path.into() };
    let folder = |folder: &str| {
        let plain = folder.replace(|c: char| !c.is_alphanumeric() && c != '_' && c != '.', "_");
        if plain.starts_with(|c: char| c.is_ascii_digit()) { format!("_{plain}") } else { plain }
    };
    format!("{}.{file}", folders.split('/').map(folder).collect::<Vec<_>>().join("."))
}
