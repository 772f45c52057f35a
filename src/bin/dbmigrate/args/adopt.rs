//! The options of `adopt` and of imports.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use dbmigrate::adopt::Tool;

#[derive(Debug, clap::Args)]
pub(crate) struct Adopt {
    /// The folders with the old migrations; without any, those of an earlier adoption
    #[arg(value_name = "OLD_FOLDER")]
    pub(crate) folders: Vec<PathBuf>,
    /// The tool, unless its files tell
    #[arg(long, value_name = "TOOL", value_parser = tools())]
    pub(crate) from: Option<Tool>,
    /// Show what would be moved, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// The tool whose journal is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Imported {
    /// The one that the map names, or that has a journal in the database.
    Auto,
    Of(Tool),
}

const AUTO: &str = "auto";

/// Parses the name of a tool.
fn tools() -> impl TypedValueParser<Value = Tool> {
    PossibleValuesParser::new(Tool::ALL.map(Tool::as_str)).try_map(|name| name.parse::<Tool>())
}

/// Parses `auto` or the name of a tool.
pub(super) fn imported() -> impl TypedValueParser<Value = Imported> {
    let names = [AUTO].into_iter().chain(Tool::ALL.map(Tool::as_str));
    PossibleValuesParser::new(names).try_map(|name| match &*name {
        AUTO => Ok(Imported::Auto),
        name => name.parse().map(Imported::Of),
    })
}
