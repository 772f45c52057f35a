//! Scripts on disk: the grammar of their names, their text and its checksum, and their folder.

mod commit;
#[cfg(feature = "embed")]
pub mod embedded;
mod facts;
mod file;
mod finder;
mod folder;
mod git;
mod header;
mod later;
mod object;
mod reader;
mod unrecognized;
mod work_tree;

use std::fmt;
use std::ops::Deref;
use std::path::{Path, PathBuf};

#[doc(inline)]
pub use dbmigrate_files::{
    Checksum, ChecksumError, DecodeError, FolderProblem, Kind, Location, Number, NumberError, Text,
};
pub(crate) use dbmigrate_files::{FileName, Gap, Hasher, absent, of_tool};

use crate::sql::Role;
pub(crate) use facts::ScriptFacts;
pub use file::SqlFile;
use file::{LONG, Source};
pub use folder::{FolderError, Scripts};
pub use git::{GitError, Repository};
pub use object::ObjectFile;
pub(crate) use reader::Reader;
#[cfg(test)]
pub(crate) use reader::opened;
pub use unrecognized::Unrecognized;
pub(crate) use work_tree::checkout;

/// A script or a baseline: a file of SQL with a number.
#[derive(Clone, PartialEq, Eq)]
pub struct Script {
    kind: Kind,
    number: Number,
    file: SqlFile,
}

/// The text that the journal records instead of a baseline for a database that is adopted as it is.
pub(crate) const AS_IT_WAS: &str = "-- the database as it was\n";

impl Script {
    /// Reads a script, or the beginning of a long one, for what the plan needs. Also returns the unknown directives.
    fn open(kind: Kind, number: Number, path: &Path, source: Source) -> Result<(Self, Vec<BadDirective>), ReadError> {
        let (name, role) = match kind {
            Kind::Script => (number.script_name(), Role::Script),
            Kind::Baseline => (number.baseline_name(), Role::Baseline),
        };
        let (file, bad) = SqlFile::open(name, role, path, source)?;
        Ok((Self { kind, number, file }, bad))
    }

    /// Whether this is a script or a baseline.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The number in the script's name.
    #[must_use]
    pub const fn number(&self) -> Number {
        self.number
    }

    /// Whether this is a stand-in for a baseline: it records that the database was adopted as it was.
    #[must_use]
    pub fn is_stand_in(&self) -> bool {
        self.checksum().is_ok_and(|checksum| checksum == Checksum::of(AS_IT_WAS))
    }
}

impl Deref for Script {
    type Target = SqlFile;

    fn deref(&self) -> &SqlFile {
        &self.file
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.file.fmt(f)
    }
}

/// An unknown directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadDirective {
    pub(crate) name: String,
    /// The directives that the file may have.
    pub(crate) known: &'static str,
    pub(crate) location: Location,
}

impl ReadError {
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Io { .. } => "fix its permissions or remove it",
            Self::Decode { .. } => "save it as UTF-8, or as UTF-16 with a byte order mark",
            Self::ChangedMeanwhile { .. } => "run dbmigrate again when nothing is writing to the folder",
            Self::Pointer { .. } => "fetch the files with git lfs pull, or keep scripts out of Git LFS",
        }
    }
}

/// Why a script's text cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The file is not text in a known encoding.
    #[error("{} is not text: {source}", path.display())]
    Decode {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: DecodeError,
    },
    /// Git LFS keeps the file somewhere else.
    #[error("{} is a Git LFS pointer, not the script", path.display())]
    Pointer {
        /// The file.
        path: PathBuf,
    },
    /// The file has changed since it was first read.
    #[error("{} changed while dbmigrate was running", path.display())]
    ChangedMeanwhile {
        /// The file.
        path: PathBuf,
    },
}

impl From<ReadError> for FolderProblem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Decode { path, source } => Self::Undecodable { path, source },
            ReadError::Io { path, source } => Self::Unreadable { path, reason: source.to_string() },
            ReadError::Pointer { path } => Self::Pointer { path },
            ReadError::ChangedMeanwhile { path } => {
                Self::Unreadable { path, reason: "it changed while dbmigrate was running".into() }
            }
        }
    }
}
