//! From bytes to text: decoding, the canonical text and its checksum.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// The decoded text of a script: without a byte order mark, with the line ends as they stand in the file.
///
/// ```
/// use dbmigrate::Text;
///
/// let windows = Text::decode(b"\xef\xbb\xbfSELECT 1;\r\n")?;
/// let linux = Text::decode(b"SELECT 1;\n")?;
/// assert_eq!(windows.as_str(), "SELECT 1;\r\n");
/// assert_eq!(windows.checksum(), linux.checksum());
/// # Ok::<(), dbmigrate::DecodeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(String);

/// Why bytes are not the text of a script, with the offset of the first byte that is wrong.
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
    /// For anything else, and for a NUL character, which no database takes: the offset of the first wrong byte.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (text, start, width) = match bytes {
            [0xff, 0xfe, rest @ ..] => (utf16(rest, u16::from_le_bytes)?, 2, 2),
            [0xfe, 0xff, rest @ ..] => (utf16(rest, u16::from_be_bytes)?, 2, 2),
            [0xef, 0xbb, 0xbf, rest @ ..] => (utf8(rest, 3)?, 3, 1),
            bytes => (utf8(bytes, 0)?, 0, 1),
        };
        match text.find('\0') {
            None => Ok(Self(text)),
            Some(nul) => {
                let before = if width == 1 { nul } else { text[..nul].encode_utf16().count() * 2 };
                Err(DecodeError {
                    at: (start + before) as u64,
                    reason: "a NUL character (UTF-16 without a byte order mark?)",
                })
            }
        }
    }

    /// The text as it is sent to the database.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The canonical text: every CRLF and every CR turned into LF.
    #[must_use]
    pub fn canonical(&self) -> Cow<'_, str> {
        if self.0.contains('\r') { lines(&self.0).collect::<Vec<_>>().join("\n").into() } else { (&self.0).into() }
    }

    /// SHA-256 of the canonical text: the same on Windows and on Linux.
    #[must_use]
    pub fn checksum(&self) -> Checksum {
        Checksum::of(&self.0)
    }
}

fn utf8(bytes: &[u8], start: usize) -> Result<String, DecodeError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(DecodeError { at: (start + error.valid_up_to()) as u64, reason: "invalid UTF-8" }),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, DecodeError> {
    let (units, tail) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(units.len());
    let mut at = 2;
    for char in char::decode_utf16(units.iter().map(|pair| unit(*pair))) {
        let char = char.map_err(|_| DecodeError { at, reason: "invalid UTF-16 (an unpaired surrogate)" })?;
        at += char.len_utf16() as u64 * 2;
        text.push(char);
    }
    if tail.is_empty() { Ok(text) } else { Err(DecodeError { at, reason: "invalid UTF-16 (half a character)" }) }
}

/// The lines of a text without their ends, whichever of LF, CRLF and CR they are.
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
    /// The checksum of a text, whatever its line ends are.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut hash = Sha256::new();
        hash_text(&mut hash, text);
        Self(hash.finalize().into())
    }

    /// The checksums of a text's beginnings, up to each of these ends, in one pass.
    pub(crate) fn of_beginnings(text: &str, ends: impl IntoIterator<Item = usize>) -> Vec<Self> {
        let (mut hash, mut start) = (Sha256::new(), 0);
        let through = |end: usize| {
            // of a CR LF that is cut in two, the CR has counted
            let cut = text[..start].ends_with('\r') && text[start..end].starts_with('\n');
            hash_text(&mut hash, &text[start + usize::from(cut)..end]);
            start = end;
            Self(hash.clone().finalize().into())
        };
        ends.into_iter().map(through).collect()
    }

    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "only servers need it"))]
    pub(crate) const fn bytes(&self) -> [u8; 32] {
        self.0
    }
}

fn hash_text(hash: &mut Sha256, text: &str) {
    for (i, line) in text.split('\r').enumerate() {
        let line = if i == 0 { line } else { hash_line_end(hash, line) };
        hash.update(line);
    }
}

/// A CR has just ended: it and an LF behind it count as one LF.
fn hash_line_end<'a>(hash: &mut Sha256, next: &'a str) -> &'a str {
    hash.update("\n");
    next.strip_prefix('\n').unwrap_or(next)
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

/// A text is not of the form `sha256:<64 hexadecimal digits>`.
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
    fn beginnings_have_the_checksums_that_they_have_alone() {
        for text in ["ab\r\ncd\r\n", "a\rb\n\r\n\n", "", "é😀\r"] {
            let ends = (0..=text.len()).filter(|end| text.is_char_boundary(*end));
            // cut between CR and LF, a CR alone is a line end
            let ends = ends.filter(|end| !(text[..*end].ends_with('\r') && text[*end..].starts_with('\n')));
            let ends = ends.collect::<Vec<_>>();
            let alone = ends.iter().map(|end| Checksum::of(&text[..*end])).collect::<Vec<_>>();
            assert_eq!(Checksum::of_beginnings(text, ends), alone, "{text:?}");
        }
        let through = Checksum::of_beginnings("a\r\nb", [2, 4]);
        assert_eq!(through[1], Checksum::of("a\nb"));
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
