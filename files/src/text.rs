//! The text of a script: decoding, the canonical text and its checksum.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::decode::Decoder;

/// The beginning of the pointer that Git LFS leaves in place of a file:
/// <https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>.
pub const POINTER: &str = "version https://git-lfs.github.com/spec/";

/// The decoded text of a script, without a byte order mark and with the line ends of the file.
///
/// ```
/// use dbmigrate::script::Text;
///
/// let windows = Text::decode(b"\xef\xbb\xbfSELECT 1;\r\n")?;
/// let linux = Text::decode(b"SELECT 1;\n")?;
/// assert_eq!(windows.as_str(), "SELECT 1;\r\n");
/// assert_eq!(windows.checksum(), linux.checksum());
/// # Ok::<(), dbmigrate::error::DecodeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(String);

/// Wraps a text that is already decoded.
impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// Why bytes are not the text of a script, with the offset of the first invalid byte.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at byte offset {at}")]
pub struct DecodeError {
    /// The offset in the file, from 0.
    pub at: u64,
    /// What is wrong there.
    pub reason: &'static str,
}

impl Text {
    /// Decodes UTF-8 with or without a byte order mark, and UTF-16 of either byte order with one (SSMS writes it).
    ///
    /// # Errors
    ///
    /// If the bytes have another encoding, or contain a NUL character, which no database accepts. The error has the
    /// offset of the first invalid byte.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut text = String::new();
        let mut decoder = Decoder::default();
        decoder.decode(bytes, &mut text)?;
        decoder.finish(&mut text)?;
        Ok(Self(text))
    }

    /// The decoded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the canonical text, with every CRLF and every lone CR replaced with LF.
    #[must_use]
    pub fn canonical(&self) -> Cow<'_, str> {
        if self.0.contains('\r') { lines(&self.0).collect::<Vec<_>>().join("\n").into() } else { (&self.0).into() }
    }

    /// Returns the SHA-256 of the canonical text, which is the same on Windows and on Linux.
    #[must_use]
    pub fn checksum(&self) -> Checksum {
        Checksum::of(&self.0)
    }
}

/// Returns the lines of a text without their ends, which may be LF, CRLF or CR.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = text.find(['\r', '\n']) else { return rest.take() };
        let width = if text[end..].starts_with("\r\n") { 2 } else { 1 };
        rest = Some(&text[end + width..]);
        Some(&text[..end])
    })
}

/// The SHA-256 of a canonical text, written `sha256:<hex>`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Checksum([u8; 32]);

impl Checksum {
    /// Returns the checksum of a text, whatever its line ends.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut hasher = Hasher::default();
        hasher.update(text);
        hasher.checksum()
    }

    /// The bytes of the hash.
    #[doc(hidden)]
    #[must_use]
    pub const fn bytes(&self) -> [u8; 32] {
        self.0
    }
}

/// Computes the checksum of a text that arrives in parts, which may be split anywhere.
#[derive(Debug, Clone, Default)]
pub struct Hasher {
    hash: Sha256,
    /// Whether the last part ended with a CR. It was hashed as a line end, so an LF that follows is not hashed.
    behind_cr: bool,
}

impl Hasher {
    /// Adds the next part of the text.
    pub fn update(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let mut rest = if self.behind_cr { text.strip_prefix('\n').unwrap_or(text) } else { text };
        while let Some((line, behind)) = rest.split_once('\r') {
            self.hash.update(line);
            self.hash.update("\n");
            rest = behind.strip_prefix('\n').unwrap_or(behind);
        }
        self.hash.update(rest);
        self.behind_cr = text.ends_with('\r');
    }

    /// Returns the checksum of the text so far.
    #[must_use]
    pub fn checksum(&self) -> Checksum {
        Checksum(self.hash.clone().finalize().into())
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Checksum {
    type Err = ChecksumError;

    fn from_str(text: &str) -> Result<Self, ChecksumError> {
        let hex = text.strip_prefix("sha256:").filter(|hex| hex.len() == 64 && hex.is_ascii()).ok_or(ChecksumError)?;
        let mut bytes = [0; 32];
        for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&hex[at..at + 2], 16).map_err(|_| ChecksumError)?;
        }
        Ok(Self(bytes))
    }
}

/// The error for a text that does not have the form `sha256:<64 hexadecimal digits>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a checksum of the form sha256:<64 hexadecimal digits>")]
pub struct ChecksumError;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode_error(bytes: &[u8]) -> String {
        Text::decode(bytes).expect_err("undecodable").to_string()
    }

    #[test]
    fn every_encoding_of_a_text_has_one_checksum() {
        let utf16 = |unit: fn(u16) -> [u8; 2]| "\u{feff}é😀\r\nx".encode_utf16().flat_map(unit).collect::<Vec<_>>();
        let plain = Text::decode("é😀\nx".as_bytes()).expect("UTF-8");
        for bytes in [utf16(u16::to_le_bytes), utf16(u16::to_be_bytes), "\u{feff}é😀\rx".into(), "é😀\r\nx".into()]
        {
            let text = Text::decode(&bytes).expect("decodable");
            assert_eq!(text.canonical(), plain.as_str());
            assert_eq!(text.checksum(), plain.checksum());
        }
    }

    #[test]
    fn the_checksum_is_plain_sha256() {
        let expected = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        assert_eq!(Checksum::of("test").to_string(), expected);
        assert_eq!(expected.parse(), Ok(Checksum::of("test")));
        assert_eq!("sha256:xyz".parse::<Checksum>(), Err(ChecksumError));
    }

    #[test]
    fn a_text_has_one_checksum_however_it_is_cut() {
        for text in ["ab\r\ncd\r\n", "a\rb\n\r\n\n", "", "é😀\r", "\r\r\n\n"] {
            for cut in (0..=text.len()).filter(|cut| text.is_char_boundary(*cut)) {
                let mut hasher = Hasher::default();
                hasher.update(&text[..cut]);
                hasher.update("");
                hasher.update(&text[cut..]);
                assert_eq!(hasher.checksum(), Checksum::of(text), "{text:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn a_wrong_byte_is_named_by_its_offset() {
        assert_eq!(decode_error(b"abc\xff"), "invalid UTF-8 at byte offset 3");
        assert_eq!(decode_error(b"\xef\xbb\xbfa\xff"), "invalid UTF-8 at byte offset 4");
        assert_eq!(decode_error(b"\xff\xfea\0\x00\xd8b\0"), "invalid UTF-16 (an unpaired surrogate) at byte offset 4");
        assert_eq!(decode_error(b"\xff\xfea\0b"), "invalid UTF-16 (half a character) at byte offset 4");
        assert_eq!(decode_error(b"S\0"), "a NUL character (UTF-16 without a byte order mark?) at byte offset 1");
        assert_eq!(
            decode_error(b"\xff\xfea\0\0\0"),
            "a NUL character (UTF-16 without a byte order mark?) at byte offset 4"
        );
    }

    proptest! {
        #[test]
        fn the_checksum_is_that_of_the_canonical_text(text in "[a\r\n]{0,12}") {
            let text = Text(text);
            prop_assert_eq!(text.checksum(), Checksum::of(&text.canonical()));
            prop_assert!(!text.canonical().contains('\r'));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = Text::decode(&bytes);
        }
    }
}
