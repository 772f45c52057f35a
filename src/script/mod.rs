//! Scripts on disk: the grammar of their names, their text and its checksum, the folder they stand in.

mod folder;
mod header;
mod location;
mod name;
mod text;

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

pub use folder::Scripts;
use header::Header;
pub use location::Location;
pub(crate) use name::FileName;
pub use name::{Kind, Number, NumberError};
pub use text::{Checksum, ChecksumError, DecodeError, Text};

/// One script or baseline: what the plan needs to know of it. Its text stays on disk until it is due.
#[derive(Clone, PartialEq, Eq)]
pub struct Script {
    kind: Kind,
    number: Number,
    path: PathBuf,
    source: Source,
    checksum: Checksum,
    title: Option<String>,
    no_transaction: bool,
}

/// Where the bytes of a script come from.
#[derive(Clone, PartialEq, Eq)]
enum Source {
    File(PathBuf),
    Memory(Cow<'static, [u8]>),
}

impl Source {
    fn bytes(&self) -> std::io::Result<Cow<'_, [u8]>> {
        match self {
            Self::File(path) => std::fs::read(path).map(Cow::Owned),
            Self::Memory(bytes) => Ok(Cow::Borrowed(bytes)),
        }
    }
}

impl Script {
    /// Reads a script for what the plan needs; also says which directives nobody knows.
    fn open(kind: Kind, number: Number, path: &Path, source: Source) -> Result<(Self, Vec<BadDirective>), ReadError> {
        let text = read(path, &source)?;
        let header = Header::parse(text.as_str());
        let bad = header
            .unknown
            .into_iter()
            .map(|(span, name)| BadDirective { name, location: Location::new(path, text.as_str(), span) });
        let bad = bad.collect();
        let checksum = text.checksum();
        let no_transaction = header.no_transaction;
        Ok((Self { kind, number, path: path.into(), source, checksum, title: header.title, no_transaction }, bad))
    }

    /// Script or baseline.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The number in its name.
    #[must_use]
    pub const fn number(&self) -> Number {
        self.number
    }

    /// Its canonical name, which the journal records: `Script-0007.sql`.
    #[must_use]
    pub fn name(&self) -> String {
        match self.kind {
            Kind::Script => self.number.script_name(),
            Kind::Baseline => self.number.baseline_name(),
        }
    }

    /// The file as it is shown to people.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// SHA-256 of its canonical text.
    #[must_use]
    pub const fn checksum(&self) -> Checksum {
        self.checksum
    }

    /// The first comment line.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// It carries `-- dbmigrate: no-transaction`.
    #[must_use]
    pub const fn no_transaction(&self) -> bool {
        self.no_transaction
    }

    /// Reads its text.
    ///
    /// # Errors
    ///
    /// When the file cannot be read any more or has changed since the folder was read.
    pub fn read(&self) -> Result<Text, ReadError> {
        let text = read(&self.path, &self.source)?;
        if text.checksum() == self.checksum {
            Ok(text)
        } else {
            Err(ReadError::ChangedMeanwhile { path: self.path.clone() })
        }
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())
    }
}

fn read(path: &Path, source: &Source) -> Result<Text, ReadError> {
    let bytes = source.bytes().map_err(|source| ReadError::Io { path: path.into(), source })?;
    Text::decode(&bytes).map_err(|source| ReadError::Decode { path: path.into(), source })
}

/// A directive that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadDirective {
    pub(crate) name: String,
    pub(crate) location: Location,
}

impl ReadError {
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Io { .. } => "mend its permissions or remove it",
            Self::Decode { .. } => "save it as UTF-8, or as UTF-16 with a byte order mark",
            Self::ChangedMeanwhile { .. } => "run it again when nobody writes to the folder",
        }
    }
}

/// Why a script's text is not to be had.
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
    /// The file is not any more what it was when the plan was made.
    #[error("{} changed while dbmigrate was running", path.display())]
    ChangedMeanwhile {
        /// The file.
        path: PathBuf,
    },
}
