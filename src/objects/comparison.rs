//! Object files against what was applied of them.

use std::collections::{BTreeMap, BTreeSet};

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
    /// It is unchanged, but a script, or another file, has dropped or replaced an object that it created, or has changed what
    /// such an object needs. Only [`AppliedObject::why`] says so.
    Affected,
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
            Self::Affected => "affected",
            Self::Deleted => "deleted",
            Self::Held => "held",
        }
    }

    /// Whether an upgrade applies the file.
    #[must_use]
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::New | Self::Changed | Self::Missing | Self::Affected)
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
    /// The names of objects that still exist and that no file creates any more, with the rows of the files that did.
    pub(crate) left: Vec<(&'a ObjectEntry, Vec<&'a str>)>,
}

/// Compares object files with what was applied of them.
pub(crate) fn compare<'a>(files: &'a [ObjectFile], journal: &'a ObjectJournal, variables: &Variables) -> Compared<'a> {
    let paths = files.iter().map(ObjectFile::relative).collect::<BTreeSet<_>>();
    let entries = journal.entries.iter().map(|entry| (&*entry.path, entry)).collect::<BTreeMap<_, _>>();
    let mut gone = journal.entries.iter().filter(|entry| !paths.contains(&*entry.path)).collect::<Vec<_>>();
    let compared = files.iter().map(|file| {
        let entry = entries.get(file.relative()).copied().or_else(|| {
            // a file with the text of a deleted one is that file under another name
            let renamed = gone.iter().position(|entry| file.checksum().is_ok_and(|text| text == entry.checksum))?;
            Some(gone.remove(renamed))
        });
        (file, entry.map_or(ObjectState::New, |entry| state(file, entry, journal, variables)), entry)
    });
    let files = compared.collect::<Vec<_>>();
    let rows = files.iter().filter_map(|(_, _, entry)| *entry);
    let claimed = rows.clone().flat_map(|entry| &entry.names).collect::<BTreeSet<_>>();
    let still = |entry: &'a ObjectEntry, names: &'a [String]| {
        let names = names.iter().filter(|name| journal.has(name) && !claimed.contains(name)).map(String::as_str);
        Some((entry, names.collect::<Vec<_>>())).filter(|(_, names)| !names.is_empty())
    };
    let of_files = rows.filter_map(|entry| still(entry, &entry.left));
    let left = gone.iter().filter_map(|entry| still(entry, &entry.names)).chain(of_files).collect();
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
