//! Object files against what was applied of them.

use super::values;
use crate::journal::{ObjectEntry, ObjectJournal};
use crate::script::ObjectFile;
use crate::sql::Variables;

/// The state of an object file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ObjectState {
    /// What it says is applied.
    Applied,
    /// It was never applied.
    New,
    /// It has changed since it was applied, or the value of a variable that it uses has.
    Changed,
    /// It is unchanged, but an object that it created no longer exists.
    Missing,
    /// The file was deleted, or it no longer creates an object that still exists.
    Deleted,
    /// An upgrade would not apply it: it stops at a number below the highest.
    Held,
}

impl ObjectState {
    /// Returns the word for tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::New => "new",
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::Deleted => "deleted",
            Self::Held => "held",
        }
    }

    /// Whether an upgrade applies the file.
    #[must_use]
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::New | Self::Changed | Self::Missing)
    }
}

/// One object file of a [`Report`](crate::Report).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AppliedObject {
    /// The file: its path in the folder of objects.
    pub path: String,
    /// Why it was applied; [`ObjectState::Applied`] if it is applied at every upgrade.
    pub why: ObjectState,
    /// The names of what it created.
    pub names: Vec<String>,
}

/// The result of comparing object files with what was applied of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Compared<'a> {
    /// The files with their states and their rows.
    pub(crate) files: Vec<(&'a ObjectFile, ObjectState, Option<&'a ObjectEntry>)>,
    /// The rows of files that were deleted.
    pub(crate) gone: Vec<&'a ObjectEntry>,
    /// The rows of files that no longer create an object which still exists.
    pub(crate) left: Vec<&'a ObjectEntry>,
}

/// Compares object files with what was applied of them.
pub(crate) fn compare<'a>(files: &'a [ObjectFile], journal: &'a ObjectJournal, variables: &Variables) -> Compared<'a> {
    let has_file = |entry: &&ObjectEntry| files.iter().any(|file| file.name() == entry.path);
    let mut gone = journal.entries.iter().filter(|entry| !has_file(entry)).collect::<Vec<_>>();
    let compared = files.iter().map(|file| {
        let entry = journal.find(&file.name()).or_else(|| {
            // a file with the text of a deleted one is that file under another name
            let renamed = gone.iter().position(|entry| file.checksum().is_ok_and(|text| text == entry.checksum))?;
            Some(gone.remove(renamed))
        });
        (file, entry.map_or(ObjectState::New, |entry| state(file, entry, journal, variables)), entry)
    });
    let files = compared.collect::<Vec<_>>();
    let is_left = |entry: &&ObjectEntry| entry.left.iter().any(|name| journal.has(name));
    let left = files.iter().filter_map(|(_, _, entry)| *entry).filter(is_left).collect();
    Compared { files, gone, left }
}

fn state(file: &ObjectFile, entry: &ObjectEntry, journal: &ObjectJournal, variables: &Variables) -> ObjectState {
    let is_same = file.checksum().is_ok_and(|text| text == entry.checksum);
    let has_values = entry.variables.as_ref().is_none_or(|hash| {
        let now = journal.key.as_ref().and_then(|key| values::hash(key, &values::names(hash), variables));
        now.as_ref() == Some(hash)
    });
    match () {
        () if !is_same || !has_values => ObjectState::Changed,
        () if entry.names.iter().any(|name| !journal.has(name)) => ObjectState::Missing,
        () => ObjectState::Applied,
    }
}
