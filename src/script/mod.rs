//! Scripts on disk: the grammar of their names, their text and its checksum, the folder they stand in.

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
pub(crate) use facts::Facts;
use facts::Known;
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

/// One script or baseline: what the plan needs to know of it. Its text stays on disk until it is due.
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
    /// What the folder's reading has read, until it is known what is in it.
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
    /// The text is long: it is known once somebody has read it to its end.
    Later(Arc<OnceLock<Checksum>>),
}

/// What stands in place of a baseline for a database that is taken as it is.
pub(crate) const AS_IT_WAS: &str = "-- the database as it was\n";

/// What Git LFS leaves in the place of a file: <https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>.
const POINTER: &str = "version https://git-lfs.github.com/spec/";

/// A text of more bytes is not read for its checksum alone when somebody else reads it, too.
const LONG: u64 = 1024 * 1024;

impl Script {
    /// Reads a script, or the beginning of a long one, for what the plan needs; also says which directives nobody knows.
    fn open(kind: Kind, number: Number, path: &Path, source: Source) -> Result<(Self, Vec<BadDirective>), ReadError> {
        let mut reader = Reader::open(path, &source)?;
        let (mut text, mut more) = (String::new(), true);
        // a leading comment is read to its end
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

    /// It is no file: it says in the journal that the database was taken as it is, without a baseline.
    #[must_use]
    pub fn is_stand_in(&self) -> bool {
        self.checksum().is_ok_and(|checksum| checksum == Checksum::of(AS_IT_WAS))
    }

    /// The file as it is shown to people.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// SHA-256 of its canonical text. A text of more than a mebibyte is read when somebody asks for the first time.
    ///
    /// # Errors
    ///
    /// When it is read, and cannot be or has changed since the folder was read.
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

    /// The same of a script that has been planned.
    pub(crate) fn known_checksum(&self) -> Checksum {
        self.sum.get().expect("whoever plans a script has read it to its end")
    }

    /// It has been read to its end.
    pub(crate) fn is_read(&self) -> bool {
        self.sum.get().is_some()
    }

    /// This is the checksum of its text. If nobody has known one, it is from now on.
    fn has(&self, checksum: Checksum) -> bool {
        match &self.sum {
            Sum::Known(known) => *known == checksum,
            Sum::Later(known) => *known.get_or_init(|| checksum) == checksum,
        }
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

    /// It carries `-- dbmigrate: no-variables`.
    #[must_use]
    pub const fn no_variables(&self) -> bool {
        self.no_variables
    }

    /// A dump tool has written its beginning.
    pub(crate) const fn is_dump(&self) -> bool {
        self.is_dump
    }

    /// How long its file is, in bytes.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reads its text, all of it.
    ///
    /// # Errors
    ///
    /// When the file cannot be read any more or has changed since the folder was read.
    pub fn read(&self) -> Result<Text, ReadError> {
        let mut reader = self.reopened()?;
        let mut text = String::new();
        while reader.read(&mut text)? {}
        reader.prove(self)?;
        Ok(Text::from(text))
    }

    /// What an inspection finds in its text, which is done once for all databases for which it finds the same.
    pub(crate) fn facts(
        &self,
        context: &Context,
        inspect: impl FnOnce() -> Result<Facts, ReadError>,
    ) -> Result<Arc<Facts>, ReadError> {
        self.known.get(context, inspect)
    }

    /// What the folder's reading has read of it is not needed any more.
    pub(crate) fn release(&self) {
        self.kept.release();
    }

    /// How much that is: bytes in memory, and open files.
    pub(super) fn kept(&self) -> (u64, u64) {
        self.kept.size()
    }

    /// Reads its text part by part: what the folder's reading has read, as long as that is kept.
    pub(crate) fn reader(&self) -> Result<Reader, ReadError> {
        match Reader::again(&self.path, &self.kept) {
            Some(reader) => self.same(reader?),
            None => self.reopened(),
        }
    }

    /// Reads its text from its file as it is now. One that somebody has written to is read to its end first, where its end comes
    /// after much else: nothing of another text may run.
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
        // what is known of its beginning must hold for the rest
        if !self.is_read() && reader.stamp() != self.stamp {
            return Err(ReadError::ChangedMeanwhile { path: self.path.clone() });
        }
        Ok(reader)
    }

    /// The bytes of a line of its text: so many lines behind the one that starts at `from`.
    pub(crate) fn line(&self, from: usize, lines: usize) -> Result<Range<usize>, ReadError> {
        location::line(self.reader()?, from, lines)
    }

    /// Where these bytes of its text stand. The file is read once more; where that fails, the place is its first line.
    pub(crate) fn locate(&self, span: Range<usize>) -> Location {
        self.locate_all(&[span]).remove(0)
    }

    /// The same of many, in the order of the text, with one reading.
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

/// What was found out about a script makes it no other one.
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
            Self::Pointer { .. } => "fetch the files with git lfs pull, or keep scripts out of Git LFS",
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
    /// Git LFS keeps the file somewhere else.
    #[error("{} is a pointer of Git LFS, not the script", path.display())]
    Pointer {
        /// The file.
        path: PathBuf,
    },
    /// The file is not any more what it was when the plan was made.
    #[error("{} changed while dbmigrate was running", path.display())]
    ChangedMeanwhile {
        /// The file.
        path: PathBuf,
    },
}
