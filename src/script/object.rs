//! Object files: views, procedures and triggers that are edited in place.

use std::fmt;
use std::ops::{Deref, Range};
use std::path::Path;

use super::file::Source;
use super::{BadDirective, ReadError, SqlFile};
use crate::sql::Role;

/// A file below `objects/` with the SQL of a view, a procedure or another object, or of a few that belong together. It is
/// applied again whenever its text has changed.
#[derive(Clone, PartialEq, Eq)]
pub struct ObjectFile {
    file: SqlFile,
}

impl ObjectFile {
    pub(super) fn open(name: String, path: &Path, source: Source) -> Result<(Self, Vec<BadDirective>), ReadError> {
        let (file, bad) = SqlFile::open(name, Role::Object, path, source)?;
        Ok((Self { file }, bad))
    }

    /// Returns the object files that the file names as those that must be applied before it, with the places where it does.
    pub(crate) fn after(&self) -> &[(Range<usize>, String)] {
        &self.header().after
    }

    /// Returns the path of the file in the folder of objects, with `/`: its name.
    #[must_use]
    pub fn relative(&self) -> &str {
        self.file.relative()
    }

    /// Whether the file has the directive `-- dbmigrate: always`.
    #[must_use]
    pub const fn is_always_applied(&self) -> bool {
        self.file.header().always
    }
}

impl Deref for ObjectFile {
    type Target = SqlFile;

    fn deref(&self) -> &SqlFile {
        &self.file
    }
}

impl fmt::Debug for ObjectFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.file.fmt(f)
    }
}
