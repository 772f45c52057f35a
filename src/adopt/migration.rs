//! The migrations in the files of an old folder.

use super::files::OldPath;
use super::translate::TO_BE_WRITTEN;
use super::{AdoptError, Map, Order, Tool};
use crate::script::Number;

/// A migration of the old tool: a file, or a part of one.
#[derive(Debug, Clone)]
pub(crate) struct Migration {
    pub(crate) file: OldPath,
    /// The untouched file.
    pub(crate) bytes: Vec<u8>,
    pub(crate) order: Order,
    /// Its place in a file with several, and how many these are.
    pub(crate) place: Option<(usize, usize)>,
    pub(crate) part: Part,
}

/// A migration in a file. Most files are one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Part {
    /// The version in the tool's journal.
    pub(crate) version: String,
    pub(crate) description: String,
    pub(crate) text: String,
    pub(crate) role: Role,
    /// Whether the tool says elsewhere than in the text that it runs outside a transaction.
    pub(crate) no_transaction: bool,
    /// What comes directly before it, where the tool says so.
    pub(crate) after: Vec<String>,
    /// What was left out of the text: what it is, and what to do.
    pub(crate) notes: Vec<String>,
    /// Why it is not taken over.
    pub(crate) left: Option<&'static str>,
}

/// What becomes of a migration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Role {
    /// A script.
    #[default]
    Script,
    /// A script that has to be written, because the file is in a programming language, and stays.
    Code,
    /// A baseline: it is a dump that stands for further versions, too.
    Dump { further: Vec<String> },
    /// An object file with this path, because it runs again whenever it changes, or in each run.
    Object { path: String, is_always: bool },
}

impl Migration {
    /// Returns the migrations of a file. `whole` is what the name of the file says.
    pub(super) fn of(tool: Tool, file: &OldPath, whole: Part) -> Result<Vec<Self>, AdoptError> {
        let (bytes, text) = file.read()?;
        let whole = Part { text, no_transaction: file.runs_outside_a_transaction(tool), ..whole };
        if let Some(why) = (tool.traits().refuses)(&whole.text) {
            return Err(AdoptError::Unreadable { path: file.path.clone(), why });
        }
        let parts = (tool.traits().parts)(&whole);
        let of = parts.len();
        let migration =
            |(place, part)| Self { place: (of > 1).then_some((place + 1, of)), ..Self::new(file, bytes.clone(), part) };
        Ok(parts.into_iter().enumerate().map(migration).collect())
    }

    /// Returns the migration that a file in a programming language is.
    pub(super) fn of_code(file: &OldPath, version: String, description: String) -> Self {
        Self::new(file, Vec::new(), Part { version, description, role: Role::Code, ..Part::default() })
    }

    fn new(file: &OldPath, bytes: Vec<u8>, mut part: Part) -> Self {
        if part.role == Role::Code {
            part.text = format!("-- {} does this: write it as SQL\n$({TO_BE_WRITTEN})\n", file.below);
        }
        Self { file: file.clone(), bytes, order: Order::of(&part.version), place: None, part }
    }

    /// Returns what it has become according to a map.
    pub(super) fn known(&self, map: &Map) -> Option<String> {
        let is_own = |name: &str, version: &str| name == self.file.below && version == self.part.version;
        let script = map.scripts.iter().find(|script| is_own(&script.old_name, &script.old_version));
        let object = map.objects.iter().find(|object| is_own(&object.old_name, &object.old_version));
        let script = script.and_then(|script| Number::new(script.number.into()).ok()).map(Number::script_name);
        script.or_else(|| object.map(|object| format!("{}/{}", dbmigrate_files::OBJECTS, object.path)))
    }

    /// Whether it is the migration with this version, or stands for it.
    pub(super) fn contains(&self, other: &Self) -> bool {
        let further: &[String] = if let Role::Dump { further } = &self.part.role { further } else { &[] };
        self.order == other.order || further.contains(&other.part.version)
    }

    /// Returns what to call it.
    pub(super) fn title(&self) -> &str {
        let names = [&self.part.description, &self.part.version, &self.file.below];
        names.into_iter().find(|name| !name.is_empty()).map_or("", String::as_str)
    }
}

/// Whether a text has a word outside comments that fill a line.
pub(super) fn mentions(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let code = text.lines().filter(|line| !line.trim_start().starts_with("--"));
    let mut words = code.flat_map(|line| line.split(|c| !is_part(c)).map(str::to_lowercase).collect::<Vec<_>>());
    words.any(|other| other == word)
}
