//! Scripts on disk: the grammar of their names, their text and its checksum, and their folder.

mod commit;
mod decode;
mod facts;
mod folder;
mod git;
mod header;
mod later;
mod location;
mod name;
mod problem;
mod reader;
mod text;
mod unrecognized;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::sql::{Context, is_dump};
use commit::Blob;
use facts::Known;
pub(crate) use facts::ScriptFacts;
pub use folder::{FolderError, Scripts};
pub use git::{GitError, Repository};
use header::Header;
pub use location::Location;
pub(crate) use name::FileName;
pub use name::{Kind, Number, NumberError};
pub use problem::FolderProblem;
pub(crate) use problem::of_tool;
pub(crate) use reader::Reader;
#[cfg(test)]
pub(crate) use reader::opened;
use reader::{Kept, Stamp};
pub(crate) use text::Hasher;
pub use text::{Checksum, ChecksumError, DecodeError, Text};
pub use unrecognized::Unrecognized;

/// One script or baseline, with what the plan needs to know about it. Its text stays on disk until a run needs it.
#[derive(Clone)]
pub struct Script {
    kind: Kind,
    number: Number,
    path: PathBuf,
    source: Source,
    sum: Sum,
    bytes: u64,
    stamp: Stamp,
    title: Option<String>,
    no_transaction: bool,
    no_variables: bool,
    is_dump: bool,
    /// What was read with the folder. It is kept until the script is inspected.
    kept: Kept,
    known: Known,
}

/// Where the bytes of a script come from.
#[derive(Clone, PartialEq, Eq)]
enum Source {
    /// The file of the script's path.
    File,
    Memory(Cow<'static, [u8]>),
    /// A commit.
    Blob(Blob),
}

/// The checksum of a script's text.
#[derive(Clone, PartialEq, Eq)]
enum Sum {
    Known(Checksum),
    /// The checksum of a long text, which is known once the text has been read to its end.
    Later(Arc<OnceLock<Checksum>>),
}

/// The text that the journal records instead of a baseline for a database that is adopted as it is.
pub(crate) const AS_IT_WAS: &str = "-- the database as it was\n";

/// The beginning of the pointer that Git LFS leaves in place of a file:
/// <https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>.
const POINTER: &str = "version https://git-lfs.github.com/spec/";

/// A text with more bytes than this is not read for its checksum alone, because it is read again later.
const LONG: u64 = 1024 * 1024;

impl Script {
    /// Reads a script, or the beginning of a long one, for what the plan needs. Also returns the unknown directives.
    fn open(kind: Kind, number: Number, path: &Path, source: Source) -> Result<(Self, Vec<BadDirective>), ReadError> {
        let mut reader = Reader::open(path, &source)?;
        let (mut text, mut more) = (String::new(), true);
        // read the leading comments to their end
        while more && Header::goes_on(&text) {
            more = reader.read(&mut text)?;
        }
        if text.starts_with(POINTER) {
            return Err(ReadError::Pointer { path: path.into() });
        }
        let header = Header::parse(&text);
        let bad = header
            .unknown
            .into_iter()
            .map(|(span, name)| BadDirective { name, location: Location::new(path, &text, span) });
        let (bad, is_dump) = (bad.collect(), is_dump(&text));
        while more && reader.size() <= LONG {
            text.clear();
            more = reader.read(&mut text)?;
        }
        let sum = reader.checksum().map_or_else(|| Sum::Later(Arc::default()), Sum::Known);
        let script = Self {
            kind,
            number,
            path: path.into(),
            source,
            sum,
            bytes: reader.size(),
            stamp: reader.stamp(),
            title: header.title,
            no_transaction: header.no_transaction,
            no_variables: header.no_variables,
            is_dump,
            kept: reader.kept(),
            known: Known::default(),
        };
        Ok((script, bad))
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

    /// The canonical name, which the journal records: `Script-0007.sql`.
    #[must_use]
    pub fn name(&self) -> String {
        match self.kind {
            Kind::Script => self.number.script_name(),
            Kind::Baseline => self.number.baseline_name(),
        }
    }

    /// Whether this is a stand-in for a baseline: it records that the database was adopted as it was.
    #[must_use]
    pub fn is_stand_in(&self) -> bool {
        self.checksum().is_ok_and(|checksum| checksum == Checksum::of(AS_IT_WAS))
    }

    /// The path of the file, as messages show it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the SHA-256 of the canonical text. The first call reads the text if it is longer than a mebibyte.
    ///
    /// # Errors
    ///
    /// If the file must be read, and it cannot be read or has changed since the folder was read.
    pub fn checksum(&self) -> Result<Checksum, ReadError> {
        if let Some(known) = self.sum.get() {
            return Ok(known);
        }
        let (mut reader, mut text) = (self.reader()?, String::new());
        while reader.read(&mut text)? {
            text.clear();
        }
        reader.prove(self)?;
        Ok(self.known_checksum())
    }

    /// Returns the checksum of a script that has been planned.
    pub(crate) fn known_checksum(&self) -> Checksum {
        self.sum.get().expect("a planned script has been read to its end")
    }

    /// Whether the script has been read to its end.
    pub(crate) fn is_read(&self) -> bool {
        self.sum.get().is_some()
    }

    /// Whether this is the checksum of the text. If the checksum is not known yet, this becomes it.
    fn has(&self, checksum: Checksum) -> bool {
        match &self.sum {
            Sum::Known(known) => *known == checksum,
            Sum::Later(known) => *known.get_or_init(|| checksum) == checksum,
        }
    }

    /// The first comment line, if there is one.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// Whether the script has the directive `-- dbmigrate: no-transaction`.
    #[must_use]
    pub const fn no_transaction(&self) -> bool {
        self.no_transaction
    }

    /// Whether the script has the directive `-- dbmigrate: no-variables`.
    #[must_use]
    pub const fn no_variables(&self) -> bool {
        self.no_variables
    }

    /// Whether a dump tool wrote the beginning of the script.
    pub(crate) const fn is_dump(&self) -> bool {
        self.is_dump
    }

    /// The length of the file in bytes.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reads the whole text.
    ///
    /// # Errors
    ///
    /// If the file can no longer be read, or has changed since the folder was read.
    pub fn read(&self) -> Result<Text, ReadError> {
        let mut reader = self.reopened()?;
        let mut text = String::new();
        while reader.read(&mut text)? {}
        reader.prove(self)?;
        Ok(Text::from(text))
    }

    /// Returns what an inspection finds in the text. Databases for which the facts are the same share one inspection.
    pub(crate) fn facts(
        &self,
        context: &Context,
        inspect: impl FnOnce() -> Result<ScriptFacts, ReadError>,
    ) -> Result<Arc<ScriptFacts>, ReadError> {
        self.known.get(context, inspect)
    }

    /// Releases what was read with the folder.
    pub(crate) fn release(&self) {
        self.kept.release();
    }

    /// Returns how much is kept of the script: bytes in memory, and open files.
    pub(super) fn kept(&self) -> (u64, u64) {
        self.kept.size()
    }

    /// Returns a reader of the text. It reads what was kept when the folder was read, if that is still held.
    pub(crate) fn reader(&self) -> Result<Reader, ReadError> {
        match Reader::again(&self.path, &self.kept) {
            Some(reader) => self.same(reader?),
            None => self.reopened(),
        }
    }

    /// Returns a reader of the file as it is now. If a long file has been written to since the folder was read, it is
    /// first read to its end: no part of a different text may run.
    pub(crate) fn reopened(&self) -> Result<Reader, ReadError> {
        let reader = self.same(Reader::open(&self.path, &self.source)?)?;
        if reader.is_long() && reader.stamp() != self.stamp {
            let (mut text, mut other) = (String::new(), reader);
            while other.read(&mut text)? {
                text.clear();
            }
            other.prove(self)?;
            return self.same(Reader::open(&self.path, &self.source)?);
        }
        Ok(reader)
    }

    fn same(&self, reader: Reader) -> Result<Reader, ReadError> {
        // what is known about the beginning must hold for the rest
        if !self.is_read() && reader.stamp() != self.stamp {
            return Err(ReadError::ChangedMeanwhile { path: self.path.clone() });
        }
        Ok(reader)
    }

    /// Returns the bytes of a line of the text: the line that is `lines` lines after the one that starts at `from`.
    pub(crate) fn line(&self, from: usize, lines: usize) -> Result<Range<usize>, ReadError> {
        location::line(self.reader()?, from, lines)
    }

    /// Returns the place of these bytes of the text. Reads the file again; if that fails, the place is the first line.
    pub(crate) fn locate(&self, span: Range<usize>) -> Location {
        self.locate_all(&[span]).remove(0)
    }

    /// Returns the places of many spans, which are in the order of the text. Reads the file once.
    pub(crate) fn locate_all(&self, spans: &[Range<usize>]) -> Vec<Location> {
        let mut finder = self.reader().map(location::Finder::new).ok();
        let mut find = |span| finder.as_mut().and_then(|finder| finder.find(&self.path, span).ok());
        spans.iter().map(|span| find(span).unwrap_or_else(|| Location::new(&self.path, "", 0..0))).collect()
    }
}

impl Sum {
    fn get(&self) -> Option<Checksum> {
        match self {
            Self::Known(known) => Some(*known),
            Self::Later(known) => known.get().copied(),
        }
    }
}

/// Two scripts can be equal although the facts about only one of them are known.
impl PartialEq for Script {
    fn eq(&self, other: &Self) -> bool {
        let read = |script: &Self| (script.kind, script.number, script.bytes, script.stamp);
        read(self) == read(other)
            && self.path == other.path
            && self.source == other.source
            && self.sum == other.sum
            && self.title == other.title
    }
}

impl Eq for Script {}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())
    }
}

/// An unknown directive.
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
