//! A file of SQL: its text, the checksum of it, and what its first comments say.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use dbmigrate_files::{POINTER, comments_go_on, known_directives};

use super::commit::Blob;
use super::facts::Known;
use super::header::Header;
use super::reader::{Kept, Stamp};
use super::{BadDirective, Checksum, Location, ReadError, Reader, ScriptFacts, Text, finder};
use crate::sql::{Context, Role, is_dump};

/// A file of SQL, with what the plan needs to know about it. Its text stays on disk until a run needs it.
#[derive(Clone)]
pub struct SqlFile {
    name: String,
    role: Role,
    path: PathBuf,
    source: Source,
    sum: Sum,
    bytes: u64,
    pub(super) stamp: Stamp,
    header: Header,
    is_dump: bool,
    /// What was read with the folder. It is kept until the script is inspected.
    kept: Kept,
    known: Known,
}

/// Where the bytes of a file come from.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// The file system.
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

/// A text with more bytes than this is not read for its checksum alone, because it is read again later.
pub(super) const LONG: u64 = 1024 * 1024;

impl SqlFile {
    /// Reads a file, or the beginning of a long one, for what the plan needs. Also returns the unknown directives.
    pub(super) fn open(
        name: String,
        role: Role,
        path: &Path,
        source: Source,
    ) -> Result<(Self, Vec<BadDirective>), ReadError> {
        let mut reader = Reader::open(path, &source)?;
        let (mut text, mut more) = (String::new(), true);
        // read the leading comments to their end
        while more && comments_go_on(&text) {
            more = reader.read(&mut text)?;
        }
        if text.starts_with(POINTER) {
            return Err(ReadError::Pointer { path: path.into() });
        }
        let mut header = Header::parse(&text, role);
        let unknown = std::mem::take(&mut header.unknown).into_iter();
        let bad = unknown.map(|(span, name)| BadDirective {
            name,
            known: known_directives(role),
            location: Location::new(path, &text, span),
        });
        let (bad, is_dump) = (bad.collect(), is_dump(&text));
        while more && reader.size() <= LONG {
            text.clear();
            more = reader.read(&mut text)?;
        }
        let sum = reader.checksum().map_or_else(|| Sum::Later(Arc::default()), Sum::Known);
        let file = Self {
            name,
            role,
            path: path.into(),
            source,
            sum,
            bytes: reader.size(),
            stamp: reader.stamp(),
            header,
            is_dump,
            kept: reader.kept(),
            known: Known::default(),
        };
        Ok((file, bad))
    }

    /// The name that the journal records: `Script-0007.sql`; for an object, the path in its folder: `views/totals.sql`.
    #[must_use]
    pub fn name(&self) -> String {
        self.name.clone()
    }

    /// Returns the name without copying it.
    pub(super) fn relative(&self) -> &str {
        &self.name
    }

    pub(crate) const fn role(&self) -> Role {
        self.role
    }

    pub(super) const fn header(&self) -> &Header {
        &self.header
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
    pub(super) fn has(&self, checksum: Checksum) -> bool {
        match &self.sum {
            Sum::Known(known) => *known == checksum,
            Sum::Later(known) => *known.get_or_init(|| checksum) == checksum,
        }
    }

    /// The first comment line, if there is one.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.header.title.as_deref()
    }

    /// Whether the file has the directive `-- dbmigrate: no-transaction`.
    #[must_use]
    pub const fn no_transaction(&self) -> bool {
        self.header.no_transaction
    }

    /// Whether the file has the directive `-- dbmigrate: no-variables`.
    #[must_use]
    pub const fn no_variables(&self) -> bool {
        self.header.no_variables
    }

    /// Whether the file has the directive `-- dbmigrate: drop-first`.
    pub(crate) const fn drops_first(&self) -> bool {
        self.header.drop_first.is_some()
    }

    /// Returns where that directive is.
    pub(crate) fn drop_first_at(&self) -> Range<usize> {
        self.header.drop_first.clone().unwrap_or_default()
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
        finder::line(self.reader()?, from, lines)
    }

    /// Returns the place of these bytes of the text. Reads the file again; if that fails, the place is the first line.
    pub(crate) fn locate(&self, span: Range<usize>) -> Location {
        self.locate_all(&[span]).remove(0)
    }

    /// Returns the places of many spans, which are in the order of the text. Reads the file once.
    pub(crate) fn locate_all(&self, spans: &[Range<usize>]) -> Vec<Location> {
        let mut finder = self.reader().map(finder::Finder::new).ok();
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

/// Two files can be equal although the facts about only one of them are known.
impl PartialEq for SqlFile {
    fn eq(&self, other: &Self) -> bool {
        let read = |file: &Self| (file.role, file.bytes, file.stamp);
        read(self) == read(other)
            && self.name == other.name
            && self.path == other.path
            && self.source == other.source
            && self.sum == other.sum
            && self.header == other.header
    }
}

impl Eq for SqlFile {}

impl fmt::Debug for SqlFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())
    }
}
