//! The text of a script, read and decoded part by part.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::decode::Decoder;
use super::text::Hasher;
use super::{Checksum, ReadError, Script, Source};

/// How many bytes are read at a time.
const CHUNK: usize = 256 * 1024;

/// Reads a script from its beginning. What has been read is hashed, so that its end knows whether it is the same text.
pub(crate) struct Reader {
    input: Box<dyn Read + Send>,
    decoder: Decoder,
    hasher: Hasher,
    buffer: Vec<u8>,
    path: PathBuf,
    /// The bytes that have been read.
    bytes: u64,
    stamp: Stamp,
    hashes: bool,
}

/// By what a file that nobody has written to is known: its length, and when it was written.
pub(super) type Stamp = Option<(u64, SystemTime)>;

impl Reader {
    pub(super) fn open(path: &Path, source: &Source) -> Result<Self, ReadError> {
        let (input, size, stamp): (Box<dyn Read + Send>, _, _) = match source {
            Source::File => {
                let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
                let (metadata, file) = opened.map_err(|source| ReadError::Io { path: path.into(), source })?;
                let stamp = metadata.modified().ok().map(|written| (metadata.len(), written));
                (Box::new(file), metadata.len(), stamp)
            }
            Source::Memory(bytes) => (Box::new(Cursor::new(bytes.clone())), bytes.len() as u64, None),
        };
        // one byte more, and one read finds the end
        let buffer = Vec::with_capacity(usize::try_from(size).map_or(CHUNK, |size| (size + 1).min(CHUNK)));
        let (decoder, hasher) = (Decoder::default(), Hasher::default());
        Ok(Self { input, decoder, hasher, buffer, path: path.into(), bytes: 0, stamp, hashes: true })
    }

    /// Appends more of the text; `false` when there is no more.
    pub(crate) fn read(&mut self, text: &mut String) -> Result<bool, ReadError> {
        let start = text.len();
        let more = self.next(text);
        if self.hashes {
            self.hasher.update(&text[start..]);
        }
        more
    }

    fn next(&mut self, text: &mut String) -> Result<bool, ReadError> {
        self.buffer.clear();
        let read = self.input.by_ref().take(CHUNK as u64).read_to_end(&mut self.buffer);
        let read = read.map_err(|source| ReadError::Io { path: self.path.clone(), source })?;
        self.bytes += read as u64;
        let mut decoded = self.decoder.decode(&self.buffer, text);
        if read < CHUNK {
            decoded = decoded.and_then(|()| self.decoder.finish(text));
        }
        decoded.map_err(|source| ReadError::Decode { path: self.path.clone(), source })?;
        Ok(read == CHUNK)
    }

    pub(super) const fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// Takes a file that nobody has written to since its script was read for the same text.
    pub(crate) fn trusting(mut self, script: &Script) -> Self {
        self.hashes = self.stamp.is_none() || self.stamp != script.stamp;
        self
    }

    /// How many bytes of the file have been read.
    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Makes sure that what has been read, to its end, is the script that the plan knows.
    pub(crate) fn prove(&self, script: &Script) -> Result<(), ReadError> {
        if !self.hashes || self.checksum() == script.checksum() {
            Ok(())
        } else {
            Err(ReadError::ChangedMeanwhile { path: self.path.clone() })
        }
    }

    /// The checksum of what has been read.
    pub(crate) fn checksum(&self) -> Checksum {
        self.hasher.checksum()
    }
}
