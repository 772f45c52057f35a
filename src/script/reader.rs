//! Reads and decodes the text of a script part by part.

use std::fs::File;
use std::io::{Cursor, Error, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::SystemTime;

use super::{Checksum, LONG, ReadError, Source, SqlFile};
use dbmigrate_files::{Decoder, Hasher};

/// The number of bytes that are read at a time.
const CHUNK: usize = 256 * 1024;

/// The number of parts that are read ahead.
const AHEAD: usize = 2;

/// What is kept of a script when its folder is read, so that its file is opened once for both hashing and inspection.
#[derive(Clone, Default)]
pub(super) struct Kept(Arc<Mutex<Option<Held>>>);

/// The bytes of a short file, or the open handle of a long one.
#[derive(Clone)]
enum Held {
    Bytes(Arc<[u8]>, Stamp),
    File(Arc<File>),
}

impl Kept {
    /// Releases what is kept.
    pub(super) fn release(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn get(&self) -> Option<Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the number of bytes in memory and of open files.
    pub(super) fn size(&self) -> (u64, u64) {
        match self.get() {
            None => (0, 0),
            Some(Held::Bytes(bytes, _)) => (bytes.len() as u64, 0),
            Some(Held::File(_)) => (0, 1),
        }
    }
}

/// Counts how often files are opened.
#[cfg(test)]
pub(crate) mod opened {
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};
    use std::sync::{Mutex, PoisonError};

    static OPENED: Mutex<BTreeMap<PathBuf, usize>> = Mutex::new(BTreeMap::new());

    pub(super) fn count(path: &Path) {
        *OPENED.lock().unwrap_or_else(PoisonError::into_inner).entry(path.into()).or_default() += 1;
    }

    /// Returns how often each file of a folder was opened since the last call, ordered by name.
    pub(crate) fn in_folder(dir: &Path) -> Vec<usize> {
        let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
        opened.extract_if(.., |path, _| path.starts_with(dir)).map(|(_, count)| count).collect()
    }
}

/// Reads a file from its beginning, independently of other readers of the same handle.
struct FromStart {
    file: Arc<File>,
    at: u64,
}

impl Read for FromStart {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(&*self.file, buffer, self.at)?;
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(&*self.file, buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Held {
    /// Opens a file, and reads it if it is short.
    fn open(path: &Path) -> std::io::Result<Self> {
        #[cfg(test)]
        opened::count(path);
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.len() > LONG {
            return Ok(Self::File(Arc::new(file)));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
        file.read_to_end(&mut bytes)?;
        Ok(Self::Bytes(bytes.into(), stamp(&metadata)))
    }

    /// Returns a reader of the bytes, the length of the file and its stamp.
    fn input(self) -> std::io::Result<Input> {
        Ok(match self {
            Self::Bytes(bytes, stamp) => {
                let size = bytes.len() as u64;
                (Box::new(Cursor::new(bytes)), size, stamp)
            }
            Self::File(file) => {
                let metadata = file.metadata()?;
                (Box::new(FromStart { file, at: 0 }), metadata.len(), stamp(&metadata))
            }
        })
    }
}

type Input = (Box<dyn Read + Send>, u64, Stamp);

fn stamp(metadata: &std::fs::Metadata) -> Stamp {
    metadata.modified().ok().map(|written| (metadata.len(), written))
}

/// Reads a script from its beginning, and hashes what it reads to verify at the end that the text is the same.
pub(crate) struct Reader {
    feed: Feed,
    path: PathBuf,
    /// The length of the file.
    size: u64,
    stamp: Stamp,
    /// How far the file has been read.
    read: Progress,
    held: Option<Held>,
}

/// The length and the modification time of a file, by which an unchanged file is recognized.
pub(super) type Stamp = Option<(u64, SystemTime)>;

/// The source of the parts.
enum Feed {
    Here(Box<Reading>),
    /// Another thread reads, decodes and hashes the parts.
    Ahead(Receiver<Result<(String, Progress), ReadError>>),
}

/// Reads, decodes and hashes a file.
struct Reading {
    input: Box<dyn Read + Send>,
    decoder: Decoder,
    /// `None` if no checksum is needed.
    hasher: Option<Hasher>,
    buffer: Vec<u8>,
    path: PathBuf,
    bytes: u64,
}

/// How far a file has been read.
#[derive(Default)]
struct Progress {
    bytes: u64,
    is_whole: bool,
    /// The checksum of the whole text.
    checksum: Option<Checksum>,
}

impl Reader {
    pub(super) fn open(path: &Path, source: &Source) -> Result<Self, ReadError> {
        let failed = |source| ReadError::Io { path: path.into(), source };
        match source {
            Source::File => Self::held(path, Held::open(path).map_err(failed)?),
            Source::Blob(blob) => {
                let input = blob.open().map_err(failed)?;
                Ok(Self::new(path, (Box::new(input), blob.size, None)))
            }
            Source::Memory(bytes) => {
                Ok(Self::new(path, (Box::new(Cursor::new(bytes.clone())), bytes.len() as u64, None)))
            }
        }
    }

    /// Returns a reader of what is kept of a script.
    pub(super) fn again(path: &Path, kept: &Kept) -> Option<Result<Self, ReadError>> {
        Some(Self::held(path, kept.get()?))
    }

    fn held(path: &Path, held: Held) -> Result<Self, ReadError> {
        let input = held.clone().input().map_err(|source| ReadError::Io { path: path.into(), source })?;
        Ok(Self { held: Some(held), ..Self::new(path, input) })
    }

    fn new(path: &Path, (input, size, stamp): Input) -> Self {
        // with one extra byte, a single read finds the end
        let buffer = Vec::with_capacity(usize::try_from(size).map_or(CHUNK, |size| (size + 1).min(CHUNK)));
        let (decoder, hasher) = (Decoder::default(), Some(Hasher::default()));
        let reading = Reading { input, decoder, hasher, buffer, path: path.into(), bytes: 0 };
        let feed = Feed::Here(Box::new(reading));
        Self { feed, path: path.into(), size, stamp, read: Progress::default(), held: None }
    }

    /// Returns what can be kept of the file.
    pub(super) fn kept(self) -> Kept {
        Kept(Arc::new(Mutex::new(self.held)))
    }

    /// Appends more of the text; returns `false` after the last part.
    pub(crate) fn read(&mut self, text: &mut String) -> Result<bool, ReadError> {
        self.read = match &mut self.feed {
            Feed::Here(reading) => reading.append(text)?,
            Feed::Ahead(parts) => {
                let gone = |_| ReadError::Io { path: self.path.clone(), source: Error::other("reading has stopped") };
                let (part, read) = parts.recv().map_err(gone)??;
                text.push_str(&part);
                read
            }
        };
        Ok(!self.read.is_whole)
    }

    /// Moves the reading of a long text to another thread, which reads some parts ahead.
    pub(crate) fn ahead(mut self) -> Self {
        if self.size <= LONG {
            return self;
        }
        if let Feed::Here(reading) = self.feed {
            let (sender, parts) = sync_channel(AHEAD);
            let reading = Arc::new(Mutex::new(Some(reading)));
            let take = |from: &Mutex<Option<Box<Reading>>>| from.lock().unwrap_or_else(PoisonError::into_inner).take();
            let theirs = Arc::clone(&reading);
            let started = thread::Builder::new().spawn(move || {
                let Some(mut reading) = take(&theirs) else { return };
                loop {
                    let mut text = String::with_capacity(CHUNK);
                    let read = reading.append(&mut text);
                    let more = read.as_ref().is_ok_and(|read| !read.is_whole);
                    // sending fails when the receiver no longer needs the rest
                    if sender.send(read.map(|read| (text, read))).is_err() || !more {
                        return;
                    }
                }
            });
            // if the thread cannot be started, this thread reads the file
            let left = started.is_err().then(|| take(&reading)).flatten();
            self.feed = left.map_or(Feed::Ahead(parts), Feed::Here);
        }
        self
    }

    /// Trusts that a file has the same text if its stamp has not changed since its script was read.
    pub(crate) fn trusting(mut self, file: &SqlFile) -> Self {
        let same = self.stamp.is_some() && self.stamp == file.stamp && file.is_read();
        if let Feed::Here(reading) = &mut self.feed {
            reading.hasher = reading.hasher.take().filter(|_| !same);
        }
        self
    }

    pub(super) const fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// Whether one read does not reach the end of the file.
    pub(super) const fn is_long(&self) -> bool {
        self.size >= CHUNK as u64
    }

    /// The length of the file in bytes.
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// The number of bytes of the file that have been read.
    pub(crate) const fn bytes(&self) -> u64 {
        self.read.bytes
    }

    /// Verifies, once the text has been read to its end, that it is the script that the plan knows.
    pub(crate) fn prove(&self, file: &SqlFile) -> Result<(), ReadError> {
        match self.read.checksum {
            Some(checksum) if !file.has(checksum) => Err(ReadError::ChangedMeanwhile { path: self.path.clone() }),
            _ => Ok(()),
        }
    }

    /// The checksum of the text, once it has been read to its end.
    pub(super) const fn checksum(&self) -> Option<Checksum> {
        self.read.checksum
    }
}

impl Reading {
    /// Appends more of the text.
    fn append(&mut self, text: &mut String) -> Result<Progress, ReadError> {
        let start = text.len();
        self.buffer.clear();
        let read = self.input.by_ref().take(CHUNK as u64).read_to_end(&mut self.buffer);
        let read = read.map_err(|source| ReadError::Io { path: self.path.clone(), source })?;
        self.bytes += read as u64;
        let is_whole = read < CHUNK;
        let mut decoded = self.decoder.decode(&self.buffer, text);
        if is_whole {
            decoded = decoded.and_then(|()| self.decoder.finish(text));
        }
        decoded.map_err(|source| ReadError::Decode { path: self.path.clone(), source })?;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&text[start..]);
        }
        let checksum = self.hasher.as_ref().filter(|_| is_whole).map(Hasher::checksum);
        Ok(Progress { bytes: self.bytes, is_whole, checksum })
    }
}
