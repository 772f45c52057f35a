//! The migrations in the files of an old folder.

use super::files::OldPath;
use super::translate::TO_BE_WRITTEN;
use super::{AdoptError, Map, MappedScript, Order, Tool};

/// A migration of the old tool: a file, or a part of one.
#[derive(Debug, Clone)]
pub(crate) struct Migration {
    pub(crate) file: OldPath,
    /// The untouched file.
    pub(crate) bytes: Vec<u8>,
    pub(crate) text: String,
    /// The version in the tool's journal.
    pub(crate) version: String,
    /// Further versions that it stands for, if it is a dump.
    pub(crate) further: Vec<String>,
    /// Whether it is a dump, which builds a new database.
    pub(crate) is_dump: bool,
    pub(crate) order: Order,
    /// Its place in a file with several, and how many these are.
    pub(crate) part: Option<(usize, usize)>,
    pub(crate) description: String,
    /// Whether the tool says elsewhere than in the text that it runs outside a transaction.
    pub(crate) no_transaction: bool,
    /// Whether the file is in a programming language, and stays.
    pub(crate) is_code: bool,
    /// The path among the object files, if it runs again whenever it changes.
    pub(crate) object: Option<String>,
    /// Whether it runs in each run.
    pub(crate) is_always: bool,
    /// What comes directly before it, where the tool says so.
    pub(crate) after: Vec<String>,
    /// What was left out of the text: what it is, and what to do.
    pub(crate) notes: Vec<String>,
    /// Why it is not taken over.
    pub(crate) left: Option<&'static str>,
}

/// A migration in a file. Most files are one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) version: String,
    pub(crate) further: Vec<String>,
    pub(crate) is_dump: bool,
    pub(crate) description: String,
    pub(crate) text: String,
    pub(crate) no_transaction: bool,
    /// Whether it is no SQL: what it does has to be written.
    pub(crate) is_code: bool,
    pub(crate) object: Option<String>,
    /// Whether it runs in each run.
    pub(crate) is_always: bool,
    pub(crate) after: Vec<String>,
    pub(crate) notes: Vec<String>,
    /// Why it is not taken over.
    pub(crate) left: Option<&'static str>,
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
            |(place, part)| Self { part: (of > 1).then_some((place + 1, of)), ..Self::new(file, bytes.clone(), part) };
        Ok(parts.into_iter().enumerate().map(migration).collect())
    }

    /// Returns the migration that a file in a programming language is: what it does has to be written.
    pub(super) fn of_code(file: &OldPath, version: String, description: String) -> Self {
        Self::new(file, Vec::new(), Part { version, description, is_code: true, ..Part::default() })
    }

    fn new(file: &OldPath, bytes: Vec<u8>, part: Part) -> Self {
        let to_be_written = || format!("-- {} does this: write it as SQL\n$({TO_BE_WRITTEN})\n", file.below);
        Self {
            file: file.clone(),
            bytes,
            text: if part.is_code { to_be_written() } else { part.text },
            order: Order::of(&part.version),
            version: part.version,
            part: None,
            further: part.further,
            is_dump: part.is_dump,
            description: part.description,
            no_transaction: part.no_transaction,
            is_code: part.is_code,
            object: part.object,
            is_always: part.is_always,
            after: part.after,
            notes: part.notes,
            left: part.left,
        }
    }

    /// Returns the number that it has in a map.
    pub(super) fn known(&self, map: &Map) -> Option<u32> {
        let is_script =
            |script: &&MappedScript| script.old_name == self.file.below && script.old_version == self.version;
        map.scripts.iter().find(is_script).map(|script| script.number)
    }
}
