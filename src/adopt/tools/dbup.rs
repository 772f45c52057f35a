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

/// An embedded script has its folders in its name, with dots.
fn is_about(row: &OldRow, script: &MappedScript) -> bool {
    let Some(version) = &row.version else { return false };
    let old = &script.old_version;
    let dotted = old.replace('/', ".");
    version == old || *version == dotted || version.ends_with(&format!(".{dotted}"))
}
