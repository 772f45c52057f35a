//! The text of a script, read and decoded part by part.

use std::io::Read;

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
    path: std::path::PathBuf,
    /// The bytes that have been read.
    bytes: u64,
}

impl Reader {
    pub(super) fn open(path: &std::path::Path, source: &Source) -> Result<Self, ReadError> {
        let input: Box<dyn Read + Send> = match source {
            Source::File(file) => {
                let file = std::fs::File::open(file).map_err(|source| ReadError::Io { path: path.into(), source })?;
                Box::new(file)
            }
            Source::Memory(bytes) => Box::new(std::io::Cursor::new(bytes.clone())),
        };
        let (decoder, hasher) = (Decoder::default(), Hasher::default());
        Ok(Self { input, decoder, hasher, buffer: Vec::new(), path: path.into(), bytes: 0 })
    }

    /// Appends more of the text; `false` when there is no more.
    pub(crate) fn read(&mut self, text: &mut String) -> Result<bool, ReadError> {
        let start = text.len();
        let more = self.next(text);
        self.hasher.update(&text[start..]);
        more
    }

    fn next(&mut self, text: &mut String) -> Result<bool, ReadError> {
        self.buffer.resize(CHUNK, 0);
        let read = loop {
            match self.input.read(&mut self.buffer) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                read => break read.map_err(|source| ReadError::Io { path: self.path.clone(), source })?,
            }
        };
        self.bytes += read as u64;
        let decoded = match read {
            0 => self.decoder.finish(text),
            _ => self.decoder.decode(&self.buffer[..read], text),
        };
        decoded.map_err(|source| ReadError::Decode { path: self.path.clone(), source })?;
        Ok(read > 0)
    }

    /// How many bytes of the file have been read.
    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Makes sure that what has been read, to its end, is the script that the plan knows.
    pub(crate) fn prove(&self, script: &Script) -> Result<(), ReadError> {
        if self.checksum() == script.checksum() {
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
